// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <optional>

#include "mock/server.hpp"

namespace tixian::mock {

struct CommandLine {
    Options options;
    bool only_makes_keys = false;
    std::filesystem::path ready_file;  ///< empty: none
};

/// What the arguments ask for; or, when there is nothing to run, nothing, and `exit_code` is set: 0 after
/// --help, 2 after a mistake, which has been explained on stderr.
[[nodiscard]] std::optional<CommandLine> parse_command_line(int argc, const char* const* argv,
                                                            int& exit_code);

}  // namespace tixian::mock
