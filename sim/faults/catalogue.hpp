// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "faults/fault.hpp"

namespace tixian::faults {

/// All rows, in the order of Fault.
[[nodiscard]] std::span<const FaultRow> catalogue();
[[nodiscard]] const FaultRow& row_of(Fault fault);
[[nodiscard]] std::optional<Fault> parse_fault(std::string_view name);
[[nodiscard]] inline std::string_view name(Fault fault) { return row_of(fault).name; }

}  // namespace tixian::faults
