// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <variant>

#include "tixian/call.hpp"
#include "tixian/person.hpp"

namespace tixian {

/// Which of a withdrawal's calls something answers.
struct CallRef {
    CallKind kind{};
    std::int64_t number = 0;
};

/// The next call is about to be made; its commit comes before it (R2). `destination` is what the withdrawal's
/// channel is configured as now, or nullopt when there is no such channel; `submission` is needed for the
/// first submit only.
struct BeginCall {
    std::optional<Destination> destination;
    std::optional<Submission> submission;
    bool is_closed = false;               ///< the channel's switch is off: ask instead of submitting again
    std::optional<Submission> renewed{};  ///< the stored content, its ciphertext made with another key (R2)
    bool can_cancel = true;               ///< else it is asked after instead of cancelled
};

/// WeChat has stated the bill's state: by the answer to `call`, or, without one, by a notification.
struct Reported {
    Report report;
    std::optional<CallRef> call;
};

/// A query found no such bill.
struct Absent {
    NotFound not_found;
    CallRef call;
};

/// A call brought no news of the bill.
struct Unanswered {
    NoNews news;
    CallRef call;
};

/// Somebody wants the money back: the user, or an operator, who is named.
struct CancelRequested {
    std::optional<Person> by_operator;
};

/// What a person decides at the version that he saw; refused when the withdrawal has changed since.
struct PersonsAct {
    Person person;
    std::int64_t seen_version = 0;
};
/// A withdrawal in review may go out.
struct Approved : PersonsAct {};
/// A withdrawal in review goes back to the user.
struct Rejected : PersonsAct {};
/// A parked withdrawal goes on by itself.
struct Resumed : PersonsAct {};
/// WeChat has paid a parked withdrawal, by evidence that the person names (R4 e).
struct PaidByEvidence : PersonsAct {};
/// WeChat has not paid a parked withdrawal and never will, by evidence that the person names (R4 e).
struct UnpaidByEvidence : PersonsAct {};

using Event = std::variant<BeginCall, Reported, Absent, Unanswered, CancelRequested, Approved, Rejected,
                           Resumed, PaidByEvidence, UnpaidByEvidence>;

[[nodiscard]] inline Event event_of(const Answer& answer) {
    const CallRef call{answer.kind, answer.number};
    if (const auto* report = std::get_if<Report>(&answer.result)) return Reported{*report, call};
    if (const auto* not_found = std::get_if<NotFound>(&answer.result)) return Absent{*not_found, call};
    return Unanswered{std::get<NoNews>(answer.result), call};
}

}  // namespace tixian
