// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
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
    std::string mchid;          ///< who asked, as he says, or who was told
    std::string number;         ///< the merchant's, where the path names WeChat's instead; else empty
    bool is_over_rate = false;  ///< refused because it was one too many in a second
    std::string answer;
    Duration took{0};                 ///< until the answer was there
    Timestamp told_at = untold;       ///< when the answer went out, whole, to one who still waited for it
    std::vector<std::string> faults;  ///< which befell it, in the catalogue's names
    bool is_believable = true;        ///< whole, and the signature verifies
    std::string notification_id;
    std::string guise;  ///< of a notification: what it really is
};

/// The last 10,000 requests and notifications, fewer when they are large, oldest first. Thread-safe.
class Journal {
 public:
    static constexpr std::size_t entries_max = 10'000;
    static constexpr std::size_t bytes_max = std::size_t{64} * 1024 * 1024;

    /// What lies between two resets of one merchant.
    using Era = std::uint64_t;
    [[nodiscard]] Era era(const std::string& mchid) const {
        const std::lock_guard lock(mutex_);
        return era_of(mchid);
    }

    /// The entry's id; 0 when it was not taken, because it began in an era that is over: it belongs to a test
    /// before.
    std::uint64_t add(JournalEntry entry, Era begun_in) {
        const std::lock_guard lock(mutex_);
        if (begun_in != era_of(entry.mchid)) return 0;
        entry.id = ++last_id_;
        bytes_ += size_of(entry);
        entries_.push_back(std::move(entry));
        while (entries_.size() > entries_max || (bytes_ > bytes_max && entries_.size() > 1)) {
            bytes_ -= size_of(entries_.front());
            entries_.pop_front();
        }
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
        bytes_ = 0;
        ++era_of_all_;
    }
    /// Only this merchant's.
    void clear(const std::string& mchid) {
        const std::lock_guard lock(mutex_);
        std::erase_if(entries_, [&](const JournalEntry& entry) {
            if (entry.mchid != mchid) return false;
            bytes_ -= size_of(entry);
            return true;
        });
        ++eras_[mchid];
    }

 private:
    static std::size_t size_of(const JournalEntry& entry) { return entry.body.size() + entry.answer.size(); }
    [[nodiscard]] Era era_of(const std::string& mchid) const {
        const auto own = eras_.find(mchid);
        return era_of_all_ + (own == eras_.end() ? 0 : own->second);
    }

    mutable std::mutex mutex_;
    std::deque<JournalEntry> entries_;
    std::uint64_t last_id_ = 0;
    std::size_t bytes_ = 0;
    Era era_of_all_ = 0;
    std::map<std::string, Era> eras_;
};

}  // namespace tixian::mock
