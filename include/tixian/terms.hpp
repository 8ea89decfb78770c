// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "tixian/clock.hpp"
#include "tixian/error.hpp"
#include "tixian/fee.hpp"
#include "tixian/money.hpp"

namespace tixian {

/// What the host allows this user, and what it costs: chosen for each request, and stored with it (R9). A
/// limit that is not set does not bind. Days and months are local ones, by the service's time zone.
struct Terms {
    Money minimum = 100_fen;
    Money single_max = 20000_fen;
    std::optional<Money> day_amount_max{};
    std::optional<std::int64_t> day_count_max{};
    std::optional<Money> month_amount_max{};
    /// Since the user's last withdrawal that has neither failed nor been cancelled.
    Duration minimum_interval{0};
    /// Of all users of the channel together.
    std::optional<Money> merchant_day_max{};
    /// From this amount on a person has to approve.
    std::optional<Money> review_from{};
    Fee fee{};
    bool operator==(const Terms&) const = default;
};

/// Refuses terms that make no sense (`invalid_argument`), naming the field: a negative amount, count or
/// interval, an amount over 10^14 fen, an interval over ten years, a minimum over its maximum, more than a
/// million parts per million.
[[nodiscard]] inline Result<void> check(const Terms& terms) {
    constexpr std::int64_t fen_max = Money::fen_max / 10;
    // Bounded, so that no sum of a time and an interval overflows.
    constexpr Duration interval_max = std::chrono::days(3653);
    const auto bad = [](std::string field) {
        return refuse(ErrorCode::invalid_argument, "these terms make no sense", std::move(field));
    };
    const auto in_bounds = [](const std::optional<Money>& m) {
        return !m || (!m->is_negative() && m->fen() <= fen_max);
    };
    const Fee& fee = terms.fee;
    if (!terms.minimum.is_positive() || !in_bounds(terms.minimum)) return bad("minimum");
    if (terms.single_max < terms.minimum || !in_bounds(terms.single_max)) return bad("single_max");
    if (!in_bounds(terms.day_amount_max)) return bad("day_amount_max");
    if (terms.day_count_max && *terms.day_count_max < 0) return bad("day_count_max");
    if (!in_bounds(terms.month_amount_max)) return bad("month_amount_max");
    if (terms.minimum_interval < Duration{0} || terms.minimum_interval > interval_max)
        return bad("minimum_interval");
    if (!in_bounds(terms.merchant_day_max)) return bad("merchant_day_max");
    if (!in_bounds(terms.review_from)) return bad("review_from");
    if (!in_bounds(fee.flat)) return bad("fee.flat");
    if (fee.parts_per_million < 0 || fee.parts_per_million > detail::million)
        return bad("fee.parts_per_million");
    if (!in_bounds(fee.minimum)) return bad("fee.minimum");
    if (!in_bounds(fee.maximum) || (fee.maximum && *fee.maximum < fee.minimum)) return bad("fee.maximum");
    if (!in_bounds(fee.free_per_month)) return bad("fee.free_per_month");
    return {};
}

/// Refuses an amount that is not positive, under the minimum, or over the single maximum; the bounds are
/// allowed.
[[nodiscard]] inline Result<void> check_amount(const Terms& terms, Money amount) {
    if (!amount.is_positive())
        return refuse(ErrorCode::invalid_amount, "amount must be greater than zero", "amount");
    if (amount < terms.minimum)
        return refuse(ErrorCode::amount_below_minimum, "the minimum is " + terms.minimum.yuan() + " yuan",
                      "amount");
    if (amount > terms.single_max)
        return refuse(ErrorCode::amount_above_maximum,
                      "the maximum of one withdrawal is " + terms.single_max.yuan() + " yuan", "amount");
    return {};
}

}  // namespace tixian
