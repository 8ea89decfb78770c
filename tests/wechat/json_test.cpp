// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "tixian/wechat/json.hpp"

namespace tixian::json {
namespace {

TEST(Json, KeepsTheDigitsOfANumber) {
    const Value value = parse(R"({"a":0.10,"b":1e3,"c":99999999999999999999,"d":12,"e":-5})").value();

    EXPECT_EQ(value.find("a")->text, "0.10");
    EXPECT_EQ(value.find("b")->text, "1e3");
    EXPECT_EQ(value.find("c")->text, "99999999999999999999");
    EXPECT_EQ(value.integer("d"), 12);
    EXPECT_EQ(value.integer("e"), -5);
    EXPECT_FALSE(value.integer("a").has_value());
    EXPECT_FALSE(value.integer("c").has_value());
}

TEST(Json, RefusesARepeatedKeyAtAnyDepth) {
    EXPECT_FALSE(parse(R"({"a":1,"a":1})").has_value());
    EXPECT_FALSE(parse(R"({"x":[{"a":1,"a":2}]})").has_value());
    EXPECT_TRUE(parse(R"([{"a":1},{"a":2}])").has_value());
}

TEST(Json, RefusesWhatNestsTooDeep) {
    EXPECT_TRUE(parse(std::string(16, '[') + std::string(16, ']')).has_value());
    EXPECT_FALSE(parse(std::string(17, '[') + std::string(17, ']')).has_value());
}

TEST(Json, RefusesWhatIsNotOneJsonText) {
    for (const char* text : {"", " ", "{", "{} {}", "{\"a\":1,}", "\xff", "\"\xc3\"", "01", "nul"}) {
        SCOPED_TRACE(text);
        EXPECT_FALSE(parse(text).has_value());
    }
}

TEST(Json, RefusesAnObjectWithVeryManyMembers) {
    const auto object = [](int members) {
        std::string text = "{";
        for (int i = 0; i < members; ++i) text += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":0";
        return text + "}";
    };

    EXPECT_TRUE(parse(object(256)).has_value());
    EXPECT_EQ(parse(object(257)).error().code, ErrorCode::malformed);
    EXPECT_EQ(parse(object(200'000)).error().code, ErrorCode::malformed);
}

TEST(Json, RefusesWhatFollowsAZeroByte) {
    using namespace std::string_literals;
    for (const std::string& text : {"{\"a\":1}\0{\"a\":2}"s, "{\"a\":1}\0"s, "\0"s})
        EXPECT_EQ(parse(text).error().code, ErrorCode::malformed);
}

TEST(Json, ReadsNestedValues) {
    const Value value = parse(R"({"list":[true,null,"文"],"object":{"k":"v"}})").value();

    ASSERT_EQ(value.find("list")->items.size(), 3u);
    EXPECT_TRUE(value.find("list")->items[0].flag);
    EXPECT_EQ(value.find("list")->items[1].kind, Kind::null);
    EXPECT_EQ(value.find("list")->items[2].text, "文");
    EXPECT_EQ(value.find("object")->string("k"), "v");
    EXPECT_EQ(value.find("none"), nullptr);
}

}  // namespace
}  // namespace tixian::json
