// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>

#include "tixian/judge.hpp"

namespace tixian::sql {

/// All that a batch touches, as it stands after the changes accepted so far: loaded once, then judged in
/// memory. What it was not loaded with does not exist.
class WorkingSet {
 public:
    struct First {
        WithdrawalId id;
        Order order;
    };

    // What was loaded.
    void set_applied(ChangeId id) { applied_.insert(std::move(id)); }
    void set_version(WithdrawalId id, std::int64_t version) { versions_[std::move(id)] = version; }
    void set_first(WithdrawalId id, Order order) {
        std::pair key(order.user, order.key);
        first_orders_.insert_or_assign(std::move(key), First{std::move(id), std::move(order)});
    }
    void set_channel(ChannelName channel, bool is_open) { channels_[std::move(channel)] = is_open; }
    void set_last_counted(UserId user, Timestamp at) { last_counted_[std::move(user)] = at; }
    void set_usage(std::string counter, Usage usage) { usage_[std::move(counter)] = usage; }
    void set_balance(const Account& account, Money balance) { balances_[account] = balance; }
    void set_deposit(Deposit deposit) {
        Reference key = deposit.reference;
        deposits_.insert_or_assign(std::move(key), std::move(deposit));
    }
    void set_correction(Correction correction) {
        Reference key = correction.reference;
        corrections_.insert_or_assign(std::move(key), std::move(correction));
    }

    // What judge() sees.
    [[nodiscard]] bool is_applied(const ChangeId& id) const { return applied_.contains(id); }
    [[nodiscard]] std::int64_t version_of(const WithdrawalId& id) const { return find_or(versions_, id, {}); }
    [[nodiscard]] std::optional<FirstOrder> first_order(const UserId& user, const IdempotencyKey& key) const {
        const auto it = first_orders_.find({user, key});
        if (it == first_orders_.end()) return std::nullopt;
        return FirstOrder{it->second.id, it->second.order};
    }
    [[nodiscard]] bool is_open(const ChannelName& channel) const { return find_or(channels_, channel, true); }
    [[nodiscard]] std::optional<Timestamp> last_counted(const UserId& user) const {
        const auto it = last_counted_.find(user);
        return it == last_counted_.end() ? std::nullopt : std::optional(it->second);
    }
    [[nodiscard]] Usage used(const std::string& counter) const { return find_or(usage_, counter, {}); }
    [[nodiscard]] Money balance_of(const Account& account) const { return find_or(balances_, account, {}); }
    [[nodiscard]] const Deposit* deposit_of(const Reference& reference) const {
        const auto it = deposits_.find(reference);
        return it == deposits_.end() ? nullptr : &it->second;
    }
    [[nodiscard]] const Correction* correction_of(const Reference& reference) const {
        const auto it = corrections_.find(reference);
        return it == corrections_.end() ? nullptr : &it->second;
    }
    [[nodiscard]] bool knows(const ChannelName& channel) const { return channels_.contains(channel); }

    /// Makes an accepted change part of what the next one is judged by.
    void accept(const Change& change, const Effects& effects) {
        applied_.insert(change.id);
        for (const auto& [account, balance] : effects.balances) {
            balances_[account] = balance;
            changed_balances_[account] = balance;
        }
        for (const auto& [counter, usage] : effects.usage) {
            usage_[counter] = usage;
            changed_usage_[counter] = usage;
        }
        std::visit([&](const auto& what) { accept(what); }, change.what);
    }

    // What is to be stored, in one order for every server.
    [[nodiscard]] const std::map<Account, Money>& changed_balances() const { return changed_balances_; }
    [[nodiscard]] const std::map<std::string, Usage>& changed_usage() const { return changed_usage_; }
    [[nodiscard]] const std::map<ChannelName, bool>& changed_channels() const { return changed_channels_; }

 private:
    template <class Map>
    [[nodiscard]] static typename Map::mapped_type find_or(const Map& map, const typename Map::key_type& key,
                                                           const typename Map::mapped_type& otherwise) {
        const auto it = map.find(key);
        return it == map.end() ? otherwise : it->second;
    }

    void accept(const Step& step) {
        const Withdrawal& next = step.next;
        versions_[next.id] = next.version;
        if (next.version > 1) return;
        set_first(next.id, next.order);
        if (!knows(next.order.channel)) set_changed_channel(next.order.channel, true);
        if (next.state == State::failed || next.state == State::cancelled) return;
        const auto last = last_counted_.try_emplace(next.order.user, next.created_at).first;
        last->second = std::max(last->second, next.created_at);
    }
    void accept(const Deposit& deposit) { set_deposit(deposit); }
    void accept(const Correction& correction) { set_correction(correction); }
    void accept(const Switch& act) { set_changed_channel(act.channel, act.is_open); }

    void set_changed_channel(const ChannelName& channel, bool is_open) {
        set_channel(channel, is_open);
        changed_channels_[channel] = is_open;
    }

    std::unordered_set<ChangeId> applied_;
    std::unordered_map<WithdrawalId, std::int64_t> versions_;
    std::map<std::pair<UserId, IdempotencyKey>, First> first_orders_;
    std::unordered_map<ChannelName, bool> channels_;
    std::unordered_map<UserId, Timestamp> last_counted_;
    std::unordered_map<std::string, Usage> usage_;
    std::unordered_map<Account, Money> balances_;
    std::unordered_map<Reference, Deposit> deposits_;
    std::unordered_map<Reference, Correction> corrections_;

    std::map<Account, Money> changed_balances_;
    std::map<std::string, Usage> changed_usage_;
    std::map<ChannelName, bool> changed_channels_;
};

}  // namespace tixian::sql
