// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "desk.hpp"

namespace tixian {
namespace {

using namespace std::chrono_literals;

/// What a person decides by evidence, of withdrawals that are parked (R4 e).
class PersonsDecision : public ::testing::Test, protected Desk {
 protected:
    using Act = Result<Withdrawal> (Service::*)(const WithdrawalId&, std::int64_t, const Person&);
    static constexpr std::pair<const char*, Act> acts[] = {
        {"settle", &Service::settle}, {"release", &Service::release}, {"resume", &Service::resume}};

    /// Submitted; then WeChat spoke of another bill than ours.
    [[nodiscard]] Withdrawal parked() {
        const Withdrawal w = requested(1000_fen, "k", {.fee = {.flat = 10_fen}});
        Report other = report(w.id, "ACCEPTED");
        other.amount = 1_fen;
        record(claim(), other);
        EXPECT_TRUE(stored(w.id).parked);
        return stored(w.id);
    }
    /// Submitted in vain for 27 days.
    [[nodiscard]] Withdrawal parked_at_the_horizon() {
        const Withdrawal w = requested(1000_fen, "k");
        no_news(claim(), NoNewsKind::lost);
        clock.advance(service.policy().horizon);
        EXPECT_TRUE(service.claim(10).value().empty());
        EXPECT_TRUE(stored(w.id).parked);
        return stored(w.id);
    }
    [[nodiscard]] Note last_note(const WithdrawalId& id) { return notes(id).back(); }
};

TEST_F(PersonsDecision, IsWaitedForByWhatIsParked) {
    const Withdrawal w = parked();
    clock.advance(std::chrono::days(60));

    EXPECT_TRUE(service.claim(10).value().empty());
    EXPECT_EQ(memory.waiting_for_person(10, std::nullopt).value(), std::vector{w});
    EXPECT_EQ(balance().held, 1010_fen);
}

TEST_F(PersonsDecision, ToSettlePaysFromWhatIsHeld) {
    const Withdrawal w = parked();

    EXPECT_EQ(service.settle(w.id, w.version, li()).value().state, State::succeeded);

    EXPECT_EQ(balance(), (Balance{8990_fen, Money()}));
    EXPECT_EQ(account("wechat:clearing"), 1000_fen);
    EXPECT_EQ(account("fees"), 10_fen);
    EXPECT_EQ(day(), (Usage{1000_fen, 1}));
    EXPECT_TRUE(memory.waiting_for_person(10, std::nullopt).value().empty());
}

TEST_F(PersonsDecision, ToReleaseGivesMoneyAndClaimsBack) {
    const Withdrawal w = parked();

    const Withdrawal released = service.release(w.id, w.version, li()).value();

    EXPECT_EQ(released.state, State::failed);
    EXPECT_EQ(released.released_by, Proof::person);
    EXPECT_EQ(balance(), (Balance{10000_fen, Money()}));
    EXPECT_EQ(day(), Usage{});
}

TEST_F(PersonsDecision, ToReleaseWhatIsBeingCancelledMakesItCancelled) {
    const Withdrawal w = parked();
    const Withdrawal cancelling = service.cancel(user(), w.id).value();

    EXPECT_EQ(service.release(w.id, cancelling.version, li()).value().state, State::cancelled);
}

TEST_F(PersonsDecision, ToResumeGoesOnWithAQuestionAndNeverASubmit) {
    const Withdrawal w = parked();

    EXPECT_FALSE(service.resume(w.id, w.version, li()).value().parked);

    EXPECT_EQ(claim().kind, CallKind::query);
}

TEST_F(PersonsDecision, ResumedItEndsByWechatsWord) {
    const Withdrawal w = parked();
    static_cast<void>(service.resume(w.id, w.version, li()).value());

    answer(claim(), "SUCCESS");

    EXPECT_EQ(stored(w.id).state, State::succeeded);
}

TEST_F(PersonsDecision, CannotResumeWhatWechatHasForgotten) {
    const Withdrawal w = parked_at_the_horizon();

    EXPECT_EQ(said(service.resume(w.id, w.version, li())), "not_allowed ");
    EXPECT_EQ(said(service.settle(w.id, w.version, li())), "accepted");
}

TEST_F(PersonsDecision, IsRecordedWithWhoWhenAndWhy) {
    constexpr NoteKind kinds[] = {NoteKind::settled_by_person, NoteKind::released_by_person,
                                  NoteKind::resumed};
    for (std::size_t i = 0; i < std::size(acts); ++i) {
        SCOPED_TRACE(acts[i].first);
        Desk desk;
        const Withdrawal w = desk.requested();
        Report other = report(w.id, "ACCEPTED");
        other.amount = 1_fen;
        desk.record(desk.claim(), other);
        desk.clock.advance(1h);
        const std::int64_t version = desk.stored(w.id).version;

        static_cast<void>((desk.service.*acts[i].second)(w.id, version, li("line 7 of the bill")).value());

        const OperatorId by = OperatorId::parse("li").value();
        const Note expected{w.id, kinds[i], version + 1, desk.clock.now(), by, "line 7 of the bill"};
        EXPECT_EQ(desk.notes(w.id).back(), expected);
    }
}

TEST_F(PersonsDecision, OnAnotherVersionThanTheStoredIsRefused) {
    const Withdrawal w = parked();
    for (const auto& [name, act] : acts) {
        SCOPED_TRACE(name);
        EXPECT_EQ(said((service.*act)(w.id, w.version - 1, li())), "conflict version");
        EXPECT_EQ(said((service.*act)(w.id, w.version + 1, li())), "conflict version");
    }
    EXPECT_EQ(stored(w.id), w);
}

TEST_F(PersonsDecision, OnWhatWasChangedInTheLastMomentIsRefused) {
    const Withdrawal w = parked();
    ledger.overtake([&] { EXPECT_TRUE(service.notify(report(w.id, "SUCCESS")).has_value()); });

    EXPECT_EQ(said(service.release(w.id, w.version, li())), "conflict version");

    EXPECT_EQ(stored(w.id).state, State::succeeded);
    EXPECT_EQ(balance(), (Balance{8990_fen, Money()}));
}

TEST_F(PersonsDecision, OnWhatIsNotParkedIsRefused) {
    const Withdrawal held = requested();
    for (const auto& [name, act] : acts) {
        SCOPED_TRACE(name);
        EXPECT_EQ(said((service.*act)(held.id, held.version, li())), "not_allowed ");
    }
    no_news(claim(), NoNewsKind::lost);
    const Withdrawal submitting = stored(held.id);
    for (const auto& [name, act] : acts) {
        SCOPED_TRACE(name);
        EXPECT_EQ(said((service.*act)(submitting.id, submitting.version, li())), "not_allowed ");
    }
    EXPECT_EQ(stored(held.id), submitting);
}

TEST_F(PersonsDecision, NeedsANameAndAReason) {
    const Withdrawal w = parked();
    for (const auto& [name, act] : acts) {
        SCOPED_TRACE(name);
        EXPECT_EQ(said((service.*act)(w.id, w.version, li(""))), "invalid_argument reason");
        EXPECT_EQ(said((service.*act)(w.id, w.version, {{}, "why"})), "invalid_argument operator");
    }
    EXPECT_EQ(stored(w.id), w);
}

// A release by a person is watched.

TEST_F(PersonsDecision, ToReleaseIsWatchedForAnHourAndADay) {
    const Withdrawal w = parked();
    static_cast<void>(service.release(w.id, w.version, li()).value());
    const Timestamp released_at = clock.now();

    EXPECT_EQ(stored(w.id).due_at, released_at + 1h);
    EXPECT_EQ(stored(w.id).next_call, CallKind::query);
    EXPECT_EQ(stored(w.id).watches_left, 2);
}

TEST_F(PersonsDecision, ABillThatSurfacesAfterAReleaseIsCancelledAndRaised) {
    const Withdrawal w = parked();
    static_cast<void>(service.release(w.id, w.version, li()).value());
    clock.advance(1h);
    answer(claim(), "WAIT_USER_CONFIRM");
    EXPECT_EQ(last_note(w.id).kind, NoteKind::report_after_release);
    clock.advance(1min);

    const Call cancel = claim();

    EXPECT_EQ(cancel.kind, CallKind::cancel);
    answer(cancel, "CANCELLED");
    EXPECT_EQ(stored(w.id).state, State::failed);
    EXPECT_FALSE(stored(w.id).due_at.has_value());
    EXPECT_EQ(balance(), (Balance{10000_fen, Money()}));
}

TEST_F(PersonsDecision, ABillThatSurfacesAfterAReleasePastTheHorizonIsCancelledToo) {
    const Withdrawal w = parked();
    clock.advance(std::chrono::days(28));
    static_cast<void>(service.release(w.id, w.version, li()).value());
    ASSERT_TRUE(service.notify(report(w.id, "WAIT_USER_CONFIRM")).has_value());
    clock.advance(1min);

    EXPECT_EQ(claim().kind, CallKind::cancel);
}

TEST_F(PersonsDecision, ABillThatWasPaidAfterAReleaseIsRaisedAsThatAndMovesNoMoney) {
    const Withdrawal w = parked();
    static_cast<void>(service.release(w.id, w.version, li()).value());

    ASSERT_TRUE(service.notify(report(w.id, "SUCCESS")).has_value());

    EXPECT_EQ(last_note(w.id).kind, NoteKind::paid_after_release);
    EXPECT_EQ(balance(), (Balance{10000_fen, Money()}));
}

// An operator cancels.

TEST(OperatorsCancel, IsRecordedFromEveryStateFromWhichItChangesSomething) {
    struct Row {
        State from, to;
        std::function<void(Desk&)> arrange;
        Terms terms{};
    };
    const Row rows[] = {
        {State::in_review, State::cancelled, [](Desk&) {}, {.review_from = Money()}},
        {State::held, State::cancelled, [](Desk&) {}},
        {State::submitting, State::cancelling,
         [](Desk& desk) { desk.no_news(desk.claim(), NoNewsKind::lost); }},
        {State::live, State::cancelling, [](Desk& desk) { desk.answer(desk.claim(), "WAIT_USER_CONFIRM"); }},
    };
    for (const Row& row : rows) {
        SCOPED_TRACE(name(row.from));
        Desk desk;
        const WithdrawalId id = desk.requested(1000_fen, "k", row.terms).id;
        row.arrange(desk);
        ASSERT_EQ(desk.stored(id).state, row.from);

        EXPECT_EQ(desk.service.cancel(id, Desk::li("user called")).value().state, row.to);

        const Note note = desk.notes(id).back();
        EXPECT_EQ(note.kind, NoteKind::cancelled_by_operator);
        EXPECT_EQ(note.version, desk.stored(id).version);
        EXPECT_EQ(note.at, desk.clock.now());
        EXPECT_EQ(note.by.text() + ": " + note.text, "li: user called");
    }
}

TEST(OperatorsCancel, OfWhatIsCancelledAlreadyIsRecordedAndChangesNothingElse) {
    Desk desk;
    const WithdrawalId id = desk.requested().id;
    desk.no_news(desk.claim(), NoNewsKind::lost);
    const Withdrawal cancelling = desk.service.cancel(Desk::user(), id).value();

    const Withdrawal again = desk.service.cancel(id, Desk::li("user called")).value();

    EXPECT_EQ(again.state, State::cancelling);
    EXPECT_EQ(again.next_call, cancelling.next_call);
    EXPECT_EQ(again.due_at, cancelling.due_at);
    EXPECT_EQ(desk.notes(id).back().text, "user called");
}

TEST(OperatorsCancel, OfWhatIsFinalIsRefused) {
    Desk desk;
    const WithdrawalId id = desk.requested().id;
    static_cast<void>(desk.service.cancel(Desk::user(), id).value());

    EXPECT_EQ(Desk::said(desk.service.cancel(id, Desk::li())), "already_final ");
}

TEST(OperatorsCancel, NeedsANameAndAReason) {
    Desk desk;
    const Withdrawal w = desk.requested();

    EXPECT_EQ(Desk::said(desk.service.cancel(w.id, Desk::li(""))), "invalid_argument reason");
    EXPECT_EQ(Desk::said(desk.service.cancel(w.id, Person{{}, "why"})), "invalid_argument operator");
    EXPECT_EQ(desk.stored(w.id), w);
}

// The books are put right.

class Corrections : public ::testing::Test, protected Desk {
 protected:
    [[nodiscard]] Correction correction(Money amount, const std::string& reference = "c1") const {
        return {
            Reference::parse(reference).value(), w_.id, {AccountKind::user_available, user()}, amount, li()};
    }
    Withdrawal w_ = requested();
};

TEST_F(Corrections, MoveMoneyBetweenSuspenseAndAnAccount) {
    EXPECT_FALSE(service.correct(correction(300_fen)).value());
    EXPECT_FALSE(service.correct(correction(-(100_fen), "c2")).value());

    EXPECT_EQ(balance().available, 9200_fen);
    EXPECT_EQ(account("suspense"), -(200_fen));
}

TEST_F(Corrections, AreRecordedAboutTheirWithdrawal) {
    static_cast<void>(service.correct(correction(300_fen)).value());

    EXPECT_EQ(memory.corrections(w_.id).value(), std::vector{correction(300_fen)});
}

TEST_F(Corrections, HappenOncePerReference) {
    EXPECT_FALSE(service.correct(correction(300_fen)).value());
    EXPECT_TRUE(service.correct(correction(300_fen)).value());

    EXPECT_EQ(said(service.correct(correction(301_fen))), "idempotency_mismatch amount");
    EXPECT_EQ(balance().available, 9300_fen);
}

TEST_F(Corrections, OfHeldMoneyOrSuspenseItselfAreRefused) {
    Correction held = correction(300_fen), suspense = held;
    held.account = {AccountKind::user_held, user()};
    suspense.account = {AccountKind::suspense, {}};

    EXPECT_EQ(said(service.correct(held)), "not_allowed account");
    EXPECT_EQ(said(service.correct(suspense)), "not_allowed account");
}

TEST_F(Corrections, NeverTakeAWalletBelowZero) {
    EXPECT_EQ(said(service.correct(correction(-(9001_fen)))), "insufficient_funds amount");
    EXPECT_EQ(said(service.correct(correction(-(9000_fen)))), "accepted");
}

TEST_F(Corrections, NeedAWithdrawalAnAmountANameAndAReason) {
    Correction unknown = correction(300_fen), nameless = unknown, unexplained = unknown;
    unknown.about = WithdrawalId::parse("WD404").value();
    nameless.person.id = {};
    unexplained.person.reason.clear();

    EXPECT_EQ(said(service.correct(unknown)), "unknown_withdrawal withdraw_id");
    EXPECT_EQ(said(service.correct(correction(Money()))), "invalid_amount amount");
    EXPECT_EQ(said(service.correct(nameless)), "invalid_argument operator");
    EXPECT_EQ(said(service.correct(unexplained)), "invalid_argument reason");
    EXPECT_EQ(balance().available, 9000_fen);
}

// The channel's switch.

class ChannelSwitch : public ::testing::Test, protected Desk {
 protected:
    void turn(bool open) {
        ASSERT_TRUE(service.switch_channel(channel.name(), open, li("WeChat is down")).has_value());
    }
};

TEST_F(ChannelSwitch, OffNoSubmitIsClaimed) {
    const Withdrawal w = requested();
    turn(false);
    clock.advance(1h);

    EXPECT_TRUE(service.claim(10).value().empty());
    EXPECT_EQ(stored(w.id), w);
}

TEST_F(ChannelSwitch, OffNoSubmitIsBegunThatWasLookedUpBefore) {
    const Withdrawal w = requested();
    ledger.overtake([&] { turn(false); });

    EXPECT_TRUE(service.claim(10).value().empty());
    EXPECT_EQ(stored(w.id), w);
}

TEST_F(ChannelSwitch, OffRequestsAreTakenAndWait) {
    turn(false);

    EXPECT_EQ(requested().state, State::held);
    EXPECT_TRUE(service.claim(10).value().empty());
}

TEST_F(ChannelSwitch, OffQueriesGoOn) {
    const Withdrawal w = requested();
    no_news(claim(), NoNewsKind::lost);
    turn(false);
    clock.advance(1min);

    const Call query = claim();

    EXPECT_EQ(query.kind, CallKind::query);
    answer(query, "SUCCESS");
    EXPECT_EQ(stored(w.id).state, State::succeeded);
}

TEST_F(ChannelSwitch, OffWhatWouldBeSubmittedAgainIsAskedAfterInstead) {
    const Withdrawal w = requested();
    no_news(claim(), NoNewsKind::throttled);
    ASSERT_EQ(stored(w.id).next_call, CallKind::submit);
    turn(false);
    clock.advance(1min);

    const Call query = claim();

    EXPECT_EQ(query.kind, CallKind::query);
    answer(query, "SUCCESS");
    EXPECT_EQ(stored(w.id).state, State::succeeded);
}

TEST_F(ChannelSwitch, OffNotificationsGoOn) {
    const Withdrawal w = requested();
    answer(claim(), "WAIT_USER_CONFIRM");
    turn(false);

    ASSERT_TRUE(service.notify(report(w.id, "SUCCESS")).has_value());

    EXPECT_EQ(stored(w.id).state, State::succeeded);
}

TEST_F(ChannelSwitch, OffUsersMayCancel) {
    const Withdrawal held = requested(1000_fen, "k1");
    answer(claim(), "WAIT_USER_CONFIRM");
    const Withdrawal waiting = requested(1000_fen, "k2");
    turn(false);

    EXPECT_EQ(service.cancel(user(), held.id).value().state, State::cancelling);
    EXPECT_EQ(service.cancel(user(), waiting.id).value().state, State::cancelled);
    EXPECT_EQ(claim().kind, CallKind::cancel);
}

TEST_F(ChannelSwitch, OnAgainSubmitsResumeInOrder) {
    std::vector<WithdrawalId> in_order;
    for (int i = 0; i < 5; ++i) {
        in_order.push_back(requested(100_fen, "k" + std::to_string(i)).id);
        clock.advance(1s);
    }
    turn(false);
    ASSERT_TRUE(service.claim(10).value().empty());

    turn(true);

    std::vector<WithdrawalId> claimed;
    for (int i = 0; i < 5; ++i) claimed.push_back(service.claim(1).value().at(0).id);
    EXPECT_EQ(claimed, in_order);
}

TEST_F(ChannelSwitch, OffBindsNoOtherChannel) {
    static_cast<void>(requested());

    ASSERT_TRUE(service.switch_channel(ChannelName::parse("another").value(), false, li()).has_value());

    EXPECT_EQ(claim().kind, CallKind::submit);
}

TEST_F(ChannelSwitch, IsRecordedWithWhoAndWhy) {
    turn(false);
    turn(true);

    EXPECT_EQ(memory.switches().value(), (std::vector{Switch{channel.name(), true, li("WeChat is down")}}));
}

TEST_F(ChannelSwitch, NeedsANameAndAReason) {
    EXPECT_EQ(said(service.switch_channel(channel.name(), false, li(""))), "invalid_argument reason");
    EXPECT_EQ(said(service.switch_channel(channel.name(), false, {{}, "why"})), "invalid_argument operator");
    EXPECT_TRUE(memory.switches().value().empty());
}

}  // namespace
}  // namespace tixian
