// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>

#include "tixian/clock.hpp"

namespace tixian::testing {

/// A clock that stands still until it is moved. Thread-safe.
class ManualClock : public Clock {
 public:
    explicit ManualClock(Timestamp start = from_millis(1'735'705'000'000)) : millis_(to_millis(start)) {}

    [[nodiscard]] Timestamp now() const override { return from_millis(millis_.load()); }
    [[nodiscard]] MonotonicTime monotonic() const override { return MonotonicTime(Duration(millis_.load())); }
    void advance(Duration by) { millis_ += by.count(); }

 private:
    std::atomic<std::int64_t> millis_;
};

}  // namespace tixian::testing
