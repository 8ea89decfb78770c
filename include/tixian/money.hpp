// SPDX-License-Identifier: MIT
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "tixian/error.hpp"

namespace tixian {

/// An amount of CNY in whole fen, between -10^15 and 10^15 fen (R10). There is no way to or from floating
/// point.
class Money {
 public:
    static constexpr std::int64_t fen_max = 1'000'000'000'000'000;

    constexpr Money() = default;

    /// Refuses amounts outside ±10^15 fen (`invalid_amount`).
    [[nodiscard]] static Result<Money> from_fen(std::int64_t fen) {
        if (!is_in_bounds(fen)) return refuse(ErrorCode::invalid_amount, "amount is out of bounds", "amount");
        return Money(fen);
    }

    /// Parses yuan as people and APIs write them: `12`, `12.3`, `12.34`, `-0.05`. ASCII digits only; no sign
    /// but a minus, no exponent, no spaces, no superfluous zero in front, at most two decimals. Refuses all
    /// else.
    [[nodiscard]] static Result<Money> parse_yuan(std::string_view text);

    [[nodiscard]] constexpr std::int64_t fen() const { return fen_; }

    /// Yuan with exactly two decimals: `12.30`.
    [[nodiscard]] std::string yuan() const;

    [[nodiscard]] constexpr bool is_zero() const { return fen_ == 0; }
    [[nodiscard]] constexpr bool is_positive() const { return fen_ > 0; }
    [[nodiscard]] constexpr bool is_negative() const { return fen_ < 0; }

    [[nodiscard]] constexpr Money operator-() const { return Money(-fen_); }
    constexpr auto operator<=>(const Money&) const = default;

    // Two amounts in bounds cannot overflow 64 bits, so only the bound itself has to be checked.
    [[nodiscard]] friend Result<Money> checked_add(Money a, Money b) { return from_fen(a.fen_ + b.fen_); }
    [[nodiscard]] friend Result<Money> checked_subtract(Money a, Money b) {
        return from_fen(a.fen_ - b.fen_);
    }

    /// `1234_fen`, refused by the compiler when out of bounds.
    friend consteval Money operator""_fen(unsigned long long fen);

 private:
    constexpr explicit Money(std::int64_t fen) : fen_(fen) {}
    static constexpr bool is_in_bounds(std::int64_t fen) { return -fen_max <= fen && fen <= fen_max; }

    std::int64_t fen_ = 0;
};

consteval Money operator""_fen(unsigned long long fen) {
    if (fen > static_cast<unsigned long long>(Money::fen_max)) throw "amount is out of bounds";
    return Money(static_cast<std::int64_t>(fen));
}

namespace detail {

constexpr bool is_digit(char c) { return '0' <= c && c <= '9'; }

// Takes the digits at the front of `text`; the caller has bounded their number, so they cannot overflow.
constexpr std::int64_t take_digits(std::string_view& text) {
    std::int64_t value = 0;
    while (!text.empty() && is_digit(text.front())) {
        value = value * 10 + (text.front() - '0');
        text.remove_prefix(1);
    }
    return value;
}

}  // namespace detail

inline Result<Money> Money::parse_yuan(std::string_view text) {
    const auto refused = [] {
        return refuse(ErrorCode::invalid_amount, "amount must be yuan with at most two decimals, like 12.34",
                      "amount");
    };
    constexpr std::size_t length_max = 18;  // -10000000000000.00, so no sum of digits can overflow
    if (text.empty() || text.size() > length_max) return refused();

    const bool negative = text.front() == '-';
    if (negative) text.remove_prefix(1);
    if (text.empty() || !detail::is_digit(text.front())) return refused();
    if (text.size() > 1 && text[0] == '0' && detail::is_digit(text[1])) return refused();

    std::int64_t fen = detail::take_digits(text);
    if (fen > fen_max) return refused();
    fen *= 100;

    if (!text.empty()) {
        if (text.front() != '.') return refused();
        text.remove_prefix(1);
        const std::size_t decimals = text.size();
        if (decimals < 1 || decimals > 2) return refused();
        std::int64_t rest = detail::take_digits(text);
        if (!text.empty()) return refused();
        if (decimals == 1) rest *= 10;
        fen += rest;
    }
    if (negative && fen == 0) return refused();
    return from_fen(negative ? -fen : fen);
}

inline std::string Money::yuan() const {
    const std::int64_t magnitude = fen_ < 0 ? -fen_ : fen_;
    std::string text = fen_ < 0 ? "-" : "";
    text += std::to_string(magnitude / 100);
    text += '.';
    text += static_cast<char>('0' + magnitude / 10 % 10);
    text += static_cast<char>('0' + magnitude % 10);
    return text;
}

}  // namespace tixian
