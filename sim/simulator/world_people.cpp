// SPDX-License-Identifier: MIT
#include <algorithm>

#include "simulator/world.hpp"

namespace tixian::sim {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t looks_max = 40;

Person operator_who(const char* why) { return {OperatorId::parse("operator").value(), why}; }

}  // namespace

void World::confirm(std::uint32_t w) {
    const bool is_taken = wechat_.confirm(rows_[w].package_info);
    if (stage_.is_written())
        stage_.tell(Lane::user, Lane::wechat, is_taken ? "takes the money" : "comes to a page that is closed",
                    w);
}

void World::cancel(std::uint32_t w, bool by_operator) {
    const std::uint32_t p = any_up(w, by_operator ? 0xA0001 : 0xA0000);
    if (p == nobody || !rows_[w].exists) return;
    if (stage_.is_written())
        stage_.tell(Lane::user, Lane::service, by_operator ? "an operator cancels" : "cancels", w);
    run_in(p, [&](Service& service) {
        if (by_operator)
            static_cast<void>(service.cancel(rows_[w].id, operator_who("the user called")));
        else
            static_cast<void>(
                service.cancel(UserId::parse("u" + std::to_string(wishes_[w].user)).value(), rows_[w].id));
    });
}

void World::switch_channel(bool is_open) {
    const std::uint32_t p = any_up(everybody, 0xA0002);
    if (p == nobody)
        return stage_.queue.plan(next_up(), is_open ? EventKind::open_channel : EventKind::stop_channel);
    if (stage_.is_written())
        stage_.tell(Lane::user, Lane::service,
                    is_open ? "an operator opens the channel" : "an operator stops the channel");
    bool is_done = false;
    run_in(p, [&](Service& service) {
        is_done =
            service.switch_channel(service.channels().front()->name(), is_open, operator_who("as agreed"))
                .has_value();
    });
    if (!is_done && is_open) stage_.queue.plan(stage_.now + 10s, EventKind::open_channel);
}

template <class Act>
void World::decide(std::uint32_t w, std::uint32_t look, const Act& act) {
    const auto row = inner_->find(rows_[w].id);
    if (!row || !*row || !waits_for_person(**row)) return;
    const std::uint32_t p = any_up(w, 0xB0000 + look);
    if (p == nobody) return;
    std::int64_t seen = (*row)->version;
    if (stage_.strikes(Mishap::operator_looks_at_old, w, look)) --seen;
    bool was_accepted = false;
    run_in(p, [&](Service& service) { was_accepted = act(service, **row, seen); });
    if (stage_.is_written())
        stage_.tell(Lane::user, Lane::service,
                    std::string("an operator decides") + (was_accepted ? "" : ", and is refused"), w);
    if (was_accepted) decided_at_ = stage_.now;
    if (has_auditor_) auditor_.person_decided(w, seen, was_accepted);
}

void World::operator_looks(std::uint32_t w, std::uint32_t look) {
    Row& row = rows_[w];
    if (look != row.looks || look >= looks_max) return;
    ++row.looks;
    decide(w, look, [&](Service& service, const Withdrawal& seen, std::int64_t version) {
        const Person person = operator_who("looked at it");
        if (seen.state == State::in_review && !seen.parked) {
            if (stage_.strikes(Mishap::operator_rejects, w, look))
                return service.reject(seen.id, version, person).has_value();
            return service.approve(seen.id, version, person).has_value();
        }
        // By the fund bill: what is paid is settled, what can never be paid goes back, the rest is asked
        // after.
        const auto bill = wechat_.find(seen.id.text());
        if (bill && bill->state == bank::BillState::success)
            return service.settle(seen.id, version, person).has_value();
        const bool is_dead = bill ? bank::is_final(bill->state)
                                  : stage_.now > row.submitted_at + stage_.setup.settles_within + 10min;
        if (is_dead) return service.release(seen.id, version, person).has_value();
        return service.resume(seen.id, version, person).has_value();
    });
    const auto after = inner_->find(row.id);
    if (after && *after && waits_for_person(**after))
        stage_.queue.plan(stage_.now + 1h, EventKind::operator_looks, w, row.looks);
}

}  // namespace tixian::sim
