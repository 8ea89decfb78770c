// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "tixian/sql/reads.hpp"
#include "tixian/sql/rules.hpp"

namespace tixian::sql {

/// The reading half of a ledger. `Derived` has `read(work)`, which runs `work(Reads&)` on a session of its
/// choice.
template <class Derived>
class ReadingLedger : public Ledger {
 public:
    [[nodiscard]] Result<std::vector<Withdrawal>> due(Timestamp now, std::size_t limit,
                                                      const DueFilter& filter) override {
        return self().read([&](Reads& reads) { return reads.due(now, limit, filter); });
    }
    [[nodiscard]] Result<std::optional<Withdrawal>> find(const WithdrawalId& id) override {
        return self().read([&](Reads& reads) { return reads.find(id); });
    }
    [[nodiscard]] Result<std::optional<Withdrawal>> find_by_key(const UserId& user,
                                                                const IdempotencyKey& key) override {
        return self().read([&](Reads& reads) { return reads.find_by_key(user, key); });
    }
    [[nodiscard]] Result<std::vector<Withdrawal>> history(const UserId& user, std::size_t limit,
                                                          const std::optional<Cursor>& after) override {
        return self().read([&](Reads& reads) { return reads.history(user, limit, after); });
    }
    [[nodiscard]] Result<std::vector<Withdrawal>> waiting_for_person(
        std::size_t limit, const std::optional<Cursor>& after) override {
        return self().read([&](Reads& reads) { return reads.waiting_for_person(limit, after); });
    }
    [[nodiscard]] Result<Balance> balance(const UserId& user) override {
        return self().read([&](Reads& reads) { return reads.balance(user); });
    }
    [[nodiscard]] Result<std::vector<Note>> notes(const WithdrawalId& id) override {
        return self().read([&](Reads& reads) { return reads.notes(id); });
    }
    [[nodiscard]] Result<std::vector<Note>> notes_of(NoteKind kind, std::size_t limit) override {
        return self().read([&](Reads& reads) { return reads.notes_of(kind, limit); });
    }
    [[nodiscard]] Result<std::vector<NoteCount>> note_counts() override {
        return self().read([&](Reads& reads) { return reads.note_counts(); });
    }
    [[nodiscard]] Result<Usage> usage(const UsageCounter& counter) override {
        return self().read([&](Reads& reads) { return reads.usage(counter); });
    }
    [[nodiscard]] Result<std::optional<Timestamp>> last_at(const UserId& user) override {
        return self().read([&](Reads& reads) { return reads.last_at(user); });
    }
    [[nodiscard]] Result<std::vector<Correction>> corrections(const WithdrawalId& about) override {
        return self().read([&](Reads& reads) { return reads.corrections(about); });
    }
    [[nodiscard]] Result<std::vector<Switch>> switches() override {
        return self().read([&](Reads& reads) { return reads.switches(); });
    }
    [[nodiscard]] Result<std::vector<AccountBalance>> trial_balance() override {
        return self().read([&](Reads& reads) { return reads.trial_balance(); });
    }

 private:
    friend Derived;
    ReadingLedger() = default;
    [[nodiscard]] Derived& self() { return static_cast<Derived&>(*this); }
};

/// The ledger inside one open transaction of the host: what a Service commits through it becomes durable, or
/// vanishes, with everything else that the host does in that transaction.
///
/// Lives as long as the transaction; used by one thread. When commit() answers Unknown, roll the transaction
/// back and do all of it again.
class TransactionLedger : public ReadingLedger<TransactionLedger> {
 public:
    /// All are borrowed.
    TransactionLedger(Session& session, const Statements& statements, Books* books = nullptr)
        : session_(session), statements_(statements), books_(books) {}

    [[nodiscard]] std::vector<Outcome> commit(std::span<const Change> changes) override {
        if (is_failed_) return std::vector<Outcome>(changes.size(), Unknown{"the transaction has failed"});
        auto outcomes = Rules(session_, statements_, books_).commit(changes);
        if (outcomes) return std::move(*outcomes);
        is_failed_ = true;
        return std::vector<Outcome>(changes.size(), Unknown{outcomes.error().message});
    }

    /// Whether the transaction must be rolled back.
    [[nodiscard]] bool is_failed() const { return is_failed_; }

    template <class Work>
    [[nodiscard]] auto read(const Work& work) -> decltype(work(std::declval<Reads&>())) {
        Reads reads(session_, statements_, books_);
        return work(reads);
    }

 private:
    Session& session_;
    const Statements& statements_;
    Books* books_;
    bool is_failed_ = false;
};

}  // namespace tixian::sql
