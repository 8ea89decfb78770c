// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "tixian/clock.hpp"

namespace tixian {

/// The times by which the life of a withdrawal runs. The defaults are those of docs/money-safety.md; smaller
/// settling times are for tests only, because the promises rest on them.
struct Policy {
    /// From signing to the last moment at which a byte may leave (R2). Well within the five minutes for which
    /// WeChat accepts a signature (wechat_spec 4.1).
    Duration send_window = std::chrono::seconds(60);
    /// How long a submit may still surface though its recorded answer proves that it was not taken in: 5
    /// minutes that WeChat accepts a signature, 5 of clock error, 10 to land (R4). Also how far apart two
    /// signed NOT_FOUNDs are that prove absence; unsigned ones take `settling_in_doubt`.
    Duration settling_refused = std::chrono::minutes(20);
    /// The same where it may have been taken in, or where no answer is recorded.
    Duration settling_in_doubt = std::chrono::hours(24);
    /// How long after the first submit a number may be repeated and a NOT_FOUND counts; WeChat forgets bills
    /// after 30 days (R5, wechat_spec 1.3).
    Duration horizon = std::chrono::days(27);
    /// How long a claimed row belongs to who claimed it. Longer than a call takes with all its time-outs.
    Duration lease = std::chrono::seconds(90);

    Duration backoff_first = std::chrono::seconds(2);
    Duration backoff_max = std::chrono::minutes(10);
    /// Between submits while the merchant has to act (R7). Always the same and without jitter, so that those
    /// who wait keep their order.
    Duration merchant_trouble_interval = std::chrono::minutes(1);
    /// Before a refused submit is asked after for the fast release (R4 d): past the second in which it was
    /// refused.
    Duration fast_absence_delay = std::chrono::seconds(2);
    /// A row released by absence is looked at again after these (R4).
    Duration watch_first = std::chrono::hours(1);
    Duration watch_second = std::chrono::hours(24);
};

/// The moment at which something is decided: wall time, and a random number for jitter, so that apply() reads
/// neither a clock nor a generator.
struct Moment {
    Timestamp now{};
    std::uint64_t random = 0;
};

/// Doubles from `first` with each retry up to `max`, then takes off up to a quarter at random, so that
/// withdrawals which waited together do not return together. Never zero for a positive `first`.
[[nodiscard]] constexpr Duration backoff(Duration first, Duration max, int retries, std::uint64_t random) {
    Duration delay = first;
    for (int i = 0; i < retries && delay < max; ++i) delay *= 2;
    delay = std::min(delay, max);
    const auto quarter = static_cast<std::uint64_t>(delay.count() / 4);
    const auto off = quarter == 0 ? 0 : static_cast<Duration::rep>(random % (quarter + 1));
    return delay - Duration(off);
}

}  // namespace tixian
