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
[[nodiscard]] std::string wallet_json(const Balance& balance, const Terms& terms, const Allowance& allowance,
                                      std::optional<Money> real_name_from);
/// What a withdrawal of this amount would cost now, before it is agreed to.
[[nodiscard]] std::string fee_json(Money amount, Money fee);
[[nodiscard]] std::string history_json(const std::vector<Withdrawal>& page, bool has_more,
                                       const std::string& confirm_page);
[[nodiscard]] std::string replayed_json(bool replayed);
[[nodiscard]] std::string error_json(std::string_view code, const std::string& message,
                                     const std::string& field, const std::string& request_id);

// What operators are shown.

struct NotedWithdrawal {
    Withdrawal withdrawal;
    std::vector<Note> notes;
};

[[nodiscard]] std::string operator_json(const Withdrawal& withdrawal);
[[nodiscard]] std::string noted_json(const NotedWithdrawal& noted,
                                     const std::vector<Correction>& corrections);
[[nodiscard]] std::string waiting_json(const std::vector<NotedWithdrawal>& page, bool has_more);
[[nodiscard]] std::string notes_json(const std::vector<Note>& notes);
[[nodiscard]] std::string note_counts_json(const std::vector<NoteCount>& counts);
/// A switch that nobody ever touched has no person.
[[nodiscard]] std::string switch_json(const Switch& act);

/// Refuses what is no kind of note.
[[nodiscard]] Result<NoteKind> parse_note_kind(std::string_view text);

/// The cursor of a list's page in a query string, and back. Refuses what next_cursor never said.
[[nodiscard]] std::string cursor_text(const Cursor& cursor);
[[nodiscard]] Result<Cursor> parse_cursor(std::string_view text);

}  // namespace tixian::server
