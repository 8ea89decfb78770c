// SPDX-License-Identifier: MIT
#include <algorithm>

#include "simulator/world.hpp"

namespace tixian::sim {
namespace {

using namespace std::chrono_literals;

/// WeChat's state as the page shows it.
constexpr audit::Bill shown(BillState state) {
    constexpr std::array<audit::Bill, 10> bills{
        audit::Bill::none,    audit::Bill::none,         audit::Bill::accepted,   audit::Bill::processing,
        audit::Bill::waiting, audit::Bill::transferring, audit::Bill::cancelling, audit::Bill::paid,
        audit::Bill::failed,  audit::Bill::cancelled};
    return bills[static_cast<std::size_t>(state)];
}

std::uint32_t user_of(const Account& account) {
    std::uint32_t user = 0;
    for (const char c : account.user.text().substr(1)) user = user * 10 + static_cast<std::uint32_t>(c - '0');
    return user;
}

}  // namespace

std::uint32_t World::index_of(const WithdrawalId& id) const {
    const auto found = index_by_number_.find(id.text());
    return found == index_by_number_.end() ? nobody : found->second;
}

std::uint32_t World::index_of(const Withdrawal& withdrawal) const {
    // Its key is the number of the order.
    std::uint32_t order = 0;
    for (const char c : withdrawal.order.key.text()) order = order * 10 + static_cast<std::uint32_t>(c - '0');
    return order;
}

void World::let_another_come_between() {
    if (depth_ > 0 || stage_.queue.is_empty()) return;
    const Event& next = stage_.queue.next();
    if (next.at > stage_.now + 2s || next.kind == EventKind::calm) return;
    ++depth_;
    const Event event = stage_.queue.take();
    stage_.now = std::max(stage_.now, event.at);
    dispatch(event);
    --depth_;
    if (running_ != nobody && processes_[running_].incarnation != running_incarnation_) throw ProcessDied{};
}

void World::on_applied(const Change& change) {
    ++stage_.tally.steps;
    if (const auto* step = std::get_if<Step>(&change.what)) return on_step(*step);
    const Entry entry = entry_of(change);
    stored_.postings.clear();
    for (const Posting& posting : entry.postings())
        stored_.postings.push_back({static_cast<audit::AccountKind>(posting.account.kind),
                                    posting.account.is_user() ? user_of(posting.account) : 0,
                                    posting.amount.fen()});
    if (has_auditor_) auditor_.deposited(stored_.postings);
    move_money(entry);
}

void World::on_step(const Step& step) {
    const Withdrawal& next = step.next;
    const std::uint32_t w = index_of(next);
    if (next.version == 1) index_by_number_.emplace(next.id.text(), w);
    stage_.trace.add(w,
                     static_cast<std::uint64_t>(next.version) << 8 | static_cast<std::uint64_t>(next.state));
    stage_.trace.add(step.event);
    stage_.trace.add(next.due_at ? static_cast<std::uint64_t>(to_millis(*next.due_at)) : 0,
                     static_cast<std::uint64_t>(total_of(next).fen()));
    const State before = rows_[w].exists ? rows_[w].state : next.state;
    ++stage_.tally.coverage[step.event][static_cast<std::size_t>(before)];
    if (has_auditor_) tell_auditor(w, step);
    if (stage_.is_written()) tell_step(w, step);
    remember(w, step);
    plan_what_follows(w, step);
    if (!step.entry.is_empty()) move_money(step.entry);
}

void World::tell_auditor(std::uint32_t w, const Step& step) {
    const Withdrawal& next = step.next;
    const Row& row = rows_[w];
    audit::Stored& s = stored_;
    s.withdrawal = w;
    s.user = wishes_[w].user;
    s.payee = wishes_[w].openid.text();
    s.number = next.id.text();
    s.version = next.version;
    s.status = static_cast<audit::Status>(status_of(next));
    s.is_wanted_back = next.state == State::cancelling;
    s.waits_for_person = waits_for_person(next);
    s.is_by_person = std::any_of(step.notes.begin(), step.notes.end(),
                                 [](const Note& note) { return !note.by.is_empty(); });
    s.shown = shown(next.bill_state);
    s.fen = next.order.amount.fen();
    s.fee = next.fee.fen();
    s.free = next.free_amount.fen();
    s.created_at = next.created_at;
    s.postings.clear();
    for (const Posting& posting : step.entry.postings())
        s.postings.push_back({static_cast<audit::AccountKind>(posting.account.kind),
                              posting.account.is_user() ? user_of(posting.account) : 0,
                              posting.amount.fen()});
    s.intent.reset();
    if (next.calls > row.calls) {
        s.intent = static_cast<audit::CallKind>(next.next_call);
        s.call = next.calls;
        s.signed_at = next.attempts.signed_at;
    }
    auditor_.stored(s);
    if (next.bill_seen) auditor_.told(w);
    if (step.entry.is_empty()) return;
    if (const auto balance = inner_->balance(next.order.user))
        auditor_.check_wallet(user_of({AccountKind::user_held, next.order.user}), balance->available.fen(),
                              balance->held.fen());
}

void World::remember(std::uint32_t w, const Step& step) {
    const Withdrawal& next = step.next;
    Row& row = rows_[w];
    row.exists = true;
    row.id = next.id;
    row.version = next.version;
    row.calls = next.calls;
    row.state = next.state;
    row.next_call = next.next_call;
    row.submitted_at = next.attempts.signed_at;
    row.idle = 0;
    known_[w].is_reported = next.bill_seen;
}

void World::plan_what_follows(std::uint32_t w, const Step& step) {
    const Withdrawal& next = step.next;
    Row& row = rows_[w];
    const auto turn = static_cast<std::uint32_t>(next.version);
    if (next.due_at) {
        const Timestamp at = std::max({*next.due_at, next.lease_until, stage_.now}) +
                             stage_.one_of({Duration(1), Duration(20), Duration(400), Duration(5s)},
                                           Site::worker_delay, w, turn);
        stage_.queue.plan(at, EventKind::work, w, turn);
        if (stage_.strikes(Mishap::two_workers, w, turn)) stage_.queue.plan(at, EventKind::work, w, turn);
    }
    if (waits_for_person(next)) {
        Duration after = 1min;
        if (stage_.strikes(Mishap::operator_late, w, turn))
            after = stage_.one_of({Duration(1h), Duration(20h)}, Site::operator_after, w, turn);
        stage_.queue.plan(stage_.now + after, EventKind::operator_looks, w, row.looks);
    }
    if (next.package_info.empty() || row.is_shown || is_final(next.state)) return;
    row.is_shown = true;
    row.package_info = next.package_info;
    if (stage_.strikes(Mishap::bill_fails, w, 0))
        stage_.queue.plan(stage_.now + stage_.one_of({Duration(10s), Duration(1h)}, Site::fail_reason, w, 0),
                          EventKind::fail_bill, w);
    if (protocol_ && stage_.strikes(Mishap::notification_forged, w, 0)) forge_notification(w);
    if (stage_.strikes(Mishap::user_never_confirms, w, 0)) return;
    Duration after = stage_.one_of({Duration(20s), Duration(1s), Duration(3min)}, Site::confirm_after, w, 0);
    if (stage_.strikes(Mishap::user_confirms_late, w, 0))
        after = stage_.one_of({Duration(1h), Duration(23h), Duration(24h - 1s), Duration(25h)},
                              Site::confirm_after, w, 1);
    stage_.queue.plan(stage_.now + after, EventKind::confirm, w);
}

void World::forge_notification(std::uint32_t w) {
    auto bill = wechat_.find(rows_[w].id.text());
    if (!bill) return;
    bill->state = bank::BillState::success;
    stage_.queue.plan(stage_.now + 500ms, EventKind::notify, static_cast<std::uint32_t>(notices_.size()));
    notices_.push_back({"", w, std::move(*bill), false, true});
}

void World::move_money(const Entry& entry) {
    for (const Posting& posting : entry.postings()) {
        const std::int64_t fen = posting.amount.fen();
        if (posting.account.kind == AccountKind::user_available) money_.available += fen;
        if (posting.account.kind == AccountKind::user_held) money_.held += fen;
        if (posting.account.kind == AccountKind::wechat_clearing) money_.clearing += fen;
        if (posting.account.kind == AccountKind::fees) money_.fees += fen;
    }
    if (stage_.is_written()) note_money();
}

void World::note_money() {
    money_.at = stage_.now;
    money_.paid = wechat_.paid_fen();
    stage_.trace.money(money_);
}

void World::tell_step(std::uint32_t w, const Step& step) {
    std::string text(step.event);
    std::replace(text.begin(), text.end(), '_', ' ');
    const Withdrawal& next = step.next;
    text += ": " + std::string(name(next.state)) + ", version " + std::to_string(next.version);
    if (step.entry.kind() != EntryKind::none)
        text += "; " + std::string(name(step.entry.kind())) + " " + total_of(next).yuan();
    stage_.tell(Lane::service, Lane::ledger, std::move(text), w);
}

}  // namespace tixian::sim
