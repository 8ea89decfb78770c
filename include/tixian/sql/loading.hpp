// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tixian/sql/statements.hpp"
#include "tixian/sql/working_set.hpp"

namespace tixian::sql {

/// What a batch has to know of the ledger before it can be judged, and how it is read from the rows.
class Loading {
 public:
    /// `wallets_elsewhere`: users' available money is not in tixian's accounts.
    Loading(const Statements& statements, std::span<const Change> changes, bool wallets_elsewhere)
        : statements_(statements) {
        for (const Change& change : changes) {
            changes_.insert(change.id.text());
            std::visit([&](const auto& what) { want(what); }, change.what);
            const Entry entry = entry_of(change);
            for (const Posting& posting : entry.postings()) {
                const bool elsewhere =
                    wallets_elsewhere && posting.account.kind == AccountKind::user_available;
                if (elsewhere)
                    users_.insert(posting.account.user);
                else
                    accounts_.insert(posting.account.name());
            }
        }
        if (!users_.empty()) accounts_.insert(wallets_account);
    }

    /// The account that stands for all wallets of the host.
    static constexpr const char* wallets_account = "wallets";

    [[nodiscard]] std::vector<Lookup> lookups() const {
        std::vector<Lookup> lookups;
        add(lookups, statements_.changes, changes_);
        add(lookups, statements_.versions, withdrawals_);
        add(lookups, statements_.first_orders, keys_);
        add(lookups, statements_.channels, channels_);
        add(lookups, statements_.last_counted, users_with_interval_);
        add(lookups, statements_.usage, counters_);
        add(lookups, statements_.accounts, accounts_);
        add(lookups, statements_.deposits, deposits_);
        add(lookups, statements_.corrections, corrections_);
        return lookups;
    }

    /// The users whose wallets somebody else keeps.
    [[nodiscard]] const std::set<UserId>& users() const { return users_; }

    /// Takes what the lookups found. Refuses (`ledger_damaged`) a row that cannot be read.
    [[nodiscard]] Result<void> read(std::span<const Lookup> lookups, std::span<const std::vector<Row>> found,
                                    WorkingSet& set, Money& wallets) const {
        for (std::size_t i = 0; i < lookups.size(); ++i) {
            for (const Row& row : found[i]) {
                detail::RowReader reader(row);
                read_one(*lookups[i].text, reader, set, wallets);
                if (reader.is_damaged())
                    return refuse(ErrorCode::ledger_damaged, "a row that a change rests on cannot be read");
            }
        }
        return {};
    }

 private:
    using Key = std::pair<std::string, std::string>;

    void want(const Step& step) {
        const Withdrawal& next = step.next;
        withdrawals_.insert(next.id.text());
        if (next.version == 1) keys_.emplace(next.order.user.text(), next.order.key.text());
        if (next.version == 1 || step.needs_open_channel) channels_.insert(next.order.channel.text());
        if (step.needs_interval) users_with_interval_.insert(next.order.user.text());
        for (const Claim& claim : step.claims) counters_.insert(claim.counter.text());
    }
    void want(const Deposit& deposit) { deposits_.insert(deposit.reference.text()); }
    void want(const Correction& correction) { corrections_.insert(correction.reference.text()); }
    void want(const Switch&) {}

    static Row key_of(const std::string& text) { return {text}; }
    static Row key_of(const Key& key) { return {key.first, key.second}; }

    template <class Keys>
    static void add(std::vector<Lookup>& lookups, const LookupText& text, const Keys& keys) {
        if (keys.empty()) return;
        Lookup& lookup = lookups.emplace_back(Lookup{&text, {}});
        lookup.keys.reserve(keys.size());
        for (const auto& key : keys) lookup.keys.push_back(key_of(key));
    }

    void read_one(const LookupText& text, detail::RowReader& r, WorkingSet& set, Money& wallets) const {
        if (&text == &statements_.changes) {
            set.set_applied(r.id<ChangeId>());
        } else if (&text == &statements_.versions) {
            auto id = r.id<WithdrawalId>();
            set.set_version(std::move(id), r.integer(1, std::numeric_limits<std::int64_t>::max()));
        } else if (&text == &statements_.first_orders) {
            auto id = r.id<WithdrawalId>();
            Order order;
            order.user = r.id<UserId>();
            order.key = r.id<IdempotencyKey>();
            order.amount = r.money();
            order.channel = r.id<ChannelName>();
            order.openid = r.id<Openid>();
            order.remark = r.text();
            order.real_name.fingerprint = r.text();
            set.set_first(std::move(id), std::move(order));
        } else if (&text == &statements_.channels) {
            auto channel = r.id<ChannelName>();
            set.set_channel(std::move(channel), r.flag());
        } else if (&text == &statements_.last_counted) {
            auto user = r.id<UserId>();
            set.set_last_counted(std::move(user), r.time());
        } else if (&text == &statements_.usage) {
            auto counter = r.text();
            const Money amount = r.money();
            set.set_usage(std::move(counter), {amount, r.integer()});
        } else if (&text == &statements_.accounts) {
            const std::string account = r.text();
            if (account == wallets_account)
                wallets = r.money();
            else
                set.set_balance(r.parsed(Account::parse(account)), r.money());
        } else if (&text == &statements_.deposits) {
            auto reference = r.id<Reference>();
            auto user = r.id<UserId>();
            set.set_deposit({std::move(user), std::move(reference), r.money()});
        } else {
            Correction correction;
            correction.reference = r.id<Reference>();
            correction.about = r.id<WithdrawalId>();
            correction.account = r.parsed(Account::parse(r.text()));
            correction.amount = r.money();
            set.set_correction(std::move(correction));
        }
    }

    const Statements& statements_;
    // Sorted, so that every server reads, and where reading locks, locks in one order.
    std::set<std::string> changes_, withdrawals_, channels_, users_with_interval_, counters_, accounts_,
        deposits_, corrections_;
    std::set<Key> keys_;
    std::set<UserId> users_;
};

}  // namespace tixian::sql
