// SPDX-License-Identifier: MIT
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include <gtest/gtest.h>

#include "world.hpp"

namespace tixian {
namespace {

/// What may be walked: larger bounds find more and take longer (TIXIAN_EXPLORE_TICKS=6: 3 million states).
struct Bounds {
    int ticks = 5;
    int calls = 4;
    int attempts = 2;
    int held = 2;
};

/// Walks every order of moves from the start, checks the rules at each, and that each world can still end.
class Explorer {
 public:
    explicit Explorer(Bounds bounds) : bounds_(bounds) {}

    void walk() {
        for (const bool content_is_bad : {false, true}) {
            World first;
            first.content_is_bad = content_is_bad;
            visit(std::move(first), "begin", -1);
        }
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
    /// How a world was reached; the world itself is forgotten once it has been expanded.
    struct Node {
        std::string move;
        int parent;
        int depth;
    };

    void visit(World world, const std::string& move, int parent) {
        if (!seen_.insert(world.key()).second) return;
        const int depth = parent < 0 ? 0 : nodes_[static_cast<std::size_t>(parent)].depth + 1;
        nodes_.push_back({move, parent, depth});
        open_.emplace_back(std::move(world), static_cast<int>(nodes_.size()) - 1);
    }

    void fail(int parent, const std::string& move, const std::string& what) {
        if (!violation_.empty()) return;
        std::string trace;
        for (int i = parent; i >= 0; i = nodes_[static_cast<std::size_t>(i)].parent)
            trace = nodes_[static_cast<std::size_t>(i)].move + "\n" + trace;
        violation_ = what + " after:\n" + trace + move;
    }

    /// Takes an event into the withdrawal, checking what moves.
    void happen(World& w, const Event& event, int parent, const std::string& move) {
        const auto decision = apply(w.life.w, event, w.life.policy, w.moment());
        if (!decision || !*decision) return;
        const Step& step = **decision;
        const bool was_final = is_final(w.life.w.state);
        if (was_final && step.next.state != w.life.w.state) fail(parent, move, "a final state changed");
        if (w.life.w.state == State::cancelling && step.next.state != State::cancelling &&
            !is_final(step.next.state))
            fail(parent, move, "cancelling was left to a state that is not final");
        if (!is_final(step.next.state) && !step.next.parked && !step.next.due_at)
            fail(parent, move, "nothing is due any more");
        if (step.entry.kind() == EntryKind::settle) {
            ++w.settled;
            if (w.bill != World::Bill::success) fail(parent, move, "settled what was not paid");
        }
        if (step.entry.kind() == EntryKind::release) {
            ++w.released;
            const bool is_unpaid = w.bill == World::Bill::fail || w.bill == World::Bill::cancelled;
            const bool is_absent = w.bill == World::Bill::none && !w.may_still_execute();
            if (!is_unpaid && !is_absent) fail(parent, move, "released though it is or can still be paid");
            const bool by_absence =
                step.next.released_by == Proof::absence || step.next.released_by == Proof::fast_absence;
            if (by_absence && w.life.w.bill_seen)
                fail(parent, move, "released by absence though the bill was seen");
        }
        if (w.settled + w.released > 1) fail(parent, move, "the held money moved twice");
        w.life.w = step.next;
    }

    void expand(const World& w, int index) {
        if (is_final(w.life.w.state) && w.messages.empty()) {
            ++ended_;
            return;
        }
        check_that_it_ends(w, index);
        time(w, index);
        workers(w, index);
        for (std::size_t i = 0; i < w.messages.size(); ++i) wechat_takes(w, i, index);
        for (std::size_t i = 0; i < w.held.size(); ++i) answers(w, i, index);
        bank_and_user(w, index);
    }

    void time(const World& w, int parent) {
        if (w.now >= bounds_.ticks) return;
        World next = w;
        ++next.now;
        // WeChat keeps its word: by then what it took in is executed, and visible.
        for (const auto& m : w.messages)
            if (m.is_queued && next.now >= m.signed_at + World::settling_in_doubt) return;
        if (w.bill != World::Bill::none && !w.is_visible && next.now >= w.visible_by) return;
        // What is too old to be accepted need not be followed any further.
        std::erase_if(next.messages, [&](const World::Message& m) {
            return !m.is_queued && next.now > m.signed_at + World::validity;
        });
        visit(std::move(next), "a tick passes", parent);
    }

    void workers(const World& w, int parent) {
        const Withdrawal& row = w.life.w;
        const bool is_due = row.due_at && *row.due_at <= w.at(w.now) && row.lease_until <= w.at(w.now);
        const bool in_bounds = row.calls < bounds_.calls && static_cast<int>(w.held.size()) < bounds_.held &&
                               (row.next_call != CallKind::submit || row.attempts.count < bounds_.attempts);
        if (is_due && in_bounds) {
            World next = w;
            const CallKind kind = row.next_call;
            const std::string move = "a worker begins a " + std::string(name(kind));
            happen(next, BeginCall{Life::here(), Submission{"{}", ""}}, parent, move);
            if (next.life.w.calls > row.calls) {
                next.held.push_back({{kind, next.life.w.calls}, w.now, std::nullopt});
                if (kind == CallKind::submit) next.messages.push_back({w.now, false});
            }
            visit(std::move(next), move, parent);
        }
        if (!w.has_cancelled && !is_final(row.state)) {
            World next = w;
            next.has_cancelled = true;
            happen(next, CancelRequested{}, parent, "the user cancels");
            visit(std::move(next), "the user cancels", parent);
        }
    }

    [[nodiscard]] static Event no_news(const World& w, const CallRef& call, NoNewsKind kind,
                                       bool content_only = false) {
        NoNews news;
        news.kind = kind;
        news.verified = kind != NoNewsKind::lost && kind != NoNewsKind::unverified;
        news.content_only = content_only;
        news.answered_at = w.at(w.now);
        return Unanswered{news, call};
    }

    [[nodiscard]] static Event report(const World& w, std::optional<CallRef> call) {
        return Reported{w.life.report(World::text_of(w.bill)), call};
    }

    static void execute(World& w, int signed_at) {
        if (w.bill != World::Bill::none) return;
        w.bill = World::Bill::waiting;
        w.is_visible = false;
        w.visible_by = signed_at + World::settling_in_doubt;
    }

    /// A submit arrives, or what was taken in is executed; the worker that waits for it may be answered.
    void wechat_takes(const World& w, std::size_t i, int parent) {
        const World::Message message = w.messages[i];
        const auto answered = [&](const std::string& move, bool executes, std::optional<NoNewsKind> kind,
                                  bool content_only = false, bool stays_queued = false) {
            World next = w;
            next.messages.erase(next.messages.begin() + static_cast<std::ptrdiff_t>(i));
            if (stays_queued) next.messages.push_back({message.signed_at, true});
            if (executes) execute(next, message.signed_at);
            for (auto& held : next.held) {
                const bool is_its = held.call.kind == CallKind::submit && held.begun_at == message.signed_at;
                if (!is_its || held.answer) continue;
                held.answer = kind ? no_news(next, held.call, *kind, content_only) : report(next, held.call);
                break;
            }
            visit(std::move(next), move, parent);
        };
        if (message.is_queued) {
            World next = w;
            next.messages.erase(next.messages.begin() + static_cast<std::ptrdiff_t>(i));
            execute(next, message.signed_at);
            visit(std::move(next), "WeChat executes what it took in", parent);
            return;
        }
        if (w.now > message.signed_at + World::validity) return;
        if (w.content_is_bad) {
            answered("WeChat refuses the content", false, NoNewsKind::refused, true);
            return;
        }
        answered("WeChat executes the submit", true, std::nullopt);
        answered("WeChat executes the submit and answers 500", true, NoNewsKind::server_error);
        answered("WeChat takes the submit in and answers 500", false, NoNewsKind::server_error, false, true);
        answered("WeChat is out of money", false, NoNewsKind::merchant_trouble);
        answered("WeChat refuses for quota", false, NoNewsKind::refused);
        answered("the submit is dropped on its way", false, NoNewsKind::lost);
    }

    /// A worker is answered, gives up, or records what it holds. One that dies is one that never goes on.
    void answers(const World& w, std::size_t i, int parent) {
        const World::Held held = w.held[i];
        const std::string call = std::string(name(held.call.kind)) + " " + std::to_string(held.call.number);
        const auto hold = [&](const std::string& move, const Event& event) {
            World next = w;
            next.held[i].answer = event;
            visit(std::move(next), call + ": " + move, parent);
        };
        if (held.answer) {
            World next = w;
            next.held.erase(next.held.begin() + static_cast<std::ptrdiff_t>(i));
            happen(next, *held.answer, parent, call + ": its answer is recorded");
            visit(std::move(next), call + ": its answer is recorded", parent);
        } else {
            hold("times out", no_news(w, held.call, NoNewsKind::lost));
            if (held.call.kind == CallKind::query) {
                const bool sees = w.bill != World::Bill::none && w.is_visible;
                if (sees)
                    hold("sees the bill", report(w, held.call));
                else
                    hold("finds nothing", Absent{{w.at(held.begun_at), true}, held.call});
                if (w.bill != World::Bill::none && !w.is_visible)
                    hold("sees the bill early", report(w, held.call));
            }
            if (held.call.kind == CallKind::cancel) cancels(w, i, parent, call);
        }
    }

    void cancels(const World& w, std::size_t i, int parent, const std::string& call) {
        World next = w;
        if (w.bill == World::Bill::waiting) {
            next.bill = World::Bill::cancelled;
            next.held[i].answer = report(next, next.held[i].call);
        } else {
            next.held[i].answer = no_news(next, next.held[i].call, NoNewsKind::refused);
        }
        visit(std::move(next), call + ": reaches WeChat", parent);
    }

    void bank_and_user(const World& w, int parent) {
        const auto becomes = [&](World::Bill bill, const std::string& move) {
            World next = w;
            next.bill = bill;
            visit(std::move(next), move, parent);
        };
        if (w.bill == World::Bill::none) return;
        if (!w.is_visible) {
            World next = w;
            next.is_visible = true;
            visit(std::move(next), "the bill becomes visible", parent);
        }
        if (w.bill == World::Bill::waiting) {
            becomes(World::Bill::success, "the user confirms");
            becomes(World::Bill::fail, "the bill expires");
            return;
        }
        World next = w;
        happen(next, report(w, std::nullopt), parent, "WeChat notifies");
        visit(std::move(next), "WeChat notifies", parent);
    }

    /// R12: once faults stop, it becomes final within a bound.
    void check_that_it_ends(World w, int parent) {
        w.held.clear();
        for (auto& m : w.messages) execute(w, m.signed_at);
        w.messages.clear();
        w.is_visible = true;
        for (int i = 0; i < 60 && !is_final(w.life.w.state) && !w.life.w.parked; ++i) {
            const Withdrawal& row = w.life.w;
            while (*row.due_at > w.at(w.now) || row.lease_until > w.at(w.now)) ++w.now;
            const std::int64_t calls = row.calls;
            const CallKind kind = row.next_call;
            happen(w, BeginCall{Life::here(), Submission{"{}", ""}}, parent, "calm");
            if (w.life.w.calls == calls) continue;
            const CallRef call{kind, w.life.w.calls};
            if (kind == CallKind::submit && w.bill == World::Bill::none && !w.content_is_bad) {
                execute(w, w.now);
                w.bill = World::Bill::success;
            }
            if (w.bill == World::Bill::waiting)
                w.bill = kind == CallKind::cancel ? World::Bill::cancelled : World::Bill::success;
            if (w.bill != World::Bill::none)
                happen(w, report(w, call), parent, "calm");
            else if (kind == CallKind::query)
                happen(w, Absent{{w.at(w.now), true}, call}, parent, "calm");
            else
                happen(w, no_news(w, call, NoNewsKind::refused, true), parent, "calm");
        }
        if (!is_final(w.life.w.state) && !w.life.w.parked) fail(parent, "faults stop", "it does not end");
    }

    Bounds bounds_;
    std::deque<Node> nodes_;
    std::deque<std::pair<World, int>> open_;
    std::unordered_set<std::string> seen_;
    std::string violation_;
    std::size_t ended_ = 0;
};

TEST(AllInterleavings, OfOneWithdrawalKeepTheRules) {
    Bounds bounds;
    if (const char* ticks = std::getenv("TIXIAN_EXPLORE_TICKS")) bounds.ticks = std::atoi(ticks);
    Explorer explorer(bounds);
    explorer.walk();

    std::printf("%zu states, %zu of them final with nothing on its way, depth %d\n", explorer.states(),
                explorer.ended(), explorer.depth());
    EXPECT_EQ(explorer.violation(), "");
    EXPECT_GT(explorer.ended(), 100u);
}

}  // namespace
}  // namespace tixian
