// SPDX-License-Identifier: MIT
#include <algorithm>
#include <utility>

#include "simulator/answers.hpp"
#include "simulator/world.hpp"

namespace tixian::sim {
namespace {

using namespace std::chrono_literals;

constexpr Duration on_the_way[] = {Duration(40), Duration(15), Duration(300), Duration(1500)};

std::string text_of(const Answer& answer) {
    if (const auto* report = std::get_if<Report>(&answer.result)) return report->raw_state;
    if (const auto* none = std::get_if<NotFound>(&answer.result))
        return none->verified ? "no such bill" : "no such bill, unsigned";
    const auto& news = std::get<NoNews>(answer.result);
    return std::string(name(news.kind)) + " " + news.code + (news.verified ? "" : ", not verified");
}

/// Whether it counts as WeChat's verified word.
bool states_something(const Answer& answer) {
    if (const auto* none = std::get_if<NotFound>(&answer.result)) return none->verified;
    if (const auto* news = std::get_if<NoNews>(&answer.result)) return news->verified;
    return true;
}

}  // namespace

bool World::is_gone(const Flight& flight) const {
    return processes_[flight.process].incarnation != flight.incarnation;
}

bool World::takes_another_place(Flight& flight, std::uint32_t index) {
    if (flight.place_until == Timestamp{} || stage_.now <= flight.place_until) return false;
    if (!may_still_be_sent(flight.call.send_deadline, processes_[flight.process].clock->monotonic()))
        return false;
    const auto now = std::chrono::microseconds(stage_.now.time_since_epoch());
    const auto place = take_places(lanes_[static_cast<std::size_t>(flight.call.kind)], now, 1,
                                   places_apart(stage_.setup.calls_per_second));
    const Timestamp at = stage_.now + std::chrono::ceil<Duration>(place);
    flight.place_until = at + std::chrono::floor<Duration>(place_grace);
    stage_.queue.plan(at, EventKind::send, index);
    return true;
}

void World::send(std::uint32_t index) {
    Flight& flight = flights_[index];
    if (is_gone(flight) || takes_another_place(flight, index)) return;
    const Call& call = flight.call;
    const std::uint32_t w = flight.withdrawal, turn = flight.turn;
    flight.sent_at = stage_.now;
    if (!may_still_be_sent(call.send_deadline, processes_[flight.process].clock->monotonic()) ||
        stage_.strikes(Mishap::not_connected, w, turn))
        return close(index, no_response(call, wechat::TransportFailure::not_sent));
    Timestamp stated = call.signed_at;
    if (protocol_) {
        auto request = protocol_->request(call);
        if (!request) return close(index, no_response(call, wechat::TransportFailure::not_sent));
        flight.request = std::move(*request);
        stated = FullProtocol::stated_time(flight.request);
    }
    const std::string number = protocol_ ? FullProtocol::stated_number(flight.request) : call.id.text();
    if (has_auditor_)
        auditor_.sent(
            {w, number, static_cast<audit::CallKind>(call.kind), call.number, stated, call.submission.body,
             call.destination.mchid.text() + "/" + call.destination.appid.text(),
             stage_.now - flight.claimed_at},
            stage_.now);
    if (stage_.is_written()) stage_.tell(Lane::service, Lane::network, std::string(name(call.kind)), w);
    stage_.queue.plan(stage_.now + stage_.setup.gives_up_after, EventKind::give_up, index);
    if (call.kind == CallKind::submit && stage_.strikes(Mishap::user_cancels_meanwhile, w, turn))
        stage_.queue.plan(stage_.now + 10ms, EventKind::cancel, w);
    dispatch_copy(index, 0);
    if (stage_.strikes(Mishap::request_repeated, w, turn)) dispatch_copy(index, 1);
}

void World::dispatch_copy(std::uint32_t index, std::uint32_t copy) {
    const Flight& flight = flights_[index];
    const std::uint32_t w = flight.withdrawal, turn = flight.turn + copy;
    if (requests_are_cut_ || (copy == 0 && stage_.strikes(Mishap::request_lost, w, turn))) {
        if (stage_.is_written()) stage_.tell(Lane::network, Lane::network, "the request is lost", w, true);
        return;
    }
    Duration delay = stage_.one_of(on_the_way, Site::network_delay, w, turn);
    if (stage_.strikes(Mishap::request_delayed, w, turn))
        delay = stage_.one_of({Duration(10s), Duration(1min), Duration(4min)}, Site::length, w, turn);
    if (stage_.strikes(Mishap::request_too_late, w, turn))
        delay = stage_.one_of({Duration(6min), Duration(20min), Duration(2h)}, Site::length, w, turn);
    const bool may_be_taken = stage_.now + delay <= flight.call.signed_at + WeChat::signature_age_max;
    if (flight.call.kind == CallKind::submit && may_be_taken && !known_[w].has_bad_content) {
        auditor_.submit_pending(w);
        flights_[index].is_pending[copy] = true;
    }
    stage_.queue.plan(stage_.now + delay, EventKind::arrive, index, copy);
}

Asking World::read_request(const Flight& flight, std::uint32_t copy) const {
    const Call& call = flight.call;
    Asking asking{
        call.kind, flight.withdrawal, flight.turn + copy, copy > 0, call.id.text(), call.signed_at, {}, 0};
    if (call.kind != CallKind::submit || protocol_) return asking;
    bank::Order& order = asking.order;
    const std::string& body = call.submission.body;
    const std::size_t space = body.find(' ');
    order.mchid = call.destination.mchid.text();
    order.appid = call.destination.appid.text();
    order.out_bill_no = call.id.text();
    std::int64_t fen = 0;
    for (const char c : body.substr(0, space)) fen = fen * 10 + (c - '0');
    order.amount = Money::from_fen(fen).value();
    order.openid = body.substr(space + 1, body.find(' ', space + 1) - space - 1);
    order.notify_url = "https://us";
    return asking;
}

void World::arrive(std::uint32_t index, std::uint32_t copy) {
    Flight& flight = flights_[index];
    const std::uint32_t w = flight.withdrawal, turn = flight.turn;
    const bool was_pending = std::exchange(flight.is_pending[copy], false);
    Asking asking = read_request(flight, copy);
    std::optional<wechat::HttpResponse> response;
    Said said;
    if (protocol_) {
        auto received = protocol_->receive(flight.call.kind, flight.request, stage_.now);
        if (auto* order = std::get_if<bank::Order>(&received))
            asking.order = std::move(*order);
        else
            response = std::move(std::get<wechat::HttpResponse>(received));
    }
    if (!response) {
        said = wechat_.take(asking);
        if (protocol_ && !said.is_silent) response = protocol_->write(flight.call.kind, said);
    }
    if (said.rotates_key && protocol_) protocol_->rotate_key();
    if (was_pending) auditor_.submit_done(w);
    if (stage_.is_written())
        stage_.tell(Lane::network, Lane::wechat,
                    std::string(name(flight.call.kind)) + (copy > 0 ? " (a copy)" : "") + ": " +
                        (said.bill ? std::string(name(said.bill->state))
                                   : std::to_string(said.status) + " " + said.code),
                    w);
    if (copy > 0 || said.is_silent) return;
    if (answers_are_cut_ || stage_.strikes(Mishap::answer_lost, w, turn)) {
        if (stage_.is_written()) stage_.tell(Lane::network, Lane::network, "the answer is lost", w, true);
        return;
    }
    Duration delay = stage_.one_of(on_the_way, Site::answer_delay, w, turn);
    if (stage_.strikes(Mishap::answer_delayed, w, turn))
        delay = stage_.one_of({Duration(3s), Duration(18s), Duration(70s)}, Site::answer_delay, w, turn + 1);
    delay += said.delay;
    flight.said = std::move(said);
    flight.response = std::move(response);
    stage_.queue.plan(stage_.now + delay, EventKind::answer, index);
}

void World::answer(std::uint32_t index) {
    Flight& flight = flights_[index];
    if (flight.is_closed || is_gone(flight)) return;
    const Timestamp now = processes_[flight.process].clock->now();
    const Duration elapsed = stage_.now - flight.sent_at;
    Answer answer = protocol_
                        ? protocol_->answer(flight.call, {*flight.response, now, elapsed})
                        : read_answer(flight.call, *flight.said, now, elapsed, stage_.setup.unsigned_errors);
    const bool is_signed = flight.said->is_signed && !flight.said->has_false_signature;
    if (has_auditor_ && !is_signed && states_something(answer))
        auditor_.believed_unverified(flight.withdrawal, "an answer");
    close(index, std::move(answer));
}

void World::give_up(std::uint32_t index) {
    Flight& flight = flights_[index];
    if (flight.is_closed || is_gone(flight)) return;
    close(index, no_response(flight.call, wechat::TransportFailure::lost));
}

void World::close(std::uint32_t index, Answer answer) {
    Flight& flight = flights_[index];
    const std::uint32_t w = flight.withdrawal, turn = flight.turn;
    flight.is_closed = true;
    if (stage_.is_written()) stage_.tell(Lane::network, Lane::service, text_of(answer), w);
    flight.answer = std::move(answer);
    if (stage_.strikes(Mishap::crash_after_answer, w, turn)) return crash(flight.process, w, turn);
    Timestamp at = stage_.now;
    if (stage_.strikes(Mishap::pause_before_recording, w, turn)) {
        const Duration settling = stage_.setup.settles_within;
        at += stage_.one_of({Duration(2min), Duration(25min), Duration(2h), settling / 2, settling + 1h},
                            Site::length, w, turn + 2);
        if (stage_.is_written())
            stage_.tell(Lane::service, Lane::service, "the worker pauses before it records", w, true);
    }
    if (at == stage_.now) return record(index);
    stage_.queue.plan(at, EventKind::record, index);
}

void World::deliver_outbox() {
    if (stage_.is_written() && wechat_.paid_fen() != money_.paid) note_money();
    for (Notice& notice : wechat_.take_outbox()) spread(std::move(notice));
}

void World::spread(Notice notice) {
    const std::uint32_t w = notice.withdrawal;
    const auto index = static_cast<std::uint32_t>(notices_.size());
    const auto turn = index;
    const auto plan = [&](Duration after, Notice what) {
        stage_.queue.plan(stage_.now + after, EventKind::notify, static_cast<std::uint32_t>(notices_.size()));
        notices_.push_back(std::move(what));
    };
    const auto aside = [&](bool contradicts, bool is_forged) {
        Notice other = notice;
        other.id.clear();
        other.is_contradicting = contradicts;
        other.is_forged = is_forged;
        if (contradicts || is_forged) {
            const bool is_paid = other.bill.state == bank::BillState::success;
            other.bill.state = is_paid ? bank::BillState::fail : bank::BillState::success;
        }
        return other;
    };
    constexpr Duration later[] = {Duration(1s), Duration(1min), Duration(3h)};
    if (stage_.strikes(Mishap::notification_repeated, w, turn))
        plan(stage_.one_of(later, Site::repeat_after, w, turn), aside(false, false));
    if (stage_.strikes(Mishap::notification_contradicting, w, turn))
        plan(stage_.one_of(later, Site::repeat_after, w, turn + 1) + 1min, aside(true, false));
    if (stage_.strikes(Mishap::notification_lost, w, turn)) return wechat_.acknowledge(notice.id, false);
    if (stage_.strikes(Mishap::notification_late, w, turn)) {
        plan(stage_.one_of(later, Site::length, w, turn) + 30s, aside(false, false));
        return wechat_.acknowledge(notice.id, false);
    }
    plan(Duration(30), std::move(notice));
}

}  // namespace tixian::sim
