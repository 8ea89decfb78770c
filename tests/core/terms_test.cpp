// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "tixian/allowance.hpp"

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

}  // namespace
}  // namespace tixian
