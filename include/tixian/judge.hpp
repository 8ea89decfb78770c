// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <concepts>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tixian/ledger.hpp"

namespace tixian {

/// The first withdrawal of a user's key.
struct FirstOrder {
    const WithdrawalId& id;
    const Order& order;
};

/// A ledger as the conditions of a change see it. References and pointers live until the view changes.
template <class View>
concept LedgerView =
    requires(const View& view, const ChangeId& change, const WithdrawalId& id, const UserId& user,
             const IdempotencyKey& key, const ChannelName& channel, const std::string& counter,
             const Account& account, const Reference& reference) {
        { view.is_applied(change) } -> std::same_as<bool>;
        { view.version_of(id) } -> std::same_as<std::int64_t>;  // 0: no such row
        { view.first_order(user, key) } -> std::same_as<std::optional<FirstOrder>>;
        { view.is_open(channel) } -> std::same_as<bool>;
        { view.last_counted(user) } -> std::same_as<std::optional<Timestamp>>;
        { view.used(counter) } -> std::same_as<Usage>;
        { view.balance_of(account) } -> std::same_as<Money>;
        { view.deposit_of(reference) } -> std::same_as<const Deposit*>;
        { view.correction_of(reference) } -> std::same_as<const Correction*>;
    };

/// What an accepted change leaves of accounts and counters: the values after it.
struct Effects {
    std::vector<std::pair<Account, Money>> balances;
    std::vector<std::pair<std::string, Usage>> usage;
};

namespace detail {

template <class Key, class Value, class Before>
Value& effect_on(std::vector<std::pair<Key, Value>>& effects, Key key, const Before& before) {
    const auto known =
        std::find_if(effects.begin(), effects.end(), [&](const auto& effect) { return effect.first == key; });
    if (known != effects.end()) return known->second;
    Value value = before(key);
    return effects.emplace_back(std::move(key), std::move(value)).second;
}

template <LedgerView View>
Outcome judge_row(const Withdrawal& next, const View& view) {
    const std::int64_t version = view.version_of(next.id);
    if (next.version > 1) return version == next.version - 1 ? Outcome(Applied{}) : Outcome(Conflict{});
    if (const auto first = view.first_order(next.order.user, next.order.key))
        return Duplicate{first->id, std::string(first_difference(first->order, next.order))};
    return version == 0 ? Outcome(Applied{}) : Outcome(Conflict{});
}

template <LedgerView View>
Outcome judge_what(const Step& step, const View& view, Effects& effects) {
    const Withdrawal& next = step.next;
    if (Outcome outcome = judge_row(next, view); !is_applied(outcome)) return outcome;
    if (step.needs_open_channel && !view.is_open(next.order.channel)) return Closed{};
    if (step.needs_interval) {
        const auto last = view.last_counted(next.order.user);
        if (last && next.created_at < *last + next.terms.minimum_interval)
            return LimitReached{LimitName::minimum_interval, {}};
    }
    for (const Claim& claim : step.claims) {
        Usage& used = effect_on(effects.usage, claim.counter.text(),
                                [&](const std::string& counter) { return view.used(counter); });
        const auto added = add(used, claim);
        if (const auto* limit = std::get_if<LimitReached>(&added)) return *limit;
        used = std::get<Usage>(added);
    }
    return Applied{};
}

template <LedgerView View>
Outcome judge_what(const Deposit& deposit, const View& view, Effects&) {
    const Deposit* first = view.deposit_of(deposit.reference);
    if (first == nullptr) return Applied{};
    return Duplicate{{}, std::string(first_difference(*first, deposit))};
}

template <LedgerView View>
Outcome judge_what(const Correction& correction, const View& view, Effects&) {
    const Correction* first = view.correction_of(correction.reference);
    if (first == nullptr) return Applied{};
    return Duplicate{first->about, std::string(first_difference(*first, correction))};
}

template <LedgerView View>
Outcome judge_what(const Switch&, const View&, Effects&) {
    return Applied{};
}

}  // namespace detail

/// Whether the change may be applied to the ledger as it stands: every condition of it, in the order in which
/// they bind. Pure; the same for every ledger. `effects` counts only when the answer is Applied.
template <LedgerView View>
[[nodiscard]] Outcome judge(const Change& change, const View& view, Effects& effects) {
    if (view.is_applied(change.id)) return AlreadyApplied{};
    Outcome outcome =
        std::visit([&](const auto& what) { return detail::judge_what(what, view, effects); }, change.what);
    if (!is_applied(outcome)) return outcome;

    const Entry entry = entry_of(change);
    for (const Posting& posting : entry.postings()) {
        Money& balance = detail::effect_on(effects.balances, posting.account,
                                           [&](const Account& account) { return view.balance_of(account); });
        const auto after = checked_add(balance, posting.amount);
        if (!after) return LimitReached{LimitName::balance, {}};
        if (posting.amount.is_negative() && posting.account.is_user() && after->is_negative())
            return InsufficientFunds{};
        balance = *after;
    }
    return Applied{};
}

}  // namespace tixian
