// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "faults/faults.hpp"
#include "faults/scenario.hpp"
#include "tixian/call.hpp"

namespace tixian::sim {

/// The rules of a scenario file in one world: what of sim/faults happens to a call. Faults of the user and of
/// notifications are the world's own.
class ScenarioFaults {
 public:
    ScenarioFaults(const faults::Scenario& scenario, std::uint64_t seed);

    /// What a rule does to one request.
    struct Effect {
        std::optional<std::pair<int, std::string>> refusal;  ///< status and code
        bool is_executed = true;
        std::optional<Duration> executed_after{};  ///< and only then
        bool is_silent = false;                    ///< nothing comes back
        bool is_unsigned = false, has_false_signature = false;
        bool misses_bill = false;
    };
    [[nodiscard]] Effect draw(CallKind kind, const std::string& mchid, const std::string& number,
                              Duration at);

 private:
    faults::Faults faults_;
    faults::AttemptCounter attempts_;
};

}  // namespace tixian::sim
