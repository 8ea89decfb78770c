// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>

#include "ledger/subject.hpp"
#include "tixian/memory/memory_ledger.hpp"

namespace tixian::bench {

/// The bare loop: the rows of MemoryLedger in the same kinds of containers. When its containers change, these
/// have to.
class MemoryReference : public ReferenceWriter {
 public:
    void write(std::span<const Change> changes) override {
        for (const Change& change : changes) write(change.id, std::get<Step>(change.what));
    }

 private:
    using DueRows = std::set<std::pair<Timestamp, WithdrawalId>>;

    void write(const ChangeId& id, const Step& step) {
        for (const Posting& posting : step.entry.postings()) {
            Money& balance = accounts_[posting.account];
            balance = checked_add(balance, posting.amount).value();
        }
        for (const Claim& claim : step.claims) {
            Usage& used = usage_[claim.counter.text()];
            used = {checked_add(used.amount, claim.amount).value(), used.count + claim.count};
        }
        write(step.next);
        applied_.insert(id);
    }

    void write(const Withdrawal& next) {
        Withdrawal& row = withdrawals_[next.id];
        if (next.version == 1) {
            by_key_.emplace(std::pair(next.order.user, next.order.key), next.id);
            by_user_[next.order.user].emplace(next.created_at, next.id);
        }
        if (row.due_at) due_rows(row).erase({*row.due_at, row.id});
        if (next.due_at) due_rows(next).emplace(*next.due_at, next.id);
        row = next;
    }

    [[nodiscard]] DueRows& due_rows(const Withdrawal& w) {
        return due_[w.order.channel].at(static_cast<std::size_t>(due_queue(w)));
    }

    std::unordered_map<WithdrawalId, Withdrawal> withdrawals_;
    std::map<std::pair<UserId, IdempotencyKey>, WithdrawalId> by_key_;
    std::unordered_map<UserId, std::set<std::pair<Timestamp, WithdrawalId>>> by_user_;
    std::map<ChannelName, std::array<DueRows, tixian::detail::due_queue_text.names.size()>> due_;
    std::unordered_map<Account, Money> accounts_;
    std::unordered_map<std::string, Usage> usage_;
    std::unordered_set<ChangeId> applied_;
};

class MemorySubject : public Subject {
 public:
    [[nodiscard]] std::string name() const override { return "memory"; }
    [[nodiscard]] std::unique_ptr<Ledger> ledger(const std::string&) override {
        return std::make_unique<MemoryLedger>();
    }
    [[nodiscard]] std::unique_ptr<ReferenceWriter> reference(const std::string&) override {
        return std::make_unique<MemoryReference>();
    }
    [[nodiscard]] std::string contents(const std::string&) override { return {}; }
};

}  // namespace tixian::bench
