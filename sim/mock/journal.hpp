// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "tixian/clock.hpp"

namespace tixian::mock {

struct JournalEntry {
    Timestamp at;
    std::string method;
    std::string target;  ///< as sent
    std::string body;
    int status = 0;  ///< of the answer that was made, whether or not it arrived
    std::string request_id;
    std::string mchid;  ///< of the merchant who asked; empty when it was nobody known
};

/// The last 10,000 requests to WeChat's endpoints, oldest first. Thread-safe.
class Journal {
 public:
    static constexpr std::size_t entries_max = 10'000;

    void add(JournalEntry entry) {
        const std::lock_guard lock(mutex_);
        entries_.push_back(std::move(entry));
        if (entries_.size() > entries_max) entries_.pop_front();
    }
    [[nodiscard]] std::vector<JournalEntry> entries() const {
        const std::lock_guard lock(mutex_);
        return {entries_.begin(), entries_.end()};
    }
    void clear() {
        const std::lock_guard lock(mutex_);
        entries_.clear();
    }
    /// Only this merchant's.
    void clear(const std::string& mchid) {
        const std::lock_guard lock(mutex_);
        std::erase_if(entries_, [&](const JournalEntry& entry) { return entry.mchid == mchid; });
    }

 private:
    mutable std::mutex mutex_;
    std::deque<JournalEntry> entries_;
};

}  // namespace tixian::mock
