// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tixian/clock.hpp"
#include "tixian/error.hpp"
#include "tixian/money.hpp"

#include "faults/node.hpp"
#include "faults/rule.hpp"

namespace tixian::faults {

/// A merchant's account is topped up by so much, at a business time since the start.
struct TopUp {
    Duration after{0};
    Money amount;
    bool operator==(const TopUp&) const = default;
};

/// What is empty is as the program presets it.
struct Quotas {
    std::optional<Money> per_bill_min;
    std::optional<Money> per_bill_max;
    std::optional<Money> per_user_and_day;
    std::optional<Money> per_day;
    std::optional<Money> per_month;
    bool operator==(const Quotas&) const = default;
};

struct Merchant {
    std::string mchid;
    std::string appid;  ///< empty: whatever the program presets
    std::optional<Money> balance;
    Quotas quotas;
    std::vector<TopUp> top_ups;
    bool operator==(const Merchant&) const = default;
};

/// How WeChat behaves without any fault; what is empty is as the program presets it.
struct WechatTimes {
    std::optional<Duration> accept_after;    ///< ACCEPTED to PROCESSING
    std::optional<Duration> lock_after;      ///< PROCESSING to WAIT_USER_CONFIRM
    std::optional<Duration> transfer_after;  ///< TRANSFERING to SUCCESS
    std::optional<Duration> cancel_after;    ///< CANCELING to CANCELLED
    std::optional<Duration> confirm_after;   ///< every user takes the money after this time
    std::optional<Duration> expire_after;    ///< a bill that is not confirmed closes
    bool operator==(const WechatTimes&) const = default;
};

/// One scenario file: who is there and what goes wrong. The mock and the simulator read the same files.
struct Scenario {
    std::string name;
    std::string description;
    std::uint64_t seed = 1;
    std::optional<Duration>
        starts_at;                    ///< time of day in WeChat's zone (+08:00) at which business time starts
    std::vector<Merchant> merchants;  ///< the first is the program's own; empty: only that
    WechatTimes times;
    std::map<std::string, bool>
        switches;  ///< by the name of a behaviour of which WeChat's documents are not sure
    std::vector<Rule> users;
    std::vector<Rule> faults;
    bool operator==(const Scenario&) const = default;
};

/// Refuses (`malformed`, `invalid_argument`) what is wrong, naming line and key; `field` is the key's path.
[[nodiscard]] Result<Scenario> parse_scenario(std::string_view toml);
[[nodiscard]] Result<Scenario> scenario_from(const Node& node);
[[nodiscard]] Node to_node(const Scenario& scenario);

}  // namespace tixian::faults
