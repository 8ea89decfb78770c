// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "tixian/sql/session.hpp"

namespace tixian::mysql {

/// Appends a value as a literal that means the same under every character set and every SQL mode: what is not
/// plain ASCII without quote and backslash is written in hexadecimal.
inline void append_literal(std::string& text, const sql::Value& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
        text += std::to_string(*number);
        return;
    }
    const auto* words = std::get_if<std::string>(&value);
    if (words == nullptr) {
        text += "NULL";
        return;
    }
    const bool is_plain = std::all_of(words->begin(), words->end(), [](char c) {
        return 0x20 <= c && c <= 0x7e && c != '\'' && c != '\\';
    });
    if (is_plain) {
        text += "'" + *words + "'";
        return;
    }
    constexpr std::string_view digits = "0123456789ABCDEF";
    text += "_utf8mb4 x'";
    for (const char c : *words) {
        const auto byte = static_cast<unsigned char>(c);
        text += digits[byte >> 4];
        text += digits[byte & 0xf];
    }
    text += "'";
}

/// Appends `text` with each `?` replaced by the next of `values`.
inline void append_bound(std::string& statement, std::string_view text, std::span<const sql::Value> values) {
    for (const char c : text) {
        if (c == '?') {
            append_literal(statement, values.front());
            values = values.subspan(1);
        } else {
            statement += c;
        }
    }
}

}  // namespace tixian::mysql
