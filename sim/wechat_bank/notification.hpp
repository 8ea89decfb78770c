// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tixian/clock.hpp"

namespace tixian::bank {

/// What a merchant is told of (wechat_spec 3).
enum class EventKind {
    bill_finished,
    batch_finished,
    batch_closed,
    authorization_confirmed,
    authorization_closed
};

[[nodiscard]] constexpr std::string_view name(EventKind kind) {
    constexpr std::array<std::string_view, 5> names = {
        "MCHTRANSFER.BILL.FINISHED", "MCHTRANSFER.BATCH.FINISHED", "MCHTRANSFER.BATCH.CLOSED",
        "MCHTRANSFER.AUTHORIZATION.CONFIRMED", "MCHTRANSFER.AUTHORIZATION.CLOSED"};
    return names[static_cast<std::size_t>(kind)];
}

/// One event that a merchant is to be told. `attempts` counts how often it was sent and the sending ended.
struct Notification {
    std::string id;
    EventKind kind = EventKind::bill_finished;
    std::size_t subject = 0;  ///< the bank's index of the bill, batch or authorisation
    int attempts = 0;
    Timestamp next_at;
};

/// Which notifications are due, and when next. What was handed out as due is in flight until it is answered.
class NotificationQueue {
 public:
    explicit NotificationQueue(std::vector<Duration> retries) : retries_(std::move(retries)) {}

    void add(const std::string& id, EventKind kind, std::size_t subject, Timestamp now) {
        due_.insert({now, id});
        pending_[id] = Notification{id, kind, subject, 0, now};
    }

    /// At most `count_max` of those that are wanted, earliest first; the others stay due.
    template <class IsWanted>
    [[nodiscard]] std::vector<Notification> take_due(Timestamp now, std::size_t count_max,
                                                     IsWanted is_wanted) {
        std::vector<Notification> taken;
        for (auto one = due_.begin(); taken.size() < count_max && one != due_.end() && one->first <= now;) {
            const Notification& notification = pending_.at(one->second);
            if (is_wanted(notification)) {
                taken.push_back(notification);
                one = due_.erase(one);
            } else {
                ++one;
            }
        }
        return taken;
    }

    /// What is in flight is due again then, as if it had not been handed out. False when it is not pending.
    bool postpone(const std::string& id, Timestamp until) {
        const auto found = pending_.find(id);
        if (found == pending_.end()) return false;
        due_.erase({found->second.next_at, id});
        found->second.next_at = until;
        due_.insert({until, id});
        return true;
    }

    /// Returns the notification as it stands after the answer, or nothing when the id is unknown or no longer
    /// pending. One that is not ok comes back after the next interval, until the table ends.
    std::optional<Notification> answered(const std::string& id, bool ok, Timestamp now) {
        const auto found = pending_.find(id);
        if (found == pending_.end()) return std::nullopt;
        Notification& notification = found->second;
        due_.erase({notification.next_at, id});
        const auto retry = static_cast<std::size_t>(notification.attempts++);
        const bool goes_on = !ok && retry < retries_.size();
        if (goes_on) {
            notification.next_at = now + retries_[retry];
            due_.insert({notification.next_at, id});
        }
        Notification answer = notification;
        if (!goes_on) pending_.erase(found);
        return answer;
    }

    /// Forgets what is pending of these.
    template <class IsOf>
    void forget(IsOf is_of) {
        for (auto it = pending_.begin(); it != pending_.end();) {
            if (is_of(it->second)) {
                due_.erase({it->second.next_at, it->first});
                it = pending_.erase(it);
            } else {
                ++it;
            }
        }
    }

    [[nodiscard]] std::optional<Timestamp> next_at() const {
        if (due_.empty()) return std::nullopt;
        return due_.begin()->first;
    }

 private:
    std::vector<Duration> retries_;
    std::map<std::string, Notification> pending_;
    std::set<std::pair<Timestamp, std::string>> due_;
};

}  // namespace tixian::bank
