// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>

#include "simulator/simulate.hpp"

namespace tixian::sim {

/// Many seeds, on several threads.
struct CampaignOptions {
    std::uint64_t first_seed = 1, last_seed = 1;
    unsigned jobs = 1;
    std::optional<std::chrono::milliseconds> time_max;
    RunOptions run;
};

struct Progress {
    std::uint64_t seeds_done = 0, seeds = 0, withdrawals = 0;
    std::chrono::milliseconds elapsed{};
};

struct CampaignResult {
    Tally tally;
    std::uint64_t seeds_done = 0;
    std::uint64_t trace_hash = 0;  ///< of all seeds that were run
    std::optional<Run> failure;    ///< of the lowest seed that failed
    bool was_stopped = false;      ///< by time or by the caller
    std::chrono::milliseconds elapsed{};
};

/// Runs the seeds in order until one fails, all are done, the time is over, or `is_stopped`. `on_progress` is
/// called several times a second by one thread. The lowest failing seed is always the same one, whatever the
/// number of jobs.
[[nodiscard]] CampaignResult run_campaign(const CampaignOptions& options, const Subject& subject,
                                          const std::atomic<bool>& is_stopped,
                                          const std::function<void(const Progress&)>& on_progress = {});

}  // namespace tixian::sim
