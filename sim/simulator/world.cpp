// SPDX-License-Identifier: MIT
#include "simulator/world.hpp"

#include <algorithm>

#include "tixian/memory/memory_ledger.hpp"

namespace tixian::sim {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t steps_between_full_checks = 1'000;
constexpr std::uint64_t events_max = 400'000;

audit::Terms neutral(const Terms& t) {
    const auto fen = [](const std::optional<Money>& m) {
        return m ? std::optional(m->fen()) : std::optional<std::int64_t>();
    };
    audit::Terms terms;
    terms.minimum = t.minimum.fen();
    terms.single_max = t.single_max.fen();
    terms.day_amount_max = fen(t.day_amount_max);
    terms.day_count_max = t.day_count_max;
    terms.month_amount_max = fen(t.month_amount_max);
    terms.merchant_day_max = fen(t.merchant_day_max);
    terms.review_from = fen(t.review_from);
    terms.minimum_interval = t.minimum_interval;
    terms.fee_flat = t.fee.flat.fen();
    terms.fee_per_million = t.fee.parts_per_million;
    terms.fee_minimum = t.fee.minimum.fen();
    terms.fee_maximum = fen(t.fee.maximum);
    terms.free_per_month = t.fee.free_per_month.fen();
    return terms;
}

constexpr audit::Bill neutral(bank::BillState state) {
    using enum bank::BillState;
    switch (state) {
        case accepted:
            return audit::Bill::accepted;
        case processing:
            return audit::Bill::processing;
        case wait_user_confirm:
            return audit::Bill::waiting;
        case transfering:
            return audit::Bill::transferring;
        case success:
            return audit::Bill::paid;
        case fail:
            return audit::Bill::failed;
        case canceling:
            return audit::Bill::cancelling;
        case cancelled:
            return audit::Bill::cancelled;
    }
    return audit::Bill::none;
}

/// Small and odd amounts, and large ones; whole numbers of fen.
std::int64_t fen_of(std::uint32_t drawn) {
    if (drawn % 3 == 0) return drawn / 3 % 90 + 1;
    return drawn % 3 == 1 ? drawn / 3 % 30'000 + 10 : drawn / 3 % 2'000 + 10;
}

}  // namespace

World::World(const Setup& setup, Choices& choices, const Subject& subject, bool has_auditor)
    : stage_{setup, choices},
      random_(setup.seed),
      known_(setup.orders),
      rows_(setup.orders),
      wishes_(setup.orders),
      auditor_(ground()),
      has_auditor_(has_auditor),
      wechat_(stage_, auditor_, known_),
      inner_(subject.make_ledger ? subject.make_ledger() : std::make_unique<MemoryLedger>()),
      ledger_(stage_, *inner_, *this) {
    stage_.now = setup.begins_at;

    if (setup.is_full_protocol) protocol_ = std::make_unique<FullProtocol>(setup, subject, random_);
    channel_ = std::make_unique<PlainChannel>(setup.calls_per_second);
    const Channel* channel = protocol_ ? &protocol_->channel() : channel_.get();
    for (std::uint32_t i = 0; i < setup.processes; ++i) {
        Process process;
        process.clock = std::make_unique<ProcessClock>(stage_);
        process.service =
            std::make_unique<Service>(ledger_, std::vector<const Channel*>{channel}, *process.clock, random_,
                                      ServiceOptions{setup.policy, {}, nullptr, {}});
        processes_.push_back(std::move(process));
    }
}

audit::Ground World::ground() {
    audit::Ground ground;
    for (const Terms& terms : stage_.setup.terms) ground.terms.push_back(neutral(terms));
    ground.users = stage_.setup.users;
    ground.keys = stage_.setup.orders;
    ground.send_window = stage_.setup.policy.send_window;
    ground.clock_error_max = 5min;
    ground.settling_min = 20min;
    ground.horizon = stage_.setup.policy.horizon;
    ground.calls_per_second.fill(stage_.setup.calls_per_second);
    ground.bank = [this](std::string_view number) { return bank_bill(number); };
    return ground;
}

audit::BankBill World::bank_bill(std::string_view number) const {
    const auto bill = wechat_.find(std::string(number));
    if (!bill) return {};
    return {neutral(bill->state), bill->order.amount.fen(), bill->order.openid};
}

void World::prepare() {
    Choices& choices = stage_.choices;
    const Setup& setup = stage_.setup;
    for (std::uint32_t user = 0; user < setup.users; ++user)
        stage_.queue.plan(stage_.now, EventKind::request, setup.orders + user);
    for (std::uint32_t order = 0; order < setup.orders; ++order) {
        const std::uint32_t drawn = choices.draw(Site::order_amount, order, 0, 300'000);
        if (drawn == 0) continue;
        Wish& wish = wishes_[order];
        wish.fen = fen_of(drawn);
        wish.user = choices.draw(Site::order_user, order, 0, setup.users);
        wish.openid = Openid::parse("openid_" + std::to_string(wish.user)).value();
        known_[order].has_bad_content = stage_.strikes(Mishap::content_refused, order, 0);
        const std::uint32_t part = choices.draw(Site::order_at, order, 0, 1'000);
        const Timestamp at = stage_.now + 10s + setup.orders_within * part / 1'000;
        stage_.queue.plan(at, EventKind::request, order, 1);
        // Not after the faults: everything has to end within a time that counts from then.
        if (stage_.strikes(Mishap::request_sent_again, order, 0)) {
            const Duration after = stage_.one_of({Duration(0), Duration(1s), Duration(1h), Duration(20h)},
                                                 Site::repeat_after, order, 0);
            stage_.queue.plan(std::min(at + after, setup.begins_at + setup.faults_within), EventKind::request,
                              order, 100);
        }
    }
    plan_windows();
    stage_.queue.plan(setup.begins_at + setup.faults_within, EventKind::calm);
}

void World::plan_windows() {
    const Setup& setup = stage_.setup;
    struct Window {
        Mishap mishap;
        EventKind begin, end;
        std::uint32_t which;
    };
    constexpr Window windows[] = {
        {Mishap::not_enough, EventKind::dry, EventKind::top_up, 0},
        {Mishap::channel_stopped, EventKind::stop_channel, EventKind::open_channel, 0},
        {Mishap::requests_cut, EventKind::cut, EventKind::join, 0},
        {Mishap::answers_cut, EventKind::cut, EventKind::join, 1},
        {Mishap::ledger_down, EventKind::cut, EventKind::join, 2},
        {Mishap::key_rotated, EventKind::rotate_key, EventKind::rotate_key, 0},
    };
    for (const Window& window : windows) {
        for (std::uint32_t i = 0; i < 2; ++i) {
            const std::uint32_t turn = static_cast<std::uint32_t>(window.mishap) * 8 + i;
            if (!stage_.strikes(window.mishap, everybody, turn)) continue;
            const std::uint32_t part = stage_.choices.draw(Site::window_at, everybody, turn, 1'000);
            const Timestamp from = setup.begins_at + setup.faults_within * part / 1'000;
            const Duration length =
                stage_.one_of({Duration(10s), Duration(10min), Duration(2h), Duration(20h)},
                              Site::window_length, everybody, turn);
            stage_.queue.plan(from, window.begin, window.which);
            stage_.queue.plan(from + length, window.end, window.which);
        }
    }
    for (std::uint32_t i = 0; i < setup.processes; ++i) {
        if (stage_.strikes(Mishap::clock_skewed, of_process + i, 0))
            stage_.queue.plan(stage_.now, EventKind::step_clock, i, 1);
        if (!stage_.strikes(Mishap::clock_stepped, of_process + i, 0)) continue;
        const std::uint32_t part = stage_.choices.draw(Site::window_at, of_process + i, 0, 1'000);
        stage_.queue.plan(stage_.now + setup.faults_within * part / 1'000, EventKind::step_clock, i, 2);
    }
}

// A person may hold a withdrawal back for longer than there are faults; what he lets go has its whole time
// then.
Timestamp World::ends_at() const {
    const Setup& setup = stage_.setup;
    return std::max(setup.begins_at + setup.faults_within, decided_at_) + setup.ends_within();
}

void World::run() {
    prepare();
    while (!stage_.queue.is_empty() && !auditor_.violation()) {
        const Event event = stage_.queue.take();
        if (event.at > ends_at()) break;
        stage_.now = std::max(stage_.now, event.at);
        dispatch(event);
        if (stage_.tally.events % steps_between_full_checks == 0) check_in_full();
        if (stage_.tally.events > events_max) auditor_.report(12, "no end of calls and questions");
    }
    ++stage_.tally.worlds;
    if (protocol_) ++stage_.tally.full_protocol_worlds;
    for (const Row& row : rows_) {
        stage_.tally.withdrawals += row.exists ? 1U : 0U;
        stage_.tally.final_ones += row.exists && is_final(row.state) ? 1U : 0U;
    }
    if (auditor_.violation()) return;
    check_in_full();
    if (has_auditor_) auditor_.check_end();
}

void World::dispatch(const Event& event) {
    ++stage_.tally.events;
    stage_.trace.add(static_cast<std::uint64_t>(event.kind) << 56 | event.a,
                     static_cast<std::uint64_t>(stage_.now.time_since_epoch().count()));
    switch (event.kind) {
        case EventKind::work:
            work(event.a, event.b);
            break;
        case EventKind::send:
            send(event.a);
            break;
        case EventKind::arrive:
            arrive(event.a, event.b);
            break;
        case EventKind::execute:
            wechat_.execute_queued(event.a);
            break;
        case EventKind::give_up:
            give_up(event.a);
            break;
        case EventKind::answer:
            answer(event.a);
            break;
        case EventKind::record:
            record(event.a);
            break;
        case EventKind::bank:
            wechat_.advance();
            break;
        case EventKind::notify:
            notify(event.a);
            break;
        case EventKind::land:
            ledger_.land(event.a);
            break;
        case EventKind::start:
            processes_[event.a].is_up = true;
            break;
        case EventKind::step_clock: {
            if (stage_.is_calm) break;
            constexpr Duration skews[] = {Duration(30s), Duration(-30s), Duration(290s), Duration(-290s)};
            processes_[event.a].clock->skew = stage_.one_of(skews, Site::skew, of_process + event.a, event.b);
            break;
        }
        case EventKind::rotate_key:
            if (protocol_) protocol_->rotate_key();
            break;
        case EventKind::calm:
            be_calm();
            break;
        default:
            dispatch_people(event);
            break;
    }
    deliver_outbox();
}

void World::dispatch_people(const Event& event) {
    switch (event.kind) {
        case EventKind::request:
            if (event.a < stage_.setup.orders)
                request(event.a, event.b);
            else
                deposit(event.a - stage_.setup.orders, event.b);
            break;
        case EventKind::confirm:
            confirm(event.a);
            break;
        case EventKind::cancel:
            cancel(event.a, false);
            break;
        case EventKind::operator_cancels:
            cancel(event.a, true);
            break;
        case EventKind::fail_bill:
            wechat_.fail(event.a, rows_[event.a].id.text(), "PAYEE_ACCOUNT_ABNORMAL");
            break;
        case EventKind::operator_looks:
            operator_looks(event.a, event.b);
            break;
        case EventKind::stop_channel:
            switch_channel(stage_.is_calm);
            break;
        case EventKind::open_channel:
            switch_channel(true);
            break;
        case EventKind::dry:
            wechat_.set_funded(stage_.is_calm);
            break;
        case EventKind::top_up:
            wechat_.set_funded(true);
            break;
        case EventKind::cut:
        case EventKind::join: {
            const bool is_cut = event.kind == EventKind::cut && !stage_.is_calm;
            if (event.a == 0) requests_are_cut_ = is_cut;
            if (event.a == 1) answers_are_cut_ = is_cut;
            if (event.a == 2) ledger_.set_down(is_cut);
            break;
        }
        default:
            break;
    }
}

void World::be_calm() {
    stage_.is_calm = true;
    requests_are_cut_ = answers_are_cut_ = false;
    ledger_.set_down(false);
    wechat_.set_funded(true);
    for (Process& process : processes_) {
        process.is_up = true;
        process.clock->skew = Duration{0};
    }
    switch_channel(true);
    if (stage_.is_written()) stage_.tell(Lane::network, Lane::network, "the faults end");
}

void World::check_in_full() {
    if (!has_auditor_) return;
    std::vector<audit::Account> accounts;
    const auto rows = inner_->trial_balance();
    if (!rows) return;
    for (const AccountBalance& row : *rows) {
        const Account account = Account::parse(row.account).value();
        const auto user =
            account.is_user() ? static_cast<std::uint32_t>(std::stoul(account.user.text().substr(1))) : 0U;
        accounts.push_back({static_cast<audit::AccountKind>(account.kind), user, row.balance.fen()});
    }
    auditor_.check_books(accounts);
}

}  // namespace tixian::sim
