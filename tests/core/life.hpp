// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tixian/apply.hpp"

namespace tixian {

using namespace std::chrono_literals;

/// One withdrawal of 12.34 yuan, moved by events. Each step that apply() answers with is taken at once.
class Life {
 public:
    Life() {
        w.id = WithdrawalId::parse("WD20250101123456ABCDEF123456").value();
        w.order = {UserId::parse("u1").value(),          IdempotencyKey::parse("k1").value(), 1234_fen,
                   ChannelName::parse("wechat").value(), Openid::parse("o1").value(),         "提现"};
        w.version = 1;
        w.due_at = now;
        w.created_at = now;
    }

    static Destination here() {
        return {"transfer-bills", Mchid::parse("1900000001").value(), Appid::parse("wx1").value()};
    }

    Decision decide(const Event& event) const { return apply(w, event, policy, {now, 0}); }

    /// Takes the step; answers whether there was one.
    bool happen(const Event& event) {
        auto decision = decide(event);
        EXPECT_TRUE(decision.has_value()) << (decision ? "" : decision.error().message);
        if (!decision || !*decision) return false;
        const Step& step = **decision;
        EXPECT_EQ(step.next.version, w.version + 1);
        if (step.entry.kind() != EntryKind::none) entries.push_back(step.entry.kind());
        for (const Note& note : step.notes) notes.push_back(note.kind);
        w = step.next;
        return true;
    }

    /// Commits the intent of the next call, at the time at which it is due.
    CallRef begin() {
        if (w.due_at && now < *w.due_at) now = *w.due_at;
        if (now < w.lease_until) now = w.lease_until;
        const CallKind kind = w.next_call;
        const std::int64_t calls = w.calls;
        happen(BeginCall{here(), Submission{"{}", ""}, false, {}, can_cancel});
        EXPECT_EQ(w.calls, calls + 1);
        return {kind, w.calls};
    }

    CallRef begin(CallKind expected) {
        const CallRef call = begin();
        EXPECT_EQ(name(call.kind), name(expected));
        return call;
    }

    Report report(std::string_view state) const {
        Report r;
        r.id = w.id;
        r.state = parse_bill_state(state);
        r.raw_state = state;
        r.transfer_bill_no = "1330000001";
        return r;
    }

    bool answered(const CallRef& call, std::string_view state) {
        return happen(Reported{report(state), call});
    }
    bool notified(std::string_view state) { return happen(Reported{report(state), std::nullopt}); }
    bool absent(const CallRef& call, Timestamp begun_at, bool verified = true) {
        return happen(Absent{{begun_at, verified}, call});
    }
    bool no_news(const CallRef& call, NoNewsKind kind, bool verified = true, bool content_only = false) {
        NoNews news;
        news.kind = kind;
        news.verified = verified;
        news.content_only = content_only;
        news.answered_at = now;
        news.code = name(kind);
        return happen(Unanswered{news, call});
    }
    /// Two queries find nothing once the doubt has ended, as far apart as they have to be. Answers the
    /// second.
    CallRef prove_absence() {
        const Timestamp first = doubt_ends();
        absent(begin(CallKind::query), first);
        const CallRef second = begin(CallKind::query);
        absent(second, first + policy.settling_refused);
        return second;
    }
    bool cancel() { return happen(CancelRequested{}); }

    /// The first submit is refused for a reason that may not release fast.
    CallRef refused_submit() {
        const CallRef call = begin(CallKind::submit);
        no_news(call, NoNewsKind::refused);
        return call;
    }

    Timestamp doubt_ends() const { return doubt_until(w.attempts, policy); }
    bool has_moved_money() const { return !entries.empty(); }

    Withdrawal w;
    Policy policy;
    bool can_cancel = true;
    Timestamp now = from_millis(1'735'705'000'000);
    std::vector<EntryKind> entries;
    std::vector<NoteKind> notes;
};

}  // namespace tixian
