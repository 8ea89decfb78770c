// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cstdint>

#include "tixian/clock.hpp"

namespace tixian::mock {

/// The time in which bills live: it can be advanced, so that 24 hours pass in a moment, while the protocol's
/// time stays the real one and signatures stay valid. Thread-safe.
class BusinessClock final : public Clock {
 public:
    explicit BusinessClock(const Clock& real) : real_(real) {}

    [[nodiscard]] Timestamp now() const override { return real_.now() + Duration(ahead_ms_.load()); }
    [[nodiscard]] MonotonicTime monotonic() const override { return real_.monotonic(); }

    [[nodiscard]] Duration ahead() const { return Duration(ahead_ms_.load()); }
    /// Never back: what has happened stays.
    void advance(Duration by) { ahead_ms_ += by.count(); }

 private:
    const Clock& real_;
    std::atomic<std::int64_t> ahead_ms_{0};
};

}  // namespace tixian::mock
