// SPDX-License-Identifier: MIT
#include <cstdio>
#include <cstdlib>

#include <gtest/gtest.h>

#include "explorer.hpp"

namespace tixian {
namespace {

int bound(const char* variable, int otherwise) {
    const char* text = std::getenv(variable);
    return text != nullptr ? std::atoi(text) : otherwise;
}

void walk(Bounds bounds) {
    bounds.ticks = bound("TIXIAN_EXPLORE_TICKS", bounds.ticks);
    bounds.calls = bound("TIXIAN_EXPLORE_CALLS", bounds.calls);
    bounds.attempts = bound("TIXIAN_EXPLORE_ATTEMPTS", bounds.attempts);
    bounds.held = bound("TIXIAN_EXPLORE_HELD", bounds.held);
    Explorer explorer(bounds);
    explorer.walk();

    std::printf("%zu distinct states, %zu of them ended, depth %d, within %d ticks, %d calls, %d submits\n",
                explorer.states(), explorer.ended(), explorer.depth(), bounds.ticks, bounds.calls,
                bounds.attempts);
    EXPECT_EQ(explorer.violation(), "");
    EXPECT_GT(explorer.ended(), 100u);
}

/// Wider bounds by the environment: TIXIAN_EXPLORE_TICKS, _CALLS, _ATTEMPTS, _HELD.
TEST(AllInterleavings, OfOneWithdrawalKeepTheRules) { walk({}); }

/// The older API's batches.
TEST(AllInterleavings, OfOneWithdrawalThatCannotBeCancelledKeepTheRules) {
    Bounds bounds;
    bounds.ticks = 4;
    bounds.calls = 3;
    bounds.can_cancel = false;
    walk(bounds);
}

}  // namespace
}  // namespace tixian
