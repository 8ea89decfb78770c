// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "tixian/clock.hpp"
#include "tixian/enum_text.hpp"
#include "tixian/ids.hpp"
#include "tixian/local_time.hpp"
#include "tixian/money.hpp"

namespace tixian {

/// What can stand between a user and the whole balance (R9).
enum class LimitName {
    minimum,
    single_max,
    fee,  ///< it has to be paid from the same balance
    day_amount,
    day_count,
    month_amount,
    minimum_interval,
    merchant_day,
    free_quota,  ///< somebody else took the last of it; the fee is to be counted anew
    balance,     ///< an account would hold more than can be counted
};

namespace detail {
inline constexpr EnumText<LimitName, 10> limit_text{{"minimum", "single_max", "fee", "day_amount",
                                                     "day_count", "month_amount", "minimum_interval",
                                                     "merchant_day", "free_quota", "balance"}};
}
[[nodiscard]] constexpr std::string_view name(LimitName limit) { return detail::limit_text.name(limit); }

/// When the limit allows more; nullopt when no time does.
[[nodiscard]] inline std::optional<Timestamp> resets_at(LimitName limit, Timestamp now,
                                                        UtcOffset offset = {}) {
    switch (limit) {
        case LimitName::day_amount:
        case LimitName::day_count:
        case LimitName::merchant_day:
            return next_day(now, offset);
        case LimitName::month_amount:
        case LimitName::free_quota:
            return next_month(now, offset);
        default:
            return std::nullopt;
    }
}

/// A limit stands in the way. `left` is how much it still allows; zero where it does not count money.
struct LimitReached {
    LimitName name{};
    Money left;
};

/// What is counted of withdrawals that have neither failed nor been cancelled.
enum class UsageKind { user_day, user_month, free_month, channel_day };

/// One counter: of a user or channel, over one local day or month.
struct UsageCounter {
    UsageKind kind{};
    std::string owner;
    std::string period;  ///< `2025-01-22`, or `2025-01`

    /// `user:<id>:day:2025-01-22`, `user:<id>:month:2025-01`, `user:<id>:free:2025-01`,
    /// `channel:<name>:day:2025-01-22`.
    [[nodiscard]] std::string text() const {
        const std::string who = (kind == UsageKind::channel_day ? "channel:" : "user:") + owner;
        switch (kind) {
            case UsageKind::user_day:
            case UsageKind::channel_day:
                return who + ":day:" + period;
            case UsageKind::user_month:
                return who + ":month:" + period;
            case UsageKind::free_month:
                return who + ":free:" + period;
        }
        return {};
    }
};

struct Usage {
    Money amount;
    std::int64_t count = 0;
    bool operator==(const Usage&) const = default;
};

/// What one withdrawal adds to a counter, or takes off it again, and how far the counter may grow by it.
struct Claim {
    UsageCounter counter;
    Money amount;
    std::int64_t count = 0;
    std::optional<Money> amount_max;
    std::optional<std::int64_t> count_max;
};

namespace detail {

constexpr LimitName amount_limit(UsageKind kind) {
    switch (kind) {
        case UsageKind::user_day:
            return LimitName::day_amount;
        case UsageKind::user_month:
            return LimitName::month_amount;
        case UsageKind::free_month:
            return LimitName::free_quota;
        case UsageKind::channel_day:
            return LimitName::merchant_day;
    }
    return LimitName::balance;
}

inline Money left_under(Money most, Money used) {
    return used >= most ? Money() : checked_subtract(most, used).value();
}

}  // namespace detail

/// The counter after the claim, or the limit that the claim would pass. Ceilings bind only what is added:
/// what is given back always fits (R9).
[[nodiscard]] inline std::variant<Usage, LimitReached> add(const Usage& used, const Claim& claim) {
    const auto amount = checked_add(used.amount, claim.amount);
    if (!amount) return LimitReached{LimitName::balance, {}};
    const Usage next{*amount, used.count + claim.count};
    if (claim.count > 0 && claim.count_max && next.count > *claim.count_max)
        return LimitReached{LimitName::day_count, {}};
    if (claim.amount.is_positive() && claim.amount_max && next.amount > *claim.amount_max)
        return LimitReached{detail::amount_limit(claim.counter.kind),
                            detail::left_under(*claim.amount_max, used.amount)};
    return next;
}

}  // namespace tixian
