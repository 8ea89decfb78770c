// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <variant>

#include "tixian/transition/absence.hpp"
#include "tixian/transition/begin_call.hpp"
#include "tixian/transition/cancel.hpp"
#include "tixian/transition/no_news.hpp"
#include "tixian/transition/report.hpp"
#include "tixian/transition/watch.hpp"

namespace tixian {

namespace detail {

template <class E>
using Transition = Decision (*)(const Withdrawal&, const E&, const transition::Context&);

/// What cannot happen to a withdrawal in this state is refused by name, never passed over.
template <class E>
Decision impossible(const Withdrawal& w, const E&, const transition::Context&) {
    return refuse(ErrorCode::not_allowed, "no such event while " + std::string(name(w.state)));
}

struct Row {
    Transition<BeginCall> begin_call;
    Transition<Reported> reported;
    Transition<Absent> absent;
    Transition<Unanswered> unanswered;
    Transition<CancelRequested> cancel_requested;
};

using namespace transition;  // NOLINT: the table below is to be read, so its names are short

// clang-format off
/// The whole life of a withdrawal: what each event means in each state.
inline constexpr std::array<Row, 8> table{{
/*                 the next call      WeChat reports     a query finds none        a call brings no news    somebody wants it back */
/* in_review  */ { impossible,        unexpected_report, impossible,               impossible,              give_back          },
/* held       */ { begin_call,        unexpected_report, impossible,               impossible,              give_back          },
/* submitting */ { begin_call,        advance,           absent,                   wait,                    want_back          },
/* live       */ { begin_call,        advance,           vanished,                 wait,                    want_back          },
/* cancelling */ { begin_call,        advance,           absent_while_cancelling,  wait,                    already_cancelling },
/* succeeded  */ { impossible,        late_report,       watched_absence,          watched_no_news,         already_final      },
/* failed     */ { begin_call,        late_report,       watched_absence,          watched_no_news,         already_final      },
/* cancelled  */ { begin_call,        late_report,       watched_absence,          watched_no_news,         already_final      },
}};
// clang-format on

struct Dispatch {
    const Withdrawal& withdrawal;
    const transition::Context& context;
    const Row& row;

    Decision operator()(const BeginCall& e) const { return row.begin_call(withdrawal, e, context); }
    Decision operator()(const Reported& e) const { return row.reported(withdrawal, e, context); }
    Decision operator()(const Absent& e) const { return row.absent(withdrawal, e, context); }
    Decision operator()(const Unanswered& e) const { return row.unanswered(withdrawal, e, context); }
    Decision operator()(const CancelRequested& e) const {
        return row.cancel_requested(withdrawal, e, context);
    }
};

}  // namespace detail

/// Decides, and does nothing else: no clock, ledger or network is read. The step it answers with is to be
/// committed on the version of the withdrawal that it was given. Nothing to commit means that the event
/// brings nothing new.
[[nodiscard]] inline Decision apply(const Withdrawal& withdrawal, const Event& event, const Policy& policy,
                                    const Moment& moment) {
    const transition::Context context{policy, moment};
    const detail::Row& row = detail::table.at(static_cast<std::size_t>(withdrawal.state));
    return std::visit(detail::Dispatch{withdrawal, context, row}, event);
}

}  // namespace tixian
