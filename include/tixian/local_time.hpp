// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "tixian/clock.hpp"
#include "tixian/error.hpp"

namespace tixian {

/// A fixed distance from UTC. China has had no daylight saving since 1991, so +08:00 is the default
/// everywhere.
struct UtcOffset {
    std::chrono::minutes minutes{8 * 60};
};

namespace detail {

struct CivilTime {
    int year, month, day, hour, minute, second, millisecond;
};

inline CivilTime civil_time(Timestamp at, UtcOffset offset) {
    using namespace std::chrono;
    const Timestamp shifted = at + offset.minutes;
    const auto midnight = floor<days>(shifted);
    const year_month_day date{sys_days(midnight)};
    const hh_mm_ss time{shifted - midnight};
    return {static_cast<int>(date.year()),
            static_cast<int>(static_cast<unsigned>(date.month())),
            static_cast<int>(static_cast<unsigned>(date.day())),
            static_cast<int>(time.hours().count()),
            static_cast<int>(time.minutes().count()),
            static_cast<int>(time.seconds().count()),
            static_cast<int>(time.subseconds().count())};
}

// Takes exactly `digits` digits off the front; -1 when they are not there.
inline int take_number(std::string_view& text, std::size_t digits) {
    if (text.size() < digits) return -1;
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
        const char c = text[i];
        if (c < '0' || c > '9') return -1;
        value = value * 10 + (c - '0');
    }
    text.remove_prefix(digits);
    return value;
}

inline bool take_char(std::string_view& text, char expected) {
    if (text.empty() || text.front() != expected) return false;
    text.remove_prefix(1);
    return true;
}

// Digits after the point, to milliseconds; what is finer is cut off. -1 when there is no digit.
inline int take_fraction(std::string_view& text) {
    int millis = 0, digits = 0;
    while (!text.empty() && '0' <= text.front() && text.front() <= '9') {
        if (digits < 3) millis = millis * 10 + (text.front() - '0');
        ++digits;
        text.remove_prefix(1);
    }
    if (digits == 0 || digits > 9) return -1;
    for (; digits < 3; ++digits) millis *= 10;
    return millis;
}

}  // namespace detail

/// `2025-01-22T15:44:23.120+08:00`; without the fraction when it is zero.
[[nodiscard]] inline std::string format_rfc3339(Timestamp at, UtcOffset offset = {}) {
    const auto t = detail::civil_time(at, offset);
    char text[64];
    int length = std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d", t.year, t.month, t.day,
                               t.hour, t.minute, t.second);
    std::string result(text, static_cast<std::size_t>(length));
    if (t.millisecond != 0) {
        length = std::snprintf(text, sizeof text, ".%03d", t.millisecond);
        result.append(text, static_cast<std::size_t>(length));
    }
    const auto minutes = offset.minutes.count();
    const auto magnitude = minutes < 0 ? -minutes : minutes;
    length = std::snprintf(text, sizeof text, "%c%02d:%02d", minutes < 0 ? '-' : '+',
                           static_cast<int>(magnitude / 60), static_cast<int>(magnitude % 60));
    return result.append(text, static_cast<std::size_t>(length));
}

/// The local date, `2025-01-22`.
[[nodiscard]] inline std::string local_date(Timestamp at, UtcOffset offset = {}) {
    return format_rfc3339(at, offset).substr(0, 10);
}

/// The first moment of the next local day.
[[nodiscard]] inline Timestamp next_day(Timestamp at, UtcOffset offset = {}) {
    using namespace std::chrono;
    return Timestamp(floor<days>(at + offset.minutes) + days(1)) - offset.minutes;
}

/// The first moment of the next local month.
[[nodiscard]] inline Timestamp next_month(Timestamp at, UtcOffset offset = {}) {
    using namespace std::chrono;
    const year_month_day today{floor<days>(at + offset.minutes)};
    const auto next = today.year() / today.month() + months(1);
    return Timestamp(sys_days(next / day(1))) - offset.minutes;
}

/// Parses RFC 3339 with a zone, with or without a fraction (WeChat sends both: wechat_spec 1). Refuses all
/// else.
[[nodiscard]] inline Result<Timestamp> parse_rfc3339(std::string_view text) {
    using namespace std::chrono;
    const auto refused = [] { return refuse(ErrorCode::malformed, "not an RFC 3339 time with a zone"); };
    const int y = detail::take_number(text, 4);
    const bool dash1 = detail::take_char(text, '-');
    const int mo = detail::take_number(text, 2);
    const bool dash2 = detail::take_char(text, '-');
    const int d = detail::take_number(text, 2);
    const bool t = detail::take_char(text, 'T');
    const int h = detail::take_number(text, 2);
    const bool colon1 = detail::take_char(text, ':');
    const int mi = detail::take_number(text, 2);
    const bool colon2 = detail::take_char(text, ':');
    const int s = detail::take_number(text, 2);
    if (!dash1 || !dash2 || !t || !colon1 || !colon2) return refused();
    if (y < 0 || mo < 1 || d < 1 || h < 0 || h > 23 || mi < 0 || mi > 59 || s < 0 || s > 60) return refused();
    const year_month_day date{year(y), month(static_cast<unsigned>(mo)), day(static_cast<unsigned>(d))};
    if (!date.ok()) return refused();

    int millis = 0;
    if (detail::take_char(text, '.')) millis = detail::take_fraction(text);
    if (millis < 0) return refused();

    minutes shift{0};
    if (!detail::take_char(text, 'Z')) {
        const bool minus = detail::take_char(text, '-');
        if (!minus && !detail::take_char(text, '+')) return refused();
        const int zone_hours = detail::take_number(text, 2);
        const bool colon3 = detail::take_char(text, ':');
        const int zone_minutes = detail::take_number(text, 2);
        if (!colon3 || zone_hours < 0 || zone_hours > 14 || zone_minutes < 0 || zone_minutes > 59)
            return refused();
        shift = minutes((minus ? -1 : 1) * (zone_hours * 60 + zone_minutes));
    }
    if (!text.empty()) return refused();
    return Timestamp(sys_days(date).time_since_epoch() + hours(h) + minutes(mi) + seconds(s) +
                     milliseconds(millis) - shift);
}

}  // namespace tixian
