// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "desk.hpp"

namespace tixian {
namespace {

using namespace std::chrono_literals;

class Review : public ::testing::Test, protected Desk {
 protected:
    const Terms terms_{.day_count_max = 1, .review_from = 1000_fen, .fee = {.flat = 10_fen}};
    [[nodiscard]] Withdrawal in_review() { return requested(1000_fen, "k", terms_); }
};

TEST_F(Review, BeginsExactlyAtTheThreshold) {
    EXPECT_EQ(requested(999_fen, "k1", {.review_from = 1000_fen}).state, State::held);
    EXPECT_EQ(requested(1000_fen, "k2", {.review_from = 1000_fen}).state, State::in_review);
}

TEST_F(Review, HoldsTheMoneyAndSaysWhy) {
    const Withdrawal w = in_review();

    EXPECT_EQ(balance(), (Balance{8990_fen, 1010_fen}));
    EXPECT_EQ(status_of(w), Status::pending);
    ASSERT_EQ(notes(w.id).size(), 1u);
    EXPECT_EQ(notes(w.id)[0].kind, NoteKind::review_wanted);
    EXPECT_EQ(notes(w.id)[0].text, "from 10.00 yuan on");
}

TEST(ReviewHook, AsksForAReviewWithItsReason) {
    Desk desk({.policy = {}, .offset = {}, .observer = nullptr, .wants_review = [](const Order& order) {
                   return order.user.text() == "u1" ? "new user" : "";
               }});
    desk.deposit("u2", 1000_fen);

    const Withdrawal w = desk.requested(100_fen);

    EXPECT_EQ(w.state, State::in_review);
    EXPECT_EQ(desk.notes(w.id).at(0).text, "new user");
    EXPECT_EQ(desk.requested(100_fen, "k", {}, "u2").state, State::held);
}

TEST_F(Review, NothingIsClaimedWhileItLasts) {
    const Withdrawal w = in_review();
    clock.advance(std::chrono::days(60));

    EXPECT_TRUE(service.claim(10).value().empty());
    EXPECT_EQ(stored(w.id).state, State::in_review);
}

TEST_F(Review, ListsWhatWaitsForAPerson) {
    const Withdrawal w = in_review();
    ASSERT_EQ(memory.waiting_for_person(10, std::nullopt).value().size(), 1u);

    static_cast<void>(service.approve(w.id, w.version, li()).value());

    EXPECT_TRUE(memory.waiting_for_person(10, std::nullopt).value().empty());
}

TEST_F(Review, ApprovedItGoesOut) {
    const Withdrawal w = in_review();

    EXPECT_EQ(service.approve(w.id, w.version, li()).value().state, State::held);

    EXPECT_EQ(claim().kind, CallKind::submit);
}

TEST_F(Review, RejectedItGivesMoneyAndClaimsBack) {
    const Withdrawal w = in_review();

    const Withdrawal rejected = service.reject(w.id, w.version, li()).value();

    EXPECT_EQ(rejected.state, State::failed);
    EXPECT_EQ(rejected.error_code, "REJECTED");
    EXPECT_EQ(rejected.released_by, Proof::never_submitted);
    EXPECT_EQ(balance(), (Balance{10000_fen, Money()}));
    EXPECT_EQ(day(), Usage{});
    EXPECT_TRUE(service.claim(10).value().empty());
}

TEST_F(Review, RecordsWhoDecidedWhenAndWhy) {
    const Withdrawal approved = requested(100_fen, "k1", {.review_from = Money()});
    const Withdrawal rejected = requested(100_fen, "k2", {.review_from = Money()});
    clock.advance(1h);

    static_cast<void>(service.approve(approved.id, 1, li("known user")).value());
    static_cast<void>(service.reject(rejected.id, 1, li("stolen card")).value());

    const OperatorId by = OperatorId::parse("li").value();
    EXPECT_EQ(notes(approved.id).at(1),
              (Note{approved.id, NoteKind::approved, 2, clock.now(), by, "known user"}));
    EXPECT_EQ(notes(rejected.id).at(1),
              (Note{rejected.id, NoteKind::rejected, 2, clock.now(), by, "stolen card"}));
}

TEST_F(Review, ADecisionOnAnotherVersionThanTheStoredIsRefused) {
    const Withdrawal w = in_review();

    EXPECT_EQ(said(service.approve(w.id, w.version + 1, li())), "conflict version");
    EXPECT_EQ(said(service.reject(w.id, w.version - 1, li())), "conflict version");
    EXPECT_EQ(stored(w.id), w);
}

TEST_F(Review, OfTwoPeopleAtTheSameTimeOnlyOneDecides) {
    const Withdrawal w = in_review();
    std::string quicker;
    ledger.overtake([&] { quicker = said(service.reject(w.id, w.version, li())); });

    const auto slower = service.approve(w.id, w.version, li());

    EXPECT_EQ(quicker, "accepted");
    EXPECT_EQ(said(slower), "conflict version");
    EXPECT_EQ(stored(w.id).state, State::failed);
}

TEST_F(Review, IsDecidedOnce) {
    const Withdrawal w = in_review();
    const Withdrawal approved = service.approve(w.id, w.version, li()).value();

    EXPECT_EQ(said(service.approve(w.id, approved.version, li())), "not_allowed ");
    EXPECT_EQ(said(service.reject(w.id, approved.version, li())), "not_allowed ");
}

TEST_F(Review, NeedsANameAndAReason) {
    const Withdrawal w = in_review();

    EXPECT_EQ(said(service.approve(w.id, w.version, li(""))), "invalid_argument reason");
    EXPECT_EQ(said(service.reject(w.id, w.version, li(std::string(1001, 'x')))), "invalid_argument reason");
    EXPECT_EQ(said(service.approve(w.id, w.version, {{}, "why"})), "invalid_argument operator");
    EXPECT_EQ(stored(w.id), w);
}

TEST_F(Review, OfAnUnknownNumberIsRefused) {
    const WithdrawalId unknown = WithdrawalId::parse("WD404").value();

    EXPECT_EQ(said(service.approve(unknown, 1, li())), "unknown_withdrawal withdraw_id");
}

TEST_F(Review, TheUserMayCancelMeanwhile) {
    const Withdrawal w = in_review();

    EXPECT_EQ(service.cancel(user(), w.id).value().state, State::cancelled);

    EXPECT_EQ(balance(), (Balance{10000_fen, Money()}));
    EXPECT_EQ(day(), Usage{});
    EXPECT_EQ(said(service.approve(w.id, w.version, li())), "conflict version");
}

TEST_F(Review, AReplayAnswersWhatIsInReview) {
    const Withdrawal w = in_review();

    const Receipt again = request(1000_fen, "k", {}).value();

    EXPECT_TRUE(again.replayed);
    EXPECT_EQ(again.withdrawal, w);
}

TEST_F(Review, ABillThatSurfacesMeanwhileIsRaisedAndKeepsItFromGoingOut) {
    const Withdrawal w = in_review();
    ASSERT_TRUE(service.notify(report(w.id, "SUCCESS")).has_value());

    EXPECT_EQ(said(service.approve(w.id, w.version + 1, li())), "not_allowed ");
    EXPECT_EQ(said(service.reject(w.id, w.version + 1, li())), "not_allowed ");

    EXPECT_EQ(balance().held, 1010_fen);
    EXPECT_TRUE(stored(w.id).parked);
    EXPECT_EQ(notes(w.id).at(1).kind, NoteKind::unexpected_report);
}

}  // namespace
}  // namespace tixian
