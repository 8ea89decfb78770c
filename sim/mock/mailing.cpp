// SPDX-License-Identifier: MIT
#include "mock/mailing.hpp"

#include <array>

#include "faults/catalogue.hpp"

namespace tixian::mock {
namespace {

using bank::Bill, bank::BillState, bank::DueNotification;
using faults::Drawn, faults::Fault;

// The same event with another end; what tells of no bill stays as it is.
DueNotification with_other_end(DueNotification notification, std::string_view state_name,
                               std::string_view suffix) {
    notification.id += suffix;
    auto* bill = std::get_if<Bill>(&notification.subject);
    if (bill == nullptr) return notification;
    BillState state = bank::parse_state(state_name).value_or(BillState::fail);
    if (state == bill->state) state = state == BillState::success ? BillState::fail : BillState::success;
    bill->state = state;
    bill->fail_reason = state == BillState::fail ? "OTHER_FAIL_REASON_TYPE" : "";
    return notification;
}

const Drawn* find(std::span<const Drawn> drawn, Fault fault) {
    for (const Drawn& one : drawn) {
        if (one.fault == fault) return &one;
    }
    return nullptr;
}

void add_forgeries(MailingPlan& plan, const DueNotification& notification, std::span<const Drawn> drawn) {
    if (find(drawn, Fault::notification_forged) != nullptr) {
        Signing nobody;
        nobody.kind = Signing::Kind::wrong;
        plan.mailings.push_back(
            {Guise::forged, with_other_end(notification, "FAIL", "-forged"), nobody, false});
    }
    if (find(drawn, Fault::notification_wrong_key) != nullptr) {
        DueNotification other = notification;
        other.id += "-wrong-key";
        plan.mailings.push_back({Guise::wrong_key, std::move(other), {}, true});
    }
}

void add_the_notification(MailingPlan& plan, const DueNotification& notification, const Signing& signing) {
    const bool is_spoiled = !signing.is_verifiable();
    plan.mailings.push_back({is_spoiled ? Guise::spoiled : Guise::true_one, notification, signing, false});
    // wechat_spec 3: after the probe the true one follows.
    if (signing.kind == Signing::Kind::probe)
        plan.mailings.push_back({Guise::true_one, notification, {}, false});
}

}  // namespace

std::string_view name(Guise guise) {
    constexpr std::array<std::string_view, 7> names = {"true",          "repeated",  "spoiled", "forged",
                                                       "contradicting", "wrong_key", "lost"};
    return names[static_cast<std::size_t>(guise)];
}

MailingPlan plan_mailings(const DueNotification& notification, std::span<const Drawn> drawn) {
    MailingPlan plan;
    const CallPlan signing = plan_of(drawn);
    plan.rotates_key = signing.rotates_key;
    for (const Drawn& one : drawn) plan.faults.emplace_back(faults::name(one.fault));
    if (const Drawn* late = find(drawn, Fault::notification_late)) plan.late_by = late->duration("by");
    if (const Drawn* held = find(drawn, Fault::notification_reordered))
        plan.held_within = held->duration("within");

    add_forgeries(plan, notification, drawn);
    if (find(drawn, Fault::notification_lost) != nullptr) {
        plan.mailings.push_back({Guise::lost, notification, {}, false});
    } else {
        add_the_notification(plan, notification, signing.signing);
        if (const Drawn* repeated = find(drawn, Fault::notification_repeated)) {
            for (std::int64_t i = 0; i < repeated->number("times"); ++i)
                plan.mailings.push_back({Guise::repeated, notification, {}, false});
        }
    }
    if (const Drawn* other = find(drawn, Fault::notification_contradicting)) {
        plan.mailings.push_back(
            {Guise::contradicting, with_other_end(notification, other->text("state"), "-other"), {}, false});
    }
    return plan;
}

}  // namespace tixian::mock
