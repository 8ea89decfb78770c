// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "life.hpp"

namespace tixian {

/// One withdrawal, up to two workers, a network and a WeChat, in whole ticks of time: small enough that every
/// order of their moves can be walked. The assumptions are those of design, section 8: WeChat accepts a
/// signature for one tick, executes what it has taken in within the settling time of the *signing*, and a
/// query after that does not miss it.
struct World {
    static constexpr Duration tick{1000};
    static constexpr int validity = 1, settling_refused = 2, settling_in_doubt = 4;

    enum class Bill { none, waiting, success, fail, cancelled };

    /// A submit as it travels: in the network, or taken in by WeChat and not executed yet.
    struct Message {
        int signed_at = 0;
        bool is_queued = false;
    };
    /// An answer that a worker holds and has not recorded yet; nullopt while it waits for one.
    struct Held {
        CallRef call;
        int begun_at = 0;
        std::optional<Event> answer;
    };

    static Policy policy() {
        Policy p;
        p.send_window = tick;
        p.settling_refused = settling_refused * tick;
        p.settling_in_doubt = settling_in_doubt * tick;
        p.horizon = 40 * tick;
        p.lease = tick;
        p.backoff_first = p.backoff_max = p.merchant_trouble_first = tick;
        p.fast_absence_delay = Duration{0};
        p.watch_first = tick;
        p.watch_second = 2 * tick;
        return p;
    }

    World() {
        life.policy = policy();
        life.now = start();
        life.w.due_at = life.w.created_at = life.now;
    }

    static Timestamp start() { return Timestamp(1000 * tick); }
    [[nodiscard]] Timestamp at(int ticks) const { return start() + ticks * tick; }
    [[nodiscard]] Moment moment() const { return {at(now), 0}; }

    Life life;
    int now = 0;
    Bill bill = Bill::none;
    bool is_visible = false;
    int visible_by = 0;
    bool content_is_bad = false;
    bool has_cancelled = false;
    std::vector<Message> messages;
    std::vector<Held> held;
    int settled = 0, released = 0;

    /// Whether a bill can still come into being.
    [[nodiscard]] bool may_still_execute() const {
        return std::any_of(messages.begin(), messages.end(), [&](const Message& m) {
            return m.is_queued || (!content_is_bad && now <= m.signed_at + validity);
        });
    }

    [[nodiscard]] static std::string text_of(Bill bill) {
        switch (bill) {
            case Bill::none:
                return "";
            case Bill::waiting:
                return "WAIT_USER_CONFIRM";
            case Bill::success:
                return "SUCCESS";
            case Bill::fail:
                return "FAIL";
            case Bill::cancelled:
                return "CANCELLED";
        }
        return "";
    }

    /// Everything that decides what can happen next; two worlds with the same key have the same future.
    [[nodiscard]] std::string key() const {
        std::string k;
        const auto add = [&](std::int64_t value) { k += static_cast<char>(value); };
        const auto time = [&](Timestamp t) { add(t < start() ? -1 : (t - start()) / tick); };
        const Withdrawal& w = life.w;
        for (const int n : {now,
                            static_cast<int>(bill),
                            int{is_visible},
                            visible_by,
                            int{content_is_bad},
                            int{has_cancelled},
                            settled,
                            released,
                            static_cast<int>(w.state),
                            w.attempts.count,
                            static_cast<int>(w.attempts.answer),
                            int{w.bill_seen},
                            int{w.number_taken},
                            static_cast<int>(w.bill_state),
                            int{w.refused},
                            int{w.refused_for_content},
                            int{w.parked},
                            static_cast<int>(w.raised),
                            static_cast<int>(w.released_by),
                            w.watches_left,
                            static_cast<int>(w.next_call),
                            std::min(w.retries, 3),
                            static_cast<int>(w.calls),
                            static_cast<int>(w.attempts.call_number)})
            add(n);
        for (const Timestamp t : {w.attempts.first_at, w.attempts.signed_at, w.attempts.earlier_doubt_until,
                                  w.refused_at, w.due_at.value_or(Timestamp{}), w.lease_until})
            time(t);
        for (const Message& m : messages) add(m.signed_at * 2 + int{m.is_queued});
        add(-2);
        for (const Held& h : held) {
            add(h.call.number * 4 + static_cast<int>(h.call.kind));
            add(h.begun_at);
            add(h.answer ? static_cast<std::int64_t>(h.answer->index()) : -1);
            if (h.answer) add(answer_code(*h.answer));
        }
        return k;
    }

    [[nodiscard]] static std::int64_t answer_code(const Event& event) {
        if (const auto* reported = std::get_if<Reported>(&event))
            return static_cast<int>(reported->report.state);
        if (const auto* unanswered = std::get_if<Unanswered>(&event))
            return static_cast<int>(unanswered->news.kind) * 2 + int{unanswered->news.content_only};
        return 0;
    }
};

}  // namespace tixian
