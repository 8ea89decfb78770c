// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tixian/clock.hpp"

namespace tixian::faults {

/// Whole `250ms`, `5s`, `30m`, `24h` or `7d`, at most 10 years; a bare number is refused.
[[nodiscard]] std::optional<Duration> parse_duration(std::string_view text);
/// In the largest unit that leaves no rest.
[[nodiscard]] std::string duration_text(Duration duration);

}  // namespace tixian::faults
