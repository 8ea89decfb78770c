// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "tixian/terms.hpp"
#include "tixian/usage.hpp"

namespace tixian {

/// What has been counted so far of this user, this channel, this day and month.
struct Counted {
    Usage day{};
    Usage month{};
    Usage free_month{};
    Usage channel_day{};
    std::optional<Timestamp> last_at{};  ///< of the user's last withdrawal that has not failed
};

/// What a user may withdraw now, and why not more: what a page shows.
struct Allowance {
    Money maximum;  ///< the most that one withdrawal can take; zero when none is possible now
    Money fee;      ///< on that maximum
    /// What keeps the maximum below the balance; nullopt when the whole balance can go.
    std::optional<LimitName> bound_by;
    std::optional<Timestamp> more_at;  ///< when that allows more, where time helps

    std::optional<Money> day_left;
    std::optional<std::int64_t> day_count_left;
    std::optional<Money> month_left;
    Money free_left;
};

namespace detail {

/// The most of which amount and fee together fit; both grow with the amount, so halving finds it.
inline Money most_with_fee(const Fee& fee, Money available, Money free_left) {
    std::int64_t fits = 0, too_much = available.fen() + 1;
    while (too_much - fits > 1) {
        const std::int64_t middle = fits + (too_much - fits) / 2;
        const Money amount = Money::from_fen(middle).value();
        const Money cost = fee_on(fee, amount, std::min(free_left, amount));
        (middle + cost.fen() <= available.fen() ? fits : too_much) = middle;
    }
    return Money::from_fen(fits).value();
}

}  // namespace detail

/// What may be withdrawn at `now` from `available` under these terms. The commit decides in the end: between
/// this answer and the request others may take what is left.
[[nodiscard]] inline Allowance allowance(const Terms& terms, Money available, const Counted& counted = {},
                                         Timestamp now = {}, UtcOffset offset = {}) {
    Allowance a;
    const auto left = [](const std::optional<Money>& most, const Usage& used) -> std::optional<Money> {
        if (!most) return std::nullopt;
        return detail::left_under(*most, used.amount);
    };
    a.day_left = left(terms.day_amount_max, counted.day);
    a.month_left = left(terms.month_amount_max, counted.month);
    if (terms.day_count_max)
        a.day_count_left = std::max<std::int64_t>(0, *terms.day_count_max - counted.day.count);
    a.free_left = detail::left_under(terms.fee.free_per_month, counted.free_month.amount);

    // The balance may be over what terms can speak of; nothing is lost by looking at that much only.
    const Money spendable = std::clamp(available, Money(), Money::from_fen(Money::fen_max / 10).value());
    a.maximum = spendable;
    const auto bind = [&](std::optional<Money> most, LimitName limit, std::optional<Timestamp> more_at) {
        if (!most) return;
        // What is left may be less than the least that can be withdrawn.
        if (*most < terms.minimum) most = Money();
        // Of two that bind alike the one is told that binds for longer.
        const bool lasts_longer = a.more_at && (!more_at || *more_at > *a.more_at);
        if (*most > a.maximum || (*most == a.maximum && !lasts_longer)) return;
        a.maximum = *most;
        a.bound_by = limit;
        a.more_at = more_at;
    };
    const auto by_time = [&](std::optional<Money> most, LimitName limit) {
        bind(most, limit, resets_at(limit, now, offset));
    };
    bind(spendable, LimitName::minimum, std::nullopt);
    bind(detail::most_with_fee(terms.fee, spendable, a.free_left), LimitName::fee, std::nullopt);
    bind(terms.single_max, LimitName::single_max, std::nullopt);
    by_time(a.day_left, LimitName::day_amount);
    by_time(a.month_left, LimitName::month_amount);
    by_time(left(terms.merchant_day_max, counted.channel_day), LimitName::merchant_day);
    if (a.day_count_left == 0) by_time(Money(), LimitName::day_count);
    if (counted.last_at && now < *counted.last_at + terms.minimum_interval)
        bind(Money(), LimitName::minimum_interval, *counted.last_at + terms.minimum_interval);
    a.fee = fee_on(terms.fee, a.maximum, std::min(a.free_left, a.maximum));
    return a;
}

/// The most that one withdrawal can take from this balance now; zero when not even the minimum is there.
[[nodiscard]] inline Money max_withdrawable(const Terms& terms, Money available, const Counted& counted = {},
                                            Timestamp now = {}, UtcOffset offset = {}) {
    return allowance(terms, available, counted, now, offset).maximum;
}

}  // namespace tixian
