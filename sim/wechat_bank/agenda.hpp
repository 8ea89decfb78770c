// SPDX-License-Identifier: MIT
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>

#include "tixian/clock.hpp"

namespace tixian::bank {

enum class Subject : std::uint8_t { deferred, bill, batch, authorization };

struct Appointment {
    Timestamp at;
    Subject subject = Subject::bill;
    std::size_t index = 0;
    auto operator<=>(const Appointment&) const = default;
};

/// What happens next by itself, in the order of its time; at the same time in a fixed order.
class Agenda {
 public:
    /// Moves the appointment of one subject from `timer` to `to`, and keeps that in `timer`.
    void arm(Subject subject, std::size_t index, std::optional<Timestamp>& timer,
             std::optional<Timestamp> to) {
        if (timer) appointments_.erase({*timer, subject, index});
        timer = to;
        if (timer) appointments_.insert({*timer, subject, index});
    }

    /// The next appointment at or before `now`.
    [[nodiscard]] std::optional<Appointment> due(Timestamp now) const {
        if (appointments_.empty() || appointments_.begin()->at > now) return std::nullopt;
        return *appointments_.begin();
    }
    [[nodiscard]] std::optional<Timestamp> next_at() const {
        if (appointments_.empty()) return std::nullopt;
        return appointments_.begin()->at;
    }

 private:
    std::set<Appointment> appointments_;
};

}  // namespace tixian::bank
