// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "desk.hpp"

namespace tixian {
namespace {

using namespace std::chrono_literals;

Timestamp at(std::string_view time) { return parse_rfc3339(time).value(); }

std::string bound_by(const Allowance& a) { return a.bound_by ? std::string(name(*a.bound_by)) : "nothing"; }

std::string more_at(const Allowance& a) { return a.more_at ? format_rfc3339(*a.more_at) : "never"; }

TEST(Allowance, IsTheWholeBalanceWhereNothingBinds) {
    const Allowance a = allowance(Terms{}, 5000_fen);

    EXPECT_EQ(a.maximum, 5000_fen);
    EXPECT_EQ(bound_by(a), "nothing");
    EXPECT_EQ(more_at(a), "never");
}

TEST(Allowance, NamesWhatKeepsItBelowTheBalance) {
    const Timestamp now = at("2025-01-15T12:00:00+08:00");
    struct Row {
        const char* reason;
        Terms terms;
        Money available;
        Counted counted;
        Money maximum;
    };
    const Row rows[] = {
        {"fee", {.fee = {.flat = 100_fen}}, 5000_fen, {}, 4900_fen},
        {"single_max", {.single_max = 2000_fen}, 5000_fen, {}, 2000_fen},
        {"day_amount", {.day_amount_max = 3000_fen}, 5000_fen, {.day = {1000_fen, 1}}, 2000_fen},
        {"month_amount", {.month_amount_max = 9000_fen}, 5000_fen, {.month = {8000_fen, 9}}, 1000_fen},
        {"merchant_day", {.merchant_day_max = 9000_fen}, 5000_fen, {.channel_day = {8500_fen, 9}}, 500_fen},
        {"day_count", {.day_count_max = 3}, 5000_fen, {.day = {300_fen, 3}}, Money()},
        {"minimum_interval", {.minimum_interval = 1h}, 5000_fen, {.last_at = now - 59min}, Money()},
        {"minimum", {.minimum = 200_fen}, 199_fen, {}, Money()},
    };
    for (const Row& row : rows) {
        SCOPED_TRACE(row.reason);
        const Allowance a = allowance(row.terms, row.available, row.counted, now);
        EXPECT_EQ(bound_by(a), row.reason);
        EXPECT_EQ(a.maximum, row.maximum);
    }
}

TEST(Allowance, KeepsTheReasonWhenWhatIsLeftIsLessThanTheMinimum) {
    const Terms terms{.minimum = 100_fen, .day_amount_max = 1000_fen};

    const Allowance a = allowance(terms, 5000_fen, {.day = {950_fen, 1}}, at("2025-01-15T12:00:00+08:00"));

    EXPECT_EQ(a.maximum, Money());
    EXPECT_EQ(bound_by(a), "day_amount");
    EXPECT_EQ(more_at(a), "2025-01-16T00:00:00+08:00");
}

TEST(Allowance, NamesTheTightestOfSeveral) {
    const Terms terms{.single_max = 3000_fen, .day_amount_max = 2500_fen, .month_amount_max = 2600_fen};

    EXPECT_EQ(bound_by(allowance(terms, 5000_fen)), "day_amount");
}

TEST(Allowance, NamesTheOneThatLastsLongerOfTwoThatBindAlike) {
    const Timestamp now = at("2025-01-15T12:00:00+08:00");
    const Counted all_used{.day = {1000_fen, 1}, .month = {2000_fen, 2}, .last_at = now};
    Terms terms{.day_amount_max = 1000_fen, .minimum_interval = 1h};
    EXPECT_EQ(more_at(allowance(terms, 5000_fen, all_used, now)), "2025-01-16T00:00:00+08:00");

    terms.month_amount_max = 2000_fen;
    EXPECT_EQ(bound_by(allowance(terms, 5000_fen, all_used, now)), "month_amount");
    EXPECT_EQ(more_at(allowance(terms, 5000_fen, all_used, now)), "2025-02-01T00:00:00+08:00");

    terms.month_amount_max = 2099_fen;  // less is left than the minimum
    EXPECT_EQ(bound_by(allowance(terms, 5000_fen, all_used, now)), "month_amount");

    EXPECT_EQ(bound_by(allowance(terms, 99_fen, all_used, now)), "minimum");
    EXPECT_EQ(more_at(allowance(terms, 99_fen, all_used, now)), "never");
}

TEST(Allowance, IsNothingFromAnEmptyOrOverdrawnWallet) {
    EXPECT_EQ(allowance(Terms{}, Money()).maximum, Money());
    EXPECT_EQ(allowance(Terms{}, -(5_fen)).maximum, Money());
}

TEST(Allowance, TellsTheFeeOnItsMaximum) {
    const Terms terms{.fee = {.flat = 10_fen, .parts_per_million = 6000, .free_per_month = 1000_fen}};

    const Allowance a = allowance(terms, 5000_fen, {.free_month = {400_fen, 1}});

    EXPECT_EQ(a.free_left, 600_fen);
    EXPECT_EQ(a.maximum, 4964_fen);  // and 10 + 0.6 % of 4364
    EXPECT_EQ(a.fee, 36_fen);
}

TEST(Allowance, TellsWhatIsLeftOfEachLimit) {
    const Terms terms{.day_amount_max = 3000_fen, .day_count_max = 3, .month_amount_max = 4000_fen};

    const Allowance a = allowance(terms, 5000_fen, {.day = {1000_fen, 1}, .month = {5000_fen, 7}});

    EXPECT_EQ(a.day_left, 2000_fen);
    EXPECT_EQ(a.day_count_left, 2);
    EXPECT_EQ(a.month_left, Money());
}

TEST(Allowance, TellsWhenADaysLimitAllowsMoreByLocalMidnight) {
    struct Row {
        const char* now;
        const char* more_at;
    };
    const Row rows[] = {
        {"2025-01-15T00:00:00+08:00", "2025-01-16T00:00:00+08:00"},
        {"2025-01-15T23:59:59.999+08:00", "2025-01-16T00:00:00+08:00"},
        {"2025-01-15T15:59:59Z", "2025-01-16T00:00:00+08:00"},
        {"2025-01-15T16:00:00Z", "2025-01-17T00:00:00+08:00"},  // the 16th already, here
        {"2025-01-31T12:00:00+08:00", "2025-02-01T00:00:00+08:00"},
        {"2024-02-28T12:00:00+08:00", "2024-02-29T00:00:00+08:00"},
    };
    for (const Row& row : rows) {
        SCOPED_TRACE(row.now);
        const Terms terms{.day_amount_max = Money()};
        EXPECT_EQ(more_at(allowance(terms, 5000_fen, {}, at(row.now))), row.more_at);
        const Terms counted{.day_count_max = 0};
        EXPECT_EQ(more_at(allowance(counted, 5000_fen, {}, at(row.now))), row.more_at);
        const Terms of_merchant{.merchant_day_max = Money()};
        EXPECT_EQ(more_at(allowance(of_merchant, 5000_fen, {}, at(row.now))), row.more_at);
    }
}

TEST(Allowance, TellsWhenAMonthsLimitAllowsMoreByLocalMonth) {
    struct Row {
        const char* now;
        const char* more_at;
    };
    const Row rows[] = {
        {"2025-01-01T00:00:00+08:00", "2025-02-01T00:00:00+08:00"},
        {"2025-01-31T23:59:59.999+08:00", "2025-02-01T00:00:00+08:00"},
        {"2025-01-31T15:59:59Z", "2025-02-01T00:00:00+08:00"},
        {"2025-01-31T16:00:00Z", "2025-03-01T00:00:00+08:00"},  // February already, here
        {"2025-12-31T23:00:00+08:00", "2026-01-01T00:00:00+08:00"},
    };
    for (const Row& row : rows) {
        SCOPED_TRACE(row.now);
        const Terms terms{.month_amount_max = Money()};
        EXPECT_EQ(more_at(allowance(terms, 5000_fen, {}, at(row.now))), row.more_at);
    }
}

TEST(Allowance, TellsWhenTheIntervalHasPassed) {
    const Terms terms{.minimum_interval = 1h};
    const Timestamp last = at("2025-01-31T23:30:00+08:00");

    EXPECT_EQ(more_at(allowance(terms, 5000_fen, {.last_at = last}, last + 1h - 1ms)),
              "2025-02-01T00:30:00+08:00");
    EXPECT_EQ(bound_by(allowance(terms, 5000_fen, {.last_at = last}, last + 1h)), "nothing");
}

TEST(Allowance, NeverTellsATimeWhereNoTimeHelps) {
    const Terms terms{.minimum = 200_fen, .single_max = 300_fen, .fee = {.flat = 10_fen}};

    EXPECT_EQ(more_at(allowance(terms, 5000_fen)), "never");
    EXPECT_EQ(more_at(allowance(terms, 310_fen)), "never");
    EXPECT_EQ(more_at(allowance(terms, 199_fen)), "never");
}

std::int64_t upto(std::int64_t most) { return *rc::gen::inRange<std::int64_t>(0, most + 1); }
Money fen_upto(std::int64_t most) { return Money::from_fen(upto(most)).value(); }
std::optional<Money> maybe_fen(std::int64_t most) {
    return *rc::gen::arbitrary<bool>() ? std::optional(fen_upto(most)) : std::nullopt;
}

/// Terms about as tight as the wallets, so that each limit binds now and then.
Terms any_terms() {
    Terms terms;
    terms.minimum = Money::from_fen(1 + upto(300)).value();
    terms.single_max = checked_add(terms.minimum, fen_upto(6000)).value();
    terms.day_amount_max = maybe_fen(8000);
    if (*rc::gen::arbitrary<bool>()) terms.day_count_max = upto(4);
    terms.month_amount_max = maybe_fen(12000);
    terms.minimum_interval = Duration(upto(3) * 1'800'000);
    terms.merchant_day_max = maybe_fen(15000);
    terms.review_from = maybe_fen(6000);
    terms.fee.flat = fen_upto(40);
    terms.fee.parts_per_million = upto(20'000);
    terms.fee.rounding = *rc::gen::element(Rounding::half_up, Rounding::up, Rounding::down);
    terms.fee.minimum = fen_upto(30);
    if (*rc::gen::arbitrary<bool>()) terms.fee.maximum = checked_add(terms.fee.minimum, fen_upto(60)).value();
    terms.fee.free_per_month = fen_upto(4000);
    return terms;
}

/// Some days of withdrawals by two users, of which some go back.
void use_up(Desk& desk) {
    const int requests = *rc::gen::inRange(0, 8);
    for (int i = 0; i < requests; ++i) {
        desk.clock.advance(Duration(upto(*rc::gen::element<std::int64_t>(3'600'000, 90'000'000))));
        const std::string user = *rc::gen::element<std::string>("u1", "u2");
        const auto receipt = desk.request(fen_upto(3000), "used" + std::to_string(i),
                                          *rc::gen::element(Terms{}, any_terms()), user);
        if (receipt && *rc::gen::inRange(0, 4) == 0)
            static_cast<void>(desk.service.cancel(Desk::user(user), receipt->withdrawal.id));
    }
}

RC_GTEST_PROP(Allowance, IsExactlyWhatARequestMayAskFor, ()) {
    Desk desk;
    desk.deposit("u2", 10000_fen);
    static_cast<void>(desk.request(fen_upto(9950), "spent"));
    desk.clock.advance(std::chrono::days(*rc::gen::element(0, 40)));
    use_up(desk);
    const Terms terms = any_terms();

    const Allowance a = desk.service.allowance(Desk::user(), desk.channel.name(), terms).value();
    const Money one_more = checked_add(a.maximum, 1_fen).value();
    RC_ASSERT(!desk.request(one_more, "more", terms).has_value());
    RC_ASSERT(!desk.request(checked_add(one_more, fen_upto(5000)).value(), "much-more", terms).has_value());
    if (a.maximum.is_zero()) {
        RC_ASSERT(!desk.request(terms.minimum, "least", terms).has_value());
    } else {
        const auto receipt = desk.request(a.maximum, "most", terms);
        RC_ASSERT(receipt.has_value());
        RC_ASSERT(receipt->withdrawal.fee == a.fee);
    }
    RC_TAG("bound by " + bound_by(a));
}

}  // namespace
}  // namespace tixian
