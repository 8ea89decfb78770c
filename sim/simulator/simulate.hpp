// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "auditor/facts.hpp"
#include "simulator/choices.hpp"
#include "simulator/setup.hpp"
#include "simulator/stage.hpp"
#include "simulator/subject.hpp"
#include "simulator/trace.hpp"

namespace tixian::sim {

/// How one seed is run.
struct RunOptions {
    bool writes_down = false;  ///< the story, for a report
    bool has_auditor = true;
    bool has_faults = true;
    bool allows_full_protocol = true;
    const faults::Scenario* scenario = nullptr;  ///< its rules hold in every world, while faults do; borrowed
};

/// What came of one seed.
struct Run {
    std::uint64_t seed = 0;
    std::uint64_t trace_hash = 0;  ///< the same on every machine
    std::optional<audit::Violation> violation;
    Timestamp ended_at{};
    Tally tally;
    std::vector<Decision> decisions;  ///< only where they were asked for
    std::optional<Setup> setup;       ///< only where it was written down, as all below
    std::vector<Line> lines;
    std::vector<MoneyAt> moneys;
};

/// Runs the world of a seed. The same seed and subject give the same run, byte for byte. Thread-safe.
[[nodiscard]] Run simulate(std::uint64_t seed, const Subject& subject = {}, const RunOptions& options = {});

/// The same, with what was decided.
[[nodiscard]] Run simulate_and_keep(std::uint64_t seed, const Subject& subject = {},
                                    const RunOptions& options = {});

/// The world of a seed with these decisions instead of the drawn ones; all others are as by default.
[[nodiscard]] Run replay(std::uint64_t seed, const std::vector<Decision>& decisions,
                         const Subject& subject = {}, const RunOptions& options = {});

}  // namespace tixian::sim
