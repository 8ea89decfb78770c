// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tixian/sql/loading.hpp"

namespace tixian::sql {

/// The rows that accepted changes leave, gathered by table: accounts and counters once each, with what they
/// are after the last change.
class Storing {
 public:
    explicit Storing(const Statements& statements) : statements_(statements) {}

    void add(const Change& change) {
        const auto* step = std::get_if<Step>(&change.what);
        changes_.push_back({change.id.text(), step != nullptr ? Value(step->next.id.text()) : Value(),
                            step != nullptr ? Value(step->next.version) : Value(),
                            std::string(event_of(change)), to_millis(change.at)});
        const Entry entry = entry_of(change);
        std::int64_t line = 0;
        for (const Posting& posting : entry.postings())
            journal_.push_back({change.id.text(), line++, std::string(name(entry.kind())),
                                posting.account.name(), posting.amount.fen(), to_millis(change.at)});
        std::visit([&](const auto& what) { add(what, change); }, change.what);
    }

    /// What is left to write. `wallets` is the host's wallets' account, where there are any.
    [[nodiscard]] std::vector<Write> writes(const WorkingSet& set, const Money* wallets) && {
        std::vector<Write> writes;
        const auto put = [&](const WriteText& text, std::vector<Row> rows) {
            if (!rows.empty()) writes.push_back({&text, std::move(rows)});
        };
        put(statements_.insert_changes, std::move(changes_));
        put(statements_.insert_withdrawals, std::move(new_withdrawals_));
        put(statements_.update_withdrawals, std::move(withdrawals_));
        put(statements_.insert_notes, std::move(notes_));
        put(statements_.insert_journal, std::move(journal_));
        put(statements_.upsert_accounts, accounts(set, wallets));
        put(statements_.upsert_usage, usage(set));
        put(statements_.upsert_channels, channels(set));
        put(statements_.insert_switches, std::move(switches_));
        put(statements_.insert_deposits, std::move(deposits_));
        put(statements_.insert_corrections, std::move(corrections_));
        return writes;
    }

 private:
    void add(const Step& step, const Change&) {
        (step.next.version == 1 ? new_withdrawals_ : withdrawals_).push_back(to_row(step.next));
        std::int64_t line = 0;
        for (const Note& note : step.notes)
            notes_.push_back({note.id.text(), note.version, std::string(name(note.kind)), line++,
                              to_millis(note.at), detail::null_if_empty(note.by.text()), note.text});
    }
    void add(const Deposit& deposit, const Change& change) {
        deposits_.push_back({deposit.reference.text(), deposit.user.text(), deposit.amount.fen(),
                             change.id.text(), to_millis(change.at)});
    }
    void add(const Correction& correction, const Change& change) {
        corrections_.push_back({correction.reference.text(), correction.about.text(),
                                correction.account.name(), correction.amount.fen(),
                                correction.person.id.text(), correction.person.reason, change.id.text(),
                                to_millis(change.at)});
    }
    void add(const Switch& act, const Change& change) {
        switches_.push_back({act.channel.text(), std::int64_t{act.is_open ? 1 : 0}, act.person.id.text(),
                             act.person.reason, change.id.text(), to_millis(change.at)});
    }

    static std::vector<Row> accounts(const WorkingSet& set, const Money* wallets) {
        std::vector<Row> rows;
        for (const auto& [account, balance] : set.changed_balances()) {
            const bool elsewhere = wallets != nullptr && account.kind == AccountKind::user_available;
            if (!elsewhere) rows.push_back({account.name(), balance.fen()});
        }
        if (wallets != nullptr) rows.push_back({std::string(Loading::wallets_account), wallets->fen()});
        return rows;
    }
    static std::vector<Row> usage(const WorkingSet& set) {
        std::vector<Row> rows;
        for (const auto& [counter, usage] : set.changed_usage())
            rows.push_back({counter, usage.amount.fen(), usage.count});
        return rows;
    }
    static std::vector<Row> channels(const WorkingSet& set) {
        std::vector<Row> rows;
        for (const auto& [channel, is_open] : set.changed_channels())
            rows.push_back({channel.text(), std::int64_t{is_open ? 1 : 0}});
        return rows;
    }

    const Statements& statements_;
    std::vector<Row> changes_, new_withdrawals_, withdrawals_, notes_, journal_, switches_, deposits_,
        corrections_;
};

}  // namespace tixian::sql
