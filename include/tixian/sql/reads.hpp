// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tixian/ledger.hpp"
#include "tixian/sql/statements.hpp"

namespace tixian::sql {

/// The reads of a ledger as SQL, on any session.
class Reads {
 public:
    Reads(Session& session, const Statements& statements) : session_(session), statements_(statements) {}

    /// Rows that cannot be read are passed over, so that one damaged row does not stop all others;
    /// `ledger_damaged` when there are no others.
    [[nodiscard]] Result<std::vector<Withdrawal>> due(Timestamp now, std::size_t limit) {
        constexpr std::size_t page_max = 4096;
        for (std::size_t page = limit;; page *= 2) {
            const std::vector<Value> arguments{to_millis(now), to_millis(now),
                                               static_cast<std::int64_t>(page)};
            auto rows = session_.execute(
                statements_.select_withdrawal +
                    " WHERE due_at <= ? AND lease_until <= ? ORDER BY due_at, withdraw_id LIMIT ?",
                arguments);
            if (!rows) return tl::unexpected(rows.error());
            std::vector<Withdrawal> found;
            for (const Row& row : rows->rows) {
                auto withdrawal = from_row(row);
                if (withdrawal && found.size() < limit) found.push_back(std::move(*withdrawal));
            }
            const bool is_all = rows->rows.size() < page || page >= page_max;
            if (found.empty() && !rows->rows.empty() && is_all) return damaged("withdraw_records");
            if (found.size() == limit || is_all) return found;
        }
    }

    [[nodiscard]] Result<std::optional<Withdrawal>> find(const WithdrawalId& id) {
        return first(withdrawals(" WHERE withdraw_id = ?", {id.text()}));
    }

    [[nodiscard]] Result<std::optional<Withdrawal>> find_by_key(const UserId& user,
                                                                const IdempotencyKey& key) {
        return first(withdrawals(" WHERE user_id = ? AND idempotency_key = ?", {user.text(), key.text()}));
    }

    [[nodiscard]] Result<std::vector<Withdrawal>> history(const UserId& user, std::size_t limit,
                                                          const std::optional<Cursor>& after) {
        const auto count = static_cast<std::int64_t>(limit);
        if (!after)
            return withdrawals(" WHERE user_id = ? ORDER BY created_at DESC, withdraw_id DESC LIMIT ?",
                               {user.text(), count});
        return withdrawals(
            " WHERE user_id = ? AND (created_at, withdraw_id) < (?, ?)"
            " ORDER BY created_at DESC, withdraw_id DESC LIMIT ?",
            {user.text(), to_millis(after->created_at), after->id.text(), count});
    }

    [[nodiscard]] Result<Balance> balance(const UserId& user) {
        auto available = balance_of({AccountKind::user_available, user});
        if (!available) return tl::unexpected(available.error());
        auto held = balance_of({AccountKind::user_held, user});
        if (!held) return tl::unexpected(held.error());
        return Balance{*available, *held};
    }

    [[nodiscard]] Result<std::vector<Note>> notes(const WithdrawalId& id) {
        const std::vector<Value> arguments{id.text()};
        auto rows = session_.execute(
            "SELECT kind, at, text FROM withdraw_notes WHERE withdraw_id = ? ORDER BY at, kind", arguments);
        if (!rows) return tl::unexpected(rows.error());
        std::vector<Note> notes;
        for (const Row& row : rows->rows) {
            detail::RowReader reader(row);
            Note note{id, reader.word(tixian::detail::note_kind_text), reader.time(), reader.text()};
            if (reader.is_damaged()) return damaged("withdraw_notes");
            notes.push_back(std::move(note));
        }
        return notes;
    }

    [[nodiscard]] Result<std::vector<AccountBalance>> trial_balance() {
        auto rows = session_.execute("SELECT account, balance FROM accounts ORDER BY account", {});
        if (!rows) return tl::unexpected(rows.error());
        std::vector<AccountBalance> balances;
        for (const Row& row : rows->rows) {
            detail::RowReader reader(row);
            AccountBalance balance{reader.text(), reader.money()};
            if (reader.is_damaged()) return damaged("accounts");
            balances.push_back(std::move(balance));
        }
        return balances;
    }

 private:
    [[nodiscard]] static tl::unexpected<Error> damaged(const std::string& table) {
        return refuse(ErrorCode::ledger_damaged, table + " holds a row that cannot be read");
    }

    [[nodiscard]] Result<std::vector<Withdrawal>> withdrawals(const std::string& where,
                                                              const std::vector<Value>& arguments) {
        auto rows = session_.execute(statements_.select_withdrawal + where, arguments);
        if (!rows) return tl::unexpected(rows.error());
        std::vector<Withdrawal> found;
        found.reserve(rows->rows.size());
        for (const Row& row : rows->rows) {
            auto withdrawal = from_row(row);
            if (!withdrawal) return tl::unexpected(withdrawal.error());
            found.push_back(std::move(*withdrawal));
        }
        return found;
    }

    [[nodiscard]] static Result<std::optional<Withdrawal>> first(Result<std::vector<Withdrawal>> found) {
        if (!found) return tl::unexpected(found.error());
        if (found->empty()) return std::optional<Withdrawal>{};
        return std::move(found->front());
    }

    [[nodiscard]] Result<Money> balance_of(const Account& account) {
        const std::vector<Value> arguments{account.name()};
        auto rows = session_.execute("SELECT balance FROM accounts WHERE account = ?", arguments);
        if (!rows) return tl::unexpected(rows.error());
        if (rows->rows.empty()) return Money();
        detail::RowReader reader(rows->rows[0]);
        const Money balance = reader.money();
        if (reader.is_damaged()) return damaged("accounts");
        return balance;
    }

    Session& session_;
    const Statements& statements_;
};

}  // namespace tixian::sql
