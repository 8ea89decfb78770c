// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "life.hpp"

namespace tixian {
namespace {

using Entries = std::vector<EntryKind>;
using Notes = std::vector<NoteKind>;

TEST(WithdrawalLife, GoesFromHeldToSucceededWhenTheUserConfirms) {
    Life life;
    const CallRef submit = life.begin(CallKind::submit);
    EXPECT_EQ(life.w.state, State::submitting);
    life.answered(submit, "WAIT_USER_CONFIRM");
    EXPECT_EQ(life.w.state, State::live);
    EXPECT_FALSE(life.has_moved_money());

    life.notified("SUCCESS");

    EXPECT_EQ(life.w.state, State::succeeded);
    EXPECT_EQ(life.entries, Entries{EntryKind::settle});
    EXPECT_FALSE(life.w.due_at.has_value());
    EXPECT_EQ(life.w.completed_at, life.now);
}

TEST(WithdrawalLife, GivesTheMoneyBackAndKeepsTheReasonWhenWechatSaysFail) {
    Life life;
    const CallRef submit = life.begin();
    Report failed = life.report("FAIL");
    failed.fail_reason = "REAL_NAME_CHECK_FAIL";

    life.happen(Reported{failed, submit});

    EXPECT_EQ(life.w.state, State::failed);
    EXPECT_EQ(life.w.error_code, "REAL_NAME_CHECK_FAIL");
    EXPECT_EQ(life.entries, Entries{EntryKind::release});
    EXPECT_EQ(life.w.released_by, Proof::reported);
}

TEST(WithdrawalLife, AcceptedIsNoSuccess) {
    Life life;
    life.answered(life.begin(), "ACCEPTED");

    EXPECT_EQ(status_of(life.w), Status::processing);
    EXPECT_FALSE(life.has_moved_money());
}

// R1
TEST(RuleR1, TheFirstSubmitFixesDestinationAndContentForEver) {
    Life life;
    life.no_news(life.begin(), NoNewsKind::not_sent);
    const Submission first = life.w.submission;
    life.now = *life.w.due_at;

    life.happen(BeginCall{Life::here(), Submission{"another body", ""}});

    EXPECT_EQ(life.w.attempts.count, 2);
    EXPECT_EQ(life.w.submission, first);
    EXPECT_EQ(life.w.destination, Life::here());
}

TEST(RuleR1, AChannelThatIsGoneOrChangedIsWaitedForAndRaisedOnce) {
    Life life;
    life.no_news(life.begin(), NoNewsKind::not_sent);
    Destination other = Life::here();
    other.mchid = Mchid::parse("1900000002").value();
    for (int i = 0; i < 2; ++i) {
        life.now = *life.w.due_at;
        life.happen(BeginCall{i == 0 ? std::optional(other) : std::nullopt, std::nullopt});
    }

    EXPECT_EQ(life.w.attempts.count, 1);
    EXPECT_EQ(life.notes, Notes{NoteKind::channel_missing});
    EXPECT_TRUE(life.w.due_at.has_value());
    life.begin(CallKind::submit);  // configured again, it goes on
}

// R2
TEST(RuleR2, EverySubmitHasItsOwnCommitWithItsSigningTimeAndDeadline) {
    Life life;
    const CallRef first = life.begin();
    EXPECT_EQ(life.w.attempts.signed_at, life.now);
    EXPECT_EQ(life.w.attempts.send_by, life.now + life.policy.send_window);
    EXPECT_EQ(life.w.attempts.call_number, first.number);
    life.no_news(first, NoNewsKind::throttled);

    const CallRef second = life.begin(CallKind::submit);

    EXPECT_EQ(life.w.attempts.signed_at, life.now);
    EXPECT_EQ(life.w.attempts.call_number, second.number);
    EXPECT_EQ(life.w.attempts.count, 2);
}

TEST(RuleR2, ACallIsNotBegunWhileAnotherHoldsTheLease) {
    Life life;
    life.begin();

    const auto again = life.decide(BeginCall{Life::here(), std::nullopt});

    ASSERT_FALSE(again.has_value());
    EXPECT_EQ(again.error().code, ErrorCode::not_allowed);
}

TEST(RuleR2, AfterACrashTheLeaseRunsOutAndTheSameSubmitGoesOn) {
    Life life;
    life.begin();
    life.now = life.w.lease_until;

    life.happen(BeginCall{Life::here(), std::nullopt});

    EXPECT_EQ(life.w.attempts.count, 2);
    EXPECT_EQ(life.w.submission.body, "{}");
}

// R3
TEST(RuleR3, WhateverIsInDoubtKeepsTheMoneyAndAsks) {
    for (const NoNewsKind kind : {NoNewsKind::lost, NoNewsKind::server_error, NoNewsKind::unverified,
                                  NoNewsKind::unknown, NoNewsKind::number_taken}) {
        SCOPED_TRACE(name(kind));
        Life life;

        life.no_news(life.begin(), kind);

        EXPECT_EQ(life.w.state, State::submitting);
        EXPECT_FALSE(life.has_moved_money());
        EXPECT_EQ(life.w.next_call, CallKind::query);
        EXPECT_TRUE(life.w.due_at.has_value());
    }
}

// R4
TEST(RuleR4, ARefusalOnlyStopsResubmitting) {
    Life life;
    life.refused_submit();

    EXPECT_EQ(life.w.state, State::submitting);
    EXPECT_FALSE(life.has_moved_money());
    EXPECT_EQ(life.w.next_call, CallKind::query);
}

TEST(RuleR4, AbsenceReleasesOnlyWhenTheQueryBeganAfterTheDoubt) {
    Life life;
    life.refused_submit();
    EXPECT_EQ(life.doubt_ends(), life.w.attempts.signed_at + 20min);

    life.absent(life.begin(CallKind::query), life.doubt_ends() - 1ms);
    EXPECT_FALSE(life.w.absence_at.has_value());

    life.prove_absence();
    EXPECT_EQ(life.w.state, State::failed);
    EXPECT_EQ(life.w.released_by, Proof::absence);
    EXPECT_EQ(life.entries, Entries{EntryKind::release});
}

// A query of a part of WeChat that lags behind misses a bill that exists: it must not pay twice.
TEST(RuleR4, OneQueryThatMissesTheBillReleasesNothing) {
    Life life;
    life.no_news(life.begin(), NoNewsKind::lost);  // executed; its answer is lost
    life.cancel();
    life.no_news(life.begin(CallKind::cancel), NoNewsKind::lost);

    life.absent(life.begin(CallKind::query), life.doubt_ends());
    EXPECT_FALSE(life.has_moved_money());

    life.answered(life.begin(CallKind::query), "SUCCESS");
    EXPECT_EQ(life.entries, Entries{EntryKind::settle});
}

TEST(RuleR4, AbsenceTakesTwoAnswersTheShortSettlingTimeApart) {
    Life life;
    life.refused_submit();
    const Timestamp first = life.doubt_ends();
    life.absent(life.begin(CallKind::query), first);
    life.absent(life.begin(CallKind::query), first + 20min - 1ms);
    EXPECT_FALSE(life.has_moved_money());

    life.absent(life.begin(CallKind::query), first + 20min);

    EXPECT_EQ(life.w.released_by, Proof::absence);
}

TEST(RuleR4, AnAbsenceFromBeforeTheDoubtEndedIsNotTheFirstOfTwo) {
    Life life;
    life.refused_submit();
    const Timestamp early = life.doubt_ends() - 1ms;
    life.absent(life.begin(CallKind::query), early);

    life.absent(life.begin(CallKind::query), early + 20min);

    EXPECT_FALSE(life.has_moved_money());
}

TEST(RuleR4, AnOldNotFoundIsJudgedByTheDoubtOfNow) {
    Life life;
    life.no_news(life.begin(), NoNewsKind::lost);
    life.now = life.doubt_ends();
    const CallRef old = life.begin(CallKind::query);
    const Timestamp begun = life.now;
    life.absent(life.begin(CallKind::query), life.now);
    life.refused_submit();

    life.absent(old, begun);

    EXPECT_FALSE(life.w.absence_at.has_value());
}

// Found by all faults at once: one answer signed by a fast clock, and the money stayed held.
TEST(RuleR4, AnAnswerOfAFastClockDelaysNothing) {
    Life life;
    life.refused_submit();
    const Timestamp first = life.doubt_ends();
    life.absent(life.begin(CallKind::query), first + 4min);

    life.absent(life.begin(CallKind::query), first + 1s);
    life.absent(life.begin(CallKind::query), first + 1s + 20min);

    EXPECT_EQ(life.w.released_by, Proof::absence);
}

TEST(RuleR4, TheSecondQuestionIsAskedWhenItsAnswerCanProveSomething) {
    Life life;
    life.refused_submit();
    life.now = life.doubt_ends() + 1s;
    life.w.retries = 20;  // back-off has grown
    life.policy.backoff_max = 3h;

    life.absent(life.begin(CallKind::query), life.now);

    EXPECT_EQ(*life.w.due_at, *life.w.absence_at + 20min + life.policy.backoff_first);
}

TEST(RuleR4, WhenTheAnswerIsAppliedDoesNotMatter) {
    Life life;
    life.refused_submit();
    const CallRef query = life.begin(CallKind::query);
    const Timestamp begun_early = life.doubt_ends() - 1s;
    life.now = life.doubt_ends() + 10h;  // the process slept with the answer in its hand

    life.absent(query, begun_early);

    EXPECT_FALSE(life.has_moved_money());
}

TEST(RuleR4, AnAttemptThatMayHaveBeenTakenInIsDoubtedForADay) {
    for (const NoNewsKind kind : {NoNewsKind::lost, NoNewsKind::server_error, NoNewsKind::unknown}) {
        SCOPED_TRACE(name(kind));
        Life life;
        life.no_news(life.begin(), kind);
        EXPECT_EQ(life.doubt_ends(), life.w.attempts.signed_at + 24h);
    }
}

TEST(RuleR4, AnAttemptWithoutARecordedAnswerIsDoubtedForADay) {
    Life life;
    life.begin();
    const Timestamp first_signed = life.w.attempts.signed_at;
    life.now = life.w.lease_until;  // a crash
    life.refused_submit();

    EXPECT_EQ(life.doubt_ends(), first_signed + 24h);
}

TEST(RuleR4, AnUnverifiedRefusalDoesNotShortenTheDoubt) {
    Life life;
    life.no_news(life.begin(), NoNewsKind::refused, /*verified=*/false, /*content_only=*/true);

    EXPECT_TRUE(life.w.refused);
    EXPECT_FALSE(life.w.refused_for_content);
    EXPECT_EQ(life.doubt_ends(), life.w.attempts.signed_at + 24h);
}

// The two stories of R4 that must not pay twice.
TEST(RuleR4, StoryOneAnExecutedFirstAttemptIsNotReleasedByTheRefusalOfTheSecond) {
    Life life;
    life.no_news(life.begin(), NoNewsKind::lost);  // executed; its answer is lost
    life.no_news(life.begin(CallKind::query), NoNewsKind::lost);
    life.absent(life.begin(CallKind::query), life.now);  // not visible yet: submit again
    life.refused_submit();
    const Timestamp first_doubt = life.w.attempts.first_at + 24h;

    life.absent(life.begin(CallKind::query), life.w.attempts.signed_at + 21min);
    EXPECT_FALSE(life.has_moved_money());
    EXPECT_GE(life.doubt_ends(), first_doubt);

    life.answered(life.begin(CallKind::query), "SUCCESS");
    EXPECT_EQ(life.entries, Entries{EntryKind::settle});
}

TEST(RuleR4, StoryTwoADelayedFirstAttemptIsNotReleasedByNotEnoughOfTheSecond) {
    Life life;
    life.no_news(life.begin(), NoNewsKind::lost);  // still on its way
    life.absent(life.begin(CallKind::query), life.now);
    life.no_news(life.begin(CallKind::submit), NoNewsKind::merchant_trouble);
    life.cancel();
    life.no_news(life.begin(CallKind::cancel), NoNewsKind::refused);
    life.absent(life.begin(CallKind::query), life.w.attempts.signed_at + 21min);
    EXPECT_FALSE(life.has_moved_money());

    life.notified("SUCCESS");  // topped up, and attempt 1 landed

    EXPECT_EQ(life.w.state, State::succeeded);
    EXPECT_EQ(life.entries, Entries{EntryKind::settle});
}

TEST(RuleR4, AVerifiedRefusalOfTheContentOfTheSoleAttemptReleasesFast) {
    Life life;
    life.no_news(life.begin(), NoNewsKind::refused, true, /*content_only=*/true);
    const CallRef query = life.begin(CallKind::query);

    life.absent(query, life.w.refused_at);

    EXPECT_EQ(life.w.state, State::failed);
    EXPECT_EQ(life.w.released_by, Proof::fast_absence);
    EXPECT_LT(life.now - life.w.created_at, 1min);
}

TEST(RuleR4, ThereIsNoFastReleaseAfterASecondAttempt) {
    Life life;
    life.no_news(life.begin(), NoNewsKind::not_sent);
    life.no_news(life.begin(CallKind::submit), NoNewsKind::refused, true, true);

    life.absent(life.begin(CallKind::query), life.now);

    EXPECT_FALSE(life.has_moved_money());
}

TEST(RuleR4, AQueryThatBeganBeforeTheRefusalDoesNotReleaseFast) {
    Life life;
    life.no_news(life.begin(), NoNewsKind::refused, true, true);

    life.absent(life.begin(CallKind::query), life.w.refused_at - 1ms);

    EXPECT_FALSE(life.has_moved_money());
}

TEST(RuleR4, UnsignedAbsenceTakesTwoAnswersTheLongSettlingTimeApart) {
    Life life;
    life.no_news(life.begin(), NoNewsKind::refused, false);
    const Timestamp first = life.doubt_ends();
    life.absent(life.begin(CallKind::query), first, false);
    life.absent(life.begin(CallKind::query), first + 24h - 1ms, false);
    EXPECT_FALSE(life.has_moved_money());

    life.absent(life.begin(CallKind::query), first + 24h, false);

    EXPECT_EQ(life.w.state, State::failed);
}

TEST(RuleR4, NeitherASeenBillNorATakenNumberIsEverReleasedByAbsence) {
    Life seen;
    seen.answered(seen.begin(), "ACCEPTED");
    seen.cancel();
    seen.no_news(seen.begin(CallKind::cancel), NoNewsKind::lost);
    seen.absent(seen.begin(CallKind::query), seen.doubt_ends() + 1h);
    EXPECT_FALSE(seen.has_moved_money());
    EXPECT_EQ(seen.notes, Notes{NoteKind::vanished});

    Life taken;
    taken.no_news(taken.begin(), NoNewsKind::number_taken);
    taken.cancel();
    taken.no_news(taken.begin(CallKind::cancel), NoNewsKind::lost);
    taken.absent(taken.begin(CallKind::query), taken.doubt_ends() + 1h);
    EXPECT_FALSE(taken.has_moved_money());
}

TEST(RuleR4, AReleasedWithdrawalIsWatchedAndASurfacingBillIsCancelledAndRaised) {
    Life life;
    life.refused_submit();
    life.prove_absence();
    ASSERT_EQ(life.w.state, State::failed);
    EXPECT_EQ(*life.w.due_at, *life.w.completed_at + 1h);

    life.answered(life.begin(CallKind::query), "WAIT_USER_CONFIRM");
    EXPECT_EQ(life.notes, Notes{NoteKind::report_after_release});
    life.answered(life.begin(CallKind::cancel), "CANCELING");
    life.answered(life.begin(CallKind::query), "CANCELLED");

    EXPECT_EQ(life.w.state, State::failed);
    EXPECT_EQ(life.entries, Entries{EntryKind::release});
    EXPECT_FALSE(life.w.due_at.has_value());
}

TEST(RuleR4, TheWatchEndsAfterAnHourAndADayOfSilence) {
    Life life;
    life.refused_submit();
    life.prove_absence();

    life.absent(life.begin(CallKind::query), life.now);
    EXPECT_EQ(*life.w.due_at, *life.w.completed_at + 24h);
    life.absent(life.begin(CallKind::query), life.now);

    EXPECT_FALSE(life.w.due_at.has_value());
    EXPECT_TRUE(life.notes.empty());
}

TEST(RuleR4, ABillThatWasPaidAfterTheReleaseIsRaisedAsThat) {
    Life life;
    life.refused_submit();
    life.prove_absence();

    life.notified("SUCCESS");

    EXPECT_EQ(life.notes, (Notes{NoteKind::report_after_release, NoteKind::paid_after_release}));
    EXPECT_EQ(life.w.state, State::failed);
}

// R5
TEST(RuleR5, NotFoundMeansTheSameNumberAgain) {
    Life life;
    life.no_news(life.begin(), NoNewsKind::lost);

    life.absent(life.begin(CallKind::query), life.now);

    EXPECT_EQ(life.w.next_call, CallKind::submit);
    EXPECT_FALSE(life.has_moved_money());
    life.begin(CallKind::submit);
}

TEST(RuleR5, AfterTheHorizonAPersonDecides) {
    Life life;
    life.no_news(life.begin(), NoNewsKind::lost);
    life.now = life.w.attempts.first_at + life.policy.horizon;

    life.happen(BeginCall{Life::here(), std::nullopt});

    EXPECT_TRUE(life.w.parked);
    EXPECT_FALSE(life.w.due_at.has_value());
    EXPECT_EQ(life.notes, Notes{NoteKind::horizon_passed});
    EXPECT_EQ(life.w.state, State::submitting);
}

TEST(RuleR5, TheHorizonCountsFromTheFirstAttempt) {
    Life life;
    life.no_news(life.begin(), NoNewsKind::lost);
    const Timestamp first = life.w.attempts.first_at;
    life.now = first + life.policy.horizon - 1h;
    life.absent(life.begin(CallKind::query), life.now);
    life.no_news(life.begin(CallKind::submit), NoNewsKind::lost);
    life.now = first + life.policy.horizon;

    life.happen(BeginCall{Life::here(), std::nullopt});

    EXPECT_TRUE(life.w.parked);
    EXPECT_EQ(life.notes, Notes{NoteKind::horizon_passed});
}

TEST(RuleR5, ANotFoundPastTheHorizonDoesNotCount) {
    Life life;
    life.refused_submit();
    life.now = life.w.attempts.first_at + life.policy.horizon - 1s;
    const CallRef query = life.begin(CallKind::query);

    life.absent(query, life.w.attempts.first_at + life.policy.horizon);

    EXPECT_TRUE(life.w.parked);
    EXPECT_FALSE(life.has_moved_money());
}

// R6
TEST(RuleR6, AnOlderReportChangesNothing) {
    Life life;
    life.answered(life.begin(), "WAIT_USER_CONFIRM");

    EXPECT_FALSE(life.notified("ACCEPTED"));
    EXPECT_FALSE(life.notified("WAIT_USER_CONFIRM"));

    EXPECT_EQ(life.w.bill_state, BillState::wait_user_confirm);
}

TEST(RuleR6, AnUnknownStateIsKeptRawAndIsNotFinal) {
    Life life;
    life.answered(life.begin(), "FROZEN_BY_MOON");

    EXPECT_EQ(life.w.state, State::live);
    EXPECT_EQ(life.w.raw_bill_state, "FROZEN_BY_MOON");
    EXPECT_TRUE(life.w.due_at.has_value());
}

TEST(RuleR6, AFinalStateNeverChangesAndAContradictionIsRaisedOnce) {
    Life life;
    life.answered(life.begin(), "FAIL");

    EXPECT_TRUE(life.notified("SUCCESS"));
    EXPECT_FALSE(life.notified("SUCCESS"));

    EXPECT_EQ(life.w.state, State::failed);
    EXPECT_EQ(life.entries, Entries{EntryKind::release});
    EXPECT_EQ(life.notes, Notes{NoteKind::other_final});
}

TEST(RuleR6, TheSameFinalReportAgainChangesNothing) {
    Life life;
    life.answered(life.begin(), "SUCCESS");

    EXPECT_FALSE(life.notified("SUCCESS"));
    EXPECT_FALSE(life.notified("ACCEPTED"));
}

TEST(RuleR6, AnotherIdentityMovesNothingAndWaitsForAPerson) {
    const auto changed = [](auto change) {
        Life life;
        const CallRef submit = life.begin();
        Report report = life.report("SUCCESS");
        change(report);
        EXPECT_TRUE(life.happen(Reported{report, submit}));
        EXPECT_FALSE(life.happen(Reported{report, std::nullopt}));
        EXPECT_EQ(life.w.state, State::submitting);
        EXPECT_FALSE(life.has_moved_money());
        EXPECT_EQ(life.notes, Notes{NoteKind::other_identity});
        EXPECT_TRUE(life.w.parked);
    };
    changed([](Report& r) { r.id = WithdrawalId::parse("WD2").value(); });
    changed([](Report& r) { r.amount = 1235_fen; });
    changed([](Report& r) { r.openid = Openid::parse("o2").value(); });
    changed([](Report& r) { r.mchid = Mchid::parse("1900000002").value(); });
}

TEST(RuleR6, AnotherBatchOfTheOlderApiIsAnotherIdentity) {
    Life life;
    Report report = life.report("ACCEPTED");
    report.wechat_batch_id = "1030";
    life.happen(Reported{report, life.begin()});
    report.state = BillState::success;
    report.wechat_batch_id = "1031";

    life.happen(Reported{report, std::nullopt});

    EXPECT_EQ(life.w.wechat_batch_id, "1030");
    EXPECT_EQ(life.notes, Notes{NoteKind::other_identity});
    EXPECT_FALSE(life.has_moved_money());
}

TEST(Hint, MakesARowDueAndChangesNothingElse) {
    Life life;
    life.answered(life.begin(), "PROCESSING");
    life.answered(life.begin(CallKind::query), "PROCESSING");
    const Withdrawal before = life.w;
    ASSERT_GT(*before.due_at, life.now);

    EXPECT_TRUE(life.notified("FINISHED"));
    EXPECT_FALSE(life.notified("FINISHED"));

    Withdrawal expected = before;
    expected.due_at = life.now;
    expected.next_call = CallKind::query;
    ++expected.version;
    expected.updated_at = life.now;
    EXPECT_EQ(life.w, expected);
}

TEST(Hint, ThatIsTheFirstSightOfTheBillIsFollowedByAQuery) {
    Life life;
    life.no_news(life.begin(), NoNewsKind::lost);

    EXPECT_TRUE(life.notified("FINISHED"));

    EXPECT_EQ(life.w.state, State::live);
    EXPECT_EQ(life.w.bill_state, BillState::unknown);
    EXPECT_EQ(life.w.raw_bill_state, "FINISHED");
    EXPECT_EQ(life.w.next_call, CallKind::query);
    EXPECT_EQ(life.w.due_at, life.now);
    EXPECT_FALSE(life.has_moved_money());
}

TEST(Hint, WakesNoParkedRowAndIsRaisedAfterAReleaseByAbsence) {
    Life parked;
    parked.answered(parked.begin(), "PROCESSING");
    Report other = parked.report("SUCCESS");
    other.amount = 1_fen;
    parked.happen(Reported{other, std::nullopt});
    ASSERT_TRUE(parked.w.parked);
    EXPECT_FALSE(parked.notified("FINISHED"));
    Life released;
    released.refused_submit();
    released.prove_absence();

    released.notified("FINISHED");

    EXPECT_EQ(released.notes, Notes{NoteKind::report_after_release});
    EXPECT_EQ(released.w.due_at, released.now);
}

TEST(RuleR6, ABillWithoutAnySubmitIsRaisedAndNothingIsSubmitted) {
    Life life;
    life.notified("SUCCESS");

    EXPECT_EQ(life.w.state, State::held);
    EXPECT_EQ(life.notes, Notes{NoteKind::unexpected_report});
    EXPECT_FALSE(life.decide(BeginCall{Life::here(), Submission{"{}", ""}}).has_value());
}

TEST(RuleR6, NotFoundOfASeenBillBeforeTheDoubtEndsOnlyMeansNotVisibleYet) {
    Life life;
    life.answered(life.begin(), "ACCEPTED");

    life.absent(life.begin(CallKind::query), life.now);

    EXPECT_TRUE(life.notes.empty());
    EXPECT_EQ(life.w.state, State::live);
}

// R7
TEST(RuleR7, MerchantTroubleWaitsWithItsReasonAndIsRaisedOnce) {
    Life life;
    for (int i = 0; i < 3; ++i) life.no_news(life.begin(CallKind::submit), NoNewsKind::merchant_trouble);

    EXPECT_EQ(life.w.state, State::submitting);
    EXPECT_EQ(life.w.waiting, NoNewsKind::merchant_trouble);
    EXPECT_EQ(life.notes, Notes{NoteKind::merchant_trouble});
    EXPECT_FALSE(life.has_moved_money());

    life.answered(life.begin(CallKind::submit), "ACCEPTED");
    EXPECT_EQ(life.w.state, State::live);
}

TEST(RuleR7, CancellingWinsOverMerchantTrouble) {
    Life life;
    const CallRef submit = life.begin();
    life.cancel();

    life.no_news(submit, NoNewsKind::merchant_trouble);

    EXPECT_EQ(life.w.state, State::cancelling);
    EXPECT_EQ(life.w.next_call, CallKind::cancel);
}

// Found by a review: each of these was wrong once.
TEST(Cancel, OfAWithdrawalWhoseBillWasSeenWithoutASubmitWaitsForAPerson) {
    Life life;
    life.notified("SUCCESS");

    const auto refused = life.decide(CancelRequested{});

    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::not_allowed);
    EXPECT_TRUE(life.w.bill_seen);
}

TEST(RuleR4, ARepeatedNotFoundUsesUpNoWatch) {
    Life life;
    life.refused_submit();
    const CallRef query = life.prove_absence();
    ASSERT_EQ(life.w.watches_left, 2);

    EXPECT_FALSE(life.absent(query, life.now));

    EXPECT_EQ(life.w.watches_left, 2);
    EXPECT_EQ(*life.w.due_at, *life.w.completed_at + 1h);
}

TEST(RuleR4, ABillThatWasPaidAfterItsReleaseIsRaisedEvenAfterAFail) {
    Life life;
    life.refused_submit();
    life.prove_absence();
    life.notified("FAIL");

    life.notified("SUCCESS");

    EXPECT_EQ(life.notes, (Notes{NoteKind::report_after_release, NoteKind::paid_after_release}));
}

TEST(RuleR6, AnotherIdentityOfAParkedWithdrawalIsRaisedToo) {
    Life life;
    life.no_news(life.begin(), NoNewsKind::lost);
    life.now = life.w.attempts.first_at + life.policy.horizon;
    life.happen(BeginCall{Life::here(), std::nullopt});
    Report report = life.report("SUCCESS");
    report.amount = 1_fen;

    life.happen(Reported{report, std::nullopt});

    EXPECT_EQ(life.notes, (Notes{NoteKind::horizon_passed, NoteKind::other_identity}));
    EXPECT_FALSE(life.has_moved_money());
}

TEST(RuleR6, AnotherIdentityDuringTheWatchEndsTheWatch) {
    Life life;
    life.refused_submit();
    life.prove_absence();
    const CallRef query = life.begin(CallKind::query);
    Report report = life.report("SUCCESS");
    report.amount = 1_fen;

    life.happen(Reported{report, query});

    EXPECT_EQ(life.notes, Notes{NoteKind::other_identity});
    EXPECT_FALSE(life.w.due_at.has_value());
}

TEST(Backoff, IsKeptWhileNotFoundProvesNothingAfterTheDoubt) {
    Life life;
    life.no_news(life.begin(), NoNewsKind::number_taken);
    life.cancel();
    life.no_news(life.begin(CallKind::cancel), NoNewsKind::refused);
    life.now = life.doubt_ends() + 1h;
    for (int i = 0; i < 12; ++i) life.absent(life.begin(CallKind::query), life.now);

    EXPECT_EQ(*life.w.due_at - life.now, life.policy.backoff_max);
}

TEST(Submitting, WhereQueriesBringNothingTheSameSubmitTakesTurns) {
    Life life;
    life.no_news(life.begin(), NoNewsKind::unverified, false);
    bool has_submitted = false;
    for (int i = 0; i < 10; ++i) {
        const CallRef call = life.begin();
        has_submitted |= call.kind == CallKind::submit;
        life.no_news(call, NoNewsKind::unverified, false);
    }

    EXPECT_TRUE(has_submitted);
}

TEST(LateAnswer, TheSameAgainChangesNothing) {
    Life life;
    const CallRef submit = life.begin();
    life.no_news(submit, NoNewsKind::lost);

    EXPECT_FALSE(life.no_news(submit, NoNewsKind::lost));
}

// Cancel
TEST(Cancel, GivesTheMoneyBackAtOnceWhenNothingWasSubmitted) {
    Life life;
    life.cancel();

    EXPECT_EQ(life.w.state, State::cancelled);
    EXPECT_EQ(life.entries, Entries{EntryKind::release});
    EXPECT_EQ(life.w.released_by, Proof::never_submitted);
}

TEST(Cancel, IsLeftOnlyToAFinalState) {
    Life life;
    life.answered(life.begin(), "WAIT_USER_CONFIRM");
    life.cancel();
    life.answered(life.begin(CallKind::cancel), "CANCELING");
    EXPECT_EQ(life.w.state, State::cancelling);
    life.no_news(life.begin(CallKind::query), NoNewsKind::lost);
    EXPECT_EQ(life.w.state, State::cancelling);

    life.answered(life.begin(CallKind::query), "CANCELLED");

    EXPECT_EQ(life.w.state, State::cancelled);
    EXPECT_EQ(life.entries, Entries{EntryKind::release});
}

TEST(Cancel, IsAskedForAgainWhileWechatHasNotTakenIt) {
    Life life;
    life.answered(life.begin(), "WAIT_USER_CONFIRM");
    life.cancel();
    life.no_news(life.begin(CallKind::cancel), NoNewsKind::throttled);

    life.answered(life.begin(CallKind::query), "WAIT_USER_CONFIRM");

    life.begin(CallKind::cancel);
}

TEST(Cancel, WhereThereIsNoneIsNoResubmissionAndAQueryInstead) {
    Life life;
    life.can_cancel = false;
    life.answered(life.begin(), "PROCESSING");
    life.cancel();

    for (int i = 0; i < 10; ++i) {
        life.begin();
        EXPECT_EQ(life.w.next_call, CallKind::query);
        EXPECT_EQ(life.w.attempts.count, 1);
        life.answered({CallKind::query, life.w.calls}, "PROCESSING");
        EXPECT_EQ(life.w.state, State::cancelling);
    }
    life.begin();
    life.answered({CallKind::query, life.w.calls}, "SUCCESS");

    EXPECT_EQ(life.w.state, State::succeeded);
    EXPECT_EQ(life.entries, Entries{EntryKind::settle});
}

TEST(Cancel, WhereThereIsNoneASurfacingBillIsOnlyRaisedAndAskedAfter) {
    Life life;
    life.can_cancel = false;
    life.refused_submit();
    life.prove_absence();
    life.answered(life.begin(CallKind::query), "PROCESSING");
    EXPECT_EQ(life.notes, Notes{NoteKind::report_after_release});

    life.begin();

    EXPECT_EQ(life.w.next_call, CallKind::query);
    life.answered({CallKind::query, life.w.calls}, "FAIL");
    EXPECT_FALSE(life.w.due_at.has_value());
    EXPECT_EQ(life.entries, Entries{EntryKind::release});
}

TEST(Cancel, LosesAgainstAUserWhoHasConfirmed) {
    Life life;
    life.answered(life.begin(), "WAIT_USER_CONFIRM");
    life.cancel();

    life.notified("SUCCESS");

    EXPECT_EQ(life.w.state, State::succeeded);
    EXPECT_EQ(life.entries, Entries{EntryKind::settle});
}

TEST(Cancel, OfSomethingOnItsWayWaitsForProvenAbsence) {
    Life life;
    life.no_news(life.begin(), NoNewsKind::merchant_trouble);
    life.cancel();
    life.no_news(life.begin(CallKind::cancel), NoNewsKind::refused);
    life.absent(life.begin(CallKind::query), life.doubt_ends() - 1ms);
    EXPECT_FALSE(life.has_moved_money());

    life.prove_absence();

    EXPECT_EQ(life.w.state, State::cancelled);
    EXPECT_EQ(life.w.released_by, Proof::absence);
}

TEST(Cancel, OfAFinalWithdrawalIsRefusedByName) {
    Life life;
    life.answered(life.begin(), "SUCCESS");

    const auto refused = life.decide(CancelRequested{});

    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::already_final);
}

TEST(Cancel, TwiceIsTheSameAsOnce) {
    Life life;
    life.answered(life.begin(), "WAIT_USER_CONFIRM");
    life.cancel();

    EXPECT_FALSE(life.cancel());
}

// Living bills
TEST(LiveBill, ALostPackageInfoIsBroughtBackByTheSameSubmit) {
    Life life;
    life.no_news(life.begin(), NoNewsKind::lost);
    life.answered(life.begin(CallKind::query), "WAIT_USER_CONFIRM");

    const CallRef submit = life.begin(CallKind::submit);
    Report report = life.report("WAIT_USER_CONFIRM");
    report.package_info = "package";
    life.happen(Reported{report, submit});

    EXPECT_EQ(life.w.package_info, "package");
    EXPECT_EQ(life.w.next_call, CallKind::query);
}

TEST(LiveBill, OneThatStaysInProcessingIsSubmittedAgainNowAndThen) {
    Life life;
    life.answered(life.begin(), "PROCESSING");
    bool has_submitted = false;
    for (int i = 0; i < 6; ++i) {
        const CallRef call = life.begin();
        has_submitted |= call.kind == CallKind::submit;
        life.answered(call, "PROCESSING");
    }
    EXPECT_TRUE(has_submitted);
}

TEST(LateAnswer, OfAnOlderCallLeavesTheLeaseOfTheNewerAlone) {
    Life life;
    const CallRef first = life.begin();
    const CallRef second = life.begin(CallKind::submit);  // after the lease of the first
    const Timestamp lease = life.w.lease_until;

    life.no_news(first, NoNewsKind::lost);
    EXPECT_EQ(life.w.lease_until, lease);
    life.no_news(second, NoNewsKind::lost);
    EXPECT_EQ(life.w.lease_until, Timestamp{});
}

TEST(LateAnswer, ThatRefusesStopsResubmittingForGood) {
    Life life;
    const CallRef first = life.begin();
    const CallRef second = life.begin(CallKind::submit);
    life.no_news(first, NoNewsKind::refused);

    life.no_news(second, NoNewsKind::throttled);

    EXPECT_EQ(life.w.next_call, CallKind::query);
    life.begin(CallKind::query);
}

// Found by RuleR13: after a bill that surfaced as FAIL, each repetition of a SUCCESS was stored again.
TEST(RuleR13, ARepeatedContradictionAfterAReleaseIsRaisedOnceAndChangesNothingMore) {
    Life life;
    life.refused_submit();
    life.prove_absence();
    ASSERT_EQ(life.w.released_by, Proof::absence);
    life.notified("FAIL");
    ASSERT_TRUE(life.notified("SUCCESS"));
    EXPECT_EQ(life.notes.back(), NoteKind::paid_after_release);

    EXPECT_FALSE(life.notified("SUCCESS"));
}

}  // namespace
}  // namespace tixian
