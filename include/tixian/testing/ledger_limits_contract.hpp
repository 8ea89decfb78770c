// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "tixian/ledger.hpp"
#include "tixian/testing/ledger_fixture.hpp"

namespace tixian::testing {

// The part of LedgerContract that is about limits (R9). It defines tests, so one unit of a program includes
// it.

TEST_P(LedgerContract, CountsWhatARequestClaims) {
    deposit(user("u1"), 1000_fen);
    Change request = request_change("WD1", user("u1"), 300_fen, "k1");
    std::get<Step>(request.what).next.free_amount = 120_fen;

    ASSERT_TRUE(is_applied(commit(under({.fee = free_a_month(120_fen)}, request))));

    EXPECT_EQ(used(day_counter(user("u1"), today)), "3.00 in 1");
    EXPECT_EQ(used(month_counter(user("u1"), today)), "3.00 in 1");
    EXPECT_EQ(used(free_counter(user("u1"), today)), "1.20 in 1");
    EXPECT_EQ(used(channel_counter(ChannelName::parse("wechat").value(), today)), "3.00 in 1");
    EXPECT_EQ(used(day_counter(user("u2"), today)), "0.00 in 0");
}

TEST_P(LedgerContract, RefusesMoreThanTheDayHasLeftAndLeavesEverythingAsItWas) {
    const Terms terms{.day_amount_max = 500_fen};
    deposit(user("u1"), 1000_fen);
    ASSERT_TRUE(is_applied(commit(under(terms, request_change("WD1", user("u1"), 300_fen, "k1")))));
    const std::string before = everything({"u1"});

    const Outcome outcome = commit(under(terms, request_change("WD2", user("u1"), 201_fen, "k2")));

    ASSERT_TRUE(std::holds_alternative<LimitReached>(outcome));
    EXPECT_EQ(std::get<LimitReached>(outcome).name, LimitName::day_amount);
    EXPECT_EQ(std::get<LimitReached>(outcome).left, 200_fen);
    EXPECT_EQ(everything({"u1"}), before);
}

TEST_P(LedgerContract, AllowsExactlyWhatTheDayHasLeft) {
    const Terms terms{.day_amount_max = 500_fen};
    deposit(user("u1"), 1000_fen);
    ASSERT_TRUE(is_applied(commit(under(terms, request_change("WD1", user("u1"), 300_fen, "k1")))));

    EXPECT_TRUE(is_applied(commit(under(terms, request_change("WD2", user("u1"), 200_fen, "k2")))));
}

TEST_P(LedgerContract, CountsEachDayByItself) {
    const Terms terms{.day_amount_max = 500_fen};
    deposit(user("u1"), 1000_fen);
    ASSERT_TRUE(is_applied(commit(under(terms, request_change("WD1", user("u1"), 500_fen, "k1")))));
    Change tomorrow = request_change("WD2", user("u1"), 400_fen, "k2");
    Step& step = std::get<Step>(tomorrow.what);
    step.next.terms = terms;
    step.next.counted_on = "2025-01-02";
    step.claims = claims_of(step.next);

    EXPECT_TRUE(is_applied(commit(tomorrow)));

    EXPECT_EQ(used(day_counter(user("u1"), today)), "5.00 in 1");
    EXPECT_EQ(used(day_counter(user("u1"), "2025-01-02")), "4.00 in 1");
    EXPECT_EQ(used(month_counter(user("u1"), today)), "9.00 in 2");
}

TEST_P(LedgerContract, RefusesMoreRequestsThanTheDayAllows) {
    const Terms terms{.day_count_max = 2};
    deposit(user("u1"), 1000_fen);
    ASSERT_TRUE(is_applied(commit(under(terms, request_change("WD1", user("u1"), 100_fen, "k1")))));
    ASSERT_TRUE(is_applied(commit(under(terms, request_change("WD2", user("u1"), 100_fen, "k2")))));
    const std::string before = everything({"u1"});

    const Outcome outcome = commit(under(terms, request_change("WD3", user("u1"), 100_fen, "k3")));

    ASSERT_TRUE(std::holds_alternative<LimitReached>(outcome));
    EXPECT_EQ(std::get<LimitReached>(outcome).name, LimitName::day_count);
    EXPECT_EQ(std::get<LimitReached>(outcome).left, Money());
    EXPECT_EQ(everything({"u1"}), before);
}

// The day's counter comes first and would have been written: nothing of a refused change may stay.
TEST_P(LedgerContract, RefusesMoreThanTheMonthHasLeftAndCountsNothingOfIt) {
    const Terms terms{.day_amount_max = 900_fen, .month_amount_max = 500_fen};
    deposit(user("u1"), 1000_fen);
    ASSERT_TRUE(is_applied(commit(under(terms, request_change("WD1", user("u1"), 300_fen, "k1")))));
    const std::string before = everything({"u1"});

    const Outcome outcome = commit(under(terms, request_change("WD2", user("u1"), 300_fen, "k2")));

    ASSERT_TRUE(std::holds_alternative<LimitReached>(outcome));
    EXPECT_EQ(std::get<LimitReached>(outcome).name, LimitName::month_amount);
    EXPECT_EQ(std::get<LimitReached>(outcome).left, 200_fen);
    EXPECT_EQ(everything({"u1"}), before);
}

TEST_P(LedgerContract, BindsAllUsersOfAChannelTogetherByTheMerchantsDay) {
    const Terms terms{.merchant_day_max = 500_fen};
    deposit(user("u1"), 1000_fen);
    deposit(user("u2"), 1000_fen);
    ASSERT_TRUE(is_applied(commit(under(terms, request_change("WD1", user("u1"), 300_fen, "k1")))));
    const std::string before = everything({"u1", "u2"});

    const Outcome outcome = commit(under(terms, request_change("WD2", user("u2"), 300_fen, "k1")));

    ASSERT_TRUE(std::holds_alternative<LimitReached>(outcome));
    EXPECT_EQ(std::get<LimitReached>(outcome).name, LimitName::merchant_day);
    EXPECT_EQ(std::get<LimitReached>(outcome).left, 200_fen);
    EXPECT_EQ(everything({"u1", "u2"}), before);
}

TEST_P(LedgerContract, KeepsTheMerchantsDaysOfChannelsApart) {
    const Terms terms{.merchant_day_max = 500_fen};
    deposit(user("u1"), 1000_fen);
    ASSERT_TRUE(is_applied(commit(under(terms, request_change("WD1", user("u1"), 500_fen, "k1")))));
    Change other = request_change("WD2", user("u1"), 500_fen, "k2");
    std::get<Step>(other.what).next.order.channel = ChannelName::parse("other").value();

    EXPECT_TRUE(is_applied(commit(under(terms, other))));
}

TEST_P(LedgerContract, RefusesARequestWhoseFreeQuotaIsGone) {
    const Terms terms{.fee = free_a_month(200_fen)};
    deposit(user("u1"), 1000_fen);
    Change first = request_change("WD1", user("u1"), 300_fen, "k1");
    Change second = request_change("WD2", user("u1"), 300_fen, "k2");
    for (Change* request : {&first, &second}) std::get<Step>(request->what).next.free_amount = 150_fen;
    ASSERT_TRUE(is_applied(commit(under(terms, first))));
    const std::string before = everything({"u1"});

    const Outcome outcome = commit(under(terms, second));

    ASSERT_TRUE(std::holds_alternative<LimitReached>(outcome));
    EXPECT_EQ(std::get<LimitReached>(outcome).name, LimitName::free_quota);
    EXPECT_EQ(std::get<LimitReached>(outcome).left, 50_fen);
    EXPECT_EQ(everything({"u1"}), before);
}

TEST_P(LedgerContract, GivesBackExactlyWhatWasClaimed) {
    const Terms terms{.day_amount_max = 500_fen, .day_count_max = 1, .fee = free_a_month(100_fen)};
    deposit(user("u1"), 1000_fen);
    Change request = request_change("WD1", user("u1"), 500_fen, "k1");
    std::get<Step>(request.what).next.free_amount = 100_fen;
    ASSERT_TRUE(is_applied(commit(under(terms, request))));

    ASSERT_TRUE(is_applied(commit(release_change("WD1"))));

    EXPECT_EQ(used(day_counter(user("u1"), today)), "0.00 in 0");
    EXPECT_EQ(used(month_counter(user("u1"), today)), "0.00 in 0");
    EXPECT_EQ(used(free_counter(user("u1"), today)), "0.00 in 0");
    EXPECT_EQ(used(channel_counter(ChannelName::parse("wechat").value(), today)), "0.00 in 0");
    EXPECT_TRUE(is_applied(commit(under(terms, request_change("WD2", user("u1"), 500_fen, "k2")))));
}

// The host lowered the limit meanwhile; a ceiling binds only what is added.
TEST_P(LedgerContract, GivesBackEvenWhenMoreIsCountedThanTheCeilingAllows) {
    deposit(user("u1"), 1000_fen);
    ASSERT_TRUE(is_applied(commit(under({}, request_change("WD1", user("u1"), 300_fen, "k1")))));
    const Terms low{.day_amount_max = 100_fen, .day_count_max = 1, .month_amount_max = 100_fen};
    ASSERT_TRUE(is_applied(commit(under({}, request_change("WD2", user("u1"), 600_fen, "k2")))));
    Change release = release_change("WD1");
    for (Claim& claim : std::get<Step>(release.what).claims) {
        claim.amount_max = low.day_amount_max;
        claim.count_max = low.day_count_max;
    }

    EXPECT_TRUE(is_applied(commit(release)));

    EXPECT_EQ(used(day_counter(user("u1"), today)), "6.00 in 1");
    const Outcome more = commit(under(low, request_change("WD3", user("u1"), 1_fen, "k3")));
    EXPECT_TRUE(std::holds_alternative<LimitReached>(more));
}

TEST_P(LedgerContract, TellsNothingLeftWhenMoreIsCountedThanTheCeilingAllows) {
    deposit(user("u1"), 1000_fen);
    ASSERT_TRUE(is_applied(commit(under({}, request_change("WD1", user("u1"), 300_fen, "k1")))));

    const Outcome outcome =
        commit(under({.day_amount_max = 200_fen}, request_change("WD2", user("u1"), 1_fen, "k2")));

    ASSERT_TRUE(std::holds_alternative<LimitReached>(outcome));
    EXPECT_EQ(std::get<LimitReached>(outcome).left, Money());
}

TEST_P(LedgerContract, DoesNotBurnTheKeyOfARequestOverALimit) {
    deposit(user("u1"), 1000_fen);
    const Terms low{.day_amount_max = 100_fen};
    ASSERT_FALSE(is_applied(commit(under(low, request_change("WD1", user("u1"), 300_fen, "k1")))));

    EXPECT_TRUE(is_applied(commit(under({}, request_change("WD2", user("u1"), 300_fen, "k1")))));
}

TEST_P(LedgerContract, AnswersAReplayedKeyBeforeItLooksAtLimits) {
    const Terms terms{.day_count_max = 1, .minimum_interval = Duration(1000)};
    deposit(user("u1"), 300_fen);
    ASSERT_TRUE(is_applied(commit(under(terms, request_change("WD1", user("u1"), 300_fen, "k1")))));

    const Outcome outcome = commit(under(terms, request_change("WD2", user("u1"), 300_fen, "k1")));

    ASSERT_TRUE(std::holds_alternative<Duplicate>(outcome));
    EXPECT_EQ(std::get<Duplicate>(outcome).first.text(), "WD1");
}

TEST_P(LedgerContract, CountsAndGivesBackInsideABatchOneByOne) {
    const Terms terms{.day_amount_max = 500_fen};
    deposit(user("u1"), 2000_fen);
    ASSERT_TRUE(is_applied(commit(under(terms, request_change("WD1", user("u1"), 400_fen, "k1")))));
    const std::vector<Change> batch{
        under(terms, request_change("WD2", user("u1"), 200_fen, "k2")),  // refused: 1.00 is left
        release_change("WD1"),
        under(terms, request_change("WD3", user("u1"), 300_fen, "k3")),
        under(terms, request_change("WD4", user("u1"), 201_fen, "k4")),  // refused: 2.00 are left
        under(terms, request_change("WD5", user("u1"), 200_fen, "k5")),
    };

    const auto outcomes = ledger_->commit(batch);

    std::string applied;
    for (const Outcome& outcome : outcomes) applied += is_applied(outcome) ? "+" : "-";
    EXPECT_EQ(applied, "-++-+");
    EXPECT_EQ(used(day_counter(user("u1"), today)), "5.00 in 2");
}

TEST_P(LedgerContract, LetsOnlyAsManyConcurrentRequestsPassAsTheDayAllows) {
    deposit(user("u1"), 800_fen);
    std::vector<Change> changes;
    for (int i = 0; i < 8; ++i)
        changes.push_back(
            under({.day_amount_max = 300_fen},
                  request_change("WD" + std::to_string(i), user("u1"), 100_fen, "k" + std::to_string(i))));

    EXPECT_EQ(commit_at_once(changes), 3);

    EXPECT_EQ(used(day_counter(user("u1"), today)), "3.00 in 3");
}

TEST_P(LedgerContract, LetsOnlyAsManyConcurrentRequestsPassAsTheMerchantsDayAllows) {
    std::vector<Change> changes;
    for (int i = 0; i < 8; ++i) {
        const UserId who = user("u" + std::to_string(i));
        deposit(who, 100_fen);
        changes.push_back(under({.merchant_day_max = 300_fen},
                                request_change("WD" + std::to_string(i), who, 100_fen, "k")));
    }

    EXPECT_EQ(commit_at_once(changes), 3);
}

TEST_P(LedgerContract, LetsOnlyOneOfConcurrentRequestsPassTheMinimumInterval) {
    deposit(user("u1"), 800_fen);
    std::vector<Change> changes;
    for (int i = 0; i < 8; ++i)
        changes.push_back(
            under({.minimum_interval = Duration(1)},
                  request_change("WD" + std::to_string(i), user("u1"), 100_fen, "k" + std::to_string(i))));

    EXPECT_EQ(commit_at_once(changes), 1);
}

TEST_P(LedgerContract, RefusesARequestUntilTheMinimumIntervalIsOver) {
    const Terms terms{.minimum_interval = Duration(1000)};
    deposit(user("u1"), 1000_fen);
    ASSERT_TRUE(is_applied(commit(under(terms, request_change("WD1", user("u1"), 100_fen, "k1")))));
    const std::string before = everything({"u1"});

    now_ += Duration(999);
    const Outcome early = commit(under(terms, request_change("WD2", user("u1"), 100_fen, "k2")));
    const std::string after = everything({"u1"});
    now_ += Duration(1);
    const Outcome in_time = commit(under(terms, request_change("WD2", user("u1"), 100_fen, "k2")));

    ASSERT_TRUE(std::holds_alternative<LimitReached>(early));
    EXPECT_EQ(std::get<LimitReached>(early).name, LimitName::minimum_interval);
    EXPECT_EQ(std::get<LimitReached>(early).left, Money());
    EXPECT_EQ(after, before);
    EXPECT_TRUE(is_applied(in_time));
}

TEST_P(LedgerContract, KeepsTheMinimumIntervalsOfUsersApart) {
    const Terms terms{.minimum_interval = Duration(1000)};
    deposit(user("u1"), 1000_fen);
    deposit(user("u2"), 1000_fen);

    EXPECT_TRUE(is_applied(commit(under(terms, request_change("WD1", user("u1"), 100_fen, "k1")))));
    EXPECT_TRUE(is_applied(commit(under(terms, request_change("WD2", user("u2"), 100_fen, "k1")))));
}

TEST_P(LedgerContract, CountsTheMinimumIntervalFromTheLastThatHasNotFailed) {
    const Terms terms{.minimum_interval = Duration(1000)};
    deposit(user("u1"), 1000_fen);
    ASSERT_TRUE(is_applied(commit(under(terms, request_change("WD1", user("u1"), 100_fen, "k1")))));
    now_ += Duration(1000);
    ASSERT_TRUE(is_applied(commit(under(terms, request_change("WD2", user("u1"), 100_fen, "k2")))));
    ASSERT_TRUE(is_applied(commit(release_change("WD2"))));

    EXPECT_TRUE(is_applied(commit(under(terms, request_change("WD3", user("u1"), 100_fen, "k3")))));
}

TEST_P(LedgerContract, TellsWhenTheLastThatHasNotFailedWasMade) {
    deposit(user("u1"), 1000_fen);
    EXPECT_EQ(ledger_->last_at(user("u1")).value(), std::nullopt);
    const Timestamp first = now_;
    ASSERT_TRUE(is_applied(commit(request_change("WD1", user("u1"), 100_fen, "k1"))));
    now_ += Duration(10);
    ASSERT_TRUE(is_applied(commit(request_change("WD2", user("u1"), 100_fen, "k2"))));

    EXPECT_EQ(ledger_->last_at(user("u1")).value(), now_);
    ASSERT_TRUE(is_applied(commit(release_change("WD2"))));
    EXPECT_EQ(ledger_->last_at(user("u1")).value(), first);
    ASSERT_TRUE(is_applied(commit(release_change("WD1"))));
    EXPECT_EQ(ledger_->last_at(user("u1")).value(), std::nullopt);
}

}  // namespace tixian::testing
