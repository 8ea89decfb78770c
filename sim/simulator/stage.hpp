// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "simulator/choices.hpp"
#include "simulator/event_queue.hpp"
#include "simulator/setup.hpp"
#include "simulator/trace.hpp"
#include "tixian/withdrawal.hpp"

namespace tixian::sim {

constexpr std::size_t state_count = 8;

/// What happened in a run, or in many, counted.
struct Tally {
    std::uint64_t worlds = 0, full_protocol_worlds = 0;
    std::uint64_t withdrawals = 0, final_ones = 0, events = 0, steps = 0, calls = 0;
    std::array<std::uint64_t, mishap_count> mishaps{};
    /// By what happened, the state before it. Names are literals of the core.
    std::map<std::string_view, std::array<std::uint64_t, state_count>> coverage;

    void add(const Tally& other) {
        worlds += other.worlds;
        full_protocol_worlds += other.full_protocol_worlds;
        withdrawals += other.withdrawals;
        final_ones += other.final_ones;
        events += other.events;
        steps += other.steps;
        calls += other.calls;
        for (std::size_t i = 0; i < mishap_count; ++i) mishaps[i] += other.mishaps[i];
        for (const auto& [event, counts] : other.coverage) {
            auto& mine = coverage[event];
            for (std::size_t i = 0; i < state_count; ++i) mine[i] += counts[i];
        }
    }
};

/// Where a mishap shows in the story; none where it tells of itself in words of its own.
[[nodiscard]] constexpr std::optional<Lane> lane_of(Mishap m) {
    using enum Mishap;
    if (m == request_delayed || m == request_too_late || m == request_repeated || m == not_connected ||
        m == answer_delayed || (m >= notification_lost && m <= notification_repeated))
        return Lane::network;
    if (m >= executed_later && m <= bill_fails) return Lane::wechat;
    if (m == pause_before_sending || m == two_workers) return Lane::service;
    if (m == commit_conflicts || m == another_comes_between || m == read_fails) return Lane::ledger;
    return std::nullopt;
}

/// What all parts of a world share: its time, what is planned, and where decisions come from.
struct Stage {
    const Setup& setup;
    Choices& choices;
    EventQueue queue{};
    Trace trace{};
    Tally tally{};
    Timestamp now{};
    bool is_calm = false;  ///< the faults have ended

    /// Whether this mishap happens to this subject on this turn.
    [[nodiscard]] bool strikes(Mishap mishap, std::uint32_t subject, std::uint32_t nth) {
        if (is_calm && !is_of_people(mishap)) return false;
        if (!choices.happens(site_of(mishap), subject, nth, setup.chance_of(mishap))) return false;
        ++tally.mishaps[static_cast<std::size_t>(mishap)];
        if (is_written()) tell_of(mishap, subject);
        return true;
    }
    /// One of these, the first by default. Their number is part of the turn, so that two lists which are
    /// asked for on the same one do not share a decision.
    template <std::size_t N>
    [[nodiscard]] Duration one_of(const Duration (&lengths)[N], Site site, std::uint32_t subject,
                                  std::uint32_t nth) {
        return lengths[choices.draw(site, subject, nth * 8 + static_cast<std::uint32_t>(N), N)];
    }
    void tell(Lane from, Lane to, std::string text, std::optional<std::uint32_t> withdrawal = {},
              bool is_mishap = false) {
        trace.line({now, from, to, std::move(text), withdrawal, is_mishap});
    }
    [[nodiscard]] bool is_written() const { return trace.is_written(); }
    void tell_of(Mishap mishap, std::uint32_t subject) {
        const auto lane = lane_of(mishap);
        if (!lane) return;
        std::string text(name(mishap));
        std::replace(text.begin(), text.end(), '_', ' ');
        tell(*lane, *lane, std::move(text), subject < setup.orders ? std::optional(subject) : std::nullopt,
             true);
    }
};

}  // namespace tixian::sim
