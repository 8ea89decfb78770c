// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tixian/allowance.hpp"
#include "tixian/terms_text.hpp"

namespace tixian {
namespace {

TEST(Terms, AllowExactlyTheBounds) {
    const Terms terms{100_fen, 20000_fen};

    EXPECT_TRUE(check_amount(terms, 100_fen).has_value());
    EXPECT_TRUE(check_amount(terms, 20000_fen).has_value());
    EXPECT_EQ(check_amount(terms, 99_fen).error().code, ErrorCode::amount_below_minimum);
    EXPECT_EQ(check_amount(terms, 20001_fen).error().code, ErrorCode::amount_above_maximum);
    EXPECT_EQ(check_amount(terms, Money()).error().code, ErrorCode::invalid_amount);
    EXPECT_EQ(check_amount(terms, -(100_fen)).error().code, ErrorCode::invalid_amount);
}

TEST(Terms, SayWhatCanBeWithdrawn) {
    const Terms terms{100_fen, 20000_fen};

    EXPECT_EQ(max_withdrawable(terms, 99_fen), Money());
    EXPECT_EQ(max_withdrawable(terms, 100_fen), 100_fen);
    EXPECT_EQ(max_withdrawable(terms, 30000_fen), 20000_fen);
}

TEST(Terms, ThatMakeNoSenseAreRefusedNamingTheField) {
    constexpr Money negative = -(1_fen), huge = 100000000000001_fen;
    struct Row {
        const char* field;
        Terms terms;
    };
    const Row rows[] = {
        {"minimum", {.minimum = Money()}},
        {"minimum", {.minimum = negative}},
        {"minimum", {.minimum = huge, .single_max = huge}},
        {"single_max", {.minimum = 100_fen, .single_max = 99_fen}},
        {"single_max", {.single_max = huge}},
        {"day_amount_max", {.day_amount_max = negative}},
        {"day_amount_max", {.day_amount_max = huge}},
        {"day_count_max", {.day_count_max = -1}},
        {"month_amount_max", {.month_amount_max = negative}},
        {"month_amount_max", {.month_amount_max = huge}},
        {"minimum_interval", {.minimum_interval = Duration(-1)}},
        {"minimum_interval", {.minimum_interval = Duration::max()}},
        {"merchant_day_max", {.merchant_day_max = negative}},
        {"merchant_day_max", {.merchant_day_max = huge}},
        {"review_from", {.review_from = negative}},
        {"review_from", {.review_from = huge}},
        {"fee.flat", {.fee = {.flat = negative}}},
        {"fee.flat", {.fee = {.flat = huge}}},
        {"fee.parts_per_million", {.fee = {.parts_per_million = -1}}},
        {"fee.parts_per_million", {.fee = {.parts_per_million = 1'000'001}}},
        {"fee.minimum", {.fee = {.minimum = negative}}},
        {"fee.minimum", {.fee = {.minimum = huge}}},
        {"fee.maximum", {.fee = {.maximum = negative}}},
        {"fee.maximum", {.fee = {.maximum = huge}}},
        {"fee.maximum", {.fee = {.minimum = 2_fen, .maximum = 1_fen}}},
        {"fee.free_per_month", {.fee = {.free_per_month = negative}}},
        {"fee.free_per_month", {.fee = {.free_per_month = huge}}},
    };
    for (const Row& row : rows) {
        const auto refused = check(row.terms);
        ASSERT_FALSE(refused.has_value()) << row.field;
        EXPECT_EQ(refused.error().field, row.field);
        EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
    }
}

TEST(Terms, MayForbidEverything) {
    const Terms terms{.day_amount_max = Money(),
                      .day_count_max = 0,
                      .month_amount_max = Money(),
                      .merchant_day_max = Money(),
                      .review_from = Money()};

    EXPECT_TRUE(check(terms).has_value());
}

TEST(TermsText, SaysOnlyWhatIsSet) {
    EXPECT_EQ(terms_text(Terms{}), "minimum=100 single_max=20000");
    EXPECT_EQ(terms_text({.day_count_max = 0, .fee = {.rounding = Rounding::up}}),
              "minimum=100 single_max=20000 day_count_max=0 fee.rounding=up");
}

TEST(TermsText, ThatCannotBeReadIsRefusedNamingTheTerm) {
    struct Row {
        const char* text;
        const char* field;
    };
    constexpr Row rows[] = {
        {"minimum=", "minimum"},
        {"minimum=1.5", "minimum"},
        {"minimum=+5", "minimum"},
        {"minimum=0x5", "minimum"},
        {"minimum=1000000000000001", "minimum"},
        {"day_count_max=99999999999999999999", "day_count_max"},
        {"minimum=100 minimum_interval=1h", "minimum_interval"},
        {"fee.rounding=sideways", "fee.rounding"},
        {"fee.maximum=1 fee.free_per_month=x", "fee.free_per_month"},
        {"minimum=100 day_amount_mx=500", "day_amount_mx=500"},
        {"minimum=100 single_max", "single_max"},
    };
    for (const Row& row : rows) {
        const auto refused = parse_terms(row.text);
        ASSERT_FALSE(refused.has_value()) << row.text;
        EXPECT_EQ(refused.error().field, row.field);
        EXPECT_EQ(refused.error().code, ErrorCode::malformed);
    }
}

Money any_money() {
    return Money::from_fen(*rc::gen::inRange<std::int64_t>(-Money::fen_max, Money::fen_max + 1)).value();
}
std::optional<Money> maybe_money() {
    return *rc::gen::arbitrary<bool>() ? std::optional(any_money()) : std::nullopt;
}

RC_GTEST_PROP(TermsText, IsReadBackExactly, ()) {
    Terms terms;
    if (*rc::gen::arbitrary<bool>()) terms.minimum = any_money();
    if (*rc::gen::arbitrary<bool>()) terms.single_max = any_money();
    terms.day_amount_max = maybe_money();
    if (*rc::gen::arbitrary<bool>()) terms.day_count_max = *rc::gen::arbitrary<std::int64_t>();
    terms.month_amount_max = maybe_money();
    terms.minimum_interval = Duration(*rc::gen::arbitrary<std::int64_t>());
    terms.merchant_day_max = maybe_money();
    terms.review_from = maybe_money();
    terms.fee.flat = any_money();
    terms.fee.parts_per_million = *rc::gen::arbitrary<std::int64_t>();
    terms.fee.rounding = *rc::gen::element(Rounding::half_up, Rounding::up, Rounding::down);
    terms.fee.minimum = any_money();
    terms.fee.maximum = maybe_money();
    terms.fee.free_per_month = any_money();

    const auto read = parse_terms(terms_text(terms));

    RC_ASSERT(read.has_value());
    RC_ASSERT(*read == terms);
}

RC_GTEST_PROP(TermsText, OfAnySortIsReadOrRefused, ()) {
    const auto parts = *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
        "minimum", "fee.maximum", "=", " ", "5", "-", "x", "up", "fee.rounding"));
    std::string text;
    for (const std::string& part : parts) text += part;

    const auto read = parse_terms(text);

    if (read) RC_ASSERT(parse_terms(terms_text(*read)).value() == *read);
}

}  // namespace
}  // namespace tixian
