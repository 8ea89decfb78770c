// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tixian/error.hpp"

namespace tixian::wechat {

namespace detail {

// RFC 4648, section 4: the alphabet with + and /.
inline constexpr std::string_view base64_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
inline constexpr std::uint32_t not_base64 = 0x8000'0000;

constexpr std::array<std::uint32_t, 256> make_base64_values() {
    std::array<std::uint32_t, 256> values{};
    for (std::uint32_t& value : values) value = not_base64;
    for (std::size_t i = 0; i < base64_alphabet.size(); ++i) {
        values[static_cast<unsigned char>(base64_alphabet[i])] = static_cast<std::uint32_t>(i);
    }
    return values;
}
inline constexpr std::array<std::uint32_t, 256> base64_values = make_base64_values();

constexpr std::uint32_t base64_value(char c) { return base64_values[static_cast<unsigned char>(c)]; }
constexpr char low_byte(std::uint32_t bits) { return static_cast<char>(bits & 0xffU); }
constexpr char base64_digit(std::uint32_t bits) { return base64_alphabet[bits & 0x3fU]; }

}  // namespace detail

/// Standard base64 with padding and without line breaks.
[[nodiscard]] inline std::string base64_encode(std::string_view bytes) {
    std::string text((bytes.size() + 2) / 3 * 4, '=');
    const auto byte = [bytes](std::size_t i) -> std::uint32_t {
        return static_cast<unsigned char>(bytes[i]);
    };
    std::size_t in = 0;
    char* out = text.data();
    for (; in + 3 <= bytes.size(); in += 3) {
        const std::uint32_t bits = byte(in) << 16 | byte(in + 1) << 8 | byte(in + 2);
        for (unsigned shift : {18U, 12U, 6U, 0U}) *out++ = detail::base64_digit(bits >> shift);
    }
    const std::size_t left = bytes.size() - in;
    if (left == 0) return text;
    const std::uint32_t bits = byte(in) << 16 | (left == 2 ? byte(in + 1) << 8 : 0U);
    *out++ = detail::base64_digit(bits >> 18);
    *out++ = detail::base64_digit(bits >> 12);
    if (left == 2) *out = detail::base64_digit(bits >> 6);
    return text;
}

/// Strict: each byte string has exactly one text that is accepted, the one that base64_encode makes. Refuses
/// (`malformed`) a foreign character, white space, missing or misplaced padding, and unused bits that are not
/// zero.
[[nodiscard]] inline Result<std::string> base64_decode(std::string_view text) {
    const auto refusal = [] { return refuse(ErrorCode::malformed, "not canonical base64"); };
    if (text.size() % 4 != 0) return refusal();
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    const std::string_view digits = text.substr(0, text.size() - padding);
    const auto value = [digits](std::size_t i) { return detail::base64_value(digits[i]); };

    std::string bytes(text.size() / 4 * 3 - padding, '\0');
    std::size_t in = 0;
    char* out = bytes.data();
    std::uint32_t seen = 0;
    for (; in + 4 <= digits.size(); in += 4) {
        const std::uint32_t bits = value(in) << 18 | value(in + 1) << 12 | value(in + 2) << 6 | value(in + 3);
        seen |= value(in) | value(in + 1) | value(in + 2) | value(in + 3);
        for (unsigned shift : {16U, 8U, 0U}) *out++ = detail::low_byte(bits >> shift);
    }
    if (padding != 0) {
        const std::uint32_t third = padding == 1 ? value(in + 2) : 0;
        const std::uint32_t bits = value(in) << 18 | value(in + 1) << 12 | third << 6;
        seen |= value(in) | value(in + 1) | third;
        *out++ = detail::low_byte(bits >> 16);
        if (padding == 1) *out = detail::low_byte(bits >> 8);
        const std::uint32_t unused_bits = padding == 1 ? 0xffU : 0xffffU;
        if ((bits & unused_bits) != 0) return refusal();
    }
    if ((seen & detail::not_base64) != 0) return refusal();
    return bytes;
}

}  // namespace tixian::wechat
