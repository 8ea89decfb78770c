// SPDX-License-Identifier: MIT
#pragma once

// Calls and what comes of them: the part of Service between the first submit and the end.

#include <iterator>
#include <utility>
#include <variant>
#include <vector>

#include "tixian/service.hpp"

namespace tixian {

namespace detail {

inline Call call_of(const Withdrawal& w, const Policy& policy, Timestamp now, MonotonicTime monotonic) {
    Call call;
    call.id = w.id;
    call.channel = w.order.channel;
    call.kind = w.next_call;
    call.number = w.calls;
    call.destination = *w.destination;
    if (call.kind == CallKind::submit) call.submission = w.submission;
    call.wechat_detail_id = w.wechat_detail_id;
    call.signed_at = now;
    call.send_by = now + policy.send_window;
    call.send_deadline = monotonic + policy.send_window;
    return call;
}

}  // namespace detail

inline BeginCall Service::begin_call_event(const Withdrawal& w, Timestamp now) const {
    BeginCall event;
    const Channel* channel = find_channel(w.order.channel);
    if (channel == nullptr) return event;
    event.destination = channel->destination();
    event.can_cancel = channel->can_cancel();
    if (w.next_call != CallKind::submit) return event;
    // What the channel cannot write cannot be sent: the same as a channel that is not there.
    if (!w.destination) {
        auto submission = channel->compose(w, now);
        if (!submission) return BeginCall{};
        event.submission = std::move(*submission);
    } else if (w.destination == event.destination && !w.submission.key_serial.empty()) {
        auto renewed = channel->renew(w, now);
        if (!renewed) return BeginCall{};
        event.renewed = std::move(*renewed);
    }
    return event;
}

inline std::vector<Call> Service::begin_calls(std::vector<Withdrawal>& rows, Timestamp now,
                                              MonotonicTime monotonic, bool is_closed) {
    std::vector<Withdrawal> begun, closed;
    std::vector<Change> changes;
    begun.reserve(rows.size());
    changes.reserve(rows.size());
    for (Withdrawal& w : rows) {
        BeginCall event = begin_call_event(w, now);
        event.is_closed = is_closed;
        auto decision = apply(w, event, options_.policy, Moment{now, random_.next()});
        if (!decision || !*decision) continue;
        changes.push_back(Change{make_change_id(random_), now, std::move(**decision)});
        begun.push_back(std::move(w));
    }

    std::vector<Call> calls;
    const std::vector<Outcome> outcomes = changes.empty() ? std::vector<Outcome>{} : commit(changes);
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        if (std::holds_alternative<Closed>(outcomes[i]) && begun[i].attempts.count > 0)
            closed.push_back(std::move(begun[i]));
        if (!is_applied(outcomes[i])) continue;
        const Step& step = std::get<Step>(changes[i].what);
        observe(step);
        if (step.next.calls > begun[i].calls)
            calls.push_back(detail::call_of(step.next, options_.policy, now, monotonic));
    }
    rows = std::move(closed);
    return calls;
}

inline Result<std::vector<Call>> Service::claim(std::size_t limit, const DueFilter& filter) {
    // The monotonic clock is read first, so that the deadline can only be too early.
    const MonotonicTime monotonic = clock_.monotonic();
    const Timestamp now = clock_.now();
    auto rows = ledger_.due(now, limit, filter);
    if (!rows) return tl::unexpected(rows.error());
    std::vector<Call> calls = begin_calls(*rows, now, monotonic, false);
    std::vector<Call> instead = begin_calls(*rows, now, monotonic, true);
    calls.insert(calls.end(), std::make_move_iterator(instead.begin()),
                 std::make_move_iterator(instead.end()));
    return calls;
}

inline Result<bool> Service::is_due(const DueFilter& filter) {
    return ledger_.due(clock_.now(), 1, filter).map([](const auto& rows) { return !rows.empty(); });
}

inline Result<Withdrawal> Service::decide(const WithdrawalId& id, const Event& event) {
    for (int i = 0; i < conflicts_max; ++i) {
        auto found = ledger_.find(id);
        if (!found) return tl::unexpected(found.error());
        if (!*found) return refuse(ErrorCode::unknown_withdrawal, "no such withdrawal", "withdraw_id");
        const Moment when = moment();
        auto decision = apply(**found, event, options_.policy, when);
        if (!decision) return tl::unexpected(decision.error());
        if (!*decision) return **found;

        Change change{make_change_id(random_), when.now, std::move(**decision)};
        const Outcome outcome = commit(change);
        Step& step = std::get<Step>(change.what);
        if (is_applied(outcome)) {
            observe(step);
            return std::move(step.next);
        }
        if (std::holds_alternative<Unknown>(outcome)) return detail::refuse_in_doubt();
        if (!std::holds_alternative<Conflict>(outcome))
            return refuse(ErrorCode::ledger_damaged, "the ledger refused a step that its own books allow");
    }
    return refuse(ErrorCode::conflict, "too many others change this withdrawal; try again");
}

inline Result<void> Service::record(const Answer& answer) {
    if (options_.observer != nullptr) options_.observer->on_answer(answer);
    return decide(answer.id, event_of(answer)).map([](const Withdrawal&) {});
}

inline Result<void> Service::notify(const Report& report) {
    return decide(report.id, Reported{report, std::nullopt}).map([](const Withdrawal&) {});
}

}  // namespace tixian
