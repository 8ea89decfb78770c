// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "tixian/gateway.hpp"
#include "tixian/service.hpp"
#include "tixian/threads/local_lanes.hpp"

namespace tixian {

struct WorkersOptions {
    std::size_t threads = 4;
    /// How often the ledger is asked for due rows while there are none.
    std::chrono::milliseconds poll_interval{200};
    /// What is shared with the other servers of this ledger; borrowed. None: there are no others.
    Lanes* lanes = nullptr;
};

/// Threads that claim what is due, perform it at its channel's rate, and record what came of it. Each channel
/// and kind of call is claimed for itself, so none waits for another's backlog. Everything that matters
/// stands in the ledger: a worker that dies loses nothing.
class Workers {
 public:
    /// `on_error` hears of a ledger that fails; it must be thread-safe and not throw. Borrows service and
    /// gateway.
    Workers(Service& service, Gateway& gateway, WorkersOptions options,
            std::function<void(const Error&)> on_error)
        : service_(service), gateway_(gateway), options_(options), on_error_(std::move(on_error)) {
        make_lanes();
        for (std::size_t i = 0; i < options_.threads; ++i) threads_.emplace_back([this] { run(); });
    }

    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;
    ~Workers() { stop(); }

    /// Something may be due now: do not wait for the next poll.
    void wake() {
        const std::lock_guard lock(mutex_);
        is_woken_ = true;
        for (Queue& queue : queues_) queue.next_poll = {};
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
    using Steady = std::chrono::steady_clock;
    using Time = Steady::time_point;
    using Micros = std::chrono::microseconds;

    /// What is claimed together. Without a lane: the rows of channels that are not configured here, for which
    /// no call comes out of a claim.
    struct Queue {
        std::optional<Lane> lane;
        DueFilter filter;
        Micros apart{};
        std::size_t claims_max = 1;
        std::size_t waiting = 0;  ///< claimed calls that are not sent yet
        Time next_poll{};
    };

    /// A claimed call, and until when its place is good. It waits in `waiting_` under the time of its place.
    struct Waiting {
        Call call;
        Queue* queue;
        Time place_until;
    };

    /// What a claim gave: calls, and the time of the first one's place. Without a place each asks for one
    /// when that time has come.
    struct Claimed {
        std::vector<Call> calls;
        Time at;
        bool has_places = true;
        std::chrono::milliseconds pause;  ///< how long to leave the queue alone when there are no calls
    };

    /// Others may enter a lane when who is inside has not left by then.
    static constexpr Micros inside_max = std::chrono::seconds(2);
    static constexpr std::chrono::milliseconds busy_lane{2}, failed_lane{200};

    void make_lanes() {
        DueFilter elsewhere;
        for (const Channel* channel : service_.channels()) {
            elsewhere.except.push_back(channel->name());
            for (const CallKind call : {CallKind::submit, CallKind::query, CallKind::cancel}) {
                Queue queue;
                queue.lane = Lane{channel->name(), call};
                queue.filter = {channel->name(), call, {}};
                const int rate = channel->calls_per_second(call);
                queue.apart = places_apart(rate);
                // No more than goes out in a quarter of a second, so that servers take turns.
                const auto quarter = static_cast<std::size_t>(std::max(1, rate / 4));
                queue.claims_max = rate > 0 ? std::min(options_.threads, quarter) : options_.threads;
                queues_.push_back(std::move(queue));
            }
        }
        Queue other;
        other.filter = std::move(elsewhere);
        other.claims_max = options_.threads;
        queues_.push_back(std::move(other));
    }

    void run() {
        std::unique_lock lock(mutex_);
        for (;;) {
            const Time now = Steady::now();
            if (!waiting_.empty() && waiting_.begin()->first <= now) {
                auto next = waiting_.extract(waiting_.begin());
                perform(std::move(next.mapped()), lock);
            } else if (stopping_ && waiting_.empty()) {
                return;
            } else if (Queue* queue = stopping_ || claiming_ ? nullptr : hungry(now)) {
                claim(*queue, lock);
            } else {
                wait(lock);
            }
        }
    }

    /// Which queue to claim in now: the one whose turn was the longest ago.
    [[nodiscard]] Queue* hungry(Time now) {
        for (auto queue = queues_.begin(); queue != queues_.end(); ++queue) {
            if (now < queue->next_poll || 2 * queue->waiting > queue->claims_max) continue;
            queues_.splice(queues_.end(), queues_, queue);
            return &*queue;
        }
        return nullptr;
    }

    void wait(std::unique_lock<std::mutex>& lock) {
        Time until = Time::max();
        if (!waiting_.empty()) until = waiting_.begin()->first;
        if (!claiming_ && !stopping_) {
            for (const Queue& queue : queues_) {
                if (2 * queue.waiting <= queue.claims_max) until = std::min(until, queue.next_poll);
            }
        }
        if (until == Time::max())
            changed_.wait(lock);
        else
            changed_.wait_until(lock, until);
    }

    /// One thread claims for all; called with the lock held.
    void claim(Queue& queue, std::unique_lock<std::mutex>& lock) {
        claiming_ = true;
        is_woken_ = false;
        lock.unlock();
        Claimed claimed = claim_in(queue);
        lock.lock();
        claiming_ = false;
        for (Call& call : claimed.calls) {
            const Time good_until = claimed.has_places ? claimed.at + place_grace : Time{};
            waiting_.emplace(claimed.at, Waiting{std::move(call), &queue,
                                                 queue.apart == Micros{} ? Time::max() : good_until});
            claimed.at += queue.apart;
        }
        queue.waiting += claimed.calls.size();
        if (!claimed.calls.empty())
            queue.next_poll = {};
        else if (!is_woken_)
            queue.next_poll = Steady::now() + claimed.pause;
        changed_.notify_all();
    }

    /// Claims, without the lock.
    [[nodiscard]] Claimed claim_in(Queue& queue) {
        Claimed claimed{{}, Steady::now(), true, options_.poll_interval};
        const auto is_due = service_.is_due(queue.filter);
        if (!is_due) on_error_(is_due.error());
        if (!is_due || !*is_due) return claimed;
        if (queue.lane) {
            const auto entered = lanes().enter(*queue.lane, inside_max);
            if (!entered) on_error_(entered.error());
            if (entered && !*entered) claimed.pause = busy_lane;
            if (!entered || !*entered) return claimed;
        }
        auto calls = service_.claim(queue.claims_max, queue.filter);
        if (!calls) on_error_(calls.error());
        if (calls) claimed.calls = std::move(*calls);
        if (!queue.lane) return claimed;
        const auto place = lanes().leave(*queue.lane, claimed.calls.size(), queue.apart);
        if (!place) on_error_(place.error());
        claimed.has_places = place.has_value();
        claimed.at = Steady::now() + (place ? *place : Micros(failed_lane));
        return claimed;
    }

    /// Performs a call at its place; called with the lock held. Too late for it, it takes another one.
    void perform(Waiting waiting, std::unique_lock<std::mutex>& lock) {
        Queue& queue = *waiting.queue;
        const bool is_late = Steady::now() > waiting.place_until && !is_past(waiting.call);
        if (!is_late) {
            // Somebody may have to claim more.
            --queue.waiting;
            changed_.notify_one();
        }
        lock.unlock();
        if (is_late) {
            const auto place = lanes().take_place(*queue.lane, queue.apart);
            if (!place) on_error_(place.error());
            const Time at = Steady::now() + (place ? *place : Micros(failed_lane));
            waiting.place_until = place ? at + place_grace : Time{};
            lock.lock();
            waiting_.emplace(at, std::move(waiting));
            changed_.notify_one();
            return;
        }
        const Answer answer = gateway_.perform(waiting.call);
        // What cannot be recorded is as if this process had died: the lease runs out, and the row is asked
        // after.
        if (auto recorded = service_.record(answer); !recorded) on_error_(recorded.error());
        lock.lock();
    }

    /// Its time to be sent is over: the gateway will say so, and nothing leaves.
    [[nodiscard]] static bool is_past(const Call& call) { return Steady::now() >= call.send_deadline; }

    [[nodiscard]] Lanes& lanes() { return options_.lanes != nullptr ? *options_.lanes : local_lanes_; }

    Service& service_;
    Gateway& gateway_;
    WorkersOptions options_;
    std::function<void(const Error&)> on_error_;
    LocalLanes local_lanes_;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::list<Queue> queues_;
    std::multimap<Time, Waiting> waiting_;
    bool claiming_ = false;
    bool is_woken_ =
        false;  // since the last claim began, so that a claim cannot overlook what came meanwhile
    bool stopping_ = false;
    std::vector<std::thread> threads_;  // last, so that all above is there when they start
};

}  // namespace tixian
