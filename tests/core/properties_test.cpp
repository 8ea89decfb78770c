// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "life.hpp"

namespace tixian {
namespace {

/// One random event, sane or not, for the withdrawal as it stands.
Event any_event(const Life& life) {
    const auto any_call = [&] {
        return CallRef{*rc::gen::element(CallKind::submit, CallKind::query, CallKind::cancel),
                       *rc::gen::inRange<std::int64_t>(0, life.w.calls + 1)};
    };
    switch (*rc::gen::weightedElement<int>({{4, 0}, {3, 1}, {3, 2}, {3, 3}, {1, 4}})) {
        case 0: {
            BeginCall begin{Life::here(), Submission{"{}", ""}};
            if (*rc::gen::inRange(0, 20) == 0) begin.destination.reset();
            return begin;
        }
        case 1: {
            Report report = life.report(
                *rc::gen::element<std::string>("ACCEPTED", "PROCESSING", "WAIT_USER_CONFIRM", "TRANSFERING",
                                               "CANCELING", "SUCCESS", "FAIL", "CANCELLED", "NEW_STATE"));
            if (*rc::gen::inRange(0, 10) == 0) report.amount = 1_fen;
            if (*rc::gen::inRange(0, 3) == 0) report.package_info = "package";
            return *rc::gen::arbitrary<bool>() ? Reported{report, any_call()}
                                               : Reported{report, std::nullopt};
        }
        case 2: {
            const Duration ago(*rc::gen::inRange<std::int64_t>(0, Duration(48h).count()));
            return Absent{{life.now - ago, *rc::gen::arbitrary<bool>()}, any_call()};
        }
        case 3: {
            NoNews news;
            news.kind = static_cast<NoNewsKind>(*rc::gen::inRange(0, 9));
            news.verified = *rc::gen::arbitrary<bool>();
            news.content_only = *rc::gen::arbitrary<bool>();
            news.answered_at = life.now;
            return Unanswered{news, any_call()};
        }
        default:
            return CancelRequested{};
    }
}

std::int64_t sum(const Entry& entry) {
    std::int64_t fen = 0;
    for (const Posting& posting : entry.postings()) fen += posting.amount.fen();
    return fen;
}

/// What must hold of every step, whatever happened.
void check_step(const Life& before, const Step& step) {
    const Withdrawal& w = before.w;
    const Withdrawal& next = step.next;
    RC_ASSERT(next.version == w.version + 1);
    RC_ASSERT(next.order == w.order);
    RC_ASSERT(sum(step.entry) == 0);  // R11
    RC_ASSERT((step.entry.kind() != EntryKind::none) == (is_final(next.state) && !is_final(w.state)));
    if (is_final(w.state)) RC_ASSERT(next.state == w.state);  // R6
    if (w.state == State::cancelling) RC_ASSERT(next.state == State::cancelling || is_final(next.state));
    if (next.state == State::held) RC_ASSERT(next.attempts.count == 0);
    if (w.destination)
        RC_ASSERT(next.destination == w.destination && next.submission == w.submission);  // R1, R2
    RC_ASSERT(next.bill_seen || !w.bill_seen);
    RC_ASSERT(rank(next.bill_state) >= rank(w.bill_state));
    if (!is_final(next.state) && !next.parked) RC_ASSERT(next.due_at.has_value());  // R12
    if (next.attempts.count > w.attempts.count) RC_ASSERT(!w.refused && w.state != State::cancelling);
    if (next.released_by == Proof::absence || next.released_by == Proof::fast_absence) {
        if (!is_final(w.state))
            RC_ASSERT(!w.bill_seen && !w.number_taken && (w.refused || w.state == State::cancelling));
    }
    if (next.released_by == Proof::never_submitted) RC_ASSERT(next.attempts.count == 0);
}

RC_GTEST_PROP(AnyHistory, KeepsTheRulesAtEveryStep, ()) {
    Life life;
    const int steps = *rc::gen::inRange(1, 60);
    for (int i = 0; i < steps; ++i) {
        life.now += Duration(*rc::gen::inRange<std::int64_t>(0, Duration(3h).count()));
        const auto decision = life.decide(any_event(life));
        if (!decision || !*decision) continue;
        check_step(life, **decision);
        life.w = (*decision)->next;
    }
}

RC_GTEST_PROP(AnyHistory, DecidesTheSameForTheSame, ()) {
    Life life;
    for (int i = 0; i < 20; ++i) {
        life.now += Duration(*rc::gen::inRange<std::int64_t>(0, Duration(1h).count()));
        const Event event = any_event(life);
        const auto one = life.decide(event), two = life.decide(event);
        RC_ASSERT(one.has_value() == two.has_value());
        if (!one || !*one) continue;
        RC_ASSERT((*one)->next == (*two)->next);
        life.w = (*one)->next;
    }
}

// R12, for one withdrawal: once WeChat answers truthfully, whatever happened before, a final state is
// reached.
RC_GTEST_PROP(RuleR12, ItEndsOnceFaultsStop, ()) {
    Life life;
    const int steps = *rc::gen::inRange(1, 40);
    for (int i = 0; i < steps; ++i) {
        const auto decision = life.decide(any_event(life));
        if (decision && *decision) life.w = (*decision)->next;
        life.now += 1min;
    }
    RC_PRE(!life.w.parked);
    for (int i = 0; i < 400 && !is_final(life.w.state) && !life.w.parked; ++i) {
        const CallRef call = life.begin();
        if (call.kind == CallKind::submit || life.w.bill_seen || life.w.number_taken)
            life.answered(call, call.kind == CallKind::cancel ? "CANCELLED" : "SUCCESS");
        else if (call.kind == CallKind::query)
            life.absent(call, life.now);
        else
            life.no_news(call, NoNewsKind::refused);
    }
    RC_ASSERT(is_final(life.w.state) || life.w.parked);
}

}  // namespace
}  // namespace tixian
