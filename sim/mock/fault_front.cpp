// SPDX-License-Identifier: MIT
#include "mock/fault_front.hpp"

#include <nlohmann/json.hpp>

#include "faults/catalogue.hpp"
#include "mock/answers.hpp"

namespace tixian::mock {
namespace {

using bank::Bank, bank::Bill;
using faults::Drawn, faults::Endpoint, faults::Fault;
using nlohmann::json;

constexpr std::string_view gateway_page =
    "<html>\r\n<head><title>Bad Gateway</title></head>\r\n<body><center><h1>Bad Gateway</h1></center>"
    "</body>\r\n</html>\r\n";

std::string text_at(const json& object, const char* key) {
    const bool is_there = object.is_object() && object.contains(key) && object[key].is_string();
    return is_there ? object[key].get<std::string>() : std::string();
}

std::optional<Money> fen_at(const json& object, const char* key) {
    const bool is_there = object.is_object() && object.contains(key) && object[key].is_number_integer();
    const auto money = Money::from_fen(is_there ? object[key].get<std::int64_t>() : -1);
    return is_there && money ? std::optional<Money>(*money) : std::nullopt;
}

Answer forced_answer(const ForcedAnswer& forced) {
    if (forced.is_page) {
        Answer page;
        page.status = forced.status;
        page.content_type = "text/html";
        page.body = gateway_page;
        return page;
    }
    Answer answer = error_answer(forced.status, forced.code, forced.message);
    if (forced.retry_after.count() > 0) {
        const auto seconds = std::chrono::ceil<std::chrono::seconds>(forced.retry_after);
        answer.headers.emplace_back("Retry-After", std::to_string(seconds.count()));
    }
    return answer;
}

void spoil_state(Answer& answer, const std::string& state) {
    json body = json::parse(answer.body, nullptr, false);
    if (!body.is_object() || !answer.is_ok()) return;
    for (const char* key : {"state", "batch_status", "detail_status"}) {
        if (body.contains(key)) body[key] = state;
    }
    answer.body = body.dump();
}

// Still looks like what it was, to a reader who is in a hurry.
void spoil_json(Answer& answer) {
    if (answer.body.empty()) {
        answer.body = "{";
    } else {
        answer.body.back() = ',';
    }
}

bool is_invisible(const CallPlan& plan, const std::optional<Bill>& bill, Timestamp now) {
    if (!bill) return false;
    return plan.is_missed || (plan.invisible_within && now < bill->created_at + *plan.invisible_within);
}

}  // namespace

std::optional<Answer> FaultFront::respond(Request request, const std::function<bool()>& is_connected) {
    const Timestamp arrived_at = real_.now();
    if (faults_.is_empty()) {
        request.arrived_at = arrived_at;
        Answer answer = ports_.seal(ports_.execute(request), request, real_.now());
        note(request, {}, answer, {}, arrived_at);
        return answer;
    }
    const CallFacts facts = facts_of(request);
    std::optional<Bill> bill;
    const auto drawn = draw(facts, bill);
    const CallPlan plan = plan_of(drawn);
    request.arrived_at = arrived_at + plan.skew;
    if (plan.rotates_key) ports_.rotate_key(facts.mchid);

    Answer answer = make_answer(plan, request, facts, bill);
    const bool is_page = plan.forced && plan.forced->is_page;
    if (!is_page) {
        answer = ports_.seal(std::move(answer), request, real_.now() - plan.signing.signed_ago);
        spoil(answer, plan.signing);
    }
    if (!plan.content_type.empty()) answer.content_type = plan.content_type;
    answer.delivery = plan.delivery;

    std::vector<std::string> names;
    for (const Drawn& one : drawn) names.emplace_back(faults::name(one.fault));
    note(request, plan, answer, std::move(names), arrived_at);
    if (plan.silent_for) {
        static_cast<void>(faults_.wait(*plan.silent_for, is_connected));
        return std::nullopt;
    }
    if (plan.delay.count() > 0 && !faults_.wait(plan.delay, is_connected)) return std::nullopt;
    return answer;
}

std::vector<Drawn> FaultFront::draw(const CallFacts& facts, std::optional<Bill>& bill) {
    faults::Situation situation;
    situation.endpoint = facts.endpoint;
    situation.mchid = facts.mchid;
    situation.number = facts.number;
    situation.openid = facts.openid;
    situation.amount = facts.amount;
    if (facts.endpoint == Endpoint::query || facts.endpoint == Endpoint::cancel) {
        bill = bank_.with([&](Bank& bank, Timestamp) { return bank.find(facts.mchid, facts.number); });
        if (bill) {
            situation.openid = bill->order.openid;
            situation.amount = bill->order.amount;
        }
    }
    return faults_.draw(std::move(situation), business_.now());
}

Answer FaultFront::make_answer(const CallPlan& plan, const Request& request, const CallFacts& facts,
                               const std::optional<Bill>& bill) {
    if (plan.executes_later) {
        timetable_.at(business_.now() + *plan.executes_later, facts.mchid,
                      [this, request, facts] { static_cast<void>(execute(request, facts)); });
    }
    Answer answer;
    if (plan.executes) answer = execute(request, facts);
    if (is_invisible(plan, bill, business_.now())) answer = error_answer(404, "NOT_FOUND", "记录不存在");
    if (plan.forced) answer = forced_answer(*plan.forced);
    if (!plan.unknown_state.empty()) spoil_state(answer, plan.unknown_state);
    if (plan.spoils_json) spoil_json(answer);
    return answer;
}

Answer FaultFront::execute(const Request& request, const CallFacts& facts) {
    if (facts.endpoint == Endpoint::batch_create) doom_details(request, facts);
    Answer answer = ports_.execute(request);
    const bool makes_bills =
        facts.endpoint == Endpoint::create || facts.endpoint == Endpoint::authorized_transfer;
    if (makes_bills && answer.is_ok()) begin_life(facts);
    return answer;
}

// No user confirms in a batch, so of all that can befall a bill only its failing is left; it shows when the
// batch is paid.
void FaultFront::doom_details(const Request& request, const CallFacts& facts) {
    const json body = json::parse(request.body, nullptr, false);
    if (!body.is_object() || !body.contains("transfer_detail_list")) return;
    for (const json& detail : body["transfer_detail_list"]) {
        const std::string number = text_at(detail, "out_detail_no");
        faults::Situation situation;
        situation.endpoint = Endpoint::bill;
        situation.mchid = facts.mchid;
        situation.number = facts.number + "/" + number;
        situation.openid = text_at(detail, "openid");
        situation.amount = fen_at(detail, "transfer_amount");
        for (const Drawn& drawn : faults_.draw_bill(situation, business_.now())) {
            if (drawn.fault != Fault::bill_fails) continue;
            bank_.with([&](Bank& bank, Timestamp) {
                bank.doom_detail(facts.mchid, facts.number, number, drawn.text("reason"));
            });
        }
    }
}

void FaultFront::begin_life(const CallFacts& facts) {
    const auto bill = bank_.with([&](Bank& bank, Timestamp) { return bank.find(facts.mchid, facts.number); });
    if (!bill) return;
    faults::Situation situation;
    situation.endpoint = Endpoint::bill;
    situation.mchid = facts.mchid;
    situation.number = facts.number;
    situation.openid = bill->order.openid;
    situation.amount = bill->order.amount;
    bool has_user = false;
    for (const Drawn& drawn : faults_.draw_bill(situation, business_.now())) {
        // One user behaves in one way: the first rule's.
        const bool is_user = drawn.fault != Fault::bill_fails;
        if (!is_user || !has_user) arrange(drawn, *bill);
        has_user = has_user || is_user;
    }
}

void FaultFront::arrange(const Drawn& drawn, const Bill& bill) {
    const std::string mchid = bill.order.mchid, number = bill.order.out_bill_no;
    const auto confirm = [&](const bank::Confirmation& confirmation) {
        static_cast<void>(bank_.with([&](Bank& bank, Timestamp now) {
            return bank.set_confirmation(mchid, number, confirmation, now);
        }));
    };
    switch (drawn.fault) {
        case Fault::user_confirms:
            return confirm({drawn.duration("after"), std::nullopt, false});
        case Fault::user_never_confirms:
            return confirm({});
        case Fault::user_confirms_at_last:
            return confirm({std::nullopt, drawn.duration("before"), false});
        case Fault::user_confirms_while_cancelled:
            return confirm({std::nullopt, std::nullopt, true});
        case Fault::bill_fails:
            return timetable_.at(bill.created_at + drawn.duration("after"), mchid,
                                 [this, mchid, number, reason = drawn.text("reason")] {
                                     static_cast<void>(bank_.with([&](Bank& bank, Timestamp now) {
                                         return bank.fail(mchid, number, reason, now);
                                     }));
                                 });
        default:
            return;
    }
}

void FaultFront::note(const Request& request, const CallPlan& plan, const Answer& answer,
                      std::vector<std::string> faults, Timestamp arrived_at) {
    JournalEntry entry;
    entry.at = arrived_at;
    entry.business_at = arrived_at + business_.ahead();
    entry.method = request.method;
    entry.target = request.target;
    entry.body = request.body;
    entry.status = plan.silent_for ? 0 : answer.status;
    entry.mchid = mchid_of(request);
    entry.answer = answer.body;
    entry.took = real_.now() - arrived_at;
    entry.faults = std::move(faults);
    entry.is_believable = plan.is_believable();
    if (!answer.headers.empty() && answer.headers.front().first == "Request-ID")
        entry.request_id = answer.headers.front().second;
    journal_.add(std::move(entry));
}

}  // namespace tixian::mock
