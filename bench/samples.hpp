// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <utility>
#include <vector>

#include <time.h>

namespace tixian::bench {

/// What several rounds of one measurement gave. The median counts, because other programs disturb single
/// rounds.
class Samples {
 public:
    Samples() = default;
    explicit Samples(std::vector<double> values) : values_(std::move(values)) {
        std::sort(values_.begin(), values_.end());
    }

    void add(double value) { values_.insert(std::upper_bound(values_.begin(), values_.end(), value), value); }
    void add(const Samples& other) {
        values_.insert(values_.end(), other.values_.begin(), other.values_.end());
        std::sort(values_.begin(), values_.end());
    }

    [[nodiscard]] double median() const { return quantile(0.5); }
    /// The smallest value that at least `share` of all values do not exceed.
    [[nodiscard]] double quantile(double share) const {
        const double place = share * static_cast<double>(values_.size());
        const auto above = static_cast<std::size_t>(place);
        return values_.empty() ? 0 : values_[std::min(above, values_.size() - 1)];
    }
    /// How far the rounds lie apart, as a share of the median.
    [[nodiscard]] double spread() const {
        return values_.empty() ? 0 : (values_.back() - values_.front()) / median();
    }

 private:
    std::vector<double> values_;  // sorted
};

/// Runs from its construction on.
class Stopwatch {
 public:
    [[nodiscard]] double seconds() const {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count();
    }

 private:
    std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

/// The same, of this thread's own time on a processor.
class CpuStopwatch {
 public:
    [[nodiscard]] double seconds() const { return now() - begun_; }

 private:
    static double now() {
        timespec time{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
    }

    double begun_ = now();
};

}  // namespace tixian::bench
