// SPDX-License-Identifier: MIT
#include "mock/timetable.hpp"

#include <algorithm>

namespace tixian::mock {

void Timetable::start() {
    thread_ = std::thread([this] { run(); });
}

void Timetable::stop() {
    {
        const std::lock_guard lock(mutex_);
        is_stopped_ = true;
        changed_.notify_all();
    }
    if (thread_.joinable()) thread_.join();
}

void Timetable::at(Timestamp time, std::string mchid, std::function<void()> act) {
    const std::lock_guard lock(mutex_);
    entries_.emplace(time, Entry{std::move(mchid), std::move(act)});
    changed_.notify_all();
}

void Timetable::wake() {
    const std::lock_guard lock(mutex_);
    changed_.notify_all();
}

void Timetable::clear(const std::string& mchid) {
    const std::lock_guard lock(mutex_);
    std::erase_if(entries_, [&](const auto& entry) { return mchid.empty() || entry.second.mchid == mchid; });
}

void Timetable::run() {
    // Wall time may be set back or forth, so no sleep is longer than this.
    constexpr Duration sleep_max = std::chrono::seconds(1);
    std::unique_lock lock(mutex_);
    while (!is_stopped_) {
        const Timestamp now = clock_.now();
        if (entries_.empty() || entries_.begin()->first > now) {
            const Duration rest = entries_.empty() ? sleep_max : entries_.begin()->first - now;
            changed_.wait_for(lock, std::min(rest, sleep_max));
            continue;
        }
        const auto act = std::move(entries_.begin()->second.act);
        entries_.erase(entries_.begin());
        lock.unlock();
        act();
        lock.lock();
    }
}

}  // namespace tixian::mock
