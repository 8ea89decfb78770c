// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>

#include "tixian/clock.hpp"

namespace tixian::audit {

/// The local day and month of China as numbers.
struct LocalDate {
    std::int64_t day = 0;
    std::int64_t month = 0;
};

[[nodiscard]] inline LocalDate local_date(Timestamp at) {
    using namespace std::chrono;
    const sys_days day = floor<days>(at + hours(8));
    const year_month_day date(day);
    return {day.time_since_epoch().count(),
            std::int64_t{static_cast<int>(date.year())} * 12 + static_cast<unsigned>(date.month())};
}

}  // namespace tixian::audit
