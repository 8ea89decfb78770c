// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "tixian/transition/decision.hpp"
#include "tixian/transition/report.hpp"

namespace tixian::transition {

inline bool is_same_final(State state, BillState bill) {
    return (state == State::succeeded && bill == BillState::success) ||
           (state == State::failed && bill == BillState::fail) ||
           (state == State::cancelled && bill == BillState::cancelled);
}

/// A bill surfaced whose money went back for its absence, or because a person said so: it is cancelled at
/// once, and a person hears of it.
inline Decision surfaced(const Withdrawal& w, const Reported& event, const Context& c) {
    const BillState state = event.report.state;
    const bool is_repeated = rank(state) < rank(w.bill_state) || state == w.bill_state;
    if (is_repeated && !(event.call && is_current(w, *event.call))) return unchanged();
    Withdrawal next = w;
    end_call(next, event.call);
    remember_bill(next, event.report);
    std::vector<Note> notes;
    raise(next, notes, NoteKind::report_after_release, c, event.report.raw_state);
    if (state == BillState::success)
        raise(next, notes, NoteKind::paid_after_release, c, event.report.transfer_bill_no);
    if (is_final(next.bill_state)) {
        next.due_at.reset();
        next.watches_left = 0;
    } else if (!w.bill_seen) {
        due_after(next, CallKind::cancel, Duration{0}, c);
    } else {
        due_later(next, next_cancelling_call(next, event.call), c.policy.backoff_first, c);
    }
    if (next == w && notes.empty()) return unchanged();
    return stored(std::move(next), "reported_after_release", c, {}, std::move(notes));
}

/// A fact that arrives after the end. A final state never changes (R6); what contradicts it is raised, once.
inline Decision late_report(const Withdrawal& w, const Reported& event, const Context& c) {
    const auto contradicts = [&](NoteKind kind, std::string text) {
        Withdrawal next = w;
        std::vector<Note> notes;
        raise(next, notes, kind, c, std::move(text));
        // A person is told; looking on would only find the same.
        next.due_at.reset();
        next.watches_left = 0;
        next.lease_until = {};
        return next == w ? unchanged() : stored(std::move(next), "late_report", c, {}, std::move(notes));
    };
    if (const auto field = other_identity(w, event.report); !field.empty())
        return contradicts(NoteKind::other_identity, std::string(field));
    if (is_watched(w.released_by) && w.destination) return surfaced(w, event, c);
    if (!w.destination) return contradicts(NoteKind::unexpected_report, event.report.raw_state);
    if (is_final(event.report.state) && !is_same_final(w.state, event.report.state))
        return contradicts(NoteKind::other_final, event.report.raw_state);
    return unchanged();
}

/// Looked again, and still there is nothing. A bill that surfaced is asked after until it is final.
inline Decision watched_absence(const Withdrawal& w, const Absent& event, const Context& c) {
    if (!w.due_at || !is_current(w, event.call)) return unchanged();
    Withdrawal next = w;
    end_call(next, event.call);
    if (w.bill_seen) {
        due_later(next, CallKind::query, c.policy.backoff_first, c);
    } else if (--next.watches_left <= 0) {
        next.watches_left = 0;
        next.due_at.reset();
    } else {
        next.next_call = CallKind::query;
        next.due_at =
            std::max(*w.completed_at + c.policy.watch_second, c.moment.now + c.policy.backoff_first);
    }
    return stored(std::move(next), "watched", c);
}

inline Decision watched_no_news(const Withdrawal& w, const Unanswered& event, const Context& c) {
    if (!w.due_at || !is_current(w, event.call)) return unchanged();
    Withdrawal next = w;
    end_call(next, event.call);
    due_later(next, CallKind::query, c.policy.backoff_first, c);
    return stored(std::move(next), "no_news", c);
}

}  // namespace tixian::transition
