// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "tixian/withdrawal.hpp"

namespace tixian::server {

/// How far a withdrawal is, as the page shows it.
[[nodiscard]] std::string_view progress_of(const Withdrawal& withdrawal);

/// The same in a sentence for the user.
[[nodiscard]] std::string_view progress_message(std::string_view progress);

/// Why a withdrawal ended without payment, and what the user can do; in words a user understands.
[[nodiscard]] std::string_view failure_message(std::string_view error_code);

}  // namespace tixian::server
