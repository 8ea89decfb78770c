// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "tixian/ledger.hpp"
#include "tixian/testing/crash.hpp"

namespace tixian::testing {

/// What goes wrong with one operation of the ledger. The first four are a commit's; a read that meets one of
/// them answers `ledger_unavailable`.
enum class LedgerFault {
    none,
    lost_before,   ///< nothing is applied, and the answer is Unknown
    lost_after,    ///< everything is applied, and the answer is Unknown
    conflict,      ///< nothing is applied, and the answer is Conflict
    unavailable,   ///< a read answers `ledger_unavailable`; a commit is lost_before
    crash_before,  ///< the process dies, and nothing was applied
    crash_after,   ///< the process dies, and everything was applied
};
using CommitFault = LedgerFault;

/// A ledger in front of another one that fails on command. It counts its operations, so that a scenario that
/// was run once can be run again with a fault at each of its steps. Not thread-safe.
class FaultyLedger : public Ledger {
 public:
    enum class Operation { commit, read };

    explicit FaultyLedger(Ledger& inner) : inner_(inner) {}

    /// The faults of the next commits, in order; after them all goes well.
    void fail(std::vector<CommitFault> faults) { commit_faults_.assign(faults.rbegin(), faults.rend()); }

    /// The fault of the operation number `step`, counted from 1, and of those that follow it, `times` in all.
    void fail_at(std::size_t step, LedgerFault fault, std::size_t times = 1) {
        first_faulty_ = step;
        end_faulty_ = step + times;
        fault_ = fault;
    }

    /// What was asked of it so far, in order.
    [[nodiscard]] const std::vector<Operation>& operations() const { return operations_; }

    [[nodiscard]] std::vector<Outcome> commit(std::span<const Change> changes) override {
        const LedgerFault fault = next_commit_fault();
        if (fault == LedgerFault::crash_before) throw Crash{};
        if (fault == LedgerFault::conflict) return {changes.size(), Conflict{}};
        std::vector<Outcome> in_doubt(changes.size(), Unknown{"the connection broke"});
        if (fault == LedgerFault::lost_before || fault == LedgerFault::unavailable) return in_doubt;
        std::vector<Outcome> outcomes = inner_.commit(changes);
        if (fault == LedgerFault::crash_after) throw Crash{};
        return fault == LedgerFault::lost_after ? in_doubt : outcomes;
    }
    [[nodiscard]] Result<std::vector<Withdrawal>> due(Timestamp now, std::size_t limit,
                                                      const DueFilter& filter) override {
        return read([&] { return inner_.due(now, limit, filter); });
    }
    [[nodiscard]] Result<std::optional<Withdrawal>> find(const WithdrawalId& id) override {
        return read([&] { return inner_.find(id); });
    }
    [[nodiscard]] Result<std::optional<Withdrawal>> find_by_key(const UserId& user,
                                                                const IdempotencyKey& key) override {
        return read([&] { return inner_.find_by_key(user, key); });
    }
    [[nodiscard]] Result<std::vector<Withdrawal>> history(const UserId& user, std::size_t limit,
                                                          const std::optional<Cursor>& after) override {
        return read([&] { return inner_.history(user, limit, after); });
    }
    [[nodiscard]] Result<Balance> balance(const UserId& user) override {
        return read([&] { return inner_.balance(user); });
    }
    [[nodiscard]] Result<std::vector<Note>> notes(const WithdrawalId& id) override {
        return read([&] { return inner_.notes(id); });
    }
    [[nodiscard]] Result<std::vector<Withdrawal>> waiting_for_person(
        std::size_t limit, const std::optional<Cursor>& after) override {
        return read([&] { return inner_.waiting_for_person(limit, after); });
    }
    [[nodiscard]] Result<std::vector<Note>> notes_of(NoteKind kind, std::size_t limit) override {
        return read([&] { return inner_.notes_of(kind, limit); });
    }
    [[nodiscard]] Result<std::vector<NoteCount>> note_counts() override {
        return read([&] { return inner_.note_counts(); });
    }
    [[nodiscard]] Result<Usage> usage(const UsageCounter& counter) override {
        return read([&] { return inner_.usage(counter); });
    }
    [[nodiscard]] Result<std::optional<Timestamp>> last_at(const UserId& user) override {
        return read([&] { return inner_.last_at(user); });
    }
    [[nodiscard]] Result<std::vector<Correction>> corrections(const WithdrawalId& about) override {
        return read([&] { return inner_.corrections(about); });
    }
    [[nodiscard]] Result<std::vector<Switch>> switches() override {
        return read([&] { return inner_.switches(); });
    }
    [[nodiscard]] Result<std::vector<AccountBalance>> trial_balance() override {
        return read([&] { return inner_.trial_balance(); });
    }

 private:
    [[nodiscard]] LedgerFault next_fault(Operation operation) {
        operations_.push_back(operation);
        const std::size_t step = operations_.size();
        return first_faulty_ <= step && step < end_faulty_ ? fault_ : LedgerFault::none;
    }

    [[nodiscard]] LedgerFault next_commit_fault() {
        const LedgerFault fault = next_fault(Operation::commit);
        if (commit_faults_.empty()) return fault;
        const LedgerFault next = commit_faults_.back();
        commit_faults_.pop_back();
        return next;
    }

    template <class Read>
    [[nodiscard]] auto read(Read&& inner) -> decltype(inner()) {
        const LedgerFault fault = next_fault(Operation::read);
        if (fault == LedgerFault::none) return inner();
        if (fault == LedgerFault::crash_before || fault == LedgerFault::crash_after) throw Crash{};
        return refuse(ErrorCode::ledger_unavailable, "the connection broke");
    }

    Ledger& inner_;
    std::vector<Operation> operations_;
    std::vector<CommitFault> commit_faults_;
    std::size_t first_faulty_ = 0, end_faulty_ = 0;
    LedgerFault fault_ = LedgerFault::none;
};

}  // namespace tixian::testing
