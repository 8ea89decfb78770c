// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "simulator/mishap.hpp"
#include "tixian/clock.hpp"
#include "tixian/policy.hpp"
#include "tixian/terms.hpp"

namespace tixian::faults {
struct Scenario;
}

namespace tixian::sim {

/// The world of one seed: how large it is, how it is configured, and which mishaps exist in it and how often.
/// Swarm testing: most mishaps are away in most worlds, and some are frequent, so that rare ones meet.
struct Setup {
    std::uint64_t seed = 0;
    std::uint32_t users = 1, orders = 1, processes = 1;
    Timestamp begins_at{};
    Duration orders_within{};  ///< all requests are made in this time
    Duration faults_within{};  ///< then nothing goes wrong any more
    Policy policy;
    Duration settles_within{};  ///< what WeChat takes in is executed and visible so long after its signing
    std::vector<Terms> terms;
    std::size_t claims_max = 1;                  ///< how many calls a worker claims at once
    int calls_per_second = 0;                    ///< of each kind; 0: any number
    Duration gives_up_after{};                   ///< how long a process waits for an answer
    Duration bill_step{};                        ///< how long a bill stays in each passing state
    bool refuses_without_money = true;           ///< WeChat, instead of leaving the bill in PROCESSING
    bool unsigned_errors = false;                ///< WeChat leaves error answers unsigned
    bool signs_absence = false;                  ///< but not NOT_FOUND
    bool is_full_protocol = false;               ///< HTTP, JSON and real signatures between the two sides
    const faults::Scenario* scenario = nullptr;  ///< whose rules hold as well; borrowed
    std::array<std::uint32_t, mishap_count> chance{};  ///< of 65,536, each time it is asked

    /// How long after the last fault everything is final that no person holds back (R12): a bill is closed
    /// a day after it was made, what is in doubt is known one settling time after its last submit, and a
    /// second answer to prove it comes the short one later, or a long one where absences are not signed.
    [[nodiscard]] Duration ends_within() const {
        const Duration gap = unsigned_errors ? policy.settling_in_doubt : policy.settling_refused;
        return std::chrono::hours(24) + policy.settling_in_doubt + gap + 4 * policy.backoff_max +
               std::chrono::hours(4);
    }
    [[nodiscard]] std::uint32_t chance_of(Mishap mishap) const {
        return chance[static_cast<std::size_t>(mishap)];
    }
};

/// How worlds are drawn.
struct SetupOptions {
    std::optional<Policy> policy;  ///< instead of a drawn one
    bool allows_full_protocol = true;
    bool has_faults = true;
};

[[nodiscard]] Setup draw_setup(std::uint64_t seed, const SetupOptions& options = {});

/// One line of text for each thing that was drawn.
[[nodiscard]] std::vector<std::string> describe(const Setup& setup);

}  // namespace tixian::sim
