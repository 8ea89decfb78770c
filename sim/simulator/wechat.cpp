// SPDX-License-Identifier: MIT
#include "simulator/wechat.hpp"

#include <algorithm>

namespace tixian::sim {
namespace {

using namespace std::chrono_literals;

constexpr Money funds = 1000000000000_fen;

bank::Terms terms_of(const Setup& setup) {
    bank::Terms terms;
    terms.accept_after = terms.lock_after = terms.transfer_after = terms.cancel_after = setup.bill_step;
    terms.behaviour.not_enough_at_create = setup.refuses_without_money;
    terms.merchant.balance = funds;
    terms.seed = setup.seed;
    return terms;
}

audit::Bill end_of(bank::BillState state) {
    if (state == bank::BillState::success) return audit::Bill::paid;
    return state == bank::BillState::fail ? audit::Bill::failed : audit::Bill::cancelled;
}

/// The state that a bill had before; of those that could come from several, one.
bank::BillState state_before(bank::BillState state) {
    using enum bank::BillState;
    switch (state) {
        case accepted:
        case processing:
            return accepted;
        case wait_user_confirm:
        case fail:
            return processing;
        case transfering:
        case canceling:
            return wait_user_confirm;
        case success:
            return transfering;
        case cancelled:
            return canceling;
    }
    return state;
}

}  // namespace

WeChat::WeChat(Stage& stage, audit::Auditor& auditor, std::vector<Knowledge>& known)
    : stage_(stage), auditor_(auditor), known_(known), bank_(terms_of(stage.setup)) {
    if (stage.setup.scenario != nullptr) scenario_.emplace(*stage.setup.scenario, stage.setup.seed);
}

Said WeChat::refusal(int status, std::string code) const {
    Said said;
    said.status = status;
    said.code = std::move(code);
    said.at = stage_.now;
    said.is_signed = !stage_.setup.unsigned_errors || (status == 404 && stage_.setup.signs_absence);
    return said;
}

Said WeChat::take(const Asking& asking) {
    numbers_.try_emplace(asking.number, asking.withdrawal);
    advance();
    const Duration age = stage_.now - asking.signed_at;
    if (age > signature_age_max || -age > signature_age_max) return refusal(401, "SIGN_ERROR");
    return scenario_ && !stage_.is_calm ? take_by_scenario(asking) : take_by_drawn_ways(asking);
}

Said WeChat::take_by_scenario(const Asking& asking) {
    ScenarioFaults::Effect effect =
        scenario_->draw(seen_by_rules(asking), stage_.now - stage_.setup.begins_at);
    Said said;
    const Duration age = stage_.now + effect.skew - asking.signed_at;
    if (age > signature_age_max || -age > signature_age_max)
        effect.is_executed = false, effect.executed_after.reset(), effect.refusal = {401, "SIGN_ERROR"};
    if (effect.executed_after && asking.kind == CallKind::submit && !asking.is_copy)
        queue(asking, *effect.executed_after);
    else if (effect.is_executed)
        said = take_by_drawn_ways(asking);
    Knowledge& asked_for = known_[asking.withdrawal];
    if (effect.misses_bill && asking.kind == CallKind::query && may_miss(asked_for)) {
        note_miss(asked_for);
        effect.refusal = {404, "NOT_FOUND"};
    }
    if (effect.refusal) {
        // A content is refused always or never, so not where a bill may come of it all the same.
        Knowledge& known = known_[asking.withdrawal];
        const bool is_of_content = effect.refusal->second == "PARAM_ERROR";
        const bool may_be_paid = effect.is_executed || effect.executed_after || known.has_bill;
        if (is_of_content && asking.kind == CallKind::submit && !may_be_paid) known.has_bad_content = true;
        const bool is_possible = !is_of_content || known.has_bad_content || asking.kind != CallKind::submit;
        said = is_possible ? refusal(effect.refusal->first, effect.refusal->second)
                           : refusal(500, "SYSTEM_ERROR");
    }
    said.is_silent |= effect.is_silent;
    said.is_signed &= !effect.is_unsigned;
    const bool is_stale = effect.skew >= signature_age_max || -effect.skew >= signature_age_max;
    said.has_false_signature |= effect.has_false_signature || is_stale;
    if (said.bill && said.code.empty()) said.unknown_state = std::move(effect.unknown_state);
    said.delay = effect.delay;
    said.rotates_key = effect.rotates_key;
    return said;
}

ScenarioFaults::Asked WeChat::seen_by_rules(const Asking& asking) const {
    ScenarioFaults::Asked asked{asking.kind, mchid, asking.number, {}, {}};
    const bank::Bill* bill = bank_.bill_of(mchid, asking.number);
    const bool is_submit = asking.kind == CallKind::submit;
    if (!is_submit && bill == nullptr) return asked;
    const bank::Order& order = is_submit ? asking.order : bill->order;
    asked.openid = order.openid;
    asked.amount = order.amount;
    return asked;
}

Said WeChat::take_by_drawn_ways(const Asking& asking) {
    const std::uint32_t w = asking.withdrawal, turn = asking.turn;
    if (stage_.strikes(Mishap::rate_limited, w, turn)) return refusal(429, "FREQUENCY_LIMITED");
    if (stage_.strikes(Mishap::server_error, w, turn)) return refusal(500, "SYSTEM_ERROR");
    if (stage_.strikes(Mishap::unknown_code, w, turn)) return refusal(400, "SOMETHING_NEW");
    std::optional<Said> refused;
    if (asking.kind == CallKind::submit) refused = refuse_submit(asking);
    Said said = refused ? std::move(*refused) : execute(asking);
    if (said.is_silent) return said;
    if (stage_.strikes(Mishap::error_though_executed, w, turn)) return refusal(500, "SYSTEM_ERROR");
    if (stage_.strikes(Mishap::refused_by_proxy, w, turn)) {
        // Somebody on the way refuses what has gone through; WeChat never signed that.
        said = refusal(asking.kind == CallKind::submit ? 400 : 429, "INVALID_REQUEST");
        said.is_signed = false;
    }
    said.has_false_signature = stage_.strikes(Mishap::wrong_signature, w, turn);
    return said;
}

std::optional<Said> WeChat::refuse_submit(const Asking& asking) {
    const std::uint32_t w = asking.withdrawal, turn = asking.turn;
    if (known_[w].has_bad_content) return refusal(400, "PARAM_ERROR");
    if (stage_.strikes(Mishap::quota_refused, w, turn)) return refusal(400, "INVALID_REQUEST");
    // The network's copies are executed at once: see "nothing between us and WeChat repeats".
    const bool is_new = !asking.is_copy && !known_[w].has_bill;
    if (!is_new || !stage_.strikes(Mishap::executed_later, w, turn)) return std::nullopt;

    const Duration left = asking.signed_at + stage_.setup.settles_within - 2s - stage_.now;
    queue(asking, stage_.one_of({Duration(1min), Duration(10min), left / 2, left - 5min, left}, Site::length,
                                w, turn));
    Said said = refusal(500, "SYSTEM_ERROR");
    said.is_silent = stage_.choices.draw(Site::fail_reason, w, turn, 2) == 1;
    return said;
}

void WeChat::queue(const Asking& asking, Duration after) {
    const Timestamp last = asking.signed_at + stage_.setup.settles_within - 2s;
    auditor_.submit_pending(asking.withdrawal);
    queued_.push_back(asking);
    stage_.queue.plan(std::clamp(stage_.now + after, stage_.now, std::max(last, stage_.now)),
                      EventKind::execute, static_cast<std::uint32_t>(queued_.size() - 1));
}

bool WeChat::may_miss(const Knowledge& known) const {
    if (known.is_reported || stage_.now < known.visible_by) return true;
    return !known.missed_at || stage_.now < *known.missed_at + missed_for_max;
}

void WeChat::note_miss(Knowledge& known) const {
    const bool ought_to_find = known.has_bill && !known.is_reported && stage_.now >= known.visible_by;
    if (ought_to_find && !known.missed_at) known.missed_at = stage_.now;
}

void WeChat::execute_queued(std::uint32_t queued) {
    const Asking& asking = queued_[queued];
    if (stage_.is_written())
        stage_.tell(Lane::wechat, Lane::wechat, "executes what it took in before", asking.withdrawal, true);
    static_cast<void>(execute(asking));
    auditor_.submit_done(asking.withdrawal);
}

Said WeChat::execute(const Asking& asking) {
    Said said;
    switch (asking.kind) {
        case CallKind::submit:
            said = submit(asking);
            break;
        case CallKind::query:
            said = query(asking);
            break;
        case CallKind::cancel: {
            auto bill = bank_.cancel(mchid, asking.number, stage_.now);
            if (bill)
                said.bill = std::move(*bill);
            else
                said = refusal(bill.error().status, bill.error().code);
            break;
        }
    }
    said.at = stage_.now;
    advance();
    return said;
}

Said WeChat::submit(const Asking& asking) {
    auto bill = bank_.create(asking.order, stage_.now);
    if (!bill) return refusal(bill.error().status, bill.error().code);
    Knowledge& known = known_[asking.withdrawal];
    const bool is_new = !std::exchange(known.has_bill, true);
    if (is_new && !asking.is_copy) known.visible_by = asking.signed_at + stage_.setup.settles_within - 2s;
    Said said;
    said.bill = std::move(*bill);
    return said;
}

Said WeChat::query(const Asking& asking) {
    Knowledge& known = known_[asking.withdrawal];
    const std::uint32_t w = asking.withdrawal, turn = asking.turn;
    const Mishap way = known.is_reported               ? Mishap::bill_forgotten
                       : stage_.now < known.visible_by ? Mishap::not_yet_visible
                                                       : Mishap::query_misses;
    const bool misses = may_miss(known) && stage_.strikes(way, w, turn);
    auto bill = bank_.query(mchid, asking.number, stage_.now);
    if (!bill) return refusal(bill.error().status, bill.error().code);
    if (misses) {
        note_miss(known);
        return refusal(404, "NOT_FOUND");
    }
    Said said;
    said.bill = std::move(*bill);
    if (stage_.strikes(Mishap::state_lags, w, turn)) {
        said.bill->state = state_before(said.bill->state);
        said.bill->fail_reason.clear();
    }
    return said;
}

bool WeChat::confirm(const std::string& package_info) {
    const bool is_taken = bank_.confirm(package_info, stage_.now).has_value();
    advance();
    return is_taken;
}

void WeChat::fail(std::uint32_t withdrawal, const std::string& number, const std::string& reason) {
    static_cast<void>(withdrawal);
    static_cast<void>(bank_.fail(mchid, number, reason, stage_.now));
    advance();
}

void WeChat::set_funded(bool is_funded) { bank_.set_balance(mchid, is_funded ? funds : 0_fen, stage_.now); }

void WeChat::advance() {
    bank_.advance(stage_.now);
    note_ends();
    arm();
}

void WeChat::note_ends() {
    for (auto& due : bank_.due_notifications(stage_.now)) {
        bank::Bill& bill = std::get<bank::Bill>(due.subject);
        const std::uint32_t w = numbers_.at(bill.order.out_bill_no);
        const bool is_paid = bill.state == bank::BillState::success;
        if (due.attempt == 1) {
            auditor_.bill_ended(w, end_of(bill.state));
            if (is_paid) paid_fen_ += bill.order.amount.fen();
            if (stage_.is_written())
                stage_.tell(Lane::wechat, is_paid ? Lane::user : Lane::wechat,
                            "the bill is " + std::string(name(bill.state)) + " " + bill.fail_reason, w);
        }
        outbox_.push_back({due.id, w, std::move(bill), false, false});
    }
}

void WeChat::arm() {
    Timestamp next = Timestamp::max();
    if (const auto step = bank_.next_step_at()) next = std::min(next, *step);
    if (const auto told = bank_.next_notification_at()) next = std::min(next, *told);
    if (next == Timestamp::max() || (next >= armed_for_ && armed_for_ > stage_.now)) return;
    armed_for_ = next;
    stage_.queue.plan(std::max(next, stage_.now), EventKind::bank);
}

}  // namespace tixian::sim
