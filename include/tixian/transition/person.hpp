// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <utility>

#include "tixian/transition/decision.hpp"

namespace tixian::transition {

/// A decision holds for what the person saw, and for nothing else.
inline Result<void> is_as_seen(const Withdrawal& w, const PersonsAct& act) {
    if (auto named = check(act.person); !named) return named;
    if (act.seen_version != w.version)
        return refuse(ErrorCode::conflict,
                      "the withdrawal has changed since version " + std::to_string(act.seen_version) +
                          "; look at version " + std::to_string(w.version),
                      "version");
    return {};
}

inline Result<void> is_parked(const Withdrawal& w) {
    if (w.parked) return {};
    return refuse(ErrorCode::not_allowed, "only a parked withdrawal is decided by a person");
}

inline Decision approve(const Withdrawal& w, const Approved& act, const Context& c) {
    if (auto seen = is_as_seen(w, act); !seen) return tl::unexpected(seen.error());
    if (w.parked) return refuse(ErrorCode::not_allowed, "it is parked; resolve that first");
    Withdrawal next = w;
    next.state = State::held;
    due_after(next, CallKind::submit, Duration{0}, c);
    return stored(std::move(next), "approved", c, {}, {record_of(w, NoteKind::approved, act.person, c)});
}

inline Decision reject(const Withdrawal& w, const Rejected& act, const Context& c) {
    if (auto seen = is_as_seen(w, act); !seen) return tl::unexpected(seen.error());
    if (w.parked) return refuse(ErrorCode::not_allowed, "it is parked; resolve that first");
    Withdrawal next = w;
    next.error_code = "REJECTED";
    return release(std::move(next), State::failed, Proof::never_submitted, "rejected", c,
                   {record_of(w, NoteKind::rejected, act.person, c)});
}

inline Decision resume(const Withdrawal& w, const Resumed& act, const Context& c) {
    if (auto seen = is_as_seen(w, act); !seen) return tl::unexpected(seen.error());
    if (auto parked = is_parked(w); !parked) return tl::unexpected(parked.error());
    if (!is_within_horizon(w.attempts, c.moment.now, c.policy))
        return refuse(ErrorCode::not_allowed, "WeChat's memory of it has ended; settle or release it");
    Withdrawal next = w;
    next.parked = false;
    next.retries = 0;
    // Never a submit: first comes the question what became of the last one.
    due_after(next, CallKind::query, Duration{0}, c);
    return stored(std::move(next), "resumed", c, {}, {record_of(w, NoteKind::resumed, act.person, c)});
}

inline Decision settle_by_evidence(const Withdrawal& w, const PaidByEvidence& act, const Context& c) {
    if (auto seen = is_as_seen(w, act); !seen) return tl::unexpected(seen.error());
    if (auto parked = is_parked(w); !parked) return tl::unexpected(parked.error());
    Withdrawal next = w;
    Entry entry = Entry::settle(next.order.user, next.order.amount, next.fee);
    finish(next, State::succeeded, Proof::none, c);
    return stored(std::move(next), "settled_by_person", c, std::move(entry),
                  {record_of(w, NoteKind::settled_by_person, act.person, c)});
}

inline Decision release_by_evidence(const Withdrawal& w, const UnpaidByEvidence& act, const Context& c) {
    if (auto seen = is_as_seen(w, act); !seen) return tl::unexpected(seen.error());
    if (auto parked = is_parked(w); !parked) return tl::unexpected(parked.error());
    const State state = w.state == State::cancelling ? State::cancelled : State::failed;
    return release(w, state, Proof::person, "released_by_person", c,
                   {record_of(w, NoteKind::released_by_person, act.person, c)});
}

}  // namespace tixian::transition
