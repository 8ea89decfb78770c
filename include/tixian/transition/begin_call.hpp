// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "tixian/transition/decision.hpp"

namespace tixian::transition {

/// Before the last submit is forgotten for a new one, its share of the doubt is kept (R4).
inline void fold_last_attempt(Attempts& attempts, const Policy& policy) {
    attempts.earlier_doubt_until = doubt_until(attempts, policy);
}

inline Decision begin_submit(const Withdrawal& w, const BeginCall& event, const Context& c) {
    if (w.refused || w.state == State::cancelling || is_final(w.state))
        return refuse(ErrorCode::not_allowed, "no more submits for this withdrawal");
    Withdrawal next = w;
    if (!w.destination) {
        if (!event.submission) return refuse(ErrorCode::not_allowed, "the first submit needs its content");
        next.destination = event.destination;
        next.submission = *event.submission;
    } else if (event.renewed) {
        if (w.submission.key_serial.empty() || event.renewed->key_serial == w.submission.key_serial)
            return refuse(ErrorCode::not_allowed, "the content of a submit changes only with WeChat's key");
        next.submission = *event.renewed;
    }
    if (w.state == State::held) next.state = State::submitting;
    ++next.calls;
    next.lease_until = c.moment.now + c.policy.lease;

    fold_last_attempt(next.attempts, c.policy);
    Attempts& attempts = next.attempts;
    if (++attempts.count == 1) attempts.first_at = c.moment.now;
    attempts.signed_at = c.moment.now;
    attempts.send_by = c.moment.now + c.policy.send_window;
    attempts.call_number = next.calls;
    attempts.answer = AttemptAnswer::none;
    Decision decision = stored(std::move(next), "submit_begun", c);
    (*decision)->needs_open_channel = true;
    return decision;
}

/// A final row is watched, and a bill that surfaced is cancelled, until WeChat has forgotten it.
inline bool is_still_watched(const Withdrawal& w, const Context& c) {
    return c.moment.now < *w.completed_at + c.policy.horizon;
}

inline Decision end_watch(const Withdrawal& w, const Context& c) {
    Withdrawal next = w;
    next.due_at.reset();
    next.watches_left = 0;
    return stored(std::move(next), "watch_ended", c);
}

/// Commits the intent of the next call (R2).
inline Decision begin_call(const Withdrawal& w, const BeginCall& event, const Context& c) {
    if (w.parked || !w.due_at) return refuse(ErrorCode::not_allowed, "nothing is due for this withdrawal");
    if (c.moment.now < w.lease_until) return refuse(ErrorCode::not_allowed, "another call is on its way");
    if (is_final(w.state)) {
        if (!is_still_watched(w, c)) return end_watch(w, c);
    } else if (!is_within_horizon(w.attempts, c.moment.now, c.policy)) {
        // WeChat's memory cannot be relied on any more: a person with the fund bill decides (R5).
        return park(w, NoteKind::horizon_passed, "", "horizon_passed", c);
    }
    if (!event.destination || (w.destination && *w.destination != *event.destination)) {
        Withdrawal next = w;
        due_after(next, w.next_call, c.policy.backoff_max, c);
        std::vector<Note> notes;
        raise(next, notes, NoteKind::channel_missing, c, w.order.channel.text());
        return stored(std::move(next), "channel_missing", c, {}, std::move(notes));
    }
    // While the channel is closed, what was submitted before is asked after, so that what runs goes on to its
    // end. What cannot be cancelled is asked after, too.
    const bool may_submit = !event.is_closed || w.attempts.count == 0;
    if (w.next_call == CallKind::submit && may_submit) return begin_submit(w, event, c);

    Withdrawal next = w;
    const bool asks_instead = w.next_call == CallKind::submit || !event.can_cancel;
    if (asks_instead) next.next_call = CallKind::query;
    ++next.calls;
    next.lease_until = c.moment.now + c.policy.lease;
    const std::string_view event_name = next.next_call == CallKind::query ? "query_begun" : "cancel_begun";
    return stored(std::move(next), event_name, c);
}

}  // namespace tixian::transition
