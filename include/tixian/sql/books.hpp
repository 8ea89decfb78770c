// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tixian/change.hpp"
#include "tixian/sql/session.hpp"

namespace tixian::sql {

/// Money that moves into (positive) or out of one user's wallet, and what is in it afterwards.
struct WalletMovement {
    UserId user;
    Money amount;
    Money after;
    const Change* cause;  ///< lives as long as the call
};

/// The port to users' available money where the host keeps it, in a table of its own. Everything else (held
/// money, clearing, fees, journal) stays in tixian's tables; there one account, `wallets`, stands for all
/// wallets of the host, so that the books still sum to zero.
///
/// Called inside the transaction that stores the withdrawal, so that both commit or vanish together. Used by
/// one thread at a time for each session.
class Books {
 public:
    virtual ~Books() = default;

    /// What each wallet holds, locked until the transaction ends; nullopt where there is no such wallet.
    [[nodiscard]] virtual Result<std::vector<std::optional<Money>>> lock(Session& session,
                                                                         std::span<const UserId> users) = 0;

    /// Stores movements that have been judged by what lock() answered, in their order: `after` of a user's
    /// last one is what the wallet holds then.
    [[nodiscard]] virtual Result<void> store(Session& session, std::span<const WalletMovement> movements) = 0;

    /// What one wallet holds, without locking; nullopt where there is none.
    [[nodiscard]] virtual Result<std::optional<Money>> available(Session& session, const UserId& user) = 0;
};

/// Books for the usual host: one table with a row for each user, integer fen in one of its columns.
class WalletTable : public Books {
 public:
    struct Columns {
        std::string table;      ///< `t_wallet`, or `shop.t_wallet`
        std::string user;       ///< text that a UserId can be
        std::string available;  ///< integer fen
    };

    WalletTable(Dialect dialect, const Columns& names)
        : select_("SELECT " + names.available + " FROM " + names.table + " WHERE " + names.user + " = ?"),
          lock_(select_ + (dialect == Dialect::sqlite ? "" : " FOR UPDATE")),
          give_("UPDATE " + names.table + " SET " + names.available + " = " + names.available +
                " + ? WHERE " + names.user + " = ?"),
          // The floor stands in the statement as well, so that even a writer without a lock cannot pass it.
          take_(give_ + " AND " + names.available + " >= ?") {}

    [[nodiscard]] Result<std::vector<std::optional<Money>>> lock(Session& session,
                                                                 std::span<const UserId> users) override {
        std::vector<std::optional<Money>> found;
        for (const UserId& user : users) {
            auto money = read(session, lock_, user);
            if (!money) return tl::unexpected(money.error());
            found.push_back(*money);
        }
        return found;
    }

    [[nodiscard]] Result<void> store(Session& session, std::span<const WalletMovement> movements) override {
        for (const WalletMovement& movement : movements) {
            std::vector<Value> arguments{movement.amount.fen(), movement.user.text()};
            const bool takes = movement.amount.is_negative();
            if (takes) arguments.emplace_back(-movement.amount.fen());
            auto moved = session.execute(takes ? take_ : give_, arguments);
            if (!moved) return tl::unexpected(moved.error());
            if (moved->changed != 1)
                return refuse(ErrorCode::conflict, "the wallet changed inside the transaction");
        }
        return {};
    }

    [[nodiscard]] Result<std::optional<Money>> available(Session& session, const UserId& user) override {
        return read(session, select_, user);
    }

 private:
    [[nodiscard]] static Result<std::optional<Money>> read(Session& session, const std::string& statement,
                                                           const UserId& user) {
        auto rows = session.execute(statement, std::vector<Value>{user.text()});
        if (!rows) return tl::unexpected(rows.error());
        if (rows->rows.empty()) return std::optional<Money>{};
        const auto* fen = std::get_if<std::int64_t>(&rows->rows[0].at(0));
        auto money = fen != nullptr ? Money::from_fen(*fen) : Result<Money>(refuse(ErrorCode::malformed, ""));
        if (!money)
            return refuse(ErrorCode::ledger_damaged,
                          "the wallet of " + user.text() + " holds no integer fen");
        return std::optional(*money);
    }

    std::string select_, lock_, give_, take_;
};

}  // namespace tixian::sql
