// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <span>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/state.h>

#include "tixian/testing/ledger_generators.hpp"
#include "tixian/testing/ledger_readings.hpp"

namespace tixian::testing {

/// A ledger and the very changes that it was given, so that one of them can be committed again.
struct LedgerUnderTest {
    Ledger& ledger;
    std::map<int, Change> given{};
};

namespace detail {

// RapidCheck names the functions that a command overrides.
// NOLINTBEGIN(readability-identifier-naming)

/// Commits some actions in one batch, and compares every answer and all that can be read afterwards.
class CommitActions : public rc::state::Command<GeneratedState, LedgerUnderTest> {
 public:
    void checkPreconditions(const GeneratedState& state) const override {
        GeneratedState rolling = state;
        for (const Action& action : actions_) {
            RC_PRE(is_possible(rolling, action));
            rolling.commit(action);
        }
    }
    void apply(GeneratedState& state) const override {
        for (const Action& action : actions_) state.commit(action);
    }
    void run(const GeneratedState& before, LedgerUnderTest& subject) const override {
        GeneratedState after = before;
        std::vector<Change> changes;
        std::string expected, answered;
        for (const Action& action : actions_) {
            changes.push_back(given(action, after.model, subject));
            expected += after.commit(action) + "\n";
        }
        for (const Outcome& outcome : subject.ledger.commit(changes)) answered += text_of(outcome) + "\n";
        if (answered != expected)
            RC_FAIL("the ledger answered\n" + answered + "where the model answers\n" + expected);
        const std::string difference = first_difference(subject.ledger, after.model);
        if (!difference.empty()) RC_FAIL(difference);
    }
    void show(std::ostream& out) const override {
        for (const Action& action : actions_) out << (actions_.size() > 1 ? "\n    " : "") << text_of(action);
    }

 protected:
    explicit CommitActions(std::vector<Action> actions) : actions_(std::move(actions)) {}

 private:
    /// The action as a change, made once.
    static const Change& given(const Action& action, const LedgerModel& model, LedgerUnderTest& subject) {
        if (const auto known = subject.given.find(action.number); known != subject.given.end())
            return known->second;
        const auto row = model.rows.find(action.id);
        const bool is_known = row != model.rows.end();
        const Change change = change_of(action, is_known ? row->second.request : some_request(action.id),
                                        is_known ? row->second.state : State::submitting);
        return subject.given.emplace(action.number, change).first->second;
    }

    std::vector<Action> actions_;
};

// NOLINTEND(readability-identifier-naming)

template <Action (*Make)(const GeneratedState&)>
class CommitOne : public CommitActions {
 public:
    explicit CommitOne(const GeneratedState& state) : CommitActions({Make(state)}) {}
};

class CommitBatch : public CommitActions {
 public:
    explicit CommitBatch(const GeneratedState& state) : CommitActions(some_batch(state)) {}
};

inline void run_commands_on(Ledger& ledger) {
    LedgerUnderTest subject{ledger};
    rc::state::check(
        GeneratedState{}, subject,
        rc::state::gen::execOneOfWithArgs<
            CommitOne<some_deposit>, CommitOne<some_request_of_anybody>, CommitOne<some_request_of_anybody>,
            CommitOne<some_step>, CommitOne<some_step>, CommitOne<some_stale_step>, CommitOne<some_switch>,
            CommitOne<some_correction>, CommitOne<some_action_again>, CommitBatch>());
    const std::string wrong = what_is_wrong_with_the_books(ledger, users);
    if (!wrong.empty()) RC_FAIL(wrong);
}

}  // namespace detail

/// Checks with generated commands that a ledger answers and reads as LedgerModel says, and that its books
/// balance. A team runs it on its own adapter:
///
///     TEST(MyLedger, DoesAsTheModelSays) { check_ledger_against_model([] { return make_mine(); }); }
///
/// Each of `runs` begins with a new ledger and has up to `commands_max` commands. A failure is shrunk and
/// shows the commands that are left; the RC_PARAMS that RapidCheck prints at the end repeat it.
inline void check_ledger_against_model(const std::function<std::unique_ptr<Ledger>()>& make, int runs = 100,
                                       int commands_max = 100) {
    rc::detail::TestMetadata metadata;
    // RapidCheck reproduces by this id, so each test has its own.
    if (const auto* test = ::testing::UnitTest::GetInstance()->current_test_info())
        metadata.id = std::string(test->test_suite_name()) + "/" + test->name();
    rc::detail::TestParams params = rc::detail::configuration().testParams;
    params.maxSuccess = runs;
    params.maxSize = commands_max;
    const auto result = rc::detail::checkTestable(
        [&] {
            const std::unique_ptr<Ledger> ledger = make();
            if (ledger == nullptr) RC_FAIL("no ledger was made");
            detail::run_commands_on(*ledger);
        },
        metadata, params);
    if (result.template is<rc::detail::SuccessResult>()) return;
    std::ostringstream text;
    rc::detail::printResultMessage(result, text);
    ADD_FAILURE() << text.str();
}

}  // namespace tixian::testing
