// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tixian/ledger.hpp"
#include "tixian/sql/reads.hpp"
#include "tixian/sql/statements.hpp"

namespace tixian::sql {

/// The rules of the ledger as SQL, in a transaction that somebody else opened and will commit.
///
/// Every condition of a change is read before its first write, so a refused change has written nothing and
/// leaves its neighbours alone. That is sound because the transaction must be one that no other writer can
/// come between (SQLite: BEGIN IMMEDIATE).
class Rules {
 public:
    Rules(Session& session, const Statements& statements) : session_(session), statements_(statements) {}

    /// An error means that the database failed and the transaction must be rolled back: then no change is
    /// applied.
    [[nodiscard]] Result<std::vector<Outcome>> commit(std::span<const Change> changes) {
        std::vector<Outcome> outcomes;
        outcomes.reserve(changes.size());
        for (const Change& change : changes) {
            auto outcome = commit_one(change);
            if (!outcome) return tl::unexpected(outcome.error());
            outcomes.push_back(std::move(*outcome));
        }
        return outcomes;
    }

 private:
    using Arguments = std::vector<Value>;

    [[nodiscard]] Result<Rows> execute(std::string_view statement, const Arguments& arguments) {
        return session_.execute(statement, arguments);
    }

    /// Runs statements until one fails.
    [[nodiscard]] Result<void> write(std::string_view statement, const Arguments& arguments) {
        return execute(statement, arguments).map([](const Rows&) {});
    }

    /// What a change will write, once every condition has held.
    struct Writes {
        std::vector<Money> balances;  ///< of the entry's postings, in their order
        std::vector<std::pair<std::string, Usage>> usage;
    };

    [[nodiscard]] Result<Outcome> commit_one(const Change& change) {
        auto seen = execute("SELECT 1 FROM withdraw_changes WHERE change_id = ?", {change.id.text()});
        if (!seen) return tl::unexpected(seen.error());
        if (!seen->rows.empty()) return AlreadyApplied{};

        Writes writes;
        auto allowed = std::visit([&](const auto& what) { return check(what, writes); }, change.what);
        if (!allowed || !std::holds_alternative<Applied>(*allowed)) return allowed;

        const Entry entry = entry_of(change);
        for (const Posting& posting : entry.postings()) {
            auto outcome = check(posting, writes.balances);
            if (!outcome || !std::holds_alternative<Applied>(*outcome)) return outcome;
        }

        return store(change, entry, writes)
            .and_then([&] {
                return std::visit([&](const auto& what) { return store(what, change); }, change.what);
            })
            .map([]() -> Outcome { return Applied{}; });
    }

    [[nodiscard]] Result<Outcome> check(const Step& step, Writes& writes) {
        const Withdrawal& next = step.next;
        auto row = execute("SELECT version FROM withdraw_records WHERE withdraw_id = ?", {next.id.text()});
        if (!row) return tl::unexpected(row.error());
        if (next.version > 1) {
            if (row->rows.empty() || row->rows[0][0] != Value(next.version - 1)) return Conflict{};
        } else {
            auto first = find_first(next);
            if (!first || !std::holds_alternative<Applied>(*first)) return first;
            if (!row->rows.empty()) return Conflict{};
        }
        return check_switch(step)
            .and_then([&](const Outcome& allowed) {
                return is_applied(allowed) ? check_interval(step) : Result<Outcome>(allowed);
            })
            .and_then([&](const Outcome& allowed) {
                return is_applied(allowed) ? check_claims(step, writes) : Result<Outcome>(allowed);
            });
    }

    /// Whether the key of a new withdrawal is free.
    [[nodiscard]] Result<Outcome> find_first(const Withdrawal& next) {
        auto first = execute(statements_.select_withdrawal + " WHERE user_id = ? AND idempotency_key = ?",
                             {next.order.user.text(), next.order.key.text()});
        if (!first) return tl::unexpected(first.error());
        if (first->rows.empty()) return Applied{};
        auto withdrawal = from_row(first->rows[0]);
        if (!withdrawal) return tl::unexpected(withdrawal.error());
        return Duplicate{withdrawal->id, std::string(first_difference(withdrawal->order, next.order))};
    }

    [[nodiscard]] Result<Outcome> check_switch(const Step& step) {
        if (!step.needs_open_channel) return Applied{};
        auto last =
            execute("SELECT is_open FROM channel_switches WHERE channel = ? ORDER BY number DESC LIMIT 1",
                    {step.next.order.channel.text()});
        if (!last) return tl::unexpected(last.error());
        if (!last->rows.empty() && last->rows[0][0] != Value(std::int64_t{1})) return Closed{};
        return Applied{};
    }

    [[nodiscard]] Result<Outcome> check_interval(const Step& step) {
        if (!step.needs_interval) return Applied{};
        const Withdrawal& next = step.next;
        auto last = Reads(session_, statements_).last_at(next.order.user);
        if (!last) return tl::unexpected(last.error());
        if (*last && next.created_at < **last + next.terms.minimum_interval)
            return LimitReached{LimitName::minimum_interval, {}};
        return Applied{};
    }

    [[nodiscard]] Result<Outcome> check_claims(const Step& step, Writes& writes) {
        for (const Claim& claim : step.claims) {
            auto used = Reads(session_, statements_).usage(claim.counter);
            if (!used) return tl::unexpected(used.error());
            const auto added = add(*used, claim);
            if (const auto* limit = std::get_if<LimitReached>(&added)) return *limit;
            writes.usage.emplace_back(claim.counter.text(), std::get<Usage>(added));
        }
        return Applied{};
    }

    [[nodiscard]] Result<Outcome> check(const Deposit& deposit, const Writes&) {
        auto first = execute("SELECT user_id, amount FROM wallet_deposits WHERE reference = ?",
                             {deposit.reference.text()});
        if (!first) return tl::unexpected(first.error());
        if (first->rows.empty()) return Applied{};
        if (first->rows[0][0] != Value(deposit.user.text())) return Duplicate{{}, "user_id"};
        if (first->rows[0][1] != Value(deposit.amount.fen())) return Duplicate{{}, "amount"};
        return Duplicate{};
    }

    [[nodiscard]] Result<Outcome> check(const Correction& correction, const Writes&) {
        auto first = execute("SELECT withdraw_id, account, amount FROM corrections WHERE reference = ?",
                             {correction.reference.text()});
        if (!first) return tl::unexpected(first.error());
        if (first->rows.empty()) return Applied{};
        const Row& row = first->rows[0];
        const auto* text = std::get_if<std::string>(&row[0]);
        auto about = WithdrawalId::parse(text != nullptr ? *text : "");
        if (!about) return refuse(ErrorCode::ledger_damaged, "corrections holds a row that cannot be read");
        if (*about != correction.about) return Duplicate{*about, "withdraw_id"};
        if (row[1] != Value(correction.account.name())) return Duplicate{*about, "account"};
        if (row[2] != Value(correction.amount.fen())) return Duplicate{*about, "amount"};
        return Duplicate{*about, ""};
    }

    [[nodiscard]] static Result<Outcome> check(const Switch&, const Writes&) { return Applied{}; }

    /// Whether the account can bear the posting; adds its balance after it to `balances`.
    [[nodiscard]] Result<Outcome> check(const Posting& posting, std::vector<Money>& balances) {
        auto row = execute("SELECT balance FROM accounts WHERE account = ?", {posting.account.name()});
        if (!row) return tl::unexpected(row.error());
        Money before;
        if (!row->rows.empty()) {
            const auto* fen = std::get_if<std::int64_t>(&row->rows[0][0]);
            auto parsed = Money::from_fen(fen != nullptr ? *fen : Money::fen_max + 1);
            if (!parsed)
                return refuse(ErrorCode::ledger_damaged, "accounts holds a balance that cannot be read");
            before = *parsed;
        }
        const auto after = checked_add(before, posting.amount);
        if (!after) return LimitReached{LimitName::balance, {}};
        if (posting.amount.is_negative() && posting.account.is_user() && after->is_negative())
            return InsufficientFunds{};
        balances.push_back(*after);
        return Applied{};
    }

    [[nodiscard]] Result<void> store(const Change& change, const Entry& entry, const Writes& writes) {
        const auto* step = std::get_if<Step>(&change.what);
        auto done = write(
            "INSERT INTO withdraw_changes (change_id, withdraw_id, version, event, at) VALUES (?, ?, ?, ?, "
            "?)",
            {change.id.text(), step != nullptr ? Value(step->next.id.text()) : Value(),
             step != nullptr ? Value(step->next.version) : Value(), std::string(event_of(change)),
             to_millis(change.at)});
        for (const auto& [counter, usage] : writes.usage) {
            if (!done) return done;
            done = write(
                "INSERT INTO withdraw_usage (counter, amount, count) VALUES (?, ?, ?)"
                " ON CONFLICT (counter) DO UPDATE SET amount = excluded.amount, count = excluded.count",
                {counter, usage.amount.fen(), usage.count});
        }
        for (std::size_t line = 0; done && line < entry.postings().size(); ++line) {
            const Posting& posting = entry.postings()[line];
            const std::string account = posting.account.name();
            done = write(
                "INSERT INTO journal (change_id, line, kind, account, amount, at) VALUES (?, ?, ?, ?, ?, ?)",
                {change.id.text(), static_cast<std::int64_t>(line), std::string(name(entry.kind())), account,
                 posting.amount.fen(), to_millis(change.at)});
            if (!done) break;
            auto changed = execute("UPDATE accounts SET balance = ? WHERE account = ?",
                                   {writes.balances[line].fen(), account});
            if (!changed) return tl::unexpected(changed.error());
            if (changed->changed == 0)
                done = write("INSERT INTO accounts (account, balance) VALUES (?, ?)",
                             {account, writes.balances[line].fen()});
        }
        return done;
    }

    [[nodiscard]] Result<void> store(const Step& step, const Change&) {
        const Withdrawal& next = step.next;
        Row row = to_row(next);
        if (next.version == 1) {
            auto inserted = write(statements_.insert_withdrawal, row);
            if (!inserted) return inserted;
        } else {
            Arguments arguments(std::make_move_iterator(row.begin() + fixed_columns),
                                std::make_move_iterator(row.end()));
            arguments.emplace_back(next.id.text());
            arguments.emplace_back(next.version - 1);
            auto updated = execute(statements_.update_withdrawal, arguments);
            if (!updated) return tl::unexpected(updated.error());
            if (updated->changed != 1)
                return refuse(ErrorCode::conflict, "the row changed inside the transaction");
        }
        std::int64_t line = 0;
        for (const Note& note : step.notes) {
            auto noted = write(
                "INSERT INTO withdraw_notes (withdraw_id, version, kind, line, at, operator, text)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                {note.id.text(), note.version, std::string(name(note.kind)), line++, to_millis(note.at),
                 detail::null_if_empty(note.by.text()), note.text});
            if (!noted) return noted;
        }
        return {};
    }

    [[nodiscard]] Result<void> store(const Deposit& deposit, const Change& change) {
        return write(
            "INSERT INTO wallet_deposits (reference, user_id, amount, change_id, created_at) VALUES (?, ?, "
            "?, ?, ?)",
            {deposit.reference.text(), deposit.user.text(), deposit.amount.fen(), change.id.text(),
             to_millis(change.at)});
    }

    [[nodiscard]] Result<void> store(const Correction& correction, const Change& change) {
        return write(
            "INSERT INTO corrections (reference, withdraw_id, account, amount, operator, reason, change_id, "
            "at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            {correction.reference.text(), correction.about.text(), correction.account.name(),
             correction.amount.fen(), correction.person.id.text(), correction.person.reason, change.id.text(),
             to_millis(change.at)});
    }

    [[nodiscard]] Result<void> store(const Switch& act, const Change& change) {
        return write(
            "INSERT INTO channel_switches (channel, is_open, operator, reason, change_id, at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            {act.channel.text(), std::int64_t{act.is_open ? 1 : 0}, act.person.id.text(), act.person.reason,
             change.id.text(), to_millis(change.at)});
    }

    Session& session_;
    const Statements& statements_;
};

}  // namespace tixian::sql
