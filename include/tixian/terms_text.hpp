// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tixian/terms.hpp"

namespace tixian {

namespace detail {

/// Calls `field(name, value)` for each of the terms: the one list of what is written and read.
template <class TermsType, class Field>
void each_term(TermsType& terms, Field&& field) {
    field("minimum", terms.minimum);
    field("single_max", terms.single_max);
    field("day_amount_max", terms.day_amount_max);
    field("day_count_max", terms.day_count_max);
    field("month_amount_max", terms.month_amount_max);
    field("minimum_interval", terms.minimum_interval);
    field("merchant_day_max", terms.merchant_day_max);
    field("review_from", terms.review_from);
    field("fee.flat", terms.fee.flat);
    field("fee.parts_per_million", terms.fee.parts_per_million);
    field("fee.rounding", terms.fee.rounding);
    field("fee.minimum", terms.fee.minimum);
    field("fee.maximum", terms.fee.maximum);
    field("fee.free_per_month", terms.fee.free_per_month);
}

inline std::string term_text(Money m) { return std::to_string(m.fen()); }
inline std::string term_text(std::int64_t n) { return std::to_string(n); }
inline std::string term_text(Duration d) { return std::to_string(d.count()); }
inline std::string term_text(Rounding r) { return std::string(name(r)); }
template <class T>
std::string term_text(const std::optional<T>& value) {
    return value ? term_text(*value) : std::string();
}

inline bool read_term(std::string_view text, std::int64_t& n) {
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), n);
    return code == std::errc() && end == text.data() + text.size();
}
inline bool read_term(std::string_view text, Money& m) {
    std::int64_t fen = 0;
    if (!read_term(text, fen)) return false;
    const auto money = Money::from_fen(fen);
    if (money) m = *money;
    return money.has_value();
}
inline bool read_term(std::string_view text, Duration& d) {
    std::int64_t millis = 0;
    if (!read_term(text, millis)) return false;
    d = Duration(millis);
    return true;
}
inline bool read_term(std::string_view text, Rounding& r) {
    const auto rounding = rounding_text.parse(text);
    if (rounding) r = *rounding;
    return rounding.has_value();
}
template <class T>
bool read_term(std::string_view text, std::optional<T>& value) {
    return read_term(text, value.emplace());
}

/// The value of `key` in `key=value key=value`; nullopt when it is not there.
inline std::optional<std::string_view> find_term(std::string_view text, std::string_view key) {
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find(' '));
        if (word.size() > key.size() && word.starts_with(key) && word[key.size()] == '=')
            return word.substr(key.size() + 1);
        text.remove_prefix(std::min(text.size(), word.size() + 1));
    }
    return std::nullopt;
}

/// The first word that is no term with a value; empty when there is none.
inline std::string_view unknown_word(std::string_view text) {
    const Terms terms;
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find(' '));
        bool is_known = false;
        each_term(terms, [&](std::string_view key, const auto&) {
            is_known |= word.size() > key.size() && word.starts_with(key) && word[key.size()] == '=';
        });
        if (!is_known && !word.empty()) return word;
        text.remove_prefix(std::min(text.size(), word.size() + 1));
    }
    return {};
}

}  // namespace detail

/// `minimum=100 single_max=20000 fee.parts_per_million=6000`: fen, milliseconds, and only what differs from
/// having no such term. For ledgers; parse_terms() reads it back exactly.
[[nodiscard]] inline std::string terms_text(const Terms& terms) {
    Terms none;
    none.minimum = none.single_max = Money();
    std::string text;
    detail::each_term(terms, [&](std::string_view key, const auto& value) {
        std::string absent;
        detail::each_term(none, [&](std::string_view other, const auto& unset) {
            if (other == key) absent = detail::term_text(unset);
        });
        const std::string written = detail::term_text(value);
        if (written == absent) return;
        if (!text.empty()) text += ' ';
        text.append(key).append("=").append(written);
    });
    return text;
}

/// Refuses (`malformed`) a value that cannot be read, and a word that is no term: a limit that is misspelt
/// must not be lost. A term that is not there is not set.
[[nodiscard]] inline Result<Terms> parse_terms(std::string_view text) {
    Terms terms;
    terms.minimum = terms.single_max = Money();
    std::string_view bad = detail::unknown_word(text);
    detail::each_term(terms, [&](std::string_view key, auto& value) {
        const auto written = detail::find_term(text, key);
        if (written && !detail::read_term(*written, value)) bad = key;
    });
    if (!bad.empty()) return refuse(ErrorCode::malformed, "these terms cannot be read", std::string(bad));
    return terms;
}

}  // namespace tixian
