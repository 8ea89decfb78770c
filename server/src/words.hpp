// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "tixian/allowance.hpp"
#include "tixian/withdrawal.hpp"

namespace tixian::server {

/// How far a withdrawal is, as the page shows it.
[[nodiscard]] std::string_view progress_of(const Withdrawal& withdrawal);

/// The same in a sentence for the user.
[[nodiscard]] std::string_view progress_message(std::string_view progress);

/// Why less than the balance can be withdrawn now, and when more can; empty when all of it can.
[[nodiscard]] std::string bound_message(const Allowance& allowance, const Terms& terms);

/// Why a withdrawal ended without payment, and what the user can do; in words a user understands.
[[nodiscard]] std::string failure_message(std::string_view error_code);

}  // namespace tixian::server
