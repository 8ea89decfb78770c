// SPDX-License-Identifier: MIT
// Together with two.cpp: two units that include everything must link, which a missing `inline` would prevent.
#include <gtest/gtest.h>

#include "everything.hpp"

int pages_of_two();

TEST(House, TwoUnitsThatIncludeEverythingLink) { EXPECT_EQ(pages_of_two(), 2); }
