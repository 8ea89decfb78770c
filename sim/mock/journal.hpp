// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "tixian/clock.hpp"

namespace tixian::mock {

/// A request to one of WeChat's endpoints, or a notification to the merchant.
enum class JournalKind { request, notification };

struct JournalEntry {
    static constexpr Timestamp untold = Timestamp::max();

    std::uint64_t id = 0;  ///< counts from 1, over all merchants; given by the journal
    JournalKind kind = JournalKind::request;
    Timestamp at;           ///< when it arrived or was sent, by real time
    Timestamp business_at;  ///< the same by business time
    std::string method;
    std::string target;  ///< as sent; of a notification the address
    std::string body;    ///< of a notification the plain text that is encrypted in it
    int status = 0;      ///< of the answer that was made, whether or not it arrived; 0: none came
    std::string request_id;
    std::string mchid;  ///< who asked, as he says, or who was told
    std::string answer;
    Duration took{0};                 ///< until the answer was there
    Timestamp told_at = untold;       ///< when the answer went out, whole, to one who still waited for it
    std::vector<std::string> faults;  ///< which befell it, in the catalogue's names
    bool is_believable = true;        ///< whole, and the signature verifies
    std::string notification_id;
    std::string guise;  ///< of a notification: what it really is
};

/// The last 10,000 requests and notifications, oldest first. Thread-safe.
class Journal {
 public:
    static constexpr std::size_t entries_max = 10'000;

    /// The entry's id.
    std::uint64_t add(JournalEntry entry) {
        const std::lock_guard lock(mutex_);
        entry.id = ++last_id_;
        entries_.push_back(std::move(entry));
        if (entries_.size() > entries_max) entries_.pop_front();
        return last_id_;
    }
    /// The answer of an entry goes out now. Nothing happens when the entry is gone.
    void told(std::uint64_t id, Timestamp at) {
        const std::lock_guard lock(mutex_);
        const auto found = std::lower_bound(
            entries_.begin(), entries_.end(), id,
            [](const JournalEntry& entry, std::uint64_t wanted) { return entry.id < wanted; });
        if (found != entries_.end() && found->id == id) found->told_at = at;
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
    std::uint64_t last_id_ = 0;
};

}  // namespace tixian::mock
