// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tixian/bill.hpp"
#include "tixian/call.hpp"
#include "tixian/clock.hpp"
#include "tixian/enum_text.hpp"
#include "tixian/ids.hpp"
#include "tixian/money.hpp"
#include "tixian/name_vault.hpp"
#include "tixian/policy.hpp"
#include "tixian/terms.hpp"

namespace tixian {

/// The life of a withdrawal (design, section 3).
enum class State { in_review, held, submitting, live, cancelling, succeeded, failed, cancelled };

/// The original feature's vocabulary, which API, database and page show.
enum class Status { pending, processing, success, failed, cancelled };

namespace detail {
inline constexpr EnumText<State, 8> state_text{
    {"in_review", "held", "submitting", "live", "cancelling", "succeeded", "failed", "cancelled"}};
inline constexpr EnumText<Status, 5> status_text{{"pending", "processing", "success", "failed", "cancelled"}};
}  // namespace detail

[[nodiscard]] constexpr std::string_view name(State state) { return detail::state_text.name(state); }
[[nodiscard]] constexpr std::string_view name(Status status) { return detail::status_text.name(status); }

[[nodiscard]] constexpr bool is_final(State state) { return state >= State::succeeded; }

[[nodiscard]] constexpr Status status_of(State state) {
    switch (state) {
        case State::in_review:
        case State::held:
            return Status::pending;
        case State::submitting:
        case State::live:
        case State::cancelling:
            return Status::processing;
        case State::succeeded:
            return Status::success;
        case State::failed:
            return Status::failed;
        case State::cancelled:
            return Status::cancelled;
    }
    return Status::processing;
}

/// What the user asked for. A replay of the key must ask for the same (R8).
struct Order {
    UserId user;
    IdempotencyKey key;
    Money amount;
    ChannelName channel;
    Openid openid;  ///< from the host's binding of the user, never from a request's body
    std::string remark;
    RealName real_name{};  ///< of the payee, sealed: Service::request() does that
    bool operator==(const Order&) const = default;
};

/// The name of the first field in which two orders differ; empty when they are the same (R8).
[[nodiscard]] inline std::string_view first_difference(const Order& a, const Order& b) {
    if (a.amount != b.amount) return "amount";
    if (a.channel != b.channel) return "channel";
    if (a.openid != b.openid) return "openid";
    if (a.remark != b.remark) return "remark";
    if (a.real_name.fingerprint != b.real_name.fingerprint) return "real_name";
    return {};
}

/// What is recorded of the answer to the last submit.
enum class AttemptAnswer { none, in_doubt, refused };

/// What has been sent so far. Of all submits but the last, only the end of their doubt is kept: while another
/// one is on its way, nothing rests on knowing more of them.
struct Attempts {
    int count = 0;
    Timestamp first_at{};
    Timestamp signed_at{};            ///< of the last one
    Timestamp send_by{};              ///< of the last one
    std::int64_t call_number = 0;     ///< of the last one
    AttemptAnswer answer{};           ///< to the last one
    Timestamp earlier_doubt_until{};  ///< of all before the last one
    bool operator==(const Attempts&) const = default;
};

/// Why held money went back (R4).
enum class Proof { none, reported, never_submitted, absence, fast_absence, person };

namespace detail {
inline constexpr EnumText<AttemptAnswer, 3> attempt_answer_text{{"none", "in_doubt", "refused"}};
inline constexpr EnumText<Proof, 6> proof_text{
    {"none", "reported", "never_submitted", "absence", "fast_absence", "person"}};
}  // namespace detail
[[nodiscard]] constexpr std::string_view name(AttemptAnswer a) { return detail::attempt_answer_text.name(a); }
[[nodiscard]] constexpr std::string_view name(Proof proof) { return detail::proof_text.name(proof); }

/// One withdrawal as it is stored. A value: apply() makes the next one from it.
struct Withdrawal {
    WithdrawalId id;
    Order order;
    Terms terms;  ///< what was agreed when it was requested
    Money fee;
    Money free_amount;       ///< the part of the amount that used up the month's free quota
    std::string counted_on;  ///< the local date whose limits it counts against: `2025-01-22`
    State state = State::held;
    std::int64_t version = 0;  ///< grows by one with each stored change; 0 is not stored yet

    std::optional<Destination> destination;  ///< set with the first submit (R1)
    Submission submission;                   ///< set with the first submit (R2)
    Attempts attempts;

    // What WeChat has said of the bill.
    bool bill_seen = false;
    bool number_taken = false;
    BillState bill_state = BillState::none;
    std::string raw_bill_state;
    std::string transfer_bill_no;
    std::string wechat_batch_id;   ///< the older API's
    std::string wechat_detail_id;  ///< the older API's
    std::string package_info;

    // What stands in the way.
    std::optional<NoNewsKind> waiting;    ///< why it waits, for people
    bool refused = false;                 ///< no more submits (R4)
    bool refused_for_content = false;     ///< by a verified refusal of the content alone (R4 d)
    Timestamp refused_at{};               ///< by WeChat's clock
    std::optional<Timestamp> absence_at;  ///< the first NOT_FOUND that counts (R4 c)
    bool parked = false;                  ///< a person decides (R5, R6)
    std::uint32_t raised = 0;             ///< the kinds of notes raised so far, a bit each
    Proof released_by = Proof::none;
    int watches_left = 0;  ///< looks at WeChat that follow a release by absence

    // What happens next.
    CallKind next_call = CallKind::submit;
    std::optional<Timestamp> due_at;
    Timestamp lease_until{};
    std::int64_t calls = 0;  ///< calls begun so far
    int retries = 0;         ///< calls without progress in a row

    std::string error_code;     ///< WeChat's code or fail reason
    std::string error_message;  ///< WeChat's words, for support; the page has its own

    Timestamp created_at{};
    Timestamp updated_at{};
    std::optional<Timestamp> completed_at;

    bool operator==(const Withdrawal&) const = default;
};

[[nodiscard]] inline Status status_of(const Withdrawal& withdrawal) { return status_of(withdrawal.state); }

/// Whether nothing happens before a person has decided: in review or parked.
[[nodiscard]] constexpr bool waits_for_person(const Withdrawal& w) {
    return w.parked || w.state == State::in_review;
}

/// The queues in which the due rows of a channel wait: those never submitted apart from all other calls, so
/// that a closed switch stops them and nobody else.
enum class DueQueue { held, submit, query, cancel };

namespace detail {
inline constexpr EnumText<DueQueue, 4> due_queue_text{{"held", "submit", "query", "cancel"}};
}
[[nodiscard]] constexpr std::string_view name(DueQueue queue) { return detail::due_queue_text.name(queue); }

[[nodiscard]] constexpr DueQueue due_queue(const Withdrawal& w) {
    if (w.state == State::held) return DueQueue::held;
    switch (w.next_call) {
        case CallKind::submit:
            return DueQueue::submit;
        case CallKind::query:
            return DueQueue::query;
        case CallKind::cancel:
            return DueQueue::cancel;
    }
    return DueQueue::query;
}
/// What the rows of a queue wait for.
[[nodiscard]] constexpr CallKind call_of(DueQueue queue) {
    switch (queue) {
        case DueQueue::held:
        case DueQueue::submit:
            return CallKind::submit;
        case DueQueue::query:
            return CallKind::query;
        case DueQueue::cancel:
            return CallKind::cancel;
    }
    return CallKind::query;
}

/// Amount and fee: what the user's held account carries for it.
[[nodiscard]] inline Money total_of(const Withdrawal& w) {
    return checked_add(w.order.amount, w.fee).value();
}

/// The moment from which a NOT_FOUND counts as absence (R4 c), as it stands now: the latest over all submits,
/// each by its signing time.
[[nodiscard]] inline Timestamp doubt_until(const Attempts& attempts, const Policy& policy) {
    if (attempts.count == 0) return {};
    const Duration share =
        attempts.answer == AttemptAnswer::refused ? policy.settling_refused : policy.settling_in_doubt;
    return std::max(attempts.earlier_doubt_until, attempts.signed_at + share);
}

/// Whether the number may still be repeated and a NOT_FOUND still counts at this moment (R5).
[[nodiscard]] inline bool is_within_horizon(const Attempts& attempts, Timestamp at, const Policy& policy) {
    return attempts.count == 0 || at < attempts.first_at + policy.horizon;
}

}  // namespace tixian
