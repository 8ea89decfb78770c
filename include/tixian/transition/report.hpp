// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <string>
#include <utility>

#include "tixian/transition/decision.hpp"

namespace tixian::transition {

/// What to ask next of a bill that lives, after `ref` was answered with no more than it says now.
inline CallKind next_live_call(const Withdrawal& w, const std::optional<CallRef>& ref, const Context& c) {
    // The same submit again brings a bill on that waited for a top-up, and brings back a lost package_info
    // (wechat_spec 1.2 "Idempotence of A", 1.5). In between it is queried.
    constexpr int patience = 3;
    const bool may_submit = !w.refused && is_within_horizon(w.attempts, c.moment.now, c.policy);
    const bool after_query = ref && ref->kind == CallKind::query;
    if (!may_submit || !after_query) return CallKind::query;
    const bool stays = rank(w.bill_state) <= rank(BillState::processing) && w.retries >= patience;
    const bool lacks_package = w.bill_state == BillState::wait_user_confirm && w.package_info.empty();
    return stays || lacks_package ? CallKind::submit : CallKind::query;
}

/// `cancelling` alternates: cancel, query, and cancel again while WeChat has not taken it.
inline CallKind next_cancelling_call(const Withdrawal& w, const std::optional<CallRef>& ref) {
    if (w.bill_state == BillState::canceling) return CallKind::query;
    return ref && ref->kind == CallKind::cancel ? CallKind::query : CallKind::cancel;
}

inline void remember_bill(Withdrawal& next, const Report& report) {
    next.bill_seen = true;
    const bool advances = rank(report.state) > rank(next.bill_state);
    if (advances) next.bill_state = report.state;
    // A state that the sheet does not know is kept as WeChat wrote it (wechat_spec 1.5).
    if (advances || report.state == BillState::unknown) next.raw_bill_state = report.raw_state;
    if (!report.transfer_bill_no.empty()) next.transfer_bill_no = report.transfer_bill_no;
    if (!report.wechat_batch_id.empty()) next.wechat_batch_id = report.wechat_batch_id;
    if (!report.wechat_detail_id.empty()) next.wechat_detail_id = report.wechat_detail_id;
    if (!report.package_info.empty()) next.package_info = report.package_info;
}

inline Decision finish_by_report(Withdrawal next, const Report& report, const Context& c) {
    if (report.state == BillState::success) {
        Entry entry = Entry::settle(next.order.user, next.order.amount, next.fee);
        finish(next, State::succeeded, Proof::none, c);
        next.error_code.clear();
        next.error_message.clear();
        return stored(std::move(next), "reported_success", c, std::move(entry));
    }
    next.error_code = report.fail_reason;
    next.error_message.clear();
    if (report.state == BillState::fail)
        return release(std::move(next), State::failed, Proof::reported, "reported_fail", c);
    return release(std::move(next), State::cancelled, Proof::reported, "reported_cancelled", c);
}

/// A notification whose state says nothing, because it leaves it out (the older API's batches) or because it
/// is newer than the sheet: it only makes the row due.
inline bool is_hint(const Reported& event) { return !event.call && event.report.state == BillState::unknown; }

inline Decision ask_now(const Withdrawal& w, const Context& c) {
    if (w.parked) return unchanged();
    Withdrawal next = w;
    next.next_call = CallKind::query;
    next.due_at = std::min(*w.due_at, c.moment.now);
    return next == w ? unchanged() : stored(std::move(next), "hinted", c);
}

/// A fact about the bill of a withdrawal that has been submitted (R6).
inline Decision advance(const Withdrawal& w, const Reported& event, const Context& c) {
    const Report& report = event.report;
    if (const auto field = other_identity(w, report); !field.empty()) {
        Withdrawal next = w;
        next.bill_seen |= report.id == w.id;
        if (w.parked)
            return raised_only(std::move(next), NoteKind::other_identity, std::string(field),
                               "other_identity", c);
        return park(std::move(next), NoteKind::other_identity, std::string(field), "other_identity", c);
    }

    const bool advances = rank(report.state) > rank(w.bill_state);
    const bool brings_package = !report.package_info.empty() && report.package_info != w.package_info;
    const bool progress = advances || brings_package || !w.bill_seen;
    if (!progress && is_hint(event)) return ask_now(w, c);
    if (!progress && !(event.call && is_current(w, *event.call))) return unchanged();

    Withdrawal next = w;
    end_call(next, event.call);
    if (event.call && event.call->number == w.attempts.call_number)
        next.attempts.answer = AttemptAnswer::in_doubt;
    remember_bill(next, report);
    if (is_final(report.state)) return finish_by_report(std::move(next), report, c);

    if (next.state == State::submitting) next.state = State::live;
    if (next.parked) return stored(std::move(next), "reported", c);
    if (progress) next.retries = 0;
    next.waiting.reset();
    const CallKind call = next.state == State::cancelling ? next_cancelling_call(next, event.call)
                                                          : next_live_call(next, event.call, c);
    due_later(next, call, c.policy.backoff_first, c);
    if (is_hint(event)) due_after(next, CallKind::query, Duration{0}, c);
    return stored(std::move(next), "reported", c);
}

/// A bill though no submit was ever committed: not ours, or our books are not what they were. No submit may
/// follow.
inline Decision unexpected_report(const Withdrawal& w, const Reported& event, const Context& c) {
    Withdrawal next = w;
    if (event.report.id == w.id) remember_bill(next, event.report);
    if (w.parked)
        return raised_only(std::move(next), NoteKind::unexpected_report, event.report.raw_state,
                           "unexpected_report", c);
    return park(std::move(next), NoteKind::unexpected_report, event.report.raw_state, "unexpected_report", c);
}

}  // namespace tixian::transition
