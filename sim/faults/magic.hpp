// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "faults/rule.hpp"

namespace tixian::faults {

/// What a caller chooses by an amount (in fen) or an openid alone, without any set-up.
struct MagicRow {
    std::int64_t fen = 0;     ///< 0: the openid chooses
    std::string_view openid;  ///< may end in `*`
    Fault fault{};
    std::string_view parameter;  ///< one that differs from the preset; empty: none
    Value value;
    int attempt_max = 0;          ///< only the first so many attempts; 0: all
    bool is_for_creates = false;  ///< else for all that the fault can befall
    std::string_view sentence;
};

[[nodiscard]] std::span<const MagicRow> magic_table();
/// The table as rules, named `magic:` and the amount or openid.
[[nodiscard]] std::vector<Rule> magic_rules();

}  // namespace tixian::faults
