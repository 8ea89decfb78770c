// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "tixian/ledger.hpp"

namespace tixian {

/// A ledger before a ledger, through which everything goes as it is: for those that change one thing. Borrows
/// what it stands before.
class ForwardingLedger : public Ledger {
 public:
    explicit ForwardingLedger(Ledger& ledger) : ledger_(ledger) {}

    [[nodiscard]] std::vector<Outcome> commit(std::span<const Change> changes) override {
        return ledger_.commit(changes);
    }
    [[nodiscard]] Result<std::vector<Withdrawal>> due(Timestamp now, std::size_t limit,
                                                      const DueFilter& filter) override {
        return ledger_.due(now, limit, filter);
    }
    [[nodiscard]] Result<std::optional<Withdrawal>> find(const WithdrawalId& id) override {
        return ledger_.find(id);
    }
    [[nodiscard]] Result<std::optional<Withdrawal>> find_by_key(const UserId& user,
                                                                const IdempotencyKey& key) override {
        return ledger_.find_by_key(user, key);
    }
    [[nodiscard]] Result<std::vector<Withdrawal>> history(const UserId& user, std::size_t limit,
                                                          const std::optional<Cursor>& after) override {
        return ledger_.history(user, limit, after);
    }
    [[nodiscard]] Result<std::vector<Withdrawal>> waiting_for_person(
        std::size_t limit, const std::optional<Cursor>& after) override {
        return ledger_.waiting_for_person(limit, after);
    }
    [[nodiscard]] Result<Balance> balance(const UserId& user) override { return ledger_.balance(user); }
    [[nodiscard]] Result<std::vector<Note>> notes(const WithdrawalId& id) override {
        return ledger_.notes(id);
    }
    [[nodiscard]] Result<std::vector<Note>> notes_of(NoteKind kind, std::size_t limit) override {
        return ledger_.notes_of(kind, limit);
    }
    [[nodiscard]] Result<std::vector<NoteCount>> note_counts() override { return ledger_.note_counts(); }
    [[nodiscard]] Result<Usage> usage(const UsageCounter& counter) override { return ledger_.usage(counter); }
    [[nodiscard]] Result<std::optional<Timestamp>> last_at(const UserId& user) override {
        return ledger_.last_at(user);
    }
    [[nodiscard]] Result<std::vector<Correction>> corrections(const WithdrawalId& about) override {
        return ledger_.corrections(about);
    }
    [[nodiscard]] Result<std::vector<Switch>> switches() override { return ledger_.switches(); }
    [[nodiscard]] Result<std::vector<AccountBalance>> trial_balance() override {
        return ledger_.trial_balance();
    }

 protected:
    [[nodiscard]] Ledger& ledger() const { return ledger_; }

 private:
    Ledger& ledger_;
};

}  // namespace tixian
