// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tixian/transition/decision.hpp"

namespace tixian::transition {

inline std::vector<Note> notes_of(const Withdrawal& w, const CancelRequested& event, const Context& c) {
    if (!event.by_operator) return {};
    return {record_of(w, NoteKind::cancelled_by_operator, *event.by_operator, c)};
}

/// No submit was ever committed, so nothing can be on its way: the money goes back at once (R4 b).
inline Decision give_back(const Withdrawal& w, const CancelRequested& event, const Context& c) {
    // A bill was seen though nothing was submitted: then nobody knows what is true, but a person.
    if (w.parked) return refuse(ErrorCode::not_allowed, "a person has to decide this withdrawal");
    return release(w, State::cancelled, Proof::never_submitted, "cancelled", c, notes_of(w, event, c));
}

/// Something may be on its way: from here only WeChat's word, or the proven absence of a bill, ends it.
inline Decision want_back(const Withdrawal& w, const CancelRequested& event, const Context& c) {
    Withdrawal next = w;
    next.state = State::cancelling;
    next.retries = 0;
    next.next_call = CallKind::cancel;
    if (!w.parked) next.due_at = c.moment.now;
    return stored(std::move(next), "cancel_requested", c, {}, notes_of(w, event, c));
}

/// Nothing more is to be done; that an operator wanted it, too, is recorded.
inline Decision already_cancelling(const Withdrawal& w, const CancelRequested& event, const Context& c) {
    if (!event.by_operator) return unchanged();
    return stored(w, "cancel_requested", c, {}, notes_of(w, event, c));
}

inline Decision already_final(const Withdrawal& w, const CancelRequested&, const Context&) {
    return refuse(ErrorCode::already_final, "the withdrawal is " + std::string(name(w.state)) + " already");
}

}  // namespace tixian::transition
