// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tixian/clock.hpp"
#include "tixian/error.hpp"
#include "tixian/money.hpp"

#include "faults/fault.hpp"

namespace tixian::faults {

/// What a fault may befall now. `at` is business time since the start; `attempt` counts from 1 per mchid,
/// number and endpoint (AttemptCounter does it).
struct Situation {
    Endpoint endpoint = Endpoint::other;
    std::string mchid;
    std::string number;  ///< out_bill_no, or the like; empty where a call names none
    std::string openid;
    std::optional<Money> amount;
    int attempt = 1;
    Duration at{0};
};

/// Which situations a rule is about. What is empty matches all. Texts may end in `*`, which stands for any
/// rest.
struct Match {
    std::vector<Endpoint> endpoints;
    std::string mchid;
    std::string number;
    std::string openid;
    std::optional<Money> amount_min;  ///< included, as is the maximum
    std::optional<Money> amount_max;
    std::optional<int> attempt_min;
    std::optional<int> attempt_max;

    [[nodiscard]] bool is_met_by(const Situation& situation) const;
    bool operator==(const Match&) const = default;
};

using Value = std::variant<std::int64_t, std::string>;
/// In the order of the fault's row.
using Parameters = std::vector<Value>;

/// A chance of n in a million. Exact, so that no machine rounds it differently.
struct Probability {
    static constexpr std::int32_t always = 1'000'000;
    std::int32_t per_million = always;
    bool operator==(const Probability&) const = default;
};

/// When which fault happens to whom. `name` is its identity: it goes into the draws, so that rules beside it
/// change nothing.
struct Rule {
    std::string name;
    Fault fault{};
    Parameters parameters;
    Match match;
    Probability probability;
    std::optional<std::uint64_t> seed;    ///< none: the scenario's
    std::optional<std::int64_t> count;    ///< fires at most so often in all, in the order of arrival
    std::optional<int> count_per_number;  ///< and so often for each number, whatever comes between
    int burst = 1;                        ///< so many attempts in a row share one draw
    Duration after{0};                    ///< business time since the start
    std::optional<Duration> until;        ///< excluded
    bool is_enabled = true;
    bool operator==(const Rule&) const = default;
};

/// The parameters of a fault as the catalogue presets them.
[[nodiscard]] Parameters default_parameters(Fault fault);
/// A rule that always fires, with the presets; its name is the fault's.
[[nodiscard]] Rule make_rule(Fault fault);
/// Sets one parameter. Refuses (`invalid_argument`, field = its name) what the catalogue does not allow.
[[nodiscard]] Result<void> set_parameter(Rule& rule, std::string_view name, Value value);
/// What holds between parameters and for endpoints. Everything that add() takes has passed this.
[[nodiscard]] Result<void> check(const Rule& rule);

}  // namespace tixian::faults
