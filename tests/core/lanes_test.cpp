// SPDX-License-Identifier: MIT
#include <algorithm>
#include <chrono>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tixian/lanes.hpp"

namespace tixian {
namespace {

using namespace std::chrono_literals;
using Micros = std::chrono::microseconds;

constexpr Micros today = 20'000 * 24h;

TEST(Lanes, LetOneInUntilItLeaves) {
    LaneState lane;
    ASSERT_TRUE(enter(lane, today, 2s));

    EXPECT_FALSE(enter(lane, today + 1s, 2s));
    lane.entered_until = {};
    EXPECT_TRUE(enter(lane, today + 1s, 2s));
}

TEST(Lanes, LetTheNextInAfterTheLeaseOfWhoNeverLeft) {
    LaneState lane;
    ASSERT_TRUE(enter(lane, today, 2s));

    EXPECT_TRUE(enter(lane, today + 2s, 2s));
}

TEST(Lanes, AreNotClosedByAClockThatWasSetBack) {
    LaneState lane;
    ASSERT_TRUE(enter(lane, today, 2s));
    static_cast<void>(take_places(lane, today, 5, 10ms));

    EXPECT_TRUE(enter(lane, today - 1h, 2s));
    EXPECT_EQ(take_places(lane, today - 1h, 1, 10ms), 0us);
}

TEST(Lanes, GiveTheFirstPlaceAtOnceAndTheNextOnesBehindIt) {
    LaneState lane;

    EXPECT_EQ(take_places(lane, today, 3, 10ms), 0us);
    EXPECT_EQ(take_places(lane, today + 5ms, 1, 10ms), 25ms);
    EXPECT_EQ(take_places(lane, today + 5ms, 1, 10ms), 35ms);
}

TEST(Lanes, SaveUpNothingThatWasNotUsed) {
    LaneState lane;
    static_cast<void>(take_places(lane, today, 1, 10ms));

    EXPECT_EQ(take_places(lane, today + 1h, 2, 10ms), 0us);
    EXPECT_EQ(take_places(lane, today + 1h, 1, 10ms), 20ms);
}

TEST(Lanes, HaveNoRateWithoutOne) {
    LaneState lane;

    EXPECT_EQ(take_places(lane, today, 1000, places_apart(0)), 0us);
    EXPECT_EQ(take_places(lane, today, 1, places_apart(0)), 0us);
}

// Whoever takes how many places when, and however late each call is sent within what it may.
RC_GTEST_PROP(Lanes, NoSlidingSecondHoldsMoreThanTheRate, ()) {
    const int rate = *rc::gen::inRange(1, 200);
    LaneState lane;
    Micros now = today;
    std::vector<Micros> sends;
    for (int i = 0; i < 60; ++i) {
        now += Micros(*rc::gen::inRange(0, 40'000));
        if (lane.next_place > now + 4min) continue;  // farther ahead than any call could wait
        const auto places = static_cast<std::size_t>(*rc::gen::inRange(0, 12));
        const Micros first = now + take_places(lane, now, places, places_apart(rate));
        for (std::size_t place = 0; place < places; ++place) {
            const Micros late(*rc::gen::inRange<std::int64_t>(0, 2 * place_grace.count()));
            sends.push_back(first + static_cast<std::int64_t>(place) * places_apart(rate) + late);
        }
    }
    std::sort(sends.begin(), sends.end());

    for (std::size_t i = static_cast<std::size_t>(rate); i < sends.size(); ++i)
        RC_ASSERT(sends[i] - sends[i - static_cast<std::size_t>(rate)] >= 1s);
}

TEST(Lanes, ReachNineteenTwentiethsOfTheRate) {
    for (const int rate : {1, 20, 100, 1000})
        EXPECT_LE(places_apart(rate) * rate * 95 / 100, Micros(1s)) << rate;
}

}  // namespace
}  // namespace tixian
