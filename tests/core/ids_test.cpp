// SPDX-License-Identifier: MIT
#include <regex>
#include <set>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tixian/ids.hpp"
#include "tixian/local_time.hpp"
#include "tixian/testing/seeded_random.hpp"
#include "tixian/withdrawal_id.hpp"

namespace tixian {
namespace {

static_assert(!std::is_convertible_v<UserId, Openid> && !std::is_convertible_v<std::string, UserId>);

TEST(Id, KeepsTheRuleOfItsKind) {
    EXPECT_TRUE(WithdrawalId::parse("WD20250101123456ABCDEF123456").has_value());
    EXPECT_FALSE(WithdrawalId::parse("").has_value());
    EXPECT_FALSE(WithdrawalId::parse("WD_1").has_value());
    EXPECT_FALSE(WithdrawalId::parse(std::string(33, 'A')).has_value());
    EXPECT_FALSE(UserId::parse("a:b").has_value());
    EXPECT_FALSE(UserId::parse("a b").has_value());
    EXPECT_FALSE(IdempotencyKey::parse("键").has_value());
    EXPECT_FALSE(ChannelName::parse("WeChat").has_value());
    EXPECT_EQ(Openid::parse("o 1").error().field, "openid");
}

TEST(WithdrawalNumber, IsWdLocalTimeAndTwelveHexDigits) {
    testing::SeededRandom random(1);
    const auto at = parse_rfc3339("2025-01-01T12:34:56+08:00").value();

    const std::string number = make_withdrawal_id(at, {}, random).text();

    EXPECT_TRUE(std::regex_match(number, std::regex("WD20250101123456[0-9A-F]{12}"))) << number;
}

TEST(WithdrawalNumber, DiffersWithinASecond) {
    testing::SeededRandom random(1);
    std::set<std::string> numbers;
    for (int i = 0; i < 1000; ++i) numbers.insert(make_withdrawal_id(Timestamp{}, {}, random).text());
    EXPECT_EQ(numbers.size(), 1000u);
}

TEST(LocalTime, ReadsWhatWechatWrites) {
    // wechat_spec 1: documents print fractions, real replies have none.
    EXPECT_EQ(to_millis(parse_rfc3339("2015-05-20T13:29:35.120+08:00").value()), 1'432'099'775'120);
    EXPECT_EQ(to_millis(parse_rfc3339("2025-01-22T15:44:23+08:00").value()), 1'737'531'863'000);
    EXPECT_EQ(to_millis(parse_rfc3339("1970-01-01T00:00:00Z").value()), 0);
}

TEST(LocalTime, RefusesWhatIsNoTimeWithAZone) {
    for (const char* text : {"", "2025-01-22", "2025-01-22T15:44:23", "2025-02-30T00:00:00Z",
                             "2025-13-01T00:00:00Z", "2025-01-22T25:00:00Z", "2025-01-22T15:44:23.+08:00",
                             "2025-01-22T15:44:23+8:00", "2025-01-22T15:44:23Zx", "2025-01-22 15:44:23Z"}) {
        SCOPED_TRACE(text);
        EXPECT_FALSE(parse_rfc3339(text).has_value());
    }
}

RC_GTEST_PROP(LocalTime, FormattingThenParsingGivesTheSameMoment, ()) {
    const auto at = from_millis(*rc::gen::inRange<std::int64_t>(0, 4'102'444'800'000));
    const UtcOffset offset{std::chrono::minutes(*rc::gen::inRange(-14 * 60, 14 * 60 + 1))};
    RC_ASSERT(parse_rfc3339(format_rfc3339(at, offset)).value() == at);
}

}  // namespace
}  // namespace tixian
