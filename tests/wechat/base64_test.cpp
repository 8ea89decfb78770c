// SPDX-License-Identifier: MIT
#include "tixian/wechat/base64.hpp"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace tixian::wechat {
namespace {

struct Pair {
    std::string_view bytes;
    std::string_view text;
};

// RFC 4648, section 10, and bytes that need the whole alphabet.
constexpr Pair pairs[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
    {"\xfb\xff\xfe", "+//+"},
    {std::string_view("\0\0\0\0", 4), "AAAAAA=="},
};

TEST(Base64, EncodesAsTheStandardSays) {
    for (const Pair& pair : pairs) EXPECT_EQ(base64_encode(pair.bytes), pair.text);
}

TEST(Base64, DecodesAsTheStandardSays) {
    for (const Pair& pair : pairs) EXPECT_EQ(base64_decode(pair.text).value(), pair.bytes);
}

TEST(Base64, GivesBackEveryByteAtEveryLength) {
    std::string bytes;
    for (int i = 0; i < 300; ++i) {
        EXPECT_EQ(base64_decode(base64_encode(bytes)).value(), bytes);
        bytes += static_cast<char>(i * 7);
    }
}

struct Refused {
    std::string_view name;
    std::string_view text;
};

constexpr Refused refused[] = {
    {"length 1", "Z"},
    {"length 2, padding left out", "Zg"},
    {"length 3, padding left out", "Zm8"},
    {"length 5", "Zm9vY"},
    {"padding only", "===="},
    {"three pads", "Z==="},
    {"pad in the middle", "Zm=v"},
    {"pads before the last group", "Zg==Zg=="},
    {"four bits unused and not zero", "Zh=="},
    {"two bits unused and not zero", "Zm9="},
    {"space", "Zm 9"},
    {"line feed at the end", "Zm9v\n"},
    {"line feed that keeps the length", "Zm9vYmF\n"},
    {"line break inside", "Zm9v\r\nYg"},
    {"URL alphabet", "-__-"},
    {"byte above 127", "Zm9\xe6"},
    {"null byte", std::string_view("Zm9\0", 4)},
    {"foreign first digit of a padded group", "!m8="},
    {"foreign second digit of a padded group", "Z!8="},
    {"foreign third digit of a padded group", "Zm!="},
    {"foreign digit with two pads", "!g=="},
};

TEST(Base64, RefusesWhatIsNotCanonical) {
    for (const Refused& row : refused) {
        SCOPED_TRACE(row.name);
        const Result<std::string> bytes = base64_decode(row.text);

        ASSERT_FALSE(bytes);
        EXPECT_EQ(bytes.error().code, ErrorCode::malformed);
    }
}

TEST(Base64, AcceptsOneTextOnlyForEachLastGroup) {
    int accepted = 0;
    for (int first = 0; first < 256; ++first) {
        for (int second = 0; second < 256; ++second) {
            const std::string text{static_cast<char>(first), static_cast<char>(second), '=', '='};
            const Result<std::string> bytes = base64_decode(text);
            if (!bytes) continue;
            ++accepted;
            EXPECT_EQ(base64_encode(*bytes), text);
        }
    }
    EXPECT_EQ(accepted, 256);
}

}  // namespace
}  // namespace tixian::wechat
