// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "tixian/ledger.hpp"

namespace tixian {

/// The ledger in memory: the model that the others are tested against, and the ledger of the simulator.
/// Thread-safe; durable as long as the process.
class MemoryLedger : public Ledger {
 public:
    [[nodiscard]] std::vector<Outcome> commit(std::span<const Change> changes) override {
        const std::lock_guard lock(mutex_);
        std::vector<Outcome> outcomes;
        outcomes.reserve(changes.size());
        for (const Change& change : changes) outcomes.push_back(commit_one(change));
        return outcomes;
    }

    [[nodiscard]] Result<std::vector<Withdrawal>> due(Timestamp now, std::size_t limit) override {
        const std::lock_guard lock(mutex_);
        std::vector<Withdrawal> rows;
        for (auto it = due_.begin(); it != due_.end() && rows.size() < limit && it->first <= now; ++it) {
            const Withdrawal& w = withdrawals_.at(it->second);
            if (w.lease_until <= now) rows.push_back(w);
        }
        return rows;
    }

    [[nodiscard]] Result<std::optional<Withdrawal>> find(const WithdrawalId& id) override {
        const std::lock_guard lock(mutex_);
        const auto it = withdrawals_.find(id);
        return it == withdrawals_.end() ? std::nullopt : std::optional(it->second);
    }

    [[nodiscard]] Result<std::optional<Withdrawal>> find_by_key(const UserId& user,
                                                                const IdempotencyKey& key) override {
        const std::lock_guard lock(mutex_);
        const auto it = by_key_.find({user, key});
        return it == by_key_.end() ? std::nullopt : std::optional(withdrawals_.at(it->second));
    }

    [[nodiscard]] Result<std::vector<Withdrawal>> history(const UserId& user, std::size_t limit,
                                                          const std::optional<Cursor>& after) override {
        const std::lock_guard lock(mutex_);
        std::vector<Withdrawal> rows;
        const auto of_user = by_user_.find(user);
        if (of_user == by_user_.end()) return rows;
        const auto& index = of_user->second;
        auto it = after ? index.lower_bound({after->created_at, after->id}) : index.end();
        while (it != index.begin() && rows.size() < limit) rows.push_back(withdrawals_.at((--it)->second));
        return rows;
    }

    [[nodiscard]] Result<Balance> balance(const UserId& user) override {
        const std::lock_guard lock(mutex_);
        return Balance{balance_of({AccountKind::user_available, user}),
                       balance_of({AccountKind::user_held, user})};
    }

    [[nodiscard]] Result<std::vector<Note>> notes(const WithdrawalId& id) override {
        const std::lock_guard lock(mutex_);
        const auto it = notes_.find(id);
        return it == notes_.end() ? std::vector<Note>{} : it->second;
    }

    [[nodiscard]] Result<std::vector<AccountBalance>> trial_balance() override {
        const std::lock_guard lock(mutex_);
        std::map<std::string, Money> by_name;
        for (const auto& [account, balance] : accounts_) by_name[account.name()] = balance;
        std::vector<AccountBalance> rows;
        rows.reserve(by_name.size());
        for (const auto& [account, balance] : by_name) rows.push_back({account, balance});
        return rows;
    }

 private:
    struct AccountHash {
        std::size_t operator()(const Account& a) const noexcept {
            return std::hash<UserId>{}(a.user) * 31 + static_cast<std::size_t>(a.kind);
        }
    };

    [[nodiscard]] Money balance_of(const Account& account) const {
        const auto it = accounts_.find(account);
        return it == accounts_.end() ? Money() : it->second;
    }

    [[nodiscard]] Outcome commit_one(const Change& change) {
        if (applied_.contains(change.id)) return AlreadyApplied{};
        const auto* step = std::get_if<Step>(&change.what);
        const auto* deposit = std::get_if<Deposit>(&change.what);
        Outcome allowed = step != nullptr ? check(*step) : check(*deposit);
        if (!std::holds_alternative<Applied>(allowed)) return allowed;

        const Entry entry = entry_of(change);
        std::vector<std::pair<Account, Money>> balances;
        for (const Posting& posting : entry.postings()) {
            const auto balance = checked_add(balance_of(posting.account), posting.amount);
            if (!balance) return LimitReached{"balance", {}, {}};
            const bool takes = posting.amount.is_negative();
            if (takes && posting.account.is_user() && balance->is_negative()) return InsufficientFunds{};
            balances.emplace_back(posting.account, *balance);
        }

        for (const auto& [account, balance] : balances) accounts_[account] = balance;
        if (step != nullptr)
            store(*step);
        else
            deposits_.emplace(deposit->reference, *deposit);
        applied_.insert(change.id);
        return Applied{};
    }

    [[nodiscard]] Outcome check(const Step& step) const {
        const Withdrawal& next = step.next;
        const auto row = withdrawals_.find(next.id);
        if (next.version > 1) {
            if (row == withdrawals_.end() || row->second.version != next.version - 1) return Conflict{};
            return Applied{};
        }
        if (const auto first = by_key_.find({next.order.user, next.order.key}); first != by_key_.end()) {
            const Order& order = withdrawals_.at(first->second).order;
            return Duplicate{first->second, std::string(first_difference(order, next.order))};
        }
        if (row != withdrawals_.end()) return Conflict{};
        return Applied{};
    }

    [[nodiscard]] Outcome check(const Deposit& deposit) const {
        const auto first = deposits_.find(deposit.reference);
        if (first == deposits_.end()) return Applied{};
        if (first->second.user != deposit.user) return Duplicate{{}, "user_id"};
        if (first->second.amount != deposit.amount) return Duplicate{{}, "amount"};
        return Duplicate{};
    }

    void store(const Step& step) {
        const Withdrawal& next = step.next;
        if (next.version == 1) {
            by_key_.emplace(std::pair(next.order.user, next.order.key), next.id);
            by_user_[next.order.user].emplace(next.created_at, next.id);
        } else if (const auto& before = withdrawals_.at(next.id); before.due_at) {
            due_.erase({*before.due_at, next.id});
        }
        if (next.due_at) due_.emplace(*next.due_at, next.id);
        withdrawals_.insert_or_assign(next.id, next);
        auto& notes = notes_[next.id];
        notes.insert(notes.end(), step.notes.begin(), step.notes.end());
        if (notes.empty()) notes_.erase(next.id);
    }

    std::mutex mutex_;
    std::unordered_map<WithdrawalId, Withdrawal> withdrawals_;
    std::map<std::pair<UserId, IdempotencyKey>, WithdrawalId> by_key_;
    std::unordered_map<UserId, std::set<std::pair<Timestamp, WithdrawalId>>> by_user_;
    std::set<std::pair<Timestamp, WithdrawalId>> due_;
    std::unordered_map<WithdrawalId, std::vector<Note>> notes_;
    std::unordered_map<Account, Money, AccountHash> accounts_;
    std::unordered_map<Reference, Deposit> deposits_;
    std::unordered_set<ChangeId> applied_;
};

}  // namespace tixian
