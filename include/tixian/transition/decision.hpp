// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tixian/change.hpp"
#include "tixian/event.hpp"
#include "tixian/policy.hpp"

namespace tixian {

/// What apply() answers: a step to commit, nothing (the event brings nothing new), or a refusal by name.
using Decision = Result<std::optional<Step>>;

}  // namespace tixian

namespace tixian::transition {

/// What every transition is given beside the withdrawal and the event.
struct Context {
    const Policy& policy;
    Moment moment;
};

inline Decision unchanged() { return std::optional<Step>{}; }

inline Decision stored(Withdrawal next, std::string_view event, const Context& c, Entry entry = {},
                       std::vector<Note> notes = {}) {
    ++next.version;
    next.updated_at = c.moment.now;
    return Step{std::move(next), std::move(entry), std::move(notes), event};
}

/// Notes what a person has to hear of, once for each kind.
inline void raise(Withdrawal& next, std::vector<Note>& notes, NoteKind kind, const Context& c,
                  std::string text) {
    const std::uint32_t bit = std::uint32_t{1} << static_cast<unsigned>(kind);
    if ((next.raised & bit) != 0) return;
    next.raised |= bit;
    notes.push_back({next.id, kind, next.version + 1, c.moment.now, {}, std::move(text)});
}

/// What a person did stands beside what it did.
inline Note record_of(const Withdrawal& w, NoteKind kind, const Person& person, const Context& c) {
    return {w.id, kind, w.version + 1, c.moment.now, person.id, person.reason};
}

/// Whether `ref` names the call that is on its way: the last one begun, and not answered yet. Other answers
/// are late or repeated; their facts hold, but what happens next is not theirs to say.
inline bool is_current(const Withdrawal& w, const CallRef& ref) {
    return ref.number == w.calls && w.lease_until != Timestamp{};
}

/// The call that `ref` names is over: if it is the one that holds the lease, the row is free again.
inline void end_call(Withdrawal& next, const std::optional<CallRef>& ref) {
    if (ref && ref->number == next.calls) next.lease_until = {};
}

inline void due_after(Withdrawal& next, CallKind call, Duration delay, const Context& c) {
    next.next_call = call;
    next.due_at = c.moment.now + delay;
}

/// Due again with back-off, counting this call as one without progress.
inline void due_later(Withdrawal& next, CallKind call, Duration first, const Context& c) {
    due_after(next, call, backoff(first, c.policy.backoff_max, next.retries, c.moment.random), c);
    ++next.retries;
}

/// Nothing more happens by itself: an anomaly that a person has to decide. Money and state stay (R6).
inline Decision park(Withdrawal next, NoteKind kind, std::string text, std::string_view event,
                     const Context& c) {
    next.parked = true;
    next.due_at.reset();
    next.lease_until = {};
    std::vector<Note> notes;
    raise(next, notes, kind, c, std::move(text));
    return stored(std::move(next), event, c, {}, std::move(notes));
}

/// Makes the row final. Only this function does, so a final row always looks the same, and holds no name.
inline void finish(Withdrawal& next, State state, Proof proof, const Context& c) {
    next.state = state;
    next.released_by = state == State::succeeded ? Proof::none : proof;
    next.waiting.reset();
    next.parked = false;
    next.lease_until = {};
    next.due_at.reset();
    next.retries = 0;
    next.completed_at = c.moment.now;
    next.order.real_name.sealed.clear();
}

/// Whether money that went back on this proof is watched: WeChat has not said that the bill is dead.
[[nodiscard]] inline bool is_watched(Proof proof) {
    return proof == Proof::absence || proof == Proof::fast_absence || proof == Proof::person;
}

/// Gives the held money and the claims back and makes the row final: the only road to `failed` and
/// `cancelled` (R4, R9).
inline Decision release(Withdrawal next, State state, Proof proof, std::string_view event, const Context& c,
                        std::vector<Note> notes = {}) {
    Entry entry = Entry::release(next.order.user, total_of(next));
    finish(next, state, proof, c);
    if (is_watched(proof) && next.destination) {
        next.watches_left = 2;
        due_after(next, CallKind::query, c.policy.watch_first, c);
    }
    Decision decision = stored(std::move(next), event, c, std::move(entry), std::move(notes));
    Step& step = **decision;
    step.claims = given_back(claims_of(step.next));
    return decision;
}

/// A step that only raises; nothing when it was raised before.
inline Decision raised_only(Withdrawal next, NoteKind kind, std::string text, std::string_view event,
                            const Context& c) {
    std::vector<Note> notes;
    raise(next, notes, kind, c, std::move(text));
    return notes.empty() ? unchanged() : stored(std::move(next), event, c, {}, std::move(notes));
}

/// Whether WeChat speaks of another bill than ours (R6); names the field, or is empty.
inline std::string_view other_identity(const Withdrawal& w, const Report& report) {
    if (report.id != w.id) return "out_bill_no";
    if (report.amount && *report.amount != w.order.amount) return "transfer_amount";
    if (report.openid && *report.openid != w.order.openid) return "openid";
    if (report.mchid && w.destination && *report.mchid != w.destination->mchid) return "mchid";
    if (!w.transfer_bill_no.empty() && !report.transfer_bill_no.empty() &&
        w.transfer_bill_no != report.transfer_bill_no)
        return "transfer_bill_no";
    if (!w.wechat_batch_id.empty() && !report.wechat_batch_id.empty() &&
        w.wechat_batch_id != report.wechat_batch_id)
        return "wechat_batch_id";
    return {};
}

}  // namespace tixian::transition
