// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "desk.hpp"

namespace tixian {
namespace {

using namespace std::chrono_literals;

class Limits : public ::testing::Test, protected Desk {};

// Each limit by its name.

TEST_F(Limits, OfADayRefusesOneFenTooMuchAndSaysWhatIsLeftAndWhenMore) {
    const Terms terms{.day_amount_max = 1500_fen};
    static_cast<void>(requested(1000_fen, "k1", terms));

    const auto refused = request(501_fen, "k2", terms);

    ASSERT_EQ(said(refused), "limit_reached day_amount");
    EXPECT_NE(refused.error().message.find("5.00 yuan are left"), std::string::npos);
    EXPECT_NE(refused.error().message.find("2025-01-02T00:00:00+08:00"), std::string::npos);
    EXPECT_EQ(asked(500_fen, "k2", terms), "accepted");
}

TEST_F(Limits, OfADaysCountRefusesOneTooMany) {
    const Terms terms{.day_count_max = 2};
    static_cast<void>(requested(100_fen, "k1", terms));
    static_cast<void>(requested(100_fen, "k2", terms));

    EXPECT_EQ(asked(100_fen, "k3", terms), "limit_reached day_count");
}

TEST_F(Limits, OfAMonthRefusesOneFenTooMuch) {
    const Terms terms{.month_amount_max = 1500_fen};
    static_cast<void>(requested(1000_fen, "k1", terms));
    clock.advance(std::chrono::days(29));

    EXPECT_EQ(asked(501_fen, "k2", terms), "limit_reached month_amount");
    EXPECT_EQ(asked(500_fen, "k2", terms), "accepted");
}

TEST_F(Limits, OfTheMerchantCountsAllUsersTogether) {
    const Terms terms{.merchant_day_max = 1500_fen};
    deposit("u2", 10000_fen);
    static_cast<void>(requested(1000_fen, "k1", terms, "u1"));

    EXPECT_EQ(asked(501_fen, "k1", terms, "u2"), "limit_reached merchant_day");
    EXPECT_EQ(asked(500_fen, "k1", terms, "u2"), "accepted");
    EXPECT_EQ(channel_day(), (Usage{1500_fen, 2}));
}

TEST_F(Limits, OfOneUserDoNotBindAnother) {
    const Terms terms{.day_amount_max = 1000_fen, .day_count_max = 1, .minimum_interval = 1h};
    deposit("u2", 10000_fen);
    static_cast<void>(requested(1000_fen, "k1", terms, "u1"));

    EXPECT_EQ(asked(1000_fen, "k1", terms, "u2"), "accepted");
}

TEST_F(Limits, OfTheIntervalRefuseUntilItHasPassed) {
    const Terms terms{.minimum_interval = 1h};
    static_cast<void>(requested(100_fen, "k1", terms));
    clock.advance(1h - 1ms);
    EXPECT_EQ(asked(100_fen, "k2", terms), "limit_reached minimum_interval");

    clock.advance(1ms);

    EXPECT_EQ(asked(100_fen, "k2", terms), "accepted");
}

TEST_F(Limits, TheFeeIsPaidFromTheSameBalance) {
    const Terms terms{.fee = {.flat = 10_fen}};

    EXPECT_EQ(asked(9991_fen, "k", terms), "insufficient_funds amount");
    EXPECT_EQ(asked(9990_fen, "k", terms), "accepted");
    EXPECT_EQ(balance(), (Balance{Money(), 10000_fen}));
}

TEST_F(Limits, TermsThatMakeNoSenseAreRefusedBeforeAnythingElse) {
    EXPECT_EQ(asked(100_fen, "k", {.day_count_max = -1}), "invalid_argument day_count_max");
    EXPECT_EQ(said(service.allowance(user(), channel.name(), {.minimum = Money()})),
              "invalid_argument minimum");
}

// What a refusal leaves.

TEST_F(Limits, ARefusedRequestCountsNothingAndDoesNotBurnItsKey) {
    const Terms terms{.day_amount_max = 1000_fen};
    ASSERT_EQ(asked(1001_fen, "k", terms), "limit_reached day_amount");

    EXPECT_EQ(day(), Usage{});
    EXPECT_EQ(balance(), (Balance{10000_fen, Money()}));
    EXPECT_FALSE(request(1000_fen, "k", terms).value().replayed);
}

// What goes back.

TEST_F(Limits, ACancelledWithdrawalGivesBackExactlyWhatItClaimed) {
    const Terms terms{.fee = {.flat = 10_fen, .free_per_month = 300_fen}};
    static_cast<void>(requested(200_fen, "k1", terms));
    const Withdrawal w = requested(1000_fen, "k2", terms);
    ASSERT_EQ(day(), (Usage{1200_fen, 2}));
    ASSERT_EQ(free_month(), (Usage{300_fen, 2}));

    static_cast<void>(service.cancel(user(), w.id).value());

    EXPECT_EQ(day(), (Usage{200_fen, 1}));
    EXPECT_EQ(month(), (Usage{200_fen, 1}));
    EXPECT_EQ(channel_day(), (Usage{200_fen, 1}));
    EXPECT_EQ(free_month(), (Usage{200_fen, 1}));
    EXPECT_EQ(balance(), (Balance{9800_fen, 200_fen}));
}

TEST_F(Limits, AFailedWithdrawalGivesBackExactlyWhatItClaimed) {
    static_cast<void>(requested(1000_fen, "k", {.fee = {.flat = 10_fen}}));

    answer(claim(), "FAIL");

    EXPECT_EQ(day(), Usage{});
    EXPECT_EQ(month(), Usage{});
    EXPECT_EQ(channel_day(), Usage{});
    EXPECT_EQ(balance(), (Balance{10000_fen, Money()}));
}

TEST_F(Limits, ASucceededWithdrawalGivesNothingBack) {
    static_cast<void>(requested(1000_fen, "k", {.fee = {.flat = 10_fen}}));

    answer(claim(), "SUCCESS");

    EXPECT_EQ(day(), (Usage{1000_fen, 1}));
    EXPECT_EQ(month(), (Usage{1000_fen, 1}));
    EXPECT_EQ(channel_day(), (Usage{1000_fen, 1}));
    EXPECT_EQ(balance(), (Balance{8990_fen, Money()}));
    EXPECT_EQ(account("fees"), 10_fen);
}

TEST_F(Limits, WhatGoesBackGoesBackToTheDayItWasCountedOn) {
    go_to("2025-01-31T23:59:59+08:00");
    const Withdrawal w = requested(1000_fen, "k1");
    go_to("2025-02-01T00:00:00+08:00");
    static_cast<void>(requested(300_fen, "k2"));

    static_cast<void>(service.cancel(user(), w.id).value());

    EXPECT_EQ(day(), (Usage{300_fen, 1}));
    EXPECT_EQ(month(), (Usage{300_fen, 1}));
    EXPECT_EQ(memory.usage(day_counter(user(), "2025-01-31")).value(), Usage{});
    EXPECT_EQ(memory.usage(month_counter(user(), "2025-01-31")).value(), Usage{});
}

TEST_F(Limits, WhatGoesBackIsFreeForTheNext) {
    const Terms terms{.day_amount_max = 1000_fen, .day_count_max = 1, .minimum_interval = 1h};
    const Withdrawal w = requested(1000_fen, "k1", terms);
    ASSERT_EQ(asked(1000_fen, "k2", terms), "limit_reached minimum_interval");

    static_cast<void>(service.cancel(user(), w.id).value());

    EXPECT_EQ(asked(1000_fen, "k2", terms), "accepted");
}

TEST_F(Limits, GivingBackFitsEvenUnderTermsThatAreTighterNow) {
    const Withdrawal w = requested(1000_fen, "k1", {.day_amount_max = 5000_fen});
    ASSERT_EQ(asked(100_fen, "k2", {.day_amount_max = 500_fen}), "limit_reached day_amount");

    EXPECT_EQ(service.cancel(user(), w.id).value().state, State::cancelled);
}

// Days and months are local.

TEST_F(Limits, OfADayBeginAnewAtLocalMidnight) {
    const Terms terms{.day_amount_max = 1000_fen, .day_count_max = 1, .merchant_day_max = 1000_fen};
    go_to("2025-01-01T23:59:59.999+08:00");
    static_cast<void>(requested(1000_fen, "k1", terms));
    ASSERT_EQ(asked(100_fen, "k2", terms), "limit_reached day_count");

    clock.advance(1ms);

    EXPECT_EQ(asked(1000_fen, "k2", terms), "accepted");
}

TEST_F(Limits, OfADayDoNotBeginAnewAtMidnightElsewhere) {
    const Terms terms{.day_amount_max = 1000_fen};
    go_to("2025-01-01T23:59:59Z");
    static_cast<void>(requested(1000_fen, "k1", terms));
    clock.advance(1s);

    EXPECT_EQ(asked(100_fen, "k2", terms), "limit_reached day_amount");
}

TEST_F(Limits, OfAMonthBeginAnewWithTheLocalMonth) {
    const Terms terms{.month_amount_max = 1000_fen};
    go_to("2025-01-31T23:59:59.999+08:00");
    static_cast<void>(requested(1000_fen, "k1", terms));
    ASSERT_EQ(asked(100_fen, "k2", terms), "limit_reached month_amount");

    clock.advance(1ms);

    EXPECT_EQ(asked(1000_fen, "k2", terms), "accepted");
}

TEST(LimitsElsewhere, RunByTheOffsetOfTheService) {
    Desk desk({.policy = {}, .offset = {0min}, .observer = nullptr, .wants_review = nullptr});
    const Terms terms{.day_amount_max = 1000_fen};
    desk.go_to("2025-01-01T23:59:59Z");
    static_cast<void>(desk.requested(1000_fen, "k1", terms));
    desk.clock.advance(1s);

    EXPECT_EQ(desk.asked(1000_fen, "k2", terms), "accepted");
}

// The free quota.

TEST_F(Limits, TheFreeQuotaIsUsedUpOnceByTwoRequests) {
    const Terms terms{.fee = {.parts_per_million = 100'000, .free_per_month = 1000_fen}};

    EXPECT_EQ(requested(600_fen, "k1", terms).fee, Money());
    EXPECT_EQ(requested(600_fen, "k2", terms).fee, 20_fen);
    EXPECT_EQ(requested(600_fen, "k3", terms).fee, 60_fen);
    EXPECT_EQ(free_month().amount, 1000_fen);
}

TEST_F(Limits, TheFreeQuotaIsTakenOnceByTwoRequestsAtTheSameTime) {
    const Terms terms{.fee = {.parts_per_million = 100'000, .free_per_month = 1000_fen}};
    Money fee_of_the_quicker = 1_fen;
    ledger.overtake([&] { fee_of_the_quicker = requested(600_fen, "quicker", terms).fee; });

    const Withdrawal slower = requested(600_fen, "slower", terms);

    EXPECT_EQ(fee_of_the_quicker, Money());
    EXPECT_EQ(slower.fee, 20_fen);
    EXPECT_EQ(slower.free_amount, 400_fen);
    EXPECT_EQ(free_month().amount, 1000_fen);
}

TEST_F(Limits, TheFreeQuotaIsFullAgainNextMonth) {
    const Terms terms{.fee = {.parts_per_million = 100'000, .free_per_month = 1000_fen}};
    go_to("2025-01-31T23:59:59+08:00");
    static_cast<void>(requested(1000_fen, "k1", terms));
    go_to("2025-02-01T00:00:00+08:00");

    EXPECT_EQ(requested(1000_fen, "k2", terms).fee, Money());
}

TEST_F(Limits, AreNotPassedByTwoRequestsAtTheSameTime) {
    const Terms terms{.day_amount_max = 1000_fen};
    std::string quicker;
    ledger.overtake([&] { quicker = asked(600_fen, "quicker", terms); });

    EXPECT_EQ(asked(600_fen, "slower", terms), "limit_reached day_amount");

    EXPECT_EQ(quicker, "accepted");
    EXPECT_EQ(day(), (Usage{600_fen, 1}));
}

// Replays.

TEST_F(Limits, AReplayWithOtherTermsAnswersTheFirst) {
    const Terms then{.fee = {.flat = 10_fen}}, now{.minimum = 5000_fen, .fee = {.flat = 20_fen}};
    const Withdrawal first = requested(1000_fen, "k", then);

    const Receipt again = request(1000_fen, "k", now).value();

    EXPECT_TRUE(again.replayed);
    EXPECT_EQ(again.withdrawal, first);
}

TEST_F(Limits, AReplayCountsNothingAndIsBoundByNothing) {
    const Terms terms{.day_amount_max = 1000_fen, .day_count_max = 1, .minimum_interval = 1h};
    static_cast<void>(requested(1000_fen, "k", terms));

    EXPECT_TRUE(request(1000_fen, "k", terms).value().replayed);
    EXPECT_EQ(day(), (Usage{1000_fen, 1}));
}

TEST_F(Limits, TheSameRequestAtTheSameTimeIsOneWithdrawal) {
    const Terms terms{.day_count_max = 1};
    WithdrawalId quicker;
    ledger.overtake([&] { quicker = requested(1000_fen, "k", terms).id; });

    const Receipt slower = request(1000_fen, "k", terms).value();

    EXPECT_TRUE(slower.replayed);
    EXPECT_EQ(slower.withdrawal.id, quicker);
}

}  // namespace
}  // namespace tixian
