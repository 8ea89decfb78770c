// SPDX-License-Identifier: MIT
#include <algorithm>

#include "simulator/answers.hpp"
#include "simulator/world.hpp"

namespace tixian::sim {
namespace {

using namespace std::chrono_literals;

/// Yuan as a user types them.
std::string yuan(std::int64_t fen) {
    const std::string cents = std::to_string(fen % 100);
    return std::to_string(fen / 100) + (cents.size() < 2 ? ".0" : ".") + cents;
}

/// How long a user waits before he asks again: longer with each time.
Duration before_asking_again(std::uint32_t turn) { return 10s * (1 << std::min(turn % 100, 8U)); }

UserId user_id(std::uint32_t user) { return UserId::parse("u" + std::to_string(user)).value(); }

}  // namespace

std::uint32_t World::any_up(std::uint32_t subject, std::uint32_t nth) {
    const auto count = static_cast<std::uint32_t>(processes_.size());
    const std::uint32_t first = stage_.choices.draw(Site::worker, subject, nth, count);
    for (std::uint32_t i = 0; i < count; ++i)
        if (const std::uint32_t p = (first + i) % count; processes_[p].is_up) return p;
    return nobody;
}

Timestamp World::next_up() const {
    Timestamp at = Timestamp::max();
    for (const Process& process : processes_) at = std::min(at, process.up_at);
    return std::max(at, stage_.now) + 1s;
}

void World::crash(std::uint32_t process, std::uint32_t subject, std::uint32_t nth) {
    Process& p = processes_[process];
    p.is_up = false;
    ++p.incarnation;
    p.up_at =
        stage_.now + stage_.one_of({Duration(5s), Duration(2min), Duration(1h)}, Site::length, subject, nth);
    stage_.queue.plan(p.up_at, EventKind::start, process);
    if (stage_.is_written())
        stage_.tell(Lane::service, Lane::service, "process " + std::to_string(process + 1) + " dies", {},
                    true);
}

// What users ask.

void World::deposit(std::uint32_t user, std::uint32_t turn) {
    constexpr std::int64_t amounts[] = {100'000, 30'000, 5'000, 400'000};
    const std::int64_t fen = amounts[stage_.choices.draw(Site::deposit_amount, of_user + user, 0, 4)];
    if (turn == 0) auditor_.deposit_asked(user, fen);
    const std::uint32_t p = any_up(of_user + user, turn);
    bool is_answered = false;
    if (p != nobody)
        run_in(p, [&](Service& service) {
            const auto reference = Reference::parse("deposit" + std::to_string(user)).value();
            is_answered = service.deposit(user_id(user), Money::from_fen(fen).value(), reference).has_value();
        });
    if (is_answered)
        auditor_.deposit_answered(user, fen);
    else
        stage_.queue.plan(stage_.now + before_asking_again(turn), EventKind::request,
                          stage_.setup.orders + user, turn + 1);
}

void World::request(std::uint32_t order, std::uint32_t turn) {
    const std::uint32_t p = any_up(order, turn);
    if (p == nobody) return stage_.queue.plan(next_up(), EventKind::request, order, turn + 1);
    const Wish& wish = wishes_[order];
    const auto terms = order % static_cast<std::uint32_t>(stage_.setup.terms.size());
    audit::Asked asked{wish.user, order, wish.fen, terms, stage_.now, processes_[p].clock->now(), {}};
    if (turn >= 100 && stage_.strikes(Mishap::request_changed, order, turn)) ++asked.fen;

    std::optional<Result<Receipt>> receipt;
    run_in(p, [&](Service& service) {
        const auto amount = Money::parse_yuan(yuan(asked.fen));
        if (!amount) {
            receipt = tl::unexpected(amount.error());
            return;
        }
        receipt = service.request({user_id(wish.user), IdempotencyKey::parse(std::to_string(order)).value(),
                                   *amount, service.channels().front()->name(), wish.openid, ""},
                                  stage_.setup.terms[terms]);
    });
    asked.ended_at = processes_[p].clock->now();
    if (!receipt)
        return stage_.queue.plan(stage_.now + before_asking_again(turn), EventKind::request, order, turn + 1);
    answer_request(order, turn, asked, *receipt);
}

void World::answer_request(std::uint32_t order, std::uint32_t turn, const audit::Asked& asked,
                           const Result<Receipt>& receipt) {
    if (stage_.is_written())
        stage_.tell(Lane::user, Lane::service,
                    "user " + std::to_string(asked.user + 1) + " asks for " + yuan(asked.fen) + " yuan: " +
                        (receipt ? receipt->replayed ? "the same as before" : "accepted"
                                 : std::string(name(receipt.error().code)) + " " + receipt.error().field),
                    order);
    stage_.trace.add(receipt ? 1 : 2, order);
    if (!receipt) {
        const ErrorCode code = receipt.error().code;
        if (has_auditor_) auditor_.refused(asked, name(code), receipt.error().field);
        if (code == ErrorCode::commit_in_doubt || code == ErrorCode::ledger_unavailable ||
            code == ErrorCode::conflict)
            stage_.queue.plan(stage_.now + before_asking_again(turn), EventKind::request, order, turn + 1);
        return;
    }
    if (has_auditor_) auditor_.accepted(asked, receipt->withdrawal.id.text(), receipt->replayed, stage_.now);
    if (turn >= 100) return;
    constexpr Duration patience[] = {Duration(30s),   Duration(0),  Duration(2s), Duration(5min),
                                     Duration(50min), Duration(5h), Duration(23h)};
    if (stage_.strikes(Mishap::user_cancels, order, 0))
        stage_.queue.plan(stage_.now + stage_.one_of(patience, Site::cancel_after, order, 0),
                          EventKind::cancel, order);
    if (stage_.strikes(Mishap::operator_cancels, order, 0))
        stage_.queue.plan(stage_.now + stage_.one_of(patience, Site::cancel_after, order, 1),
                          EventKind::operator_cancels, order);
}

// What workers do.

void World::work(std::uint32_t w, std::uint32_t version) {
    Row& row = rows_[w];
    if (row.version != version) return;
    const std::uint32_t p = any_up(w, version);
    if (p == nobody) return stage_.queue.plan(next_up(), EventKind::work, w, version);
    const Timestamp claimed_at = stage_.now;
    DueFilter filter;
    if (stage_.setup.calls_per_second > 0) filter.call = row.next_call;
    Result<std::vector<Call>> calls;
    run_in(p, [&](Service& service) { calls = service.claim(stage_.setup.claims_max, filter); });
    if (calls)
        for (Call& call : *calls) take_call(std::move(call), p, claimed_at);
    // Not due by that clock, or somebody failed: look again.
    if (row.version == version)
        stage_.queue.plan(
            stage_.now + std::min(Duration(10min), Duration(1s) * (1 << std::min(row.idle++, 10U))),
            EventKind::work, w, version);
}

void World::take_call(Call call, std::uint32_t process, Timestamp claimed_at) {
    const std::uint32_t w = index_of(call.id);
    if (w == nobody) return auditor_.report(1, "a call under a number that no withdrawal has");
    ++stage_.tally.calls;
    Flight flight;
    flight.withdrawal = w;
    flight.turn = static_cast<std::uint32_t>(call.number) * 4;
    flight.process = process;
    flight.incarnation = processes_[process].incarnation;
    flight.claimed_at = claimed_at;
    flight.call = std::move(call);
    const std::uint32_t turn = flight.turn;
    const auto index = static_cast<std::uint32_t>(flights_.size());
    Timestamp at = stage_.now;
    if (stage_.setup.calls_per_second > 0) {
        const auto now = std::chrono::microseconds(stage_.now.time_since_epoch());
        const auto place = take_places(lanes_[static_cast<std::size_t>(flight.call.kind)], now, 1,
                                       places_apart(stage_.setup.calls_per_second));
        at += std::chrono::ceil<Duration>(place);
        flight.place_until = at + std::chrono::floor<Duration>(place_grace);
    }
    flights_.push_back(std::move(flight));
    if (stage_.strikes(Mishap::crash_before_sending, w, turn)) return crash(process, w, turn);
    if (stage_.strikes(Mishap::pause_before_sending, w, turn))
        at += stage_.one_of({Duration(50s), Duration(70s), Duration(6min), Duration(2h)}, Site::length, w,
                            turn);
    stage_.queue.plan(at, EventKind::send, index);
}

void World::record(std::uint32_t index) {
    Flight& flight = flights_[index];
    if (is_gone(flight)) return;
    const Answer& answer = *flight.answer;
    if (const auto* report = std::get_if<Report>(&answer.result);
        report != nullptr && (report->state == BillState::fail || report->state == BillState::cancelled))
        auditor_.told_unpaid(flight.withdrawal);
    const bool is_absence = std::holds_alternative<NotFound>(answer.result);
    const auto before = auditor_.absence_told(
        flight.withdrawal, is_absence ? std::optional(flight.sent_at) : std::optional<Timestamp>());
    run_in(flight.process, [&](Service& service) { static_cast<void>(service.record(answer)); });
    auditor_.absence_told(flight.withdrawal, before);
    flight.answer.reset();
    flight.said.reset();
}

void World::notify(std::uint32_t index) {
    Notice& notice = notices_[index];
    const std::uint32_t w = notice.withdrawal;
    const std::uint32_t p = answers_are_cut_ ? nobody : any_up(w, 0x10000 + index);
    bool is_stored = false;
    const bool is_final_here = rows_[w].exists && is_final(rows_[w].state);
    if (notice.is_contradicting && !is_final_here) return;
    if (p != nobody) {
        Result<Report> report = protocol_ ? protocol_->read(protocol_->notification(notice, stage_.now),
                                                            processes_[p].clock->now())
                                          : Result<Report>(report_of(notice.bill));
        if (notice.is_forged && report) auditor_.believed_unverified(w, "a notification");
        if (report && !notice.is_contradicting && report->state != BillState::success)
            auditor_.told_unpaid(w);
        if (report) run_in(p, [&](Service& service) { is_stored = service.notify(*report).has_value(); });
        if (stage_.is_written())
            stage_.tell(Lane::wechat, Lane::service,
                        "notification " + std::string(name(notice.bill.state)) +
                            (is_stored ? ": stored" : ": refused"),
                        w, notice.is_forged || notice.is_contradicting);
    }
    if (is_stored && has_auditor_ && !notice.is_contradicting && !notice.is_forged) auditor_.acknowledged(w);
    if (!notice.id.empty()) wechat_.acknowledge(notice.id, is_stored);
}

}  // namespace tixian::sim
