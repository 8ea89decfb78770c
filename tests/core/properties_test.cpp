// SPDX-License-Identifier: MIT
#include <algorithm>
#include <string>
#include <variant>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "life.hpp"

namespace tixian {
namespace {

/// What a person may decide, at the version that he sees or at an older one.
Event any_act(const Life& life) {
    const PersonsAct act{{OperatorId::parse("op").value(), "why"},
                         life.w.version - *rc::gen::element<std::int64_t>(0, 0, 0, 1)};
    switch (*rc::gen::inRange(0, 5)) {
        case 0:
            return Approved{act};
        case 1:
            return Rejected{act};
        case 2:
            return Resumed{act};
        case 3:
            return PaidByEvidence{act};
        default:
            return UnpaidByEvidence{act};
    }
}

/// One random event, sane or not, for the withdrawal as it stands.
Event any_event(const Life& life) {
    const auto any_call = [&] {
        return CallRef{*rc::gen::element(CallKind::submit, CallKind::query, CallKind::cancel),
                       *rc::gen::inRange<std::int64_t>(0, life.w.calls + 1)};
    };
    switch (*rc::gen::weightedElement<int>({{8, 0}, {6, 1}, {6, 2}, {6, 3}, {2, 4}, {1, 5}})) {
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
        case 4:
            return CancelRequested{};
        default:
            return any_act(life);
    }
}

std::int64_t sum(const Entry& entry) {
    std::int64_t fen = 0;
    for (const Posting& posting : entry.postings()) fen += posting.amount.fen();
    return fen;
}

/// Lets anything happen to a withdrawal and shows each step: the life before it, the event, and the step.
template <class Check>
void any_history(const Check& check, int steps_max = 60) {
    Life life;
    if (*rc::gen::inRange(0, 6) == 0) {
        life.w.state = State::in_review;
        life.w.due_at.reset();
    }
    const int steps = *rc::gen::inRange(1, steps_max);
    for (int i = 0; i < steps; ++i) {
        life.now += Duration(*rc::gen::inRange<std::int64_t>(0, Duration(3h).count()));
        const Event event = any_event(life);
        const auto decision = life.decide(event);
        if (!decision || !*decision) continue;
        check(life, event, **decision);
        life.w = (*decision)->next;
    }
}

template <class E>
const E* as(const Event& event) {
    return std::get_if<E>(&event);
}

RC_GTEST_PROP(AnyHistory, DecidesTheSameForTheSame, ()) {
    any_history([](const Life& life, const Event& event, const Step& step) {
        const auto again = life.decide(event);
        RC_ASSERT(again.has_value() && again->has_value());
        RC_ASSERT((*again)->next == step.next && (*again)->entry == step.entry);
    });
}

RC_GTEST_PROP(AnyHistory, GrowsByOneVersionAStepAndKeepsTheOrder, ()) {
    any_history([](const Life& life, const Event&, const Step& step) {
        RC_ASSERT(step.next.version == life.w.version + 1);
        RC_ASSERT(step.next.order == life.w.order && step.next.fee == life.w.fee);
        RC_ASSERT(step.next.terms == life.w.terms && step.next.counted_on == life.w.counted_on);
    });
}

RC_GTEST_PROP(RuleR1, NumberAndDestinationNeverChange, ()) {
    any_history([](const Life& life, const Event&, const Step& step) {
        RC_ASSERT(step.next.id == life.w.id);
        if (life.w.destination) RC_ASSERT(step.next.destination == life.w.destination);
    });
}

RC_GTEST_PROP(RuleR2, EachSubmitHasItsOwnStepAndTheSameContent, ()) {
    any_history([](const Life& life, const Event& event, const Step& step) {
        const Attempts& before = life.w.attempts;
        const Attempts& after = step.next.attempts;
        if (life.w.destination) RC_ASSERT(step.next.submission == life.w.submission);
        if (after.count == before.count) {
            RC_ASSERT(after.signed_at == before.signed_at && after.send_by == before.send_by);
            return;
        }
        RC_ASSERT(as<BeginCall>(event) != nullptr);
        RC_ASSERT(after.count == before.count + 1);
        RC_ASSERT(after.signed_at == life.now && after.send_by == life.now + life.policy.send_window);
        RC_ASSERT(after.call_number == step.next.calls && step.next.calls == life.w.calls + 1);
        RC_ASSERT(after.answer == AttemptAnswer::none);
        RC_ASSERT(step.needs_open_channel);
        RC_ASSERT(!life.w.refused && life.w.state != State::cancelling && !is_final(life.w.state));
    });
}

RC_GTEST_PROP(RuleR3, NoNewsNeverMovesMoney, ()) {
    any_history([](const Life& life, const Event& event, const Step& step) {
        if (as<Unanswered>(event) == nullptr) return;
        RC_ASSERT(step.entry.is_empty() && step.claims.empty());
        RC_ASSERT(step.next.state == life.w.state);
    });
}

/// R4 in words of its own: what allows this release.
bool is_proven(const Life& life, const Event& event) {
    const Withdrawal& w = life.w;
    if (const auto* reported = as<Reported>(event)) {
        const BillState state = reported->report.state;
        const bool says_unpaid = state == BillState::fail || state == BillState::cancelled;
        return says_unpaid && reported->report.id == w.id && !reported->report.amount;  // (a)
    }
    if (as<CancelRequested>(event) != nullptr || as<Rejected>(event) != nullptr)
        return w.attempts.count == 0;  // (b)
    if (const auto* act = as<UnpaidByEvidence>(event))
        return w.parked && act->seen_version == w.version;  // (e)
    const auto* absent = as<Absent>(event);
    if (absent == nullptr || w.bill_seen || w.number_taken) return false;
    if (!w.refused && w.state != State::cancelling) return false;
    Timestamp settled = w.attempts.earlier_doubt_until;
    settled = std::max(settled,
                       w.attempts.signed_at +
                           (w.attempts.answer == AttemptAnswer::refused ? Duration(20min) : Duration(24h)));
    const bool is_settled = absent->not_found.begun_at >= settled;
    const bool is_first_settled = w.absence_at && *w.absence_at >= settled;
    const Duration apart = absent->not_found.verified ? Duration(20min) : Duration(24h);
    if (is_settled && is_first_settled && absent->not_found.begun_at >= *w.absence_at + apart)
        return true;  // (c)
    return absent->not_found.verified && w.attempts.count == 1 && w.refused_for_content &&
           absent->not_found.begun_at >= w.refused_at;  // (d)
}

RC_GTEST_PROP(RuleR4, HeldMoneyGoesBackOnlyOnProof, ()) {
    any_history([](const Life& life, const Event& event, const Step& step) {
        if (step.entry.kind() == EntryKind::release) RC_ASSERT(is_proven(life, event));
    });
}

RC_GTEST_PROP(RuleR5, NotFoundMeansTheSameAgainUntilTheHorizon, ()) {
    any_history([](const Life& life, const Event& event, const Step& step) {
        const Timestamp horizon = life.w.attempts.first_at + life.policy.horizon;
        if (step.next.attempts.count > life.w.attempts.count && life.w.attempts.count > 0)
            RC_ASSERT(life.now < horizon);
        const auto* absent = as<Absent>(event);
        if (absent == nullptr || life.w.state != State::submitting || life.w.refused) return;
        if (absent->not_found.begun_at < horizon)
            RC_ASSERT(step.next.next_call == CallKind::submit && !step.next.parked);
        else
            RC_ASSERT(step.next.parked);
        RC_ASSERT(step.entry.is_empty());
    });
}

RC_GTEST_PROP(RuleR6, FinalIsFinalAndFactsOnlyAdvance, ()) {
    any_history([](const Life& life, const Event&, const Step& step) {
        const Withdrawal& w = life.w;
        if (is_final(w.state)) {
            RC_ASSERT(step.next.state == w.state && step.entry.is_empty());
            RC_ASSERT(step.next.completed_at == w.completed_at);
        }
        if (w.state == State::cancelling)
            RC_ASSERT(step.next.state == State::cancelling || is_final(step.next.state));
        if (step.next.state == State::held) RC_ASSERT(step.next.attempts.count == 0);
        RC_ASSERT(rank(step.next.bill_state) >= rank(w.bill_state));
        RC_ASSERT(step.next.bill_seen || !w.bill_seen);
        RC_ASSERT((step.next.raised & w.raised) == w.raised);
        for (const Note& note : step.notes) {
            const auto bit = 1u << static_cast<unsigned>(note.kind);
            if (is_anomaly(note.kind)) RC_ASSERT((w.raised & bit) == 0 && (step.next.raised & bit) != 0);
        }
    });
}

RC_GTEST_PROP(RuleR7, MerchantTroubleKeepsMoneyNumberAndCancellation, ()) {
    any_history([](const Life& life, const Event& event, const Step& step) {
        const auto* unanswered = as<Unanswered>(event);
        if (unanswered == nullptr || unanswered->news.kind != NoNewsKind::merchant_trouble) return;
        RC_ASSERT(step.entry.is_empty() && step.next.state == life.w.state);
        if (life.w.state == State::cancelling) RC_ASSERT(step.next.next_call != CallKind::submit);
        RC_ASSERT(step.next.parked == life.w.parked);
    });
}

RC_GTEST_PROP(RuleR11, EveryEntryBalancesAndHeldMoneyMovesOnceAtTheEnd, ()) {
    any_history([](const Life& life, const Event&, const Step& step) {
        RC_ASSERT(sum(step.entry) == 0);
        const bool ends = is_final(step.next.state) && !is_final(life.w.state);
        RC_ASSERT(ends != step.entry.is_empty());
        if (!ends) return;
        const bool is_paid = step.next.state == State::succeeded;
        RC_ASSERT((step.entry.kind() == EntryKind::settle) == is_paid);
        RC_ASSERT(step.entry.postings().front().amount == -total_of(life.w));
    });
}

RC_GTEST_PROP(RuleR12, WhatNobodyHoldsBackIsAlwaysDue, ()) {
    any_history([](const Life&, const Event&, const Step& step) {
        const Withdrawal& next = step.next;
        if (is_final(next.state) || next.parked || next.state == State::in_review) return;
        RC_ASSERT(next.due_at.has_value());
        RC_ASSERT(*next.due_at <= next.updated_at + Duration(24h));
    });
}

// For one withdrawal: once WeChat answers truthfully, whatever happened before, a final state is reached.
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

RC_GTEST_PROP(RuleR13, WhatIsNotVerifiedChangesNoFactAndARepeatedReportNothing, ()) {
    any_history([](const Life& life, const Event& event, const Step& step) {
        if (const auto* unanswered = as<Unanswered>(event);
            unanswered != nullptr && !unanswered->news.verified) {
            RC_ASSERT(step.next.bill_seen == life.w.bill_seen && step.next.bill_state == life.w.bill_state);
            RC_ASSERT(step.next.number_taken == life.w.number_taken);
            RC_ASSERT(step.next.refused_for_content == life.w.refused_for_content);
            RC_ASSERT(step.next.attempts.answer != AttemptAnswer::refused ||
                      life.w.attempts.answer == AttemptAnswer::refused);
        }
        const auto* reported = as<Reported>(event);
        if (reported == nullptr || reported->call) return;
        const auto again = apply(step.next, event, life.policy, {life.now, 0});
        RC_ASSERT(!again || !*again);
    });
}

}  // namespace
}  // namespace tixian
