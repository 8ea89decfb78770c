// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "one_row_ledger.hpp"
#include "plain_channel.hpp"
#include "tixian/service.hpp"
#include "world.hpp"

namespace tixian {

/// What may be walked: larger bounds find more and take longer.
struct Bounds {
    int ticks = 5;     ///< of time
    int calls = 4;     ///< begun by workers
    int attempts = 2;  ///< submits among them
    int held = 2;      ///< workers that wait or have not recorded their answer
    bool can_cancel = true;
};

/// Walks every order of moves from the start, through the real Service, checks the rules at each, and that
/// each world can still end. A worker that crashes is one that makes no further move; a crash between a
/// commit and its send is a submit that is never taken by WeChat.
class Explorer {
 public:
    explicit Explorer(Bounds bounds) : bounds_(bounds) {}

    void walk() {
        for (const bool content_is_bad : {false, true}) visit(World::first(content_is_bad), "begin", -1);
        while (!open_.empty() && violation_.empty()) {
            const auto [world, index] = std::move(open_.front());
            open_.pop_front();
            expand(world, index);
        }
    }

    [[nodiscard]] const std::string& violation() const { return violation_; }
    [[nodiscard]] std::size_t states() const { return nodes_.size(); }
    [[nodiscard]] int depth() const { return nodes_.empty() ? 0 : nodes_.back().depth; }
    [[nodiscard]] std::size_t ended() const { return ended_; }

 private:
    using Bill = World::Bill;
    using Said = World::Said;
    using Loss = OneRowLedger::Loss;

    /// How a world was reached; the world itself is forgotten once it has been expanded.
    struct Node {
        const char* move;
        int parent;
        int depth;
    };

    /// The time of the world that is being expanded.
    class WorldClock : public Clock {
     public:
        [[nodiscard]] Timestamp now() const override { return World::at(ticks); }
        [[nodiscard]] MonotonicTime monotonic() const override { return MonotonicTime(ticks * World::tick); }
        int ticks = 0;
    };

    /// Change ids that differ, and never any jitter: a multiple of what jitter is taken modulo.
    class NoJitter : public Random {
     public:
        [[nodiscard]] std::uint64_t next() override {
            return ++count_ * (static_cast<std::uint64_t>(World::tick.count()) / 4 + 1);
        }

     private:
        std::uint64_t count_ = 0;
    };

    void visit(World world, const char* move, int parent) {
        if (!seen_.insert(world.key()).second) return;
        const int depth = parent < 0 ? 0 : nodes_[static_cast<std::size_t>(parent)].depth + 1;
        nodes_.push_back({move, parent, depth});
        open_.emplace_back(std::move(world), static_cast<int>(nodes_.size()) - 1);
    }

    void fail(int parent, const std::string& move, const std::string& what) {
        if (!violation_.empty()) return;
        std::string trace;
        for (int i = parent; i >= 0; i = nodes_[static_cast<std::size_t>(i)].parent)
            trace = std::string(nodes_[static_cast<std::size_t>(i)].move) + "\n" + trace;
        violation_ = what + " after:\n" + trace + move;
    }

    /// Runs something on the service as if in this world, checks each step that was committed, and answers
    /// the world after it.
    World act(const World& w, int parent, const char* move, const std::function<void()>& action,
              Loss loss = Loss::none, std::function<void()> between = nullptr) {
        ledger_.load(w.row);
        ledger_.lose(loss, std::move(between));
        clock_.ticks = w.now;
        claimed_.clear();
        action();
        World next = w;
        for (const auto& [before, step] : ledger_.steps()) check_step(next, *before, step, parent, move);
        next.row = ledger_.row();
        for (const Call& call : claimed_) take_call(next, call, parent, move);
        return next;
    }

    /// A worker claims; what it is given joins what is claimed in this move.
    void claim() {
        const auto calls = service_.claim(1);
        if (calls) claimed_.insert(claimed_.end(), calls->begin(), calls->end());
    }

    void take_call(World& w, const Call& call, int parent, const char* move) {
        const Withdrawal& row = *w.row;
        const auto number = static_cast<std::uint8_t>(call.number);
        const auto is_same = [&](const World::Held& h) { return h.call == number; };
        if (call.id != row.id) fail(parent, move, "a call for another number");
        if (std::any_of(w.held.begin(), w.held.end(), is_same) || call.number != row.calls)
            fail(parent, move, "a call was handed out whose intent was not committed");
        w.held.push_back({call.kind, number, static_cast<std::uint8_t>(w.now)});
        if (call.kind != CallKind::submit) return;
        if (row.attempts.call_number != call.number || row.attempts.signed_at != call.signed_at)
            fail(parent, move, "a submit was handed out that is not stored");
        if (call.submission != row.submission || call.submission.body != "pay " + row.id.text())
            fail(parent, move, "a submit with another content");
        if (call.send_deadline != clock_.monotonic() + World::tick) fail(parent, move, "another deadline");
        w.messages.push_back({number, static_cast<std::uint8_t>(w.now)});
    }

    void check_step(World& w, const Withdrawal& before, const Step& step, int parent, const char* move) {
        const Withdrawal& next = step.next;
        if (is_final(before.state) && next.state != before.state) fail(parent, move, "a final state changed");
        if (before.state == State::cancelling && next.state != State::cancelling && !is_final(next.state))
            fail(parent, move, "cancelling was left to a state that is not final");
        if (next.state == State::held && next.attempts.count > 0)
            fail(parent, move, "something returned to held");
        if (rank(next.bill_state) < rank(before.bill_state)) fail(parent, move, "a fact moved back");
        if (!is_final(next.state) && !next.parked && !next.due_at)
            fail(parent, move, "nothing is due any more");
        if (step.entry.kind() == EntryKind::settle && w.bill != Bill::success)
            fail(parent, move, "settled what was not paid");
        if (step.entry.kind() == EntryKind::release) check_release(w, before, next, parent, move);
        if (step.entry.kind() != EntryKind::none && ++w.money_moves > 1)
            fail(parent, move, "the held money moved twice");
    }

    void check_release(const World& w, const Withdrawal& before, const Withdrawal& next, int parent,
                       const char* move) {
        const bool is_unpaid = w.bill == Bill::fail || w.bill == Bill::cancelled;
        const bool is_absent = w.bill == Bill::none && !w.may_still_execute();
        if (!is_unpaid && !is_absent) fail(parent, move, "released though it is or can still be paid");
        if (next.released_by != Proof::reported && before.bill_seen)
            fail(parent, move, "released by absence though the bill was seen");
    }

    void expand(const World& w, int index) {
        if (is_final(w.row->state)) contradict(w, index);
        if (is_final(w.row->state) && w.messages.empty()) {
            ++ended_;
            return;
        }
        check_that_it_ends(w, index);
        time(w, index);
        worker_claims(w, index);
        user(w, index);
        for (std::size_t i = 0; i < w.messages.size(); ++i) wechat_takes(w, i, index);
        for (std::size_t i = 0; i < w.held.size(); ++i) worker(w, i, index);
        bill(w, index);
    }

    /// Whatever WeChat says after the end, money and state stay.
    void contradict(const World& w, int parent) {
        if (!ends_.insert(w.row_key()).second) return;
        for (const BillState state : {BillState::success, BillState::fail, BillState::wait_user_confirm}) {
            const World after = act(w, parent, "WeChat says something else after the end",
                                    [&] { static_cast<void>(service_.notify(w.report(state))); });
            if (after.money_moves != w.money_moves) fail(parent, "a late notification", "money moved");
        }
    }

    void time(const World& w, int parent) {
        if (w.now >= bounds_.ticks) return;
        World next = w;
        ++next.now;
        // WeChat keeps its word: by then what it took in is executed, and visible.
        for (const auto& m : w.messages)
            if (m.is_queued && next.now >= m.signed_at + World::settling_in_doubt) return;
        if (w.bill != Bill::none && !w.is_visible && next.now >= w.visible_by) return;
        for (const auto& h : w.held) {
            const MonotonicTime deadline((h.begun_at + 1) * World::tick);
            const MonotonicTime late((next.now + 1) * World::tick);
            if (next.now > h.begun_at + 1 && may_still_be_sent(deadline, late))
                fail(parent, "a tick passes", "a byte may leave after send_by");
        }
        // What is too old to be accepted need not be followed any further.
        std::erase_if(next.messages, [&](const World::Message& m) {
            return !m.is_queued && next.now > m.signed_at + World::validity;
        });
        visit(std::move(next), "a tick passes", parent);
    }

    [[nodiscard]] bool may_claim(const World& w) const {
        const Withdrawal& row = *w.row;
        const bool is_due =
            row.due_at && *row.due_at <= World::at(w.now) && row.lease_until <= World::at(w.now);
        return is_due && row.calls < bounds_.calls && static_cast<int>(w.held.size()) < bounds_.held &&
               (row.next_call != CallKind::submit || row.attempts.count < bounds_.attempts);
    }

    /// Once in peace, once with its answer lost after the commit, once lost before it with the other worker
    /// coming between.
    void commit_anyhow(const World& w, int parent, const char* move, const std::function<void()>& action) {
        visit(act(w, parent, move, action), move, parent);
        visit(act(w, parent, move, action, Loss::after), move, parent);
        if (may_claim(w)) visit(act(w, parent, move, action, Loss::before, [&] { claim(); }), move, parent);
    }

    void worker_claims(const World& w, int parent) {
        if (!may_claim(w)) return;
        constexpr const char* moves[] = {"a worker begins a submit", "a worker begins a query",
                                         "a worker begins a cancel"};
        commit_anyhow(w, parent, moves[static_cast<std::size_t>(w.row->next_call)], [&] { claim(); });
    }

    void user(const World& w, int parent) {
        if (w.has_cancelled || is_final(w.row->state)) return;
        World next = w;
        next.has_cancelled = true;
        visit(act(next, parent, "the user cancels",
                  [&] { static_cast<void>(service_.cancel(w.row->order.user, w.row->id)); }),
              "the user cancels", parent);
    }

    static void execute(World& w, int signed_at) {
        if (w.bill != Bill::none) return;
        w.bill = Bill::waiting;
        w.is_visible = false;
        w.visible_by = signed_at + World::settling_in_doubt;
    }

    static void answer_with(World& w, World::Held& held, Said said, NoNewsKind news = {},
                            bool content_only = false) {
        held.said = said;
        held.state = said == Said::report ? w.bill_state() : BillState::none;
        held.news = news;
        held.content_only = content_only;
        held.answered_at = static_cast<std::uint8_t>(w.now);
    }

    /// What WeChat does with a submit that arrives, and what the worker hears of it if it still waits.
    struct Taking {
        const char* move;
        bool executes = false, queues = false;
        Said said = Said::no_news;
        NoNewsKind news{};
        bool content_only = false;
    };

    void wechat_takes(const World& w, std::size_t i, int parent) {
        const World::Message message = w.messages[i];
        if (message.is_queued) {
            World next = w;
            next.messages.erase(next.messages.begin() + static_cast<std::ptrdiff_t>(i));
            execute(next, message.signed_at);
            visit(std::move(next), "WeChat executes what it took in", parent);
            return;
        }
        if (w.now > message.signed_at + World::validity) return;
        using enum NoNewsKind;
        static const std::vector<Taking> bad{
            {"WeChat refuses the content", false, false, Said::no_news, refused, true}};
        static const std::vector<Taking> good{
            {"WeChat executes the submit", true, false, Said::report},
            {"WeChat executes the submit and answers 500", true, false, Said::no_news, server_error},
            {"WeChat takes the submit in and answers 500", false, true, Said::no_news, server_error},
            {"WeChat is out of money", false, false, Said::no_news, merchant_trouble},
            {"WeChat refuses for quota", false, false, Said::no_news, refused},
        };
        static const std::vector<Taking> always{
            {"the submit is dropped on its way", false, false, Said::no_news, lost},
            {"the submit is never sent", false, false, Said::no_news, not_sent},
        };
        for (const auto* takings : {w.content_is_bad ? &bad : &good, &always})
            for (const Taking& taking : *takings) take(w, i, taking, parent);
    }

    void take(const World& w, std::size_t i, const Taking& taking, int parent) {
        const World::Message message = w.messages[i];
        World next = w;
        next.messages.erase(next.messages.begin() + static_cast<std::ptrdiff_t>(i));
        if (taking.queues) next.messages.push_back({message.call, message.signed_at, true});
        if (taking.executes) execute(next, message.signed_at);
        bool is_heard = false;
        for (auto& held : next.held) {
            if (held.call != message.call || held.said != Said::nothing_yet) continue;
            answer_with(next, held, taking.said, taking.news, taking.content_only);
            is_heard = true;
        }
        // That it was not sent is known to nobody but the one who did not send it.
        if (taking.news == NoNewsKind::not_sent && taking.said == Said::no_news && !is_heard) return;
        visit(std::move(next), taking.move, parent);
    }

    /// A worker is answered, gives up, or records what it holds. One that dies is one that never goes on.
    void worker(const World& w, std::size_t i, int parent) {
        const World::Held& held = w.held[i];
        if (held.said != Said::nothing_yet) {
            World next = w;
            next.held.erase(next.held.begin() + static_cast<std::ptrdiff_t>(i));
            const Answer answer = w.answer_of(held);
            commit_anyhow(next, parent, "a worker records its answer",
                          [&] { static_cast<void>(service_.record(answer)); });
            return;
        }
        const auto hears = [&](const char* move, Said said, NoNewsKind news = {}, int missed_at = -1) {
            World next = w;
            answer_with(next, next.held[i], said, news);
            next.missed_at = std::max(next.missed_at, missed_at);
            visit(std::move(next), move, parent);
        };
        hears("a call times out", Said::no_news, NoNewsKind::lost);
        if (held.kind == CallKind::query) {
            const bool exists = w.bill != Bill::none;
            if (exists) hears("a query sees the bill", Said::report);
            // A bill that was seen may be missed by a query at any time: then nothing may be concluded.
            if (!exists || !w.is_visible || w.row->bill_seen)
                hears("a query finds nothing", Said::absent);
            else if (w.missed_at < 0 || w.missed_at == held.begun_at)
                hears("a query misses the bill", Said::absent, {}, held.begun_at);
        }
        if (held.kind == CallKind::cancel) cancel_arrives(w, i, parent);
    }

    void cancel_arrives(const World& w, std::size_t i, int parent) {
        World next = w;
        if (w.bill == Bill::waiting) {
            next.bill = Bill::cancelled;
            answer_with(next, next.held[i], Said::report);
        } else {
            answer_with(next, next.held[i], Said::no_news, NoNewsKind::refused);
        }
        visit(std::move(next), "a cancel reaches WeChat", parent);
    }

    void bill(const World& w, int parent) {
        const auto becomes = [&](Bill bill, const char* move) {
            World next = w;
            next.bill = bill;
            visit(std::move(next), move, parent);
        };
        if (w.bill == Bill::none) return;
        if (!w.is_visible) {
            World next = w;
            next.is_visible = true;
            visit(std::move(next), "the bill becomes visible", parent);
        }
        if (w.bill == Bill::waiting) {
            becomes(Bill::success, "the user confirms");
            becomes(Bill::fail, "the bill expires");
            return;
        }
        visit(act(w, parent, "WeChat notifies",
                  [&] { static_cast<void>(service_.notify(w.report(w.bill_state()))); }),
              "WeChat notifies", parent);
    }

    /// R12: once faults stop, it becomes final within a bound.
    void check_that_it_ends(World w, int parent) {
        w.held.clear();
        for (const auto& m : w.messages) execute(w, m.signed_at);
        w.messages.clear();
        w.is_visible = true;
        w.has_cancelled = false;
        if (!calm_.insert(w.key()).second) return;
        for (int i = 0; i < 60 && !is_final(w.row->state) && !w.row->parked; ++i) {
            while (*w.row->due_at > World::at(w.now) || w.row->lease_until > World::at(w.now)) ++w.now;
            w = act(w, parent, "calm", [&] { claim(); });
            if (w.held.empty()) continue;
            World::Held held = w.held.front();
            w.held.clear();
            w.messages.clear();
            answer_calmly(w, held);
            w = act(w, parent, "calm", [&] { static_cast<void>(service_.record(w.answer_of(held))); });
        }
        if (!is_final(w.row->state) && !w.row->parked) fail(parent, "faults stop", "it does not end");
    }

    static void answer_calmly(World& w, World::Held& held) {
        if (held.kind == CallKind::submit && w.bill == Bill::none && !w.content_is_bad) {
            execute(w, w.now);
            w.bill = Bill::success;
        }
        if (w.bill == Bill::waiting) w.bill = held.kind == CallKind::cancel ? Bill::cancelled : Bill::success;
        if (w.bill != Bill::none)
            answer_with(w, held, Said::report);
        else if (held.kind == CallKind::query)
            answer_with(w, held, Said::absent);
        else
            answer_with(w, held, Said::no_news, NoNewsKind::refused, true);
    }

    Bounds bounds_;
    OneRowLedger ledger_;
    PlainChannel channel_{bounds_.can_cancel};
    WorldClock clock_;
    NoJitter random_;
    Service service_{ledger_, {&channel_}, clock_, random_, {World::policy(), {}, nullptr, {}}};
    std::vector<Call> claimed_;

    std::deque<Node> nodes_;
    std::deque<std::pair<World, int>> open_;
    std::unordered_set<std::string> seen_;
    std::unordered_set<std::string> calm_;
    std::unordered_set<std::string> ends_;
    std::string violation_;
    std::size_t ended_ = 0;
};

}  // namespace tixian
