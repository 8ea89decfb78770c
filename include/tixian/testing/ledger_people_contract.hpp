// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "tixian/ledger.hpp"
#include "tixian/testing/ledger_fixture.hpp"

namespace tixian::testing {

// The part of LedgerContract that is about what people do: switches, corrections, notes, and what waits for
// them. It defines tests, so one unit of a program includes it.

TEST_P(LedgerContract, RefusesASubmitOfAClosedChannelAndLeavesEverythingAsItWas) {
    deposit(user("u1"), 1000_fen);
    ASSERT_TRUE(is_applied(commit(request_change("WD1", user("u1"), 300_fen, "k1"))));
    ASSERT_TRUE(is_applied(commit(switch_change("wechat", false))));
    const std::string before = everything({"u1"});

    EXPECT_TRUE(std::holds_alternative<Closed>(commit(submit_change("WD1"))));

    EXPECT_EQ(everything({"u1"}), before);
}

TEST_P(LedgerContract, TakesTheSameSubmitOnceTheChannelIsOpenAgain) {
    deposit(user("u1"), 1000_fen);
    ASSERT_TRUE(is_applied(commit(request_change("WD1", user("u1"), 300_fen, "k1"))));
    ASSERT_TRUE(is_applied(commit(switch_change("wechat", false))));
    const Change submit = submit_change("WD1");
    ASSERT_FALSE(is_applied(commit(submit)));

    ASSERT_TRUE(is_applied(commit(switch_change("wechat", true))));

    EXPECT_TRUE(std::holds_alternative<Applied>(commit(submit)));
}

TEST_P(LedgerContract, TakesAllButSubmitsWhileAChannelIsClosed) {
    deposit(user("u1"), 1000_fen);
    ASSERT_TRUE(is_applied(commit(switch_change("wechat", false))));

    EXPECT_TRUE(is_applied(commit(request_change("WD1", user("u1"), 300_fen, "k1"))));
    EXPECT_TRUE(is_applied(commit(release_change("WD1"))));
}

TEST_P(LedgerContract, ClosesOnlyTheChannelThatIsNamed) {
    deposit(user("u1"), 1000_fen);
    ASSERT_TRUE(is_applied(commit(request_change("WD1", user("u1"), 300_fen, "k1"))));
    ASSERT_TRUE(is_applied(commit(switch_change("other", false))));

    EXPECT_TRUE(is_applied(commit(submit_change("WD1"))));
}

TEST_P(LedgerContract, AnswersAStaleSubmitOfAClosedChannelAsAConflict) {
    deposit(user("u1"), 1000_fen);
    ASSERT_TRUE(is_applied(commit(request_change("WD1", user("u1"), 300_fen, "k1"))));
    const Change submit = submit_change("WD1");
    ASSERT_TRUE(is_applied(commit(release_change("WD1"))));
    ASSERT_TRUE(is_applied(commit(switch_change("wechat", false))));

    EXPECT_TRUE(std::holds_alternative<Conflict>(commit(submit)));
}

TEST_P(LedgerContract, HoldsASwitchAgainstWhatFollowsItInTheBatch) {
    deposit(user("u1"), 1000_fen);
    ASSERT_TRUE(is_applied(commit(request_change("WD1", user("u1"), 300_fen, "k1"))));
    const std::vector<Change> batch{switch_change("wechat", false), submit_change("WD1"),
                                    switch_change("wechat", true), submit_change("WD1")};

    const auto outcomes = ledger_->commit(batch);

    ASSERT_EQ(outcomes.size(), 4u);
    EXPECT_TRUE(std::holds_alternative<Closed>(outcomes[1]));
    EXPECT_TRUE(is_applied(outcomes[3]));
}

TEST_P(LedgerContract, TellsTheLastActOnEachSwitch) {
    EXPECT_TRUE(ledger_->switches().value().empty());
    const std::vector<Change> acts{switch_change("wechat", false, "fraud"), switch_change("alipay", false),
                                   switch_change("wechat", true, "all clear")};
    for (const Change& act : acts) ASSERT_TRUE(is_applied(commit(act)));

    const std::vector<Switch> expected{std::get<Switch>(acts[1].what), std::get<Switch>(acts[2].what)};
    EXPECT_EQ(ledger_->switches().value(), expected);
}

TEST_P(LedgerContract, KeepsWhatIsHeldOutOfWhatIsDueWhileItsChannelIsClosed) {
    deposit(user("u1"), 1000_fen);
    for (int i = 1; i <= 4; ++i) {
        Change request =
            request_change("WD" + std::to_string(i), user("u1"), 100_fen, "k" + std::to_string(i));
        auto& next = std::get<Step>(request.what).next;
        next.due_at = now_ + Duration(10 - i);
        if (i == 2) next.state = State::submitting;  // what runs already goes on
        if (i == 3) next.order.channel = ChannelName::parse("other").value();
        ASSERT_TRUE(is_applied(commit(request)));
    }
    const auto due = [&](std::size_t limit) {
        return numbers_of(ledger_->due(now_ + Duration(10), limit, {}).value());
    };

    ASSERT_EQ(due(10), "WD4 WD3 WD2 WD1 ");
    ASSERT_TRUE(is_applied(commit(switch_change("wechat", false))));
    EXPECT_EQ(due(10), "WD3 WD2 ");
    EXPECT_EQ(due(1), "WD3 ");  // what is left out takes nobody's place
    ASSERT_TRUE(is_applied(commit(switch_change("wechat", true))));
    EXPECT_EQ(due(10), "WD4 WD3 WD2 WD1 ");
}

TEST_P(LedgerContract, ListsOnlyTheChannelsAndCallsThatAreWanted) {
    deposit(user("u1"), 1000_fen);
    const ChannelName wechat = ChannelName::parse("wechat").value(),
                      other = ChannelName::parse("other").value();
    for (int i = 1; i <= 4; ++i) {
        Change request =
            request_change("WD" + std::to_string(i), user("u1"), 100_fen, "k" + std::to_string(i));
        auto& next = std::get<Step>(request.what).next;
        next.due_at = now_ + Duration(i);
        if (i % 2 == 0) next.order.channel = other;
        if (i > 2) next.state = State::submitting;
        if (i > 2) next.next_call = CallKind::query;
        ASSERT_TRUE(is_applied(commit(request)));
    }
    const auto due = [&](const DueFilter& filter) {
        return numbers_of(ledger_->due(now_ + Duration(10), 10, filter).value());
    };

    EXPECT_EQ(due({wechat, {}, {}}), "WD1 WD3 ");
    EXPECT_EQ(due({{}, CallKind::query, {}}), "WD3 WD4 ");
    EXPECT_EQ(due({other, CallKind::submit, {}}), "WD2 ");
    EXPECT_EQ(due({other, CallKind::cancel, {}}), "");
    EXPECT_EQ(due({{}, {}, {wechat}}), "WD2 WD4 ");
    EXPECT_EQ(due({{}, {}, {wechat, other}}), "");
}

TEST_P(LedgerContract, BooksACorrectionThroughSuspense) {
    deposit(user("u1"), 1000_fen);
    const Account wallet{AccountKind::user_available, user("u1")};

    ASSERT_TRUE(is_applied(commit(correction_change("c1", "WD1", wallet, 300_fen))));
    ASSERT_TRUE(is_applied(commit(correction_change("c2", "WD1", {AccountKind::fees, {}}, -50_fen))));

    const std::vector<AccountBalance> expected{
        {"fees", -50_fen}, {"funding", -1000_fen}, {"suspense", -250_fen}, {"user:u1:available", 1300_fen}};
    EXPECT_EQ(ledger_->trial_balance().value(), expected);
}

TEST_P(LedgerContract, TakesACorrectionOncePerReference) {
    const Account wallet{AccountKind::user_available, user("u1")};
    ASSERT_TRUE(is_applied(commit(correction_change("c1", "WD1", wallet, 300_fen))));
    const std::string before = everything({"u1"});

    const Outcome replay = commit(correction_change("c1", "WD1", wallet, 300_fen));

    ASSERT_TRUE(std::holds_alternative<Duplicate>(replay));
    EXPECT_EQ(std::get<Duplicate>(replay).field, "");
    EXPECT_EQ(std::get<Duplicate>(replay).first.text(), "WD1");
    EXPECT_EQ(everything({"u1"}), before);
    EXPECT_EQ(ledger_->corrections(WithdrawalId::parse("WD1").value()).value().size(), 1u);
}

TEST_P(LedgerContract, NamesTheFieldInWhichACorrectionDiffers) {
    const Account wallet{AccountKind::user_available, user("u1")};
    ASSERT_TRUE(is_applied(commit(correction_change("c1", "WD1", wallet, 300_fen))));

    const Outcome outcomes[] = {
        commit(correction_change("c1", "WD2", wallet, 300_fen)),
        commit(correction_change("c1", "WD1", {AccountKind::user_available, user("u2")}, 300_fen)),
        commit(correction_change("c1", "WD1", wallet, 301_fen))};

    std::string text;
    for (const Outcome& outcome : outcomes) {
        ASSERT_TRUE(std::holds_alternative<Duplicate>(outcome));
        text += std::get<Duplicate>(outcome).first.text() + " " + std::get<Duplicate>(outcome).field + ", ";
    }
    EXPECT_EQ(text, "WD1 withdraw_id, WD1 account, WD1 amount, ");
}

TEST_P(LedgerContract, NeverCorrectsAWalletBelowZero) {
    deposit(user("u1"), 100_fen);
    const Account wallet{AccountKind::user_available, user("u1")};
    const std::string before = everything({"u1"});

    EXPECT_TRUE(
        std::holds_alternative<InsufficientFunds>(commit(correction_change("c1", "WD1", wallet, -101_fen))));
    EXPECT_EQ(everything({"u1"}), before);
    EXPECT_TRUE(is_applied(commit(correction_change("c1", "WD1", wallet, -100_fen))));
}

TEST_P(LedgerContract, KeepsTheReferencesOfDepositsAndCorrectionsApart) {
    const Account wallet{AccountKind::user_available, user("u1")};
    ASSERT_TRUE(is_applied(commit(deposit_change(user("u1"), 100_fen, "r1"))));

    EXPECT_TRUE(is_applied(commit(correction_change("r1", "WD1", wallet, 300_fen))));

    EXPECT_EQ(ledger_->balance(user("u1")).value().available, 400_fen);
}

TEST_P(LedgerContract, ReadsCorrectionsBackInTheOrderInWhichTheyWereMade) {
    const Account wallet{AccountKind::user_available, user("u1")};
    const std::vector<Change> changes{correction_change("c2", "WD1", wallet, 300_fen),
                                      correction_change("c1", "WD1", {AccountKind::funding, {}}, -50_fen),
                                      correction_change("c3", "WD2", wallet, 300_fen)};
    for (const Change& change : changes) ASSERT_TRUE(is_applied(commit(change)));

    const std::vector<Correction> expected{std::get<Correction>(changes[0].what),
                                           std::get<Correction>(changes[1].what)};
    EXPECT_EQ(ledger_->corrections(WithdrawalId::parse("WD1").value()).value(), expected);
}

TEST_P(LedgerContract, KeepsNotesInTheOrderInWhichTheyWereWritten) {
    deposit(user("u1"), 1000_fen);
    Change request = request_change("WD1", user("u1"), 100_fen, "k1");
    Step& step = std::get<Step>(request.what);
    const WithdrawalId id = step.next.id;
    const OperatorId by = OperatorId::parse("op").value();
    step.notes = {{id, NoteKind::report_after_release, 1, now_, {}, "SUCCESS"},
                  {id, NoteKind::paid_after_release, 1, now_, {}, "1330"}};
    std::vector<Note> expected = step.notes;
    ASSERT_TRUE(is_applied(commit(request)));
    for (int version = 2; version <= 3; ++version) {  // what a person does, he may do again
        Withdrawal next = *ledger_->find(id).value();
        next.version = version;
        const Note note{id, NoteKind::resumed, version, now_, by, "说明 'quoted'"};
        ASSERT_TRUE(is_applied(commit(change({next, {}, {note}, "resumed"}))));
        expected.push_back(note);
    }

    EXPECT_EQ(ledger_->notes(id).value(), expected);
}

TEST_P(LedgerContract, ReadsTheNotesOfOneKindNewestFirst) {
    deposit(user("u1"), 1000_fen);
    const Timestamp begin = now_;
    for (int i = 1; i <= 4; ++i) {
        Change request =
            request_change("WD" + std::to_string(i), user("u1"), 100_fen, "k" + std::to_string(i));
        Step& step = std::get<Step>(request.what);
        const NoteKind kind = i == 2 ? NoteKind::vanished : NoteKind::review_wanted;
        // The third was decided last, and committed before the fourth by another server.
        const Timestamp at = begin + Duration(i == 3 ? 50 : i);
        step.notes = {{step.next.id, kind, 1, at, {}, "why"}};
        ASSERT_TRUE(is_applied(commit(request)));
    }
    const auto numbers = [&](std::size_t limit) {
        std::string text;
        const auto notes = ledger_->notes_of(NoteKind::review_wanted, limit).value();
        for (const Note& note : notes) text += note.id.text() + " ";
        return text;
    };

    EXPECT_EQ(numbers(10), "WD3 WD4 WD1 ");
    EXPECT_EQ(numbers(2), "WD3 WD4 ");
    EXPECT_TRUE(ledger_->notes_of(NoteKind::approved, 10).value().empty());
}

TEST_P(LedgerContract, CountsNotesByKind) {
    deposit(user("u1"), 1000_fen);
    EXPECT_TRUE(ledger_->note_counts().value().empty());
    for (int i = 1; i <= 3; ++i) {
        Change request =
            request_change("WD" + std::to_string(i), user("u1"), 100_fen, "k" + std::to_string(i));
        Step& step = std::get<Step>(request.what);
        step.notes = {
            {step.next.id, i == 1 ? NoteKind::vanished : NoteKind::horizon_passed, 1, now_, {}, ""}};
        ASSERT_TRUE(is_applied(commit(request)));
    }

    const std::vector<NoteCount> expected{{NoteKind::horizon_passed, 2}, {NoteKind::vanished, 1}};
    EXPECT_EQ(ledger_->note_counts().value(), expected);
}

TEST_P(LedgerContract, KeepsNoNoteOfARefusedChange) {
    Change request = request_change("WD1", user("u1"), 100_fen, "k1");
    Step& step = std::get<Step>(request.what);
    step.notes = {{step.next.id, NoteKind::review_wanted, 1, now_, {}, "why"}};

    ASSERT_TRUE(std::holds_alternative<InsufficientFunds>(commit(request)));

    EXPECT_TRUE(ledger_->notes(step.next.id).value().empty());
    EXPECT_TRUE(ledger_->note_counts().value().empty());
}

TEST_P(LedgerContract, PagesThroughWhatWaitsForAPersonOldestFirst) {
    deposit(user("u1"), 1000_fen);
    for (int i = 1; i <= 6; ++i) {
        if (i != 3) now_ += Duration(10);  // two of them share a moment
        Change request =
            request_change("WD" + std::to_string(i), user("u1"), 100_fen, "k" + std::to_string(i));
        auto& next = std::get<Step>(request.what).next;
        if (i % 2 == 0) next.state = State::in_review;
        if (i == 3 || i == 5) next.parked = true;
        ASSERT_TRUE(is_applied(commit(request)));
    }

    std::string seen;
    std::optional<Cursor> after;
    for (int page = 0; page < 10; ++page) {
        const auto rows = ledger_->waiting_for_person(2, after).value();
        if (rows.empty()) break;
        seen += numbers_of(rows) + "| ";
        after = Cursor{rows.back().created_at, rows.back().id};
    }

    EXPECT_EQ(seen, "WD2 WD3 | WD4 WD5 | WD6 | ");
}

TEST_P(LedgerContract, WaitsForNobodyOnceAPersonHasDecided) {
    deposit(user("u1"), 1000_fen);
    for (const char* id : {"WD1", "WD2"}) {
        Change request = request_change(id, user("u1"), 100_fen, id);
        Withdrawal& next = std::get<Step>(request.what).next;
        next.parked = id == std::string("WD1");
        if (!next.parked) next.state = State::in_review;
        ASSERT_TRUE(is_applied(commit(request)));
    }
    ASSERT_EQ(numbers_of(ledger_->waiting_for_person(10, std::nullopt).value()), "WD1 WD2 ");

    Withdrawal resumed = *ledger_->find(WithdrawalId::parse("WD1").value()).value();
    ++resumed.version;
    resumed.parked = false;
    ASSERT_TRUE(is_applied(commit(change({resumed, {}, {}, "resumed"}))));
    ASSERT_TRUE(is_applied(commit(release_change("WD2"))));

    EXPECT_TRUE(ledger_->waiting_for_person(10, std::nullopt).value().empty());
}

}  // namespace tixian::testing
