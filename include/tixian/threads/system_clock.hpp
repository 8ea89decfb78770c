// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>

#include "tixian/clock.hpp"

namespace tixian {

/// The machine's clocks.
class SystemClock : public Clock {
 public:
    [[nodiscard]] Timestamp now() const override {
        return std::chrono::floor<Duration>(std::chrono::system_clock::now());
    }
    [[nodiscard]] MonotonicTime monotonic() const override {
        return std::chrono::floor<Duration>(std::chrono::steady_clock::now());
    }
};

}  // namespace tixian
