// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "tixian/claims.hpp"
#include "tixian/ledger.hpp"

namespace tixian::testing {

enum class ActionKind { deposit, request, submit, settle, release, correct, turn_switch };

/// What somebody wants of a ledger, as plain words and numbers: what generated tests are made of. change_of()
/// says it to the ledger, LedgerModel::commit() to the model.
struct Action {
    int number = 0;  ///< names the change, so no two actions share one
    ActionKind kind{};
    std::int64_t at = 0;
    std::string user;
    std::string name;          ///< the key of a request, the reference of a deposit or correction
    std::string id;            ///< of the withdrawal
    std::int64_t version = 0;  ///< that a step was decided on
    std::int64_t amount = 0;
    std::int64_t fee = 0;
    std::int64_t free = 0;  ///< of the amount, without fee
    std::string channel;
    std::string real_name;  ///< of the payee, or empty
    std::string day;        ///< that a request counts against
    Terms terms;
    bool needs_interval = false;
    AccountKind account{};  ///< that a correction is about; a user's is `user`'s
    bool is_open = true;
};

[[nodiscard]] inline std::string name(ActionKind kind) {
    static constexpr const char* names[] = {"deposit", "request", "submit",     "settle",
                                            "release", "correct", "turn_switch"};
    return names[static_cast<int>(kind)];
}

/// The action in one line, for who reads a failed run.
[[nodiscard]] inline std::string text_of(const Action& a) {
    const auto number = [](std::int64_t n) { return std::to_string(n); };
    const auto most = [&](const char* name, const auto& value) {
        if (!value) return std::string();
        if constexpr (requires { value->fen(); })
            return std::string(name) + number(value->fen());
        else
            return std::string(name) + number(*value);
    };
    std::string text = "#" + number(a.number) + " " + name(a.kind) + " at " + number(a.at);
    switch (a.kind) {
        case ActionKind::deposit:
            return text + " " + a.name + ": " + number(a.amount) + " to " + a.user;
        case ActionKind::request:
            text += " " + a.id + " of " + a.user + " key " + a.name + ": " + number(a.amount) + " + fee " +
                    number(a.fee) + " by " + a.channel + " on " + a.day;
            if (a.free > 0) text += " free " + number(a.free);
            text += most(" day<=", a.terms.day_amount_max) + most(" count<=", a.terms.day_count_max) +
                    most(" month<=", a.terms.month_amount_max) +
                    most(" merchant<=", a.terms.merchant_day_max);
            if (a.needs_interval) text += " interval>=" + number(a.terms.minimum_interval.count());
            if (!a.real_name.empty()) text += " for " + a.real_name;
            return text + " free<=" + number(a.terms.fee.free_per_month.fen());
        case ActionKind::correct:
            return text + " " + a.name + " about " + a.id + ": " + number(a.amount) + " to " +
                   Account{a.account, UserId::parse(a.user).value_or(UserId())}.name();
        case ActionKind::turn_switch:
            return text + " " + a.channel + (a.is_open ? " on" : " off");
        default:
            return text + " " + a.id + " at version " + number(a.version);
    }
}

/// An outcome in the words that the model uses.
[[nodiscard]] inline std::string text_of(const Outcome& outcome) {
    struct {
        std::string operator()(const Applied&) const { return "applied"; }
        std::string operator()(const AlreadyApplied&) const { return "already applied"; }
        std::string operator()(const Conflict&) const { return "conflict"; }
        std::string operator()(const InsufficientFunds&) const { return "insufficient funds"; }
        std::string operator()(const LimitReached& limit) const {
            return "limit " + std::string(tixian::name(limit.name)) + ", left " +
                   std::to_string(limit.left.fen());
        }
        std::string operator()(const Duplicate& duplicate) const {
            return "duplicate of [" + duplicate.first.text() + "] in [" + duplicate.field + "]";
        }
        std::string operator()(const Closed&) const { return "closed"; }
        std::string operator()(const Unknown& unknown) const { return "unknown: " + unknown.reason; }
    } const words;
    return std::visit(words, outcome);
}

[[nodiscard]] inline Money fen(std::int64_t amount) { return Money::from_fen(amount).value(); }

[[nodiscard]] inline Account account_of(const Action& a) {
    const Account account{a.account, {}};
    return account.is_user() ? Account{a.account, UserId::parse(a.user).value()} : account;
}

/// Where a step leads. Only what a service could do: a submit of what waits, an end of what has not ended.
[[nodiscard]] inline State state_after(ActionKind kind, State before) {
    if (kind == ActionKind::submit) return State::submitting;
    if (kind == ActionKind::settle) return State::succeeded;
    return before == State::held ? State::cancelled : State::failed;
}
[[nodiscard]] inline bool can_follow(ActionKind kind, State before) {
    return before == State::submitting || (before == State::held && kind != ActionKind::settle);
}

/// The withdrawal that a request and the steps after it have made, field by field.
[[nodiscard]] inline Withdrawal withdrawal_of(const Action& request, State state, std::int64_t version,
                                              std::int64_t updated_at) {
    Withdrawal w;
    w.id = WithdrawalId::parse(request.id).value();
    w.order = {UserId::parse(request.user).value(),
               IdempotencyKey::parse(request.name).value(),
               fen(request.amount),
               ChannelName::parse(request.channel).value(),
               Openid::parse("openid-" + request.user).value(),
               "提现"};
    if (!request.real_name.empty())
        w.order.real_name = {is_final(state) ? "" : "sealed " + request.real_name,
                             "print of " + request.real_name};
    w.terms = request.terms;
    w.fee = fen(request.fee);
    w.free_amount = fen(request.free);
    w.counted_on = request.day;
    w.state = state;
    w.version = version;
    w.created_at = from_millis(request.at);
    w.updated_at = from_millis(updated_at);
    if (state != State::held && state != State::cancelled) {
        w.destination =
            Destination{"transfer-bills", Mchid::parse("1900000001").value(), Appid::parse("wx1").value()};
        w.submission = {"{}", ""};
        w.attempts.count = 1;
        w.calls = 1;
        w.next_call = CallKind::query;
    }
    if (is_final(state))
        w.completed_at = w.updated_at;
    else
        w.due_at = w.created_at;
    if (state == State::failed) w.released_by = Proof::reported;
    if (state == State::cancelled) w.released_by = Proof::never_submitted;
    return w;
}

namespace detail {

inline Step request_step(const Action& a) {
    Step step;
    step.next = withdrawal_of(a, State::held, 1, a.at);
    step.entry = Entry::hold(step.next.order.user, total_of(step.next));
    step.event = "requested";
    step.claims = claims_of(step.next);
    step.needs_interval = a.needs_interval;
    return step;
}

/// The step on a withdrawal in this state that `request` has made.
inline Step next_step(const Action& a, const Action& request, State before) {
    Step step;
    step.next = withdrawal_of(request, state_after(a.kind, before), a.version + 1, a.at);
    const Withdrawal& next = step.next;
    step.event = "stepped";
    step.needs_open_channel = a.kind == ActionKind::submit;
    if (a.kind == ActionKind::settle)
        step.entry = Entry::settle(next.order.user, next.order.amount, next.fee);
    if (a.kind == ActionKind::release) {
        step.entry = Entry::release(next.order.user, total_of(next));
        step.claims = given_back(claims_of(next));
    }
    return step;
}

}  // namespace detail

/// The action as the service would say it. A step is decided on the withdrawal as `request` and `before` say
/// it is; for what is no step, they do not matter.
[[nodiscard]] inline Change change_of(const Action& a, const Action& request = {}, State before = {}) {
    Change change;
    change.id = ChangeId::parse("C" + std::to_string(a.number)).value();
    change.at = from_millis(a.at);
    const Person person{OperatorId::parse("op").value(), "because of " + std::to_string(a.number)};
    switch (a.kind) {
        case ActionKind::deposit:
            change.what =
                Deposit{UserId::parse(a.user).value(), Reference::parse(a.name).value(), fen(a.amount)};
            break;
        case ActionKind::request:
            change.what = detail::request_step(a);
            break;
        case ActionKind::correct:
            change.what = Correction{Reference::parse(a.name).value(), WithdrawalId::parse(a.id).value(),
                                     account_of(a), fen(a.amount), person};
            break;
        case ActionKind::turn_switch:
            change.what = Switch{ChannelName::parse(a.channel).value(), a.is_open, person};
            break;
        default:
            change.what = detail::next_step(a, request, before);
    }
    return change;
}

}  // namespace tixian::testing
