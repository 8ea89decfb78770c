// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "faults/faults.hpp"
#include "faults/scenario.hpp"
#include "tixian/call.hpp"

namespace tixian::sim {

/// The rules of a scenario file in one world: what of sim/faults happens to a call. Faults of users, bills
/// and notifications are the world's own.
class ScenarioFaults {
 public:
    ScenarioFaults(const faults::Scenario& scenario, std::uint64_t seed);

    /// What of the file means nothing to a world; empty when all of it counts.
    [[nodiscard]] static std::vector<std::string> overlooked(const faults::Scenario& scenario);

    /// A request as rules match it.
    struct Asked {
        CallKind kind{};
        std::string mchid, number, openid;
        std::optional<Money> amount;
    };

    /// What a rule does to one request.
    struct Effect {
        std::optional<std::pair<int, std::string>> refusal;  ///< status and code
        bool is_executed = true;
        std::optional<Duration> executed_after{};  ///< and only then
        bool is_silent = false;                    ///< nothing comes back
        bool is_unsigned = false, has_false_signature = false;
        bool misses_bill = false;
        std::string unknown_state{};  ///< which the answer shows
        Duration delay{0};            ///< of the answer
        Duration skew{0};             ///< of WeChat's clock
        bool rotates_key = false;
    };
    [[nodiscard]] Effect draw(const Asked& asked, Duration at);

 private:
    faults::Faults faults_;
    faults::AttemptCounter attempts_;
};

}  // namespace tixian::sim
