// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "life.hpp"

namespace tixian {

/// One withdrawal, up to two workers, a network and a WeChat, in whole ticks of time: small enough that every
/// order of their moves can be walked. The assumptions are those of docs/money-safety.md: WeChat accepts a
/// signature for one tick, executes what it has taken in within the settling time of the *signing*, and only
/// the queries that began in one tick, whichever, miss it after that.
///
/// A state consists of: the time; the stored row, whole but for what nothing is decided by (version, texts,
/// number of calls without progress beyond the third); the bill, whether and until when a query may miss it,
/// and in which tick began those that missed it though they ought not; whether the content is one that WeChat
/// refuses; whether the user has asked for the money back; the submits on their way or taken in; and the
/// calls that workers hold, each with the answer that is not recorded yet. Two worlds with the same key()
/// have the same future.
struct World {
    static constexpr Duration tick{1000};
    static constexpr int validity = 1, settling_refused = 1, settling_in_doubt = 3;

    enum class Bill : std::uint8_t { none, waiting, success, fail, cancelled };

    /// A submit that may still arrive at WeChat, or that WeChat has taken in and not executed yet.
    struct Message {
        std::uint8_t call = 0;
        std::uint8_t signed_at = 0;
        bool is_queued = false;
    };
    enum class Said : std::uint8_t { nothing_yet, report, absent, no_news };
    /// A call that a worker holds, with the answer that it has not recorded yet.
    struct Held {
        CallKind kind{};
        std::uint8_t call = 0;
        std::uint8_t begun_at = 0;
        Said said = Said::nothing_yet;
        BillState state{};
        NoNewsKind news{};
        bool content_only = false;
        std::uint8_t answered_at = 0;
    };

    std::shared_ptr<const Withdrawal> row;
    int now = 0;
    Bill bill = Bill::none;
    bool is_visible = false;
    int visible_by = 0;
    int missed_at = -1;
    bool content_is_bad = false;
    bool has_cancelled = false;
    int money_moves = 0;
    std::vector<Message> messages;
    std::vector<Held> held;

    static Policy policy() {
        Policy p;
        p.send_window = tick;
        p.settling_refused = settling_refused * tick;
        p.settling_in_doubt = settling_in_doubt * tick;
        p.horizon = 40 * tick;
        p.lease = tick;
        p.backoff_first = p.backoff_max = p.merchant_trouble_interval = tick;
        p.fast_absence_delay = Duration{0};
        p.watch_first = tick;
        p.watch_second = 2 * tick;
        return p;
    }

    static World first(bool content_is_bad) {
        World w;
        Withdrawal row = Life().w;
        row.due_at = row.created_at = start();
        w.row = std::make_shared<const Withdrawal>(std::move(row));
        w.content_is_bad = content_is_bad;
        return w;
    }

    static Timestamp start() { return Timestamp(1000 * tick); }
    [[nodiscard]] static Timestamp at(int ticks) { return start() + ticks * tick; }

    /// Whether a bill can still come into being.
    [[nodiscard]] bool may_still_execute() const {
        return std::any_of(messages.begin(), messages.end(), [&](const Message& m) {
            return m.is_queued || (!content_is_bad && now <= m.signed_at + validity);
        });
    }
    [[nodiscard]] bool is_on_its_way(std::uint8_t call) const {
        return std::any_of(messages.begin(), messages.end(),
                           [&](const Message& m) { return m.call == call && !m.is_queued; });
    }

    /// What WeChat says of the bill: one that not every query sees yet is only accepted.
    [[nodiscard]] BillState bill_state() const {
        if (bill == Bill::waiting && !is_visible) return BillState::accepted;
        constexpr BillState states[] = {BillState::none, BillState::wait_user_confirm, BillState::success,
                                        BillState::fail, BillState::cancelled};
        return states[static_cast<std::size_t>(bill)];
    }

    [[nodiscard]] Report report(BillState state) const {
        Report r;
        r.id = row->id;
        r.state = state;
        r.raw_state = name(state);
        r.transfer_bill_no = "1330000001";
        return r;
    }

    [[nodiscard]] Answer answer_of(const Held& h) const {
        Answer answer{row->id, h.kind, h.call, NoNews{}};
        if (h.said == Said::report) {
            answer.result = report(h.state);
        } else if (h.said == Said::absent) {
            answer.result = NotFound{at(h.begun_at), true};
        } else {
            NoNews news;
            news.kind = h.news;
            news.verified = h.news != NoNewsKind::lost && h.news != NoNewsKind::unverified;
            news.content_only = h.content_only;
            news.answered_at = at(h.answered_at);
            answer.result = news;
        }
        return answer;
    }

    [[nodiscard]] std::string row_key() const {
        std::string k;
        k.reserve(64);
        add_row(k);
        return k;
    }

    [[nodiscard]] std::string key() const {
        std::string k = row_key();
        add(k, now);
        add(k,
            static_cast<int>(bill) * 8 + int{is_visible} * 4 + int{content_is_bad} * 2 + int{has_cancelled});
        add(k, visible_by);
        add(k, missed_at);
        add(k, money_moves);
        for (const Message& m : messages) {
            add(k, m.call);
            add(k, m.signed_at * 2 + int{m.is_queued});
        }
        add(k, -2);
        for (const Held& h : held) {
            add(k, h.call * 4 + static_cast<int>(h.kind));
            add(k, h.begun_at * 4 + static_cast<int>(h.said));
            if (h.said == Said::report) add(k, static_cast<int>(h.state));
            if (h.said != Said::no_news) continue;
            add(k, static_cast<int>(h.news) * 2 + int{h.content_only});
            if (h.content_only) add(k, h.answered_at);
        }
        return k;
    }

 private:
    static void add(std::string& k, std::int64_t value) { k += static_cast<char>(value); }

    void add_row(std::string& k) const {
        const Withdrawal& w = *row;
        const Attempts& a = w.attempts;
        for (const int n :
             {static_cast<int>(w.state) * 16 + static_cast<int>(w.bill_state),
              a.count * 16 + static_cast<int>(a.call_number), static_cast<int>(a.answer),
              int{w.bill_seen} + int{w.number_taken} * 2 + int{w.refused} * 4 +
                  int{w.refused_for_content} * 8 + int{w.parked} * 16,
              static_cast<int>(w.raised & 0xffu), static_cast<int>(w.raised >> 8u),
              static_cast<int>(w.released_by) * 4 + w.watches_left,
              static_cast<int>(w.next_call) * 16 + static_cast<int>(w.calls), std::min(w.retries, 3)})
            add(k, n);
        for (const Timestamp t :
             {a.first_at, a.signed_at, a.earlier_doubt_until, w.refused_at,
              w.absence_at.value_or(Timestamp{}), w.due_at.value_or(Timestamp{}), w.lease_until})
            add(k, t < start() ? -1 : (t - start()) / tick);
    }
};

}  // namespace tixian
