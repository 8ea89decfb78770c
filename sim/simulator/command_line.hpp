// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace tixian::sim {

/// What `tixian-sim` is asked for.
struct CommandLine {
    std::uint64_t first_seed = 1, last_seed = 1'000;
    bool is_one_seed = false;
    unsigned jobs = 1;
    std::optional<std::chrono::milliseconds> time_max;
    std::string replay;      ///< a file, or the text itself
    std::string report_dir;  ///< where pages are written
    std::string mutant;
    std::string scenario;  ///< a file
    bool all_mutants = false;
    bool is_json = false, is_verbose = false, prints_hashes = false, shrinks = true;
    bool has_faults = true, has_auditor = true, allows_full_protocol = true;
};

/// The command, or the exit code when there is nothing more to do (help, wrong usage).
[[nodiscard]] std::variant<CommandLine, int> parse_command_line(int argc, const char* const* argv);

}  // namespace tixian::sim
