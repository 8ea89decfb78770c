// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "tixian/transition/decision.hpp"

namespace tixian::transition {

/// How far apart two NOT_FOUNDs must be before the second proves anything. One alone may come from a part of
/// WeChat that lags behind; and what is not signed may come from anybody.
inline Duration absence_gap(const NotFound& not_found, const Policy& policy) {
    return not_found.verified ? policy.settling_refused : policy.settling_in_doubt;
}

/// Which proof a NOT_FOUND gives that no bill exists and none will come (R4 c, d); none when it gives no
/// proof. `next` remembers the first that counts, be it told last: a clock that is fast delays nothing.
inline Proof proof_of_absence(Withdrawal& next, const NotFound& not_found, const Context& c) {
    const Withdrawal& w = next;
    if (w.bill_seen || w.number_taken) return Proof::none;
    if (not_found.verified && w.refused_for_content && w.attempts.count == 1 &&
        not_found.begun_at >= w.refused_at)
        return Proof::fast_absence;
    if (not_found.begun_at < doubt_until(w.attempts, c.policy)) return Proof::none;
    if (!w.absence_at || not_found.begun_at < *w.absence_at) {
        next.absence_at = not_found.begun_at;
        return Proof::none;
    }
    const Timestamp proven_at = *w.absence_at + absence_gap(not_found, c.policy);
    return not_found.begun_at >= proven_at ? Proof::absence : Proof::none;
}

/// No more submits will be made: release on proof, else ask again, not much later than it can be had.
inline Decision release_if_absent(const Withdrawal& w, const Absent& event, const Context& c) {
    Withdrawal next = w;
    const Proof proof = proof_of_absence(next, event.not_found, c);
    if (proof != Proof::none) {
        const State state = next.state == State::cancelling ? State::cancelled : State::failed;
        return release(std::move(next), state, proof, "released_by_absence", c);
    }
    if (is_current(w, event.call)) {
        end_call(next, event.call);
        due_later(next, CallKind::query, c.policy.backoff_first, c);
        const Timestamp proven_at = next.absence_at
                                        ? *next.absence_at + absence_gap(event.not_found, c.policy)
                                        : doubt_until(next.attempts, c.policy);
        const Timestamp ask_at = proven_at + c.policy.backoff_first;
        if (c.moment.now < ask_at) next.due_at = std::min(*next.due_at, ask_at);
    }
    return next == w ? unchanged() : stored(std::move(next), "not_found", c);
}

/// A query found no bill of a withdrawal that is being submitted (R5).
inline Decision absent(const Withdrawal& w, const Absent& event, const Context& c) {
    if (w.parked) return unchanged();
    if (!is_within_horizon(w.attempts, event.not_found.begun_at, c.policy))
        return park(w, NoteKind::horizon_passed, "", "horizon_passed", c);
    if (w.refused || w.state == State::cancelling) return release_if_absent(w, event, c);
    if (!is_current(w, event.call)) return unchanged();
    Withdrawal next = w;
    end_call(next, event.call);
    due_later(next, CallKind::submit, c.policy.backoff_first, c);
    return stored(std::move(next), "not_found", c);
}

/// NOT_FOUND though the bill was seen. Before the doubt ends it only means "not visible yet"; after it, a
/// person hears of it (R6). Money and state stay, and the bill is asked after again.
inline Decision vanished(const Withdrawal& w, const Absent& event, const Context& c) {
    if (w.parked) return unchanged();
    Withdrawal next = w;
    if (is_current(w, event.call)) {
        end_call(next, event.call);
        due_later(next, CallKind::query, c.policy.backoff_first, c);
    }
    std::vector<Note> notes;
    if (event.not_found.verified && event.not_found.begun_at >= doubt_until(w.attempts, c.policy))
        raise(next, notes, NoteKind::vanished, c, w.raw_bill_state);
    return next == w ? unchanged() : stored(std::move(next), "not_found", c, {}, std::move(notes));
}

inline Decision absent_while_cancelling(const Withdrawal& w, const Absent& event, const Context& c) {
    return w.bill_seen ? vanished(w, event, c) : absent(w, event, c);
}

}  // namespace tixian::transition
