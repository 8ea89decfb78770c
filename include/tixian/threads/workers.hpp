// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "tixian/gateway.hpp"
#include "tixian/service.hpp"

namespace tixian {

struct WorkersOptions {
    std::size_t threads = 4;
    /// How often the ledger is asked for due rows while there are none.
    std::chrono::milliseconds poll_interval{200};
};

/// Threads that claim what is due, perform it, and record what came of it. Everything that matters stands in
/// the ledger: a worker that dies loses nothing.
class Workers {
 public:
    /// `on_error` hears of a ledger that fails; it must be thread-safe and not throw. Borrows service and
    /// gateway.
    Workers(Service& service, Gateway& gateway, WorkersOptions options,
            std::function<void(const Error&)> on_error)
        : service_(service), gateway_(gateway), options_(options), on_error_(std::move(on_error)) {
        for (std::size_t i = 0; i < options_.threads; ++i) threads_.emplace_back([this] { run(); });
    }

    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;
    ~Workers() { stop(); }

    /// Something may be due now: do not wait for the next poll.
    void wake() {
        const std::lock_guard lock(mutex_);
        is_woken_ = true;
        next_poll_ = {};
        changed_.notify_one();
    }

    /// Finishes the calls that are claimed, claims no more, and returns when all threads have ended.
    void stop() {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        changed_.notify_all();
        for (std::thread& thread : threads_) {
            if (thread.joinable()) thread.join();
        }
    }

 private:
    using SteadyTime = std::chrono::steady_clock::time_point;

    void run() {
        std::unique_lock lock(mutex_);
        while (true) {
            if (!claimed_.empty()) {
                const Call call = std::move(claimed_.front());
                claimed_.pop_front();
                lock.unlock();
                perform(call);
                lock.lock();
            } else if (stopping_) {
                return;
            } else if (!claiming_ && std::chrono::steady_clock::now() >= next_poll_) {
                claim(lock);
            } else if (claiming_) {
                changed_.wait(lock);
            } else {
                changed_.wait_until(lock, next_poll_);
            }
        }
    }

    /// One thread claims for all; called with the lock held.
    void claim(std::unique_lock<std::mutex>& lock) {
        claiming_ = true;
        is_woken_ = false;
        lock.unlock();
        auto calls = service_.claim(options_.threads);
        if (!calls) on_error_(calls.error());
        lock.lock();
        claiming_ = false;
        if (calls && !calls->empty())
            claimed_.insert(claimed_.end(), calls->begin(), calls->end());
        else if (!is_woken_)
            next_poll_ = std::chrono::steady_clock::now() + options_.poll_interval;
        changed_.notify_all();
    }

    void perform(const Call& call) {
        const Answer answer = gateway_.perform(call);
        // What cannot be recorded is as if this process had died: the lease runs out, and the row is asked
        // after.
        if (auto recorded = service_.record(answer); !recorded) on_error_(recorded.error());
    }

    Service& service_;
    Gateway& gateway_;
    WorkersOptions options_;
    std::function<void(const Error&)> on_error_;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Call> claimed_;
    SteadyTime next_poll_{};
    bool claiming_ = false;
    bool is_woken_ =
        false;  // since the last claim began, so that a claim cannot overlook what came meanwhile
    bool stopping_ = false;
    std::vector<std::thread> threads_;  // last, so that all above is there when they start
};

}  // namespace tixian
