// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tixian/allowance.hpp"
#include "tixian/ledger.hpp"
#include "tixian/withdrawal.hpp"

namespace tixian::server {

/// What the API answers with, as JSON texts.

/// `confirm_page` is the sandbox's page to confirm on, or empty.
[[nodiscard]] std::string withdrawal_json(const Withdrawal& withdrawal, bool replayed,
                                          const std::string& confirm_page);
[[nodiscard]] std::string wallet_json(const Balance& balance, const Terms& terms);
[[nodiscard]] std::string history_json(const std::vector<Withdrawal>& page, bool has_more,
                                       const std::string& confirm_page);
[[nodiscard]] std::string error_json(std::string_view code, const std::string& message,
                                     const std::string& field, const std::string& request_id);

/// The cursor of a history page in a query string, and back. Refuses what next_cursor never said.
[[nodiscard]] std::string cursor_text(const Cursor& cursor);
[[nodiscard]] Result<Cursor> parse_cursor(std::string_view text);

}  // namespace tixian::server
