// SPDX-License-Identifier: MIT
#pragma once

#include <utility>
#include <vector>

#include "tixian/usage.hpp"
#include "tixian/withdrawal.hpp"

namespace tixian {

/// The counters of one user on one local date.
[[nodiscard]] inline UsageCounter day_counter(const UserId& user, const std::string& date) {
    return {UsageKind::user_day, user.text(), date};
}
[[nodiscard]] inline UsageCounter month_counter(const UserId& user, const std::string& date) {
    return {UsageKind::user_month, user.text(), date.substr(0, 7)};
}
[[nodiscard]] inline UsageCounter free_counter(const UserId& user, const std::string& date) {
    return {UsageKind::free_month, user.text(), date.substr(0, 7)};
}
[[nodiscard]] inline UsageCounter channel_counter(const ChannelName& channel, const std::string& date) {
    return {UsageKind::channel_day, channel.text(), date};
}

/// What the withdrawal counts against its limits, by what is stored with it: the same whenever it is asked.
[[nodiscard]] inline std::vector<Claim> claims_of(const Withdrawal& w) {
    if (w.counted_on.empty()) return {};
    const Terms& terms = w.terms;
    const Money amount = w.order.amount;
    std::vector<Claim> claims{
        {day_counter(w.order.user, w.counted_on), amount, 1, terms.day_amount_max, terms.day_count_max},
        {month_counter(w.order.user, w.counted_on), amount, 1, terms.month_amount_max, {}},
        {channel_counter(w.order.channel, w.counted_on), amount, 1, terms.merchant_day_max, {}},
    };
    if (w.free_amount.is_positive())
        claims.push_back(
            {free_counter(w.order.user, w.counted_on), w.free_amount, 1, terms.fee.free_per_month, {}});
    return claims;
}

/// Exactly what was claimed, given back (R9).
[[nodiscard]] inline std::vector<Claim> given_back(std::vector<Claim> claims) {
    for (Claim& claim : claims) {
        claim.amount = -claim.amount;
        claim.count = -claim.count;
    }
    return claims;
}

}  // namespace tixian
