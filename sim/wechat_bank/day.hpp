// SPDX-License-Identifier: MIT
#pragma once

#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

#include "tixian/clock.hpp"

namespace tixian::bank {

/// A calendar day in WeChat's zone, UTC+8 without summer time.
using Day = std::chrono::sys_days;

constexpr std::chrono::hours beijing_offset{8};

[[nodiscard]] constexpr Day day_of(Timestamp at) {
    return std::chrono::floor<std::chrono::days>(at + beijing_offset);
}

[[nodiscard]] constexpr Timestamp begin_of(Day day) { return Timestamp(day) - beijing_offset; }

/// Months since year 0, to compare.
[[nodiscard]] constexpr std::int64_t month_of(Timestamp at) {
    const std::chrono::year_month_day date(day_of(at));
    return std::int64_t{int(date.year())} * 12 + unsigned(date.month());
}

/// `2026-11-23`
[[nodiscard]] inline std::string day_text(Day day) {
    const std::chrono::year_month_day date(day);
    char text[48];
    std::snprintf(text, sizeof text, "%04d-%02u-%02u", int(date.year()), unsigned(date.month()),
                  unsigned(date.day()));
    return text;
}

/// `2026-11-23 12:22:47`, as bill files write times.
[[nodiscard]] inline std::string day_and_time_text(Timestamp at) {
    const Day day = day_of(at);
    const std::chrono::hh_mm_ss time(
        std::chrono::floor<std::chrono::seconds>(at + beijing_offset - Timestamp(day)));
    char text[48];
    std::snprintf(text, sizeof text, " %02d:%02d:%02d", int(time.hours().count()),
                  int(time.minutes().count()), int(time.seconds().count()));
    return day_text(day) + text;
}

/// Exactly `yyyy-MM-dd`, and a day that exists.
[[nodiscard]] inline std::optional<Day> parse_day(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
    const auto number = [text](std::size_t begin, std::size_t count) {
        int value = -1;
        const char* end = text.data() + begin + count;
        const auto [stop, error] = std::from_chars(text.data() + begin, end, value);
        return error == std::errc() && stop == end ? value : -1;
    };
    const int year = number(0, 4), month = number(5, 2), day = number(8, 2);
    if (year < 0 || month < 0 || day < 0) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(year),
                                           std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    if (!date.ok()) return std::nullopt;
    return Day(date);
}

}  // namespace tixian::bank
