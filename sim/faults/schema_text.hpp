// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "faults/fault.hpp"
#include "faults/magic.hpp"

namespace tixian::faults {

/// Rows of the tables in docs/mock.md, as Markdown; a test keeps the two together.
[[nodiscard]] std::string schema_row(const FaultRow& row);
[[nodiscard]] std::string schema_row(const MagicRow& row);
/// Both tables, whole.
[[nodiscard]] std::string catalogue_markdown();
[[nodiscard]] std::string magic_markdown();

}  // namespace tixian::faults
