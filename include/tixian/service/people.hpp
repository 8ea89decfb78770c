// SPDX-License-Identifier: MIT
#pragma once

// What people decide: users who cancel, operators, finance.

#include <optional>
#include <utility>
#include <variant>

#include "tixian/service.hpp"

namespace tixian {

inline Result<Withdrawal> Service::cancel(const UserId& user, const WithdrawalId& id) {
    auto found = ledger_.find(id);
    if (!found) return tl::unexpected(found.error());
    if (!*found || (*found)->order.user != user)
        return refuse(ErrorCode::unknown_withdrawal, "no such withdrawal", "withdraw_id");
    return decide(id, CancelRequested{});
}

inline Result<Withdrawal> Service::cancel(const WithdrawalId& id, const Person& by_operator) {
    if (auto named = check(by_operator); !named) return tl::unexpected(named.error());
    return decide(id, CancelRequested{by_operator});
}

inline Result<Withdrawal> Service::approve(const WithdrawalId& id, std::int64_t version, const Person& who) {
    return decide(id, Approved{{who, version}});
}
inline Result<Withdrawal> Service::reject(const WithdrawalId& id, std::int64_t version, const Person& who) {
    return decide(id, Rejected{{who, version}});
}
inline Result<Withdrawal> Service::resume(const WithdrawalId& id, std::int64_t version, const Person& who) {
    return decide(id, Resumed{{who, version}});
}
inline Result<Withdrawal> Service::settle(const WithdrawalId& id, std::int64_t version, const Person& who) {
    return decide(id, PaidByEvidence{{who, version}});
}
inline Result<Withdrawal> Service::release(const WithdrawalId& id, std::int64_t version, const Person& who) {
    return decide(id, UnpaidByEvidence{{who, version}});
}

inline Result<bool> Service::correct(const Correction& correction) {
    if (auto named = check(correction.person); !named) return tl::unexpected(named.error());
    if (correction.reference.is_empty())
        return refuse(ErrorCode::invalid_argument, "a correction needs its reference", "reference");
    if (correction.amount.is_zero())
        return refuse(ErrorCode::invalid_amount, "a correction moves an amount", "amount");
    const AccountKind kind = correction.account.kind;
    if (kind == AccountKind::user_held || kind == AccountKind::suspense)
        return refuse(ErrorCode::not_allowed, "held money moves only with its withdrawal", "account");
    auto about = ledger_.find(correction.about);
    if (!about) return tl::unexpected(about.error());
    if (!*about) return refuse(ErrorCode::unknown_withdrawal, "no such withdrawal", "withdraw_id");
    if (correction.account.is_user() && correction.account.user != (*about)->order.user)
        return refuse(ErrorCode::invalid_argument, "this wallet has no part in the withdrawal", "account");

    const Outcome outcome = commit(Change{make_change_id(random_), clock_.now(), correction});
    if (is_applied(outcome)) return false;
    if (const auto* duplicate = std::get_if<Duplicate>(&outcome)) {
        if (duplicate->field.empty()) return true;
        return detail::refuse_mismatch("reference", duplicate->field);
    }
    if (std::holds_alternative<InsufficientFunds>(outcome))
        return refuse(ErrorCode::insufficient_funds, "the wallet does not hold that much", "amount");
    if (const auto* limit = std::get_if<LimitReached>(&outcome)) return refuse_limit(*limit, std::nullopt);
    return detail::refuse_in_doubt();
}

inline Result<void> Service::switch_channel(const ChannelName& channel, bool open, const Person& who) {
    if (auto named = check(who); !named) return named;
    const Outcome outcome = commit(Change{make_change_id(random_), clock_.now(), Switch{channel, open, who}});
    if (is_applied(outcome)) return {};
    return detail::refuse_in_doubt();
}

}  // namespace tixian
