// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <filesystem>
#include <string>

#include "simulator/command_line.hpp"

namespace tixian::sim {

/// Runs simulators with planted mistakes, which `scripts/mutants --sim` has built beside this program, and
/// prints for each how many seeds and how long it took to find the mistake. Answers the exit code.
[[nodiscard]] int run_mutants(const CommandLine& command, const std::filesystem::path& own_program,
                              const std::atomic<bool>& is_stopped);

}  // namespace tixian::sim
