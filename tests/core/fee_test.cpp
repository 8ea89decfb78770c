// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tixian/terms.hpp"
#include "tixian/totals.hpp"

namespace tixian {
namespace {

Money fen(std::int64_t n) { return Money::from_fen(n).value(); }

TEST(Fee, IsNothingWhereNoneIsSet) { EXPECT_EQ(fee_on(Fee{}, 10000_fen), Money()); }

TEST(Fee, IsAFlatPartAndAShareOfTheAmount) {
    const Fee fee{.flat = 10_fen, .parts_per_million = 6000};

    EXPECT_EQ(fee_on(fee, 10000_fen), 70_fen);
}

TEST(Fee, RoundsTheFractionOfAFenAsItIsTold) {
    struct Row {
        const char* name;
        Money amount, half_up, up, down;
    };
    constexpr Row rows[] = {
        {"6.000", 1000_fen, 6_fen, 6_fen, 6_fen}, {"7.200", 1200_fen, 7_fen, 8_fen, 7_fen},
        {"7.500", 1250_fen, 8_fen, 8_fen, 7_fen}, {"7.494", 1249_fen, 7_fen, 8_fen, 7_fen},
        {"0.006", 1_fen, 0_fen, 1_fen, 0_fen},
    };
    for (const Row& row : rows) {
        SCOPED_TRACE(row.name);
        const auto rounded = [&](Rounding r) {
            return fee_on({.parts_per_million = 6000, .rounding = r}, row.amount);
        };
        EXPECT_EQ(rounded(Rounding::half_up), row.half_up);
        EXPECT_EQ(rounded(Rounding::up), row.up);
        EXPECT_EQ(rounded(Rounding::down), row.down);
    }
}

TEST(Fee, IsNeverLessThanItsMinimum) {
    const Fee fee{.flat = 1_fen, .parts_per_million = 1000, .minimum = 50_fen};

    EXPECT_EQ(fee_on(fee, 100_fen), 50_fen);
    EXPECT_EQ(fee_on(fee, 49000_fen), 50_fen);
    EXPECT_EQ(fee_on(fee, 50000_fen), 51_fen);
}

TEST(Fee, IsNeverMoreThanItsMaximumFlatPartIncluded) {
    const Fee fee{.flat = 50_fen, .parts_per_million = 6000, .maximum = 80_fen};

    EXPECT_EQ(fee_on(fee, 5000_fen), 80_fen);
    EXPECT_EQ(fee_on(fee, 5001_fen), 80_fen);
    EXPECT_EQ(fee_on(fee, 4000_fen), 74_fen);
}

TEST(Fee, IsChargedOnlyOnWhatIsOverTheFreeQuota) {
    const Fee fee{.flat = 10_fen, .parts_per_million = 6000};

    EXPECT_EQ(fee_on(fee, 10000_fen, 9000_fen), 16_fen);
}

TEST(Fee, IsNothingAtAllWhereTheWholeAmountIsFree) {
    const Fee fee{.flat = 10_fen, .parts_per_million = 6000, .minimum = 50_fen};

    EXPECT_EQ(fee_on(fee, 1000_fen, 1000_fen), Money());
    EXPECT_EQ(fee_on(fee, 1000_fen, 2000_fen), Money());
    EXPECT_EQ(fee_on(fee, 1001_fen, 1000_fen), 50_fen);
}

TEST(Fee, OfTheLargestTermsOnTheLargestAmountStaysInBounds) {
    const Fee fee{.flat = 100000000000000_fen, .parts_per_million = 1'000'000};
    ASSERT_TRUE(check(Terms{.single_max = 100000000000000_fen, .fee = fee}).has_value());

    EXPECT_EQ(fee_on(fee, 100000000000000_fen), 200000000000000_fen);
}

/// Small and large amounts alike.
std::int64_t any_fen(std::int64_t most) {
    std::int64_t bound = *rc::gen::element<std::int64_t>(10, 10'000, 100'000'000, most);
    return *rc::gen::inRange<std::int64_t>(0, std::min(bound, most) + 1);
}

Fee any_fee(std::int64_t most) {
    Fee fee;
    fee.flat = fen(any_fen(most));
    fee.parts_per_million = *rc::gen::inRange<std::int64_t>(0, 1'000'001);
    fee.rounding = *rc::gen::element(Rounding::half_up, Rounding::up, Rounding::down);
    fee.minimum = fen(any_fen(most));
    if (*rc::gen::arbitrary<bool>())
        fee.maximum = fen(*rc::gen::inRange<std::int64_t>(fee.minimum.fen(), most + 1));
    return fee;
}

RC_GTEST_PROP(Fee, ShareIsExactForEveryAmountThatMoneyHolds, ()) {
    const std::int64_t amount = any_fen(Money::fen_max);
    const std::int64_t parts = *rc::gen::inRange<std::int64_t>(0, 1'000'001);
    const Total product = Total(amount) * parts, million = 1'000'000;
    const Total down = product / million, rest = product % million;

    RC_ASSERT(detail::share_of(amount, parts, Rounding::down) == down);
    RC_ASSERT(detail::share_of(amount, parts, Rounding::up) == down + (rest > 0 ? 1 : 0));
    RC_ASSERT(detail::share_of(amount, parts, Rounding::half_up) == down + (rest * 2 >= million ? 1 : 0));
}

RC_GTEST_PROP(Fee, IsWhatAnOracleWithoutBoundsSays, ()) {
    constexpr std::int64_t most = Money::fen_max / 10;
    const Fee fee = any_fee(most);
    RC_ASSERT(check(Terms{.fee = fee}).has_value());
    const std::int64_t amount = any_fen(most), free = any_fen(most);

    Total expected = 0;
    if (amount > free) {
        const Total add = fee.rounding == Rounding::up        ? 999'999
                          : fee.rounding == Rounding::half_up ? 500'000
                                                              : 0;
        expected = fee.flat.fen() + (Total(amount - free) * fee.parts_per_million + add) / 1'000'000;
        if (expected < fee.minimum.fen()) expected = fee.minimum.fen();
        if (fee.maximum && expected > fee.maximum->fen()) expected = fee.maximum->fen();
    }
    RC_ASSERT(fee_on(fee, fen(amount), fen(free)).fen() == expected);
}

RC_GTEST_PROP(Fee, GrowsWithTheAmount, ()) {
    constexpr std::int64_t most = Money::fen_max / 10;
    const Fee fee = any_fee(most);
    const std::int64_t free = any_fen(most), less = any_fen(most);
    const std::int64_t more = *rc::gen::inRange<std::int64_t>(less, most + 1);

    RC_ASSERT(fee_on(fee, fen(less), fen(free)) <= fee_on(fee, fen(more), fen(free)));
}

RC_GTEST_PROP(Fee, ShrinksWithTheFreeQuota, ()) {
    constexpr std::int64_t most = Money::fen_max / 10;
    const Fee fee = any_fee(most);
    const std::int64_t amount = any_fen(most), less = any_fen(most);
    const std::int64_t more = *rc::gen::inRange<std::int64_t>(less, most + 1);

    RC_ASSERT(fee_on(fee, fen(amount), fen(more)) <= fee_on(fee, fen(amount), fen(less)));
}

}  // namespace
}  // namespace tixian
