// SPDX-License-Identifier: MIT
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "tixian/clock.hpp"

namespace tixian::mock {

/// What is to happen at a business time, done by a thread of its own in the order of these times.
/// Thread-safe.
class Timetable {
 public:
    explicit Timetable(const Clock& clock) : clock_(clock) {}
    ~Timetable() { stop(); }
    Timetable(const Timetable&) = delete;
    Timetable& operator=(const Timetable&) = delete;

    void start();
    /// What has not happened by now never does.
    void stop();
    void at(Timestamp time, std::string mchid, std::function<void()> act);
    /// The clock has jumped.
    void wake();
    /// Forgets what is planned, for one merchant or, when empty, for all.
    void clear(const std::string& mchid = {});

 private:
    struct Entry {
        std::string mchid;
        std::function<void()> act;
    };
    void run();

    const Clock& clock_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::multimap<Timestamp, Entry> entries_;
    bool is_stopped_ = false;
    std::thread thread_;
};

}  // namespace tixian::mock
