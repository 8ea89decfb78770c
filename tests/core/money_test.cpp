// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tixian/money.hpp"

namespace tixian {
namespace {

static_assert(1234_fen > 1233_fen);
static_assert((-(5_fen)).fen() == -5);
static_assert(!std::is_constructible_v<Money, double> && !std::is_constructible_v<Money, int>);
static_assert(!std::is_convertible_v<Money, double> && !std::is_convertible_v<double, Money>);

TEST(Money, ParsesYuanExactly) {
    struct {
        const char* text;
        std::int64_t fen;
    } constexpr rows[] = {
        {"0", 0},
        {"0.00", 0},
        {"0.01", 1},
        {"0.1", 10},
        {"1", 100},
        {"1.00", 100},
        {"12.3", 1230},
        {"12.34", 1234},
        {"-1", -100},
        {"-0.05", -5},
        {"10", 1000},
        {"0.29", 29},
        {"1.15", 115},
        {"4.35", 435},
        {"10000000000000.00", 1'000'000'000'000'000},
        {"9999999999999.99", 999'999'999'999'999},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.text);
        ASSERT_TRUE(Money::parse_yuan(row.text).has_value());
        EXPECT_EQ(Money::parse_yuan(row.text)->fen(), row.fen);
    }
}

TEST(Money, RefusesWhatIsNoExactAmountOfYuan) {
    constexpr std::string_view rows[] = {
        "",
        " ",
        "abc",
        "0.001",
        "1e3",
        "1E3",
        "１２",
        "99999999999999999999",
        "+1",
        "1.",
        ".5",
        "01",
        "00",
        "1,000",
        "1 ",
        " 1",
        "--1",
        "-",
        "-0",
        "-0.00",
        "0x10",
        "1.2.3",
        "1.-2",
        "NaN",
        "inf",
        "12.345",
        "10000000000000.01",
        "-10000000000000.01",
        std::string_view("1\0", 2),
    };
    for (const auto text : rows) {
        SCOPED_TRACE(std::string(text));
        const auto parsed = Money::parse_yuan(text);
        ASSERT_FALSE(parsed.has_value());
        EXPECT_EQ(parsed.error().code, ErrorCode::invalid_amount);
        EXPECT_EQ(parsed.error().field, "amount");
    }
}

TEST(Money, RefusesFenOutOfBounds) {
    EXPECT_TRUE(Money::from_fen(Money::fen_max).has_value());
    EXPECT_TRUE(Money::from_fen(-Money::fen_max).has_value());
    EXPECT_FALSE(Money::from_fen(Money::fen_max + 1).has_value());
    EXPECT_FALSE(Money::from_fen(-Money::fen_max - 1).has_value());
    EXPECT_FALSE(Money::from_fen(std::numeric_limits<std::int64_t>::min()).has_value());
}

TEST(Money, RefusesASumOutOfBounds) {
    const Money most = 1'000'000'000'000'000_fen;

    EXPECT_FALSE(checked_add(most, 1_fen).has_value());
    EXPECT_FALSE(checked_subtract(-most, 1_fen).has_value());
    EXPECT_EQ(checked_subtract(most, most).value(), Money());
}

Money any_money() {
    return Money::from_fen(*rc::gen::inRange<std::int64_t>(-Money::fen_max, Money::fen_max + 1)).value();
}

RC_GTEST_PROP(Money, PrintingThenParsingGivesTheSameAmount, ()) {
    const Money amount = any_money();
    RC_ASSERT(Money::parse_yuan(amount.yuan()).value() == amount);
}

RC_GTEST_PROP(Money, AddingThenSubtractingGivesTheSameAmount, ()) {
    const auto half = [] {
        return Money::from_fen(*rc::gen::inRange<std::int64_t>(-Money::fen_max / 2, Money::fen_max / 2))
            .value();
    };
    const Money a = half(), b = half();
    RC_ASSERT(checked_subtract(checked_add(a, b).value(), b).value() == a);
}

RC_GTEST_PROP(Money, AcceptsATextOnlyWhenPrintingGivesItsCanonicalForm, ()) {
    const auto text = *rc::gen::container<std::string>(rc::gen::element('0', '1', '9', '.', '-', 'e', ' '));
    const auto parsed = Money::parse_yuan(text);
    if (!parsed) return;
    const std::string printed = parsed->yuan();
    RC_ASSERT(printed == text || printed == text + "0" || printed == text + ".00");
}

}  // namespace
}  // namespace tixian
