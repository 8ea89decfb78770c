// SPDX-License-Identifier: MIT
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "tixian/apply.hpp"

// docs/states.md shows what apply() does, and is made from it: every state is tried with every kind of event.
// TIXIAN_WRITE_DOCS=1 writes the document anew.

namespace tixian {
namespace {

constexpr State states[] = {State::in_review,  State::held,      State::submitting, State::live,
                            State::cancelling, State::succeeded, State::failed,     State::cancelled};
const std::vector<std::string> event_names{
    "next call", "report", "not found", "no news",           "cancel",
    "approve",   "reject", "resume",    "paid, by evidence", "unpaid, by evidence"};

/// What one event did to one state: the names of the steps, each with the state after it.
struct Cell {
    std::set<std::pair<std::string, State>> steps;
    bool is_refused = false;
};

class Chart {
 public:
    Chart() {
        for (const State first : {State::held, State::in_review}) {
            Withdrawal w;
            w.id = WithdrawalId::parse("WD1").value();
            w.order.user = UserId::parse("u1").value();
            w.order.amount = 100_fen;
            w.order.channel = ChannelName::parse("wechat").value();
            w.order.openid = Openid::parse("o1").value();
            w.state = first;
            w.version = 1;
            w.created_at = start;
            if (first == State::held) w.due_at = start;
            visit(w);
        }
        while (!open_.empty()) {
            const Withdrawal w = open_.front();
            open_.pop_front();
            expand(w);
        }
    }

    static const Chart& whole() {
        static const Chart chart;
        return chart;
    }

    std::map<std::pair<State, std::size_t>, Cell> cells;

 private:
    static constexpr Timestamp start{std::chrono::hours(24 * 365 * 55)};

    /// What decides how an event is met; times only as far as they are past the horizon.
    static std::string key(const Withdrawal& w) {
        std::string k;
        for (const std::int64_t n :
             {static_cast<std::int64_t>(w.state), static_cast<std::int64_t>(w.bill_state),
              static_cast<std::int64_t>(std::min(w.attempts.count, 2)), std::int64_t{w.bill_seen},
              std::int64_t{w.number_taken}, std::int64_t{w.refused}, std::int64_t{w.refused_for_content},
              std::int64_t{w.parked}, static_cast<std::int64_t>(w.released_by), std::int64_t{w.watches_left},
              static_cast<std::int64_t>(w.next_call), std::int64_t{w.due_at.has_value()},
              std::int64_t{w.lease_until != Timestamp{}}, std::int64_t{w.absence_at.has_value()},
              std::int64_t{w.updated_at > start + std::chrono::days(27)}})
            k += static_cast<char>(n);
        return k;
    }

    void visit(const Withdrawal& w) {
        if (seen_.insert(key(w)).second) open_.push_back(w);
    }

    void happens(const Withdrawal& w, const Event& event, Timestamp now) {
        Cell& cell = cells[{w.state, event.index()}];
        const auto decision = apply(w, event, policy_, {now, 0});
        if (!decision) {
            cell.is_refused = true;
        } else if (*decision) {
            cell.steps.emplace(std::string((*decision)->event), (*decision)->next.state);
            visit((*decision)->next);
        }
    }

    void expand(const Withdrawal& w) {
        const Destination here{"transfer-bills", Mchid::parse("1900000001").value(),
                               Appid::parse("wx1").value()};
        const Timestamp begun = std::max(w.updated_at, start);
        for (const Duration later : {Duration{0}, Duration(std::chrono::hours(25)),
                                     Duration(std::chrono::hours(50)), Duration(std::chrono::days(28))}) {
            Timestamp now = std::max(begun, w.lease_until) + later;
            if (w.due_at) now = std::max(now, *w.due_at);
            happens(w, BeginCall{here, Submission{"{}", ""}}, now);
            happens(w, BeginCall{}, now);
            for (const bool verified : {false, true})
                happens(w, Absent{{now, verified}, {CallKind::query, w.calls}}, now);
        }
        reports(w, begun);
        no_news(w, begun);
        people(w, begun);
    }

    void reports(const Withdrawal& w, Timestamp now) {
        for (const BillState state :
             {BillState::unknown, BillState::accepted, BillState::processing, BillState::wait_user_confirm,
              BillState::transfering, BillState::canceling, BillState::success, BillState::fail,
              BillState::cancelled}) {
            for (const CallKind kind : {CallKind::submit, CallKind::query, CallKind::cancel}) {
                Report report;
                report.id = w.id;
                report.state = state;
                happens(w, Reported{report, CallRef{kind, w.calls}}, now);
                happens(w, Reported{report, std::nullopt}, now);
                report.amount = 1_fen;
                happens(w, Reported{report, std::nullopt}, now);
            }
        }
    }

    void no_news(const Withdrawal& w, Timestamp now) {
        for (int kind = 0; kind <= static_cast<int>(NoNewsKind::number_taken); ++kind) {
            for (const bool content_only : {false, true}) {
                NoNews news;
                news.kind = static_cast<NoNewsKind>(kind);
                news.verified = true;
                news.content_only = content_only;
                news.answered_at = now;
                for (const CallKind call : {CallKind::submit, CallKind::query, CallKind::cancel})
                    happens(w, Unanswered{news, {call, w.calls}}, now);
            }
        }
    }

    void people(const Withdrawal& w, Timestamp now) {
        const PersonsAct act{{OperatorId::parse("op").value(), "why"}, w.version};
        happens(w, CancelRequested{}, now);
        happens(w, Approved{act}, now);
        happens(w, Rejected{act}, now);
        happens(w, Resumed{act}, now);
        happens(w, PaidByEvidence{act}, now);
        happens(w, UnpaidByEvidence{act}, now);
    }

    Policy policy_;
    std::set<std::string> seen_;
    std::deque<Withdrawal> open_;
};

std::string diagram(const Chart& chart) {
    std::map<std::pair<State, State>, std::set<std::string>> edges;
    for (const auto& [where, cell] : chart.cells) {
        for (const auto& [step, after] : cell.steps) {
            if (after != where.first) edges[{where.first, after}].insert(step);
        }
    }
    std::string text =
        "```mermaid\nstateDiagram-v2\n    direction TB\n    [*] --> held: requested\n"
        "    [*] --> in_review: requested, to be reviewed\n";
    for (const auto& [ends, steps] : edges) {
        text += "    " + std::string(name(ends.first)) + " --> " + std::string(name(ends.second)) + ": ";
        std::string between;
        for (const std::string& step : steps) text += std::exchange(between, "<br>") + step;
        text += "\n";
    }
    for (const State state : states)
        if (is_final(state)) text += "    " + std::string(name(state)) + " --> [*]\n";
    return text + "```\n";
}

std::string table(const Chart& chart) {
    std::string text = "| state | event | steps that it may take |\n|---|---|---|\n";
    for (const State state : states) {
        for (std::size_t event = 0; event < event_names.size(); ++event) {
            const Cell& cell = chart.cells.at({state, event});
            std::string steps, between;
            for (const auto& [step, after] : cell.steps) {
                steps += std::exchange(between, ", ") + "`" + step + "`";
                if (after != state) steps += " → " + std::string(name(after));
            }
            if (cell.steps.empty()) steps = cell.is_refused ? "refused" : "changes nothing";
            text += "| `" + std::string(name(state)) + "` | " + event_names[event] + " | " + steps + " |\n";
        }
    }
    return text;
}

std::string document() {
    const Chart& chart = Chart::whole();
    return "# The states of a withdrawal\n\n"
           "Made from `apply()` by `tests/house/states_test.cpp`: every state that can be reached was tried "
           "with every kind of\nevent. A test fails when this page and the code differ; "
           "`TIXIAN_WRITE_DOCS=1 scripts/test States` writes it anew.\nWhat the states mean, and by which "
           "rule each step is allowed, stands in `docs/architecture.md` and\n`docs/money-safety.md`.\n\n"
           "## From state to state\n\n" +
           diagram(chart) +
           "\n## Every state with every event\n\n"
           "*Refused* is an error by name with nothing changed. An arrow is a step that leaves the state; "
           "the "
           "others stay in\nit and record something: an answer, a call begun, an anomaly. Before a step an "
           "event may also bring nothing new\n(an older report, a repeated answer), which changes "
           "nothing.\n\n" +
           table(chart);
}

TEST(States, AreDocumentedAsTheyAre) {
    const std::filesystem::path path = std::filesystem::path(TIXIAN_SOURCE_DIR) / "docs/states.md";
    if (std::getenv("TIXIAN_WRITE_DOCS") != nullptr) std::ofstream(path) << document();
    std::ifstream file(path);
    const std::string written{std::istreambuf_iterator<char>(file), {}};

    EXPECT_EQ(written, document());
}

TEST(States, EachMeetsEachEvent) {
    const Chart& chart = Chart::whole();
    for (const State state : states) {
        for (std::size_t event = 0; event < event_names.size(); ++event)
            EXPECT_TRUE(chart.cells.contains({state, event})) << name(state) << ", " << event_names[event];
    }
}

}  // namespace
}  // namespace tixian
