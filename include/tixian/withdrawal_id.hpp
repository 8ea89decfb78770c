// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>

#include "tixian/ids.hpp"
#include "tixian/local_time.hpp"
#include "tixian/random.hpp"

namespace tixian {

/// `WD` + 14 digits of local time + 12 upper-case hex digits, as the original feature made them:
/// `WD20250101123456ABCDEF123456`. 48 random bits a second; the ledger refuses a collision as a conflict.
[[nodiscard]] inline WithdrawalId make_withdrawal_id(Timestamp now, UtcOffset offset, Random& random) {
    const auto t = detail::civil_time(now, offset);
    char text[64];
    std::snprintf(text, sizeof text, "WD%04d%02d%02d%02d%02d%02d%012llX", t.year, t.month, t.day, t.hour,
                  t.minute, t.second, static_cast<unsigned long long>(random.next() & 0xFFFF'FFFF'FFFFu));
    return WithdrawalId::parse(text).value();
}

/// 128 random bits in hex.
[[nodiscard]] inline ChangeId make_change_id(Random& random) {
    std::string text;
    text.reserve(32);
    for (int word = 0; word < 2; ++word) {
        const std::uint64_t bits = random.next();
        for (int shift = 60; shift >= 0; shift -= 4) text += "0123456789abcdef"[bits >> shift & 0xF];
    }
    return ChangeId::parse(text).value();
}

}  // namespace tixian
