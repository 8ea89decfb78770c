// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/simulate.hpp"
#include "tixian/error.hpp"

namespace tixian::sim {

/// A run that can be run again: in a file, one decision a line, or all of it in one line.
struct Recipe {
    std::uint64_t seed = 0;
    std::optional<int> rule;  ///< that it breaks; none: that it keeps all
    std::vector<Decision> decisions;
    std::string scenario{};  ///< the file whose rules hold as well; empty: none
};

/// Lines, or what is between semicolons: `seed 12`, `breaks R4`, `scenario rules.toml`, `user_cancels 3 0 1`;
/// the rest after a # is for people.
[[nodiscard]] std::string to_text(const Recipe& recipe, char between = '\n');
/// Refuses (`malformed`) what cannot be read, naming it.
[[nodiscard]] Result<Recipe> parse_recipe(std::string_view text);

struct Shrunk {
    Recipe recipe;
    std::size_t decisions_before = 0;
    int tries = 0;
};

/// Takes away what is not needed for the same rule to break, and makes numbers smaller: delta debugging over
/// the decisions. `run` has failed. Stops after `time_max` with what it has.
[[nodiscard]] Shrunk shrink(const Run& run, const Subject& subject, const RunOptions& options,
                            std::chrono::milliseconds time_max);

}  // namespace tixian::sim
