// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "tixian/error.hpp"

#include "faults/faults.hpp"
#include "faults/node.hpp"
#include "faults/reader.hpp"
#include "faults/rule.hpp"

namespace tixian::faults {

/// A rule as scenario files and the control API write it; sim/scenarios/README.md describes the keys.
[[nodiscard]] Node to_node(const Rule& rule);
/// What is wrong is told to the problem; without a name of its own it is called as its fault.
[[nodiscard]] Rule read_rule(const Node& node, const std::string& path, Problem& problem);
/// The same for a rule that stands alone.
[[nodiscard]] Result<Rule> rule_from(const Node& node);
/// Rules get names of their own: the second `error` becomes `error-2`.
[[nodiscard]] std::string free_name(const std::string& name,
                                    const std::function<bool(const std::string&)>& is_taken);

/// The behaviour of a user: `openid` and one of the user's faults, without `user_`. As a rule it is called
/// `user:` and the openid.
[[nodiscard]] Rule read_user(const Node& node, const std::string& path, Problem& problem);
[[nodiscard]] Result<Rule> user_from(const Node& node);
[[nodiscard]] Node user_node(const Rule& rule);

/// A row of the catalogue, with its parameters and their bounds.
[[nodiscard]] Node to_node(const FaultRow& row);
/// A rule with what it met and fired.
[[nodiscard]] Node to_node(const RuleStatus& status);
[[nodiscard]] Node to_node(const Drawn& drawn);

/// `5%`, `0.25%`: exact, with at most four decimals.
[[nodiscard]] std::string probability_text(Probability probability);
[[nodiscard]] Result<Probability> parse_probability(std::string_view text);

}  // namespace tixian::faults
