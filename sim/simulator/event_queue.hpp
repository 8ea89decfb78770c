// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "tixian/clock.hpp"

namespace tixian::sim {

/// What happens at a time. `a` and `b` are what it is about; which, the kind says.
enum class EventKind : std::uint8_t {
    request,         ///< a user asks: order, turn
    work,            ///< a worker looks for what is due: withdrawal, version
    send,            ///< a worker comes to a call that it has claimed: flight
    arrive,          ///< a copy of a request reaches WeChat: flight, copy
    execute,         ///< WeChat's inner queue comes to a submit: flight
    give_up,         ///< a process stops waiting: flight
    answer,          ///< an answer reaches the process: flight
    record,          ///< and is recorded: flight
    bank,            ///< something happens inside WeChat by itself
    notify,          ///< a notification reaches us: notice
    confirm,         ///< a user takes the money: withdrawal
    cancel,          ///< a user wants it back: withdrawal
    fail_bill,       ///< WeChat finds a reason to fail a bill: withdrawal
    operator_looks,  ///< at what waits for a person: withdrawal, look
    operator_cancels,
    start,       ///< a process is up again: process
    step_clock,  ///< process
    land,        ///< a commit that was in doubt arrives: commit
    stop_channel,
    open_channel,
    dry,  ///< the merchant's account is empty
    top_up,
    cut,   ///< 0: requests, 1: answers and notifications, 2: the ledger
    join,  ///< the same again
    rotate_key,
    calm,  ///< the faults end
};

struct Event {
    Timestamp at{};
    std::uint32_t order = 0;  ///< of those at the same time, who was planned first
    EventKind kind{};
    std::uint32_t a = 0, b = 0;
};

/// What is going to happen, the earliest first; of the same time, in the order in which it was planned.
class EventQueue {
 public:
    void clear() { events_.clear(), planned_ = 0; }
    [[nodiscard]] bool is_empty() const { return events_.empty(); }
    [[nodiscard]] const Event& next() const { return events_.front(); }

    void plan(Timestamp at, EventKind kind, std::uint32_t a = 0, std::uint32_t b = 0) {
        events_.push_back({at, ++planned_, kind, a, b});
        std::push_heap(events_.begin(), events_.end(), is_later);
    }
    [[nodiscard]] Event take() {
        std::pop_heap(events_.begin(), events_.end(), is_later);
        const Event event = events_.back();
        events_.pop_back();
        return event;
    }

 private:
    static bool is_later(const Event& x, const Event& y) {
        return x.at != y.at ? x.at > y.at : x.order > y.order;
    }
    std::vector<Event> events_;
    std::uint32_t planned_ = 0;
};

}  // namespace tixian::sim
