// SPDX-License-Identifier: MIT
#pragma once

#include "tixian/clock.hpp"

namespace tixian::mock {

class WallClock final : public Clock {
 public:
    [[nodiscard]] Timestamp now() const override {
        return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
    }
    [[nodiscard]] MonotonicTime monotonic() const override {
        return std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now());
    }
};

}  // namespace tixian::mock
