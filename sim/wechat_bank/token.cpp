// SPDX-License-Identifier: MIT
#include "wechat_bank/token.hpp"

#include <string_view>

namespace tixian::bank {
namespace {

// splitmix64: tokens need to differ and to look random, not to resist an attacker.
std::uint64_t mix(std::uint64_t value) {
    value += 0x9e3779b97f4a7c15ULL;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
    return value ^ (value >> 31);
}

// `count` characters, each chosen from `alphabet` (of 16 or 64) by the next bits.
std::string draw_text(std::uint64_t start, std::size_t count, std::string_view alphabet) {
    std::string text;
    std::uint64_t bits = start;
    for (std::size_t i = 0; i < count; ++i) {
        if (i % 8 == 0) bits = mix(start + i);
        text += alphabet[bits % alphabet.size()];
        bits /= alphabet.size();
    }
    return text;
}

}  // namespace

std::string make_transfer_bill_no(std::uint64_t counter) { return make_number("1330007", counter, 34); }

std::string make_number(std::string_view prefix, std::uint64_t counter, std::size_t length) {
    const std::string digits = std::to_string(counter);
    std::string number(prefix);
    if (prefix.size() + digits.size() < length) number.append(length - prefix.size() - digits.size(), '0');
    number += digits;
    return number;
}

std::uint64_t draw(std::uint64_t seed, std::uint64_t counter) { return mix(mix(seed) ^ counter); }

std::string make_package_info(std::uint64_t seed, std::uint64_t counter) {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    // The last character before one `=` may only use its upper four bits, hence the fixed `A`.
    std::string token = "ABBQO+oYAAAB/";
    token += draw_text(mix(seed) ^ mix(counter), 33, alphabet);
    token += "A=";
    return token;
}

std::string make_event_id(std::uint64_t seed, std::uint64_t counter) {
    const std::string digits = draw_text(mix(seed + 1) ^ mix(counter), 32, "0123456789abcdef");
    std::string text;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i == 8 || i == 12 || i == 16 || i == 20) text += '-';
        text += digits[i];
    }
    return text;
}

}  // namespace tixian::bank
