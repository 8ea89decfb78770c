// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>

namespace tixian {

/// All times are whole milliseconds. Wall time and monotonic time are different types, so they cannot be
/// confused.
using Duration = std::chrono::milliseconds;
using Timestamp = std::chrono::time_point<std::chrono::system_clock, Duration>;
using MonotonicTime = std::chrono::time_point<std::chrono::steady_clock, Duration>;

/// Milliseconds since 1970-01-01T00:00:00Z, as stored.
[[nodiscard]] constexpr std::int64_t to_millis(Timestamp at) { return at.time_since_epoch().count(); }
[[nodiscard]] constexpr Timestamp from_millis(std::int64_t millis) { return Timestamp(Duration(millis)); }

/// The two clocks that the service reads. Thread-safe. `monotonic()` never steps back.
class Clock {
 public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual Timestamp now() const = 0;
    [[nodiscard]] virtual MonotonicTime monotonic() const = 0;
};

}  // namespace tixian
