// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "tixian/transition/decision.hpp"

namespace tixian::transition {

/// What a submit's answer proves about that submit is kept, whatever else has happened since (R4).
inline void record_attempt(Withdrawal& next, const Unanswered& event) {
    const NoNews& news = event.news;
    if (event.call.kind != CallKind::submit) return;
    if (event.call.number == next.attempts.call_number && next.attempts.answer == AttemptAnswer::none)
        next.attempts.answer = is_proof_of_refusal(news) ? AttemptAnswer::refused : AttemptAnswer::in_doubt;
    if (news.kind == NoNewsKind::number_taken && news.verified) next.number_taken = true;
    if (news.kind == NoNewsKind::refused && !next.refused) {
        next.refused = true;
        next.refused_for_content = news.verified && news.content_only && next.attempts.count == 1;
        next.refused_at = news.answered_at;
        if (next.next_call == CallKind::submit) next.next_call = CallKind::query;
    }
}

/// How a submit goes on that has brought no report: again, or first a question.
inline void schedule_submitting(Withdrawal& next, const NoNews& news, const Context& c) {
    switch (news.kind) {
        case NoNewsKind::not_sent:
        case NoNewsKind::throttled:
            return due_later(next, CallKind::submit, c.policy.backoff_first, c);
        case NoNewsKind::merchant_trouble:
            return due_after(next, CallKind::submit, c.policy.merchant_trouble_interval, c);
        case NoNewsKind::refused:
            if (next.refused_for_content)
                return due_after(next, CallKind::query, c.policy.fast_absence_delay, c);
            return due_later(next, CallKind::query, c.policy.backoff_first, c);
        case NoNewsKind::lost:
        case NoNewsKind::server_error:
        case NoNewsKind::unverified:
        case NoNewsKind::unknown:
        case NoNewsKind::number_taken:
            return due_later(next, CallKind::query, c.policy.backoff_first, c);
    }
}

/// So many calls without progress in a row, and a submit takes turns with the queries.
inline constexpr int query_patience = 6;

inline void schedule(Withdrawal& next, const Unanswered& event, const Context& c) {
    const bool was_submit = event.call.kind == CallKind::submit;
    const bool goes_on = !next.refused || event.news.kind == NoNewsKind::refused;
    if (next.state == State::submitting && was_submit && goes_on)
        schedule_submitting(next, event.news, c);
    else if (next.state == State::cancelling && was_submit)
        due_after(next, CallKind::cancel, Duration{0}, c);
    else if (next.state == State::submitting && !was_submit && !next.refused &&
             next.retries >= query_patience)
        // Where queries bring nothing, the identical submit may: it is always allowed, and its answer is a
        // report.
        due_later(next, CallKind::submit, c.policy.backoff_first, c);
    else
        due_later(next, CallKind::query, c.policy.backoff_first, c);

    constexpr Duration retry_after_max = std::chrono::hours(1);
    if (event.news.retry_after)
        next.due_at =
            std::max(*next.due_at, c.moment.now + std::min(*event.news.retry_after, retry_after_max));
}

/// A call without news of the bill: the money stays held, and the library asks (R3).
inline Decision wait(const Withdrawal& w, const Unanswered& event, const Context& c) {
    Withdrawal next = w;
    record_attempt(next, event);
    if (!is_current(w, event.call) || w.parked) {
        if (next == w) return unchanged();
        return stored(std::move(next), "no_news", c);
    }

    end_call(next, event.call);
    next.waiting = event.news.kind;
    if (event.call.kind == CallKind::submit) {
        next.error_code = event.news.code;
        next.error_message = event.news.message;
    }
    schedule(next, event, c);
    std::vector<Note> notes;
    if (event.news.kind == NoNewsKind::merchant_trouble)
        raise(next, notes, NoteKind::merchant_trouble, c, event.news.code);
    return stored(std::move(next), "no_news", c, {}, std::move(notes));
}

}  // namespace tixian::transition
