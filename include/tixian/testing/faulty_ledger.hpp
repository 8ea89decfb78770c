// SPDX-License-Identifier: MIT
#pragma once

#include <utility>
#include <vector>

#include "tixian/ledger.hpp"

namespace tixian::testing {

/// What goes wrong with the next commit.
enum class CommitFault {
    none,
    lost_before,  ///< nothing is applied, and the answer is Unknown
    lost_after,   ///< everything is applied, and the answer is Unknown
};

/// A ledger in front of another one whose commits fail on command. Not thread-safe.
class FaultyLedger : public Ledger {
 public:
    explicit FaultyLedger(Ledger& inner) : inner_(inner) {}

    /// The faults of the next commits, in order; after them all goes well.
    void fail(std::vector<CommitFault> faults) { faults_.assign(faults.rbegin(), faults.rend()); }

    [[nodiscard]] std::vector<Outcome> commit(std::span<const Change> changes) override {
        CommitFault fault = CommitFault::none;
        if (!faults_.empty()) {
            fault = faults_.back();
            faults_.pop_back();
        }
        std::vector<Outcome> in_doubt(changes.size(), Unknown{"the connection broke"});
        if (fault == CommitFault::lost_before) return in_doubt;
        std::vector<Outcome> outcomes = inner_.commit(changes);
        return fault == CommitFault::lost_after ? in_doubt : outcomes;
    }
    [[nodiscard]] Result<std::vector<Withdrawal>> due(Timestamp now, std::size_t limit) override {
        return inner_.due(now, limit);
    }
    [[nodiscard]] Result<std::optional<Withdrawal>> find(const WithdrawalId& id) override {
        return inner_.find(id);
    }
    [[nodiscard]] Result<std::optional<Withdrawal>> find_by_key(const UserId& user,
                                                                const IdempotencyKey& key) override {
        return inner_.find_by_key(user, key);
    }
    [[nodiscard]] Result<std::vector<Withdrawal>> history(const UserId& user, std::size_t limit,
                                                          const std::optional<Cursor>& after) override {
        return inner_.history(user, limit, after);
    }
    [[nodiscard]] Result<Balance> balance(const UserId& user) override { return inner_.balance(user); }
    [[nodiscard]] Result<std::vector<Note>> notes(const WithdrawalId& id) override {
        return inner_.notes(id);
    }
    [[nodiscard]] Result<std::vector<Withdrawal>> waiting_for_person(
        std::size_t limit, const std::optional<Cursor>& after) override {
        return inner_.waiting_for_person(limit, after);
    }
    [[nodiscard]] Result<std::vector<Note>> notes_of(NoteKind kind, std::size_t limit) override {
        return inner_.notes_of(kind, limit);
    }
    [[nodiscard]] Result<std::vector<NoteCount>> note_counts() override { return inner_.note_counts(); }
    [[nodiscard]] Result<Usage> usage(const UsageCounter& counter) override { return inner_.usage(counter); }
    [[nodiscard]] Result<std::optional<Timestamp>> last_at(const UserId& user) override {
        return inner_.last_at(user);
    }
    [[nodiscard]] Result<std::vector<Correction>> corrections(const WithdrawalId& about) override {
        return inner_.corrections(about);
    }
    [[nodiscard]] Result<std::vector<Switch>> switches() override { return inner_.switches(); }
    [[nodiscard]] Result<std::vector<AccountBalance>> trial_balance() override {
        return inner_.trial_balance();
    }

 private:
    Ledger& inner_;
    std::vector<CommitFault> faults_;
};

}  // namespace tixian::testing
