// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "tixian/judge.hpp"

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

    [[nodiscard]] Result<std::vector<Withdrawal>> due(Timestamp now, std::size_t limit,
                                                      const DueFilter& filter) override {
        const std::lock_guard lock(mutex_);
        std::vector<std::pair<Timestamp, WithdrawalId>> found;
        for (const auto& [channel, queues] : due_) {
            if (!filter.wants(channel)) continue;
            for (const DueQueue queue :
                 {DueQueue::held, DueQueue::submit, DueQueue::query, DueQueue::cancel}) {
                if (!filter.wants(call_of(queue))) continue;
                if (queue == DueQueue::held && !is_open(channel)) continue;
                find_due(queues.at(static_cast<std::size_t>(queue)), now, limit, found);
            }
        }
        std::sort(found.begin(), found.end());
        std::vector<Withdrawal> rows;
        rows.reserve(std::min(limit, found.size()));
        for (std::size_t i = 0; i < std::min(limit, found.size()); ++i)
            rows.push_back(withdrawals_.at(found[i].second));
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

    [[nodiscard]] Result<std::vector<Withdrawal>> waiting_for_person(
        std::size_t limit, const std::optional<Cursor>& after) override {
        const std::lock_guard lock(mutex_);
        std::vector<Withdrawal> rows;
        auto it = after ? waiting_.upper_bound({after->created_at, after->id}) : waiting_.begin();
        for (; it != waiting_.end() && rows.size() < limit; ++it) rows.push_back(withdrawals_.at(it->second));
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

    [[nodiscard]] Result<std::vector<Note>> notes_of(NoteKind kind, std::size_t limit) override {
        const std::lock_guard lock(mutex_);
        std::vector<Note> notes;
        const auto& of_kind = notes_by_kind_.at(static_cast<std::size_t>(kind));
        for (auto it = of_kind.rbegin(); it != of_kind.rend() && notes.size() < limit; ++it) {
            const auto& [at, id, index] = *it;
            notes.push_back(notes_.at(id).at(index));
        }
        return notes;
    }

    [[nodiscard]] Result<std::vector<NoteCount>> note_counts() override {
        const std::lock_guard lock(mutex_);
        std::vector<NoteCount> counts;
        for (std::size_t kind = 0; kind < notes_by_kind_.size(); ++kind) {
            const auto count = static_cast<std::int64_t>(notes_by_kind_[kind].size());
            if (count > 0) counts.push_back({static_cast<NoteKind>(kind), count});
        }
        return counts;
    }

    [[nodiscard]] Result<Usage> usage(const UsageCounter& counter) override {
        const std::lock_guard lock(mutex_);
        return used(counter.text());
    }

    [[nodiscard]] Result<std::optional<Timestamp>> last_at(const UserId& user) override {
        const std::lock_guard lock(mutex_);
        return last_counted(user);
    }

    [[nodiscard]] Result<std::vector<Correction>> corrections(const WithdrawalId& about) override {
        const std::lock_guard lock(mutex_);
        std::vector<Correction> found;
        for (const Correction& correction : corrections_) {
            if (correction.about == about) found.push_back(correction);
        }
        return found;
    }

    [[nodiscard]] Result<std::vector<Switch>> switches() override {
        const std::lock_guard lock(mutex_);
        std::vector<Switch> found;
        for (const auto& [channel, last] : switches_) found.push_back(last);
        return found;
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
    using DueRows = std::set<std::pair<Timestamp, WithdrawalId>>;

    void find_due(const DueRows& rows, Timestamp now, std::size_t limit,
                  std::vector<std::pair<Timestamp, WithdrawalId>>& found) const {
        std::size_t left = limit;
        for (auto it = rows.begin(); it != rows.end() && left > 0 && it->first <= now; ++it) {
            if (withdrawals_.at(it->second).lease_until > now) continue;
            found.push_back(*it);
            --left;
        }
    }

    [[nodiscard]] Money balance_of(const Account& account) const {
        const auto it = accounts_.find(account);
        return it == accounts_.end() ? Money() : it->second;
    }

    [[nodiscard]] bool is_open(const ChannelName& channel) const {
        const auto it = switches_.find(channel);
        return it == switches_.end() || it->second.is_open;
    }

    [[nodiscard]] Usage used(const std::string& counter) const {
        const auto it = usage_.find(counter);
        return it == usage_.end() ? Usage{} : it->second;
    }

    [[nodiscard]] std::optional<Timestamp> last_counted(const UserId& user) const {
        const auto of_user = by_user_.find(user);
        if (of_user == by_user_.end()) return std::nullopt;
        for (auto it = of_user->second.rbegin(); it != of_user->second.rend(); ++it) {
            const State state = withdrawals_.at(it->second).state;
            if (state != State::failed && state != State::cancelled) return it->first;
        }
        return std::nullopt;
    }

    /// What judge() sees.
    struct View {
        const MemoryLedger& ledger;

        [[nodiscard]] bool is_applied(const ChangeId& id) const { return ledger.applied_.contains(id); }
        [[nodiscard]] std::int64_t version_of(const WithdrawalId& id) const {
            const auto it = ledger.withdrawals_.find(id);
            return it == ledger.withdrawals_.end() ? 0 : it->second.version;
        }
        [[nodiscard]] std::optional<FirstOrder> first_order(const UserId& user,
                                                            const IdempotencyKey& key) const {
            const auto it = ledger.by_key_.find({user, key});
            if (it == ledger.by_key_.end()) return std::nullopt;
            return FirstOrder{it->second, ledger.withdrawals_.at(it->second).order};
        }
        [[nodiscard]] bool is_open(const ChannelName& channel) const { return ledger.is_open(channel); }
        [[nodiscard]] std::optional<Timestamp> last_counted(const UserId& user) const {
            return ledger.last_counted(user);
        }
        [[nodiscard]] Usage used(const std::string& counter) const { return ledger.used(counter); }
        [[nodiscard]] Money balance_of(const Account& account) const { return ledger.balance_of(account); }
        [[nodiscard]] const Deposit* deposit_of(const Reference& reference) const {
            const auto it = ledger.deposits_.find(reference);
            return it == ledger.deposits_.end() ? nullptr : &it->second;
        }
        [[nodiscard]] const Correction* correction_of(const Reference& reference) const {
            const auto it = ledger.correction_by_reference_.find(reference);
            return it == ledger.correction_by_reference_.end() ? nullptr : &ledger.corrections_[it->second];
        }
    };

    [[nodiscard]] Outcome commit_one(const Change& change) {
        Effects effects;
        Outcome outcome = judge(change, View{*this}, effects);
        if (!std::holds_alternative<Applied>(outcome)) return outcome;
        for (const auto& [account, balance] : effects.balances) accounts_[account] = balance;
        for (const auto& [counter, usage] : effects.usage) usage_[counter] = usage;
        std::visit([&](const auto& what) { store(what); }, change.what);
        applied_.insert(change.id);
        return outcome;
    }

    void store(const Step& step) {
        const Withdrawal& next = step.next;
        if (next.version == 1) {
            by_key_.emplace(std::pair(next.order.user, next.order.key), next.id);
            by_user_[next.order.user].emplace(next.created_at, next.id);
        } else if (const auto& before = withdrawals_.at(next.id); before.due_at) {
            due_rows(before).erase({*before.due_at, next.id});
        }
        if (next.due_at) due_rows(next).emplace(*next.due_at, next.id);
        if (waits_for_person(next))
            waiting_.emplace(next.created_at, next.id);
        else
            waiting_.erase({next.created_at, next.id});
        withdrawals_.insert_or_assign(next.id, next);
        if (step.notes.empty()) return;
        auto& notes = notes_[next.id];
        for (const Note& note : step.notes) {
            notes_by_kind_.at(static_cast<std::size_t>(note.kind)).emplace(note.at, next.id, notes.size());
            notes.push_back(note);
        }
    }

    void store(const Deposit& deposit) { deposits_.emplace(deposit.reference, deposit); }
    void store(const Correction& correction) {
        correction_by_reference_.emplace(correction.reference, corrections_.size());
        corrections_.push_back(correction);
    }
    void store(const Switch& act) { switches_.insert_or_assign(act.channel, act); }

    [[nodiscard]] DueRows& due_rows(const Withdrawal& w) {
        return due_[w.order.channel].at(static_cast<std::size_t>(due_queue(w)));
    }

    std::mutex mutex_;
    std::unordered_map<WithdrawalId, Withdrawal> withdrawals_;
    std::map<std::pair<UserId, IdempotencyKey>, WithdrawalId> by_key_;
    std::unordered_map<UserId, std::set<std::pair<Timestamp, WithdrawalId>>> by_user_;
    std::map<ChannelName, std::array<DueRows, detail::due_queue_text.names.size()>> due_;
    std::unordered_map<WithdrawalId, std::vector<Note>> notes_;
    std::unordered_map<Account, Money> accounts_;
    std::set<std::pair<Timestamp, WithdrawalId>> waiting_;
    std::array<std::set<std::tuple<Timestamp, WithdrawalId, std::size_t>>,
               detail::note_kind_text.names.size()>
        notes_by_kind_;
    std::unordered_map<std::string, Usage> usage_;
    std::unordered_map<Reference, Deposit> deposits_;
    std::vector<Correction> corrections_;
    std::unordered_map<Reference, std::size_t> correction_by_reference_;
    std::map<ChannelName, Switch> switches_;
    std::unordered_set<ChangeId> applied_;
};

}  // namespace tixian
