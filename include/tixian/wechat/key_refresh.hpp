// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <mutex>
#include <optional>

#include "tixian/clock.hpp"

namespace tixian::wechat {

struct KeyRefreshOptions {
    Duration every = std::chrono::hours(10);     ///< WeChat asks for less than 12 h (wechat_spec 4.4 a)
    Duration before_end = std::chrono::days(5);  ///< from then on WeChat signs with the next one, too
    Duration pause = std::chrono::minutes(1);    ///< from one try to the next, at least
    Duration unknown_pause =
        std::chrono::minutes(10);  ///< for serials that nobody knows: anybody can send those
    Duration none_pause =
        std::chrono::hours(24);  ///< while WeChat says that the merchant has no certificates
};

/// Decides when the platform certificates are to be downloaded. No I/O and no clock: time is passed in.
/// Thread-safe; of many who ask at once, one is told to go.
class KeyRefresh {
 public:
    explicit KeyRefresh(KeyRefreshOptions options = {}) : options_(options) {}

    /// Somebody met a serial that is in no ring: one download is worth it, at a limited rate.
    void note_unknown_serial() {
        const std::lock_guard lock(mutex_);
        is_wanted_ = true;
    }

    /// Whether the caller is to download now, and then says what came of it. `next_end` is
    /// KeyRing::next_end(). Nobody else is told so within the pause.
    [[nodiscard]] bool begin(Timestamp now, std::optional<Timestamp> next_end) {
        const std::lock_guard lock(mutex_);
        if (!is_due(now, next_end)) return false;
        begun_at_ = now;
        return true;
    }

    void succeeded(Timestamp now) {
        const std::lock_guard lock(mutex_);
        succeeded_at_ = now;
        is_wanted_ = false;
        has_none_ = false;
    }

    /// WeChat says that this merchant has no platform certificates (wechat_spec 4.4 b).
    void found_none() {
        const std::lock_guard lock(mutex_);
        is_wanted_ = false;
        has_none_ = true;
    }

 private:
    [[nodiscard]] bool is_due(Timestamp now, std::optional<Timestamp> next_end) const {
        if (!begun_at_) return true;
        const Duration idle = now - *begun_at_;
        if (idle < options_.pause) return false;
        if (is_wanted_ && idle >= options_.unknown_pause) return true;
        // That there are none may change, and WeChat's word for it need not have been signed.
        if (has_none_) return idle >= options_.none_pause;
        if (!succeeded_at_ || now - *succeeded_at_ >= options_.every) return true;
        return next_end && *next_end - options_.before_end <= now &&
               *succeeded_at_ < *next_end - options_.before_end;
    }

    const KeyRefreshOptions options_;
    mutable std::mutex mutex_;
    std::optional<Timestamp> begun_at_;
    std::optional<Timestamp> succeeded_at_;
    bool is_wanted_ = false;
    bool has_none_ = false;
};

}  // namespace tixian::wechat
