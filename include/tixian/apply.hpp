// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <type_traits>
#include <variant>

#include "tixian/transition/absence.hpp"
#include "tixian/transition/begin_call.hpp"
#include "tixian/transition/cancel.hpp"
#include "tixian/transition/no_news.hpp"
#include "tixian/transition/person.hpp"
#include "tixian/transition/report.hpp"
#include "tixian/transition/watch.hpp"

namespace tixian {

namespace detail {

template <class E>
using Transition = Decision (*)(const Withdrawal&, const E&, const transition::Context&);

/// What cannot happen to a withdrawal in this state is refused by name, never passed over. A person who
/// looked at another version hears that first.
template <class E>
Decision impossible(const Withdrawal& w, const E& event, const transition::Context&) {
    if constexpr (std::is_base_of_v<PersonsAct, E>) {
        if (auto seen = transition::is_as_seen(w, event); !seen) return tl::unexpected(seen.error());
    }
    return refuse(ErrorCode::not_allowed, "no such event while " + std::string(name(w.state)));
}

/// What the world does to a withdrawal.
struct WorldRow {
    Transition<BeginCall> begin_call;
    Transition<Reported> reported;
    Transition<Absent> absent;
    Transition<Unanswered> unanswered;
};

/// What people do to it.
struct PeopleRow {
    Transition<CancelRequested> cancel_requested;
    Transition<Approved> approved;
    Transition<Rejected> rejected;
    Transition<Resumed> resumed;
    Transition<PaidByEvidence> paid_by_evidence;
    Transition<UnpaidByEvidence> unpaid_by_evidence;
};

using namespace transition;  // NOLINT: the tables below are to be read, so their names are short

// clang-format off
/// The whole life of a withdrawal: what each event means in each state.
inline constexpr std::array<WorldRow, 8> world_table{{
/*                 the next call   WeChat reports     a query finds none        a call brings no news */
/* in_review  */ { impossible,     unexpected_report, impossible,               impossible      },
/* held       */ { begin_call,     unexpected_report, impossible,               impossible      },
/* submitting */ { begin_call,     advance,           absent,                   wait            },
/* live       */ { begin_call,     advance,           vanished,                 wait            },
/* cancelling */ { begin_call,     advance,           absent_while_cancelling,  wait            },
/* succeeded  */ { impossible,     late_report,       watched_absence,          watched_no_news },
/* failed     */ { begin_call,     late_report,       watched_absence,          watched_no_news },
/* cancelled  */ { begin_call,     late_report,       watched_absence,          watched_no_news },
}};
inline constexpr std::array<PeopleRow, 8> people_table{{
/*                 wanted back          approved    rejected    resumed     paid, by evidence   unpaid, by evidence */
/* in_review  */ { give_back,           approve,    reject,     impossible, settle_by_evidence, release_by_evidence },
/* held       */ { give_back,           impossible, impossible, impossible, settle_by_evidence, release_by_evidence },
/* submitting */ { want_back,           impossible, impossible, resume,     settle_by_evidence, release_by_evidence },
/* live       */ { want_back,           impossible, impossible, resume,     settle_by_evidence, release_by_evidence },
/* cancelling */ { already_cancelling,  impossible, impossible, resume,     settle_by_evidence, release_by_evidence },
/* succeeded  */ { already_final,       impossible, impossible, impossible, impossible,         impossible          },
/* failed     */ { already_final,       impossible, impossible, impossible, impossible,         impossible          },
/* cancelled  */ { already_final,       impossible, impossible, impossible, impossible,         impossible          },
}};
// clang-format on

/// Finds the transition of an event in the row of the withdrawal's state.
struct Dispatch {
    const Withdrawal& withdrawal;
    const transition::Context& context;

    Decision operator()(const BeginCall& e) const { return world().begin_call(withdrawal, e, context); }
    Decision operator()(const Reported& e) const { return world().reported(withdrawal, e, context); }
    Decision operator()(const Absent& e) const { return world().absent(withdrawal, e, context); }
    Decision operator()(const Unanswered& e) const { return world().unanswered(withdrawal, e, context); }
    Decision operator()(const CancelRequested& e) const {
        return people().cancel_requested(withdrawal, e, context);
    }
    Decision operator()(const Approved& e) const { return people().approved(withdrawal, e, context); }
    Decision operator()(const Rejected& e) const { return people().rejected(withdrawal, e, context); }
    Decision operator()(const Resumed& e) const { return people().resumed(withdrawal, e, context); }
    Decision operator()(const PaidByEvidence& e) const {
        return people().paid_by_evidence(withdrawal, e, context);
    }
    Decision operator()(const UnpaidByEvidence& e) const {
        return people().unpaid_by_evidence(withdrawal, e, context);
    }

 private:
    [[nodiscard]] const WorldRow& world() const {
        return world_table.at(static_cast<std::size_t>(withdrawal.state));
    }
    [[nodiscard]] const PeopleRow& people() const {
        return people_table.at(static_cast<std::size_t>(withdrawal.state));
    }
};

}  // namespace detail

/// Decides, and does nothing else: no clock, ledger or network is read. The step it answers with is to be
/// committed on the version of the withdrawal that it was given. Nothing to commit means that the event
/// brings nothing new.
[[nodiscard]] inline Decision apply(const Withdrawal& withdrawal, const Event& event, const Policy& policy,
                                    const Moment& moment) {
    const transition::Context context{policy, moment};
    return std::visit(detail::Dispatch{withdrawal, context}, event);
}

}  // namespace tixian
