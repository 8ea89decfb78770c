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

// A batch shows its state one level down, and its details' in a list.
void spoil_states(json& value, const std::string& state) {
    for (auto& [key, member] : value.items()) {
        if (member.is_structured()) spoil_states(member, state);
        if (key == "state" || key == "batch_status" || key == "detail_status") member = state;
    }
}

void spoil_state(Answer& answer, const std::string& state) {
    json body = json::parse(answer.body, nullptr, false);
    if (!body.is_object() || !answer.is_ok()) return;
    spoil_states(body, state);
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

bank::Confirmation confirmation_of(const Drawn& drawn) {
    switch (drawn.fault) {
        case Fault::user_confirms:
            return {drawn.duration("after"), std::nullopt, false};
        case Fault::user_confirms_at_last:
            return {std::nullopt, drawn.duration("before"), false};
        case Fault::user_confirms_while_cancelled:
            return {std::nullopt, std::nullopt, true};
        default:  // user_never_confirms
            return {};
    }
}

// One user behaves in one way, and a bill fails once: the first rule's.
bank::Fate fate_of(const std::vector<Drawn>& drawn) {
    bank::Fate fate;
    for (const Drawn& one : drawn) {
        const bool fails = one.fault == Fault::bill_fails;
        if (!fails && !fate.confirmation) fate.confirmation = confirmation_of(one);
        if (!fails || fate.fails_after) continue;
        fate.fails_after = one.duration("after");
        fate.fail_reason = one.text("reason");
    }
    return fate;
}

bool is_invisible(const CallPlan& plan, std::optional<Timestamp> made_at, Timestamp now) {
    if (!made_at) return false;
    return plan.is_missed || (plan.invisible_within && now < *made_at + *plan.invisible_within);
}

}  // namespace

std::optional<Answer> FaultFront::respond(Request request, const std::function<bool()>& is_connected) {
    JournalEntry entry;
    entry.at = real_.now();
    entry.mchid = mchid_of(request);
    entry.number = number_behind(request, entry.mchid);
    const Journal::Era era = journal_.era(entry.mchid);
    if (faults_.is_empty()) {
        request.arrived_at = entry.at;
        Answer answer = ports_.seal(ports_.execute(request, {}), request, real_.now());
        write_down(entry, std::move(request), {}, answer);
        return deliver(journal_.add(std::move(entry), era), {}, std::move(answer), is_connected);
    }
    CallFacts facts = facts_of(request, entry.mchid);
    if (!entry.number.empty()) facts.number = entry.number;
    std::optional<Timestamp> made_at;  // of the bill or batch that is asked for
    const auto drawn = draw(facts, made_at);
    const CallPlan plan = plan_of(drawn);
    request.arrived_at = entry.at + plan.skew;
    if (plan.rotates_key) ports_.rotate_key(facts.mchid);

    Answer answer = make_answer(plan, request, made_at);
    const bool is_page = plan.forced && plan.forced->is_page;
    if (!is_page) {
        answer = ports_.seal(std::move(answer), request, real_.now() - plan.signing.signed_ago);
        spoil(answer, plan.signing);
    }
    if (!plan.content_type.empty()) answer.content_type = plan.content_type;
    answer.delivery = plan.delivery;

    for (const Drawn& one : drawn) entry.faults.emplace_back(faults::name(one.fault));
    write_down(entry, std::move(request), plan, answer);
    return deliver(journal_.add(std::move(entry), era), plan, std::move(answer), is_connected);
}

// Signed when made: a delay is the network's, and the caller sees how old the answer is.
std::optional<Answer> FaultFront::deliver(std::uint64_t id, const CallPlan& plan, Answer answer,
                                          const std::function<bool()>& is_connected) {
    if (plan.silent_for) {
        static_cast<void>(faults_.wait(*plan.silent_for, is_connected));
        return std::nullopt;
    }
    if (plan.delay.count() > 0 && !faults_.wait(plan.delay, is_connected)) return std::nullopt;
    if (!ports_.wait_to_answer(is_connected)) return std::nullopt;
    if (plan.is_whole()) journal_.told(id, real_.now());
    return answer;
}

std::vector<Drawn> FaultFront::draw(const CallFacts& facts, std::optional<Timestamp>& made_at) {
    faults::Situation situation;
    situation.endpoint = facts.endpoint;
    situation.mchid = facts.mchid;
    situation.number = facts.number;
    situation.openid = facts.openid;
    situation.amount = facts.amount;
    if (facts.endpoint == Endpoint::batch_query) {
        bank_.with([&](Bank& bank, Timestamp) {
            const bank::Batch* batch = bank.batch_of(facts.mchid, facts.number);
            if (batch == nullptr) return;
            situation.amount = batch->order.total().value_or(Money());
            made_at = batch->created_at;
        });
    }
    if (facts.endpoint == Endpoint::query || facts.endpoint == Endpoint::cancel) {
        bank_.with([&](Bank& bank, Timestamp) {
            const Bill* bill = bank.bill_of(facts.mchid, facts.number);
            if (bill == nullptr) return;
            situation.openid = bill->order.openid;
            situation.amount = bill->order.amount;
            made_at = bill->created_at;
        });
    }
    return faults_.draw(std::move(situation), business_.now());
}

Answer FaultFront::make_answer(const CallPlan& plan, const Request& request,
                               std::optional<Timestamp> made_at) {
    Answer answer;
    if (plan.executes || plan.executes_later) {
        Passage passage{[this](const bank::Command& command) { foresee(command); }, std::nullopt};
        if (plan.executes_later) passage.executes_at = business_.now() + *plan.executes_later;
        answer = ports_.execute(request, passage);
        // What is refused at the door does not come into the inner queue, and says why.
        if (plan.executes_later && !answer.is_ok()) return answer;
    }
    if (is_invisible(plan, made_at, business_.now())) answer = error_answer(404, "NOT_FOUND", "记录不存在");
    if (plan.forced) answer = forced_answer(*plan.forced);
    if (!plan.unknown_state.empty()) spoil_state(answer, plan.unknown_state);
    if (plan.spoils_json) spoil_json(answer);
    return answer;
}

void FaultFront::foresee(const bank::Command& command) {
    if (const auto* order = std::get_if<bank::Order>(&command)) foresee_bill(*order);
    if (const auto* batch = std::get_if<bank::BatchOrder>(&command)) foresee_details(*batch);
}

void FaultFront::foresee_bill(const bank::Order& order) {
    const auto drawn = draw_bill(order.mchid, order.out_bill_no, order.openid, order.amount);
    if (drawn.empty()) return;
    bank_.with([&](Bank& bank, Timestamp now) {
        bank.set_fate(order.mchid, order.out_bill_no, fate_of(drawn), now);
    });
}

// No user confirms in a batch, so of all that can befall a bill only its failing is left; it shows when the
// batch is paid.
void FaultFront::foresee_details(const bank::BatchOrder& order) {
    for (const bank::DetailOrder& detail : order.details) {
        const std::string number = order.out_batch_no + "/" + detail.out_detail_no;
        for (const Drawn& drawn : draw_bill(order.mchid, number, detail.openid, detail.amount)) {
            if (drawn.fault != Fault::bill_fails) continue;
            bank_.with([&](Bank& bank, Timestamp) {
                bank.doom_detail(order.mchid, order.out_batch_no, detail.out_detail_no, drawn.text("reason"));
            });
        }
    }
}

std::vector<Drawn> FaultFront::draw_bill(const std::string& mchid, std::string number,
                                         const std::string& openid, Money amount) {
    faults::Situation situation;
    situation.endpoint = Endpoint::bill;
    situation.mchid = mchid;
    situation.number = std::move(number);
    situation.openid = openid;
    situation.amount = amount;
    return faults_.draw_bill(situation, business_.now());
}

void FaultFront::write_down(JournalEntry& entry, Request request, const CallPlan& plan,
                            const Answer& answer) const {
    entry.business_at = entry.at + business_.ahead();
    entry.method = std::move(request.method);
    entry.target = std::move(request.target);
    entry.body = std::move(request.body);
    entry.status = plan.silent_for ? 0 : answer.status;
    entry.answer = answer.body;
    entry.is_over_rate = answer.is_over_rate;
    entry.took = real_.now() - entry.at;
    entry.is_believable = plan.is_believable();
    if (!answer.headers.empty() && answer.headers.front().first == "Request-ID")
        entry.request_id = answer.headers.front().second;
}

// Faults, draws and verdicts go by the merchant's number, whichever of the two is asked by.
std::string FaultFront::number_behind(const Request& request, const std::string& mchid) {
    const auto part_after = [&](std::string_view mark) -> std::string {
        const std::size_t begin = request.target.find(mark);
        if (begin == std::string::npos) return {};
        const std::string_view rest = std::string_view(request.target).substr(begin + mark.size());
        return std::string(rest.substr(0, rest.find_first_of("/?")));
    };
    const std::string bill_no = part_after("/transfer-bill-no/"), batch_id = part_after("/batch-id/");
    if (bill_no.empty() && batch_id.empty()) return {};
    return bank_.with([&](Bank& bank, Timestamp) -> std::string {
        if (const Bill* bill = bank.bill_by_transfer_bill_no(mchid, bill_no)) return bill->order.out_bill_no;
        if (const bank::Batch* batch = bank.batch_by_id(mchid, batch_id)) return batch->order.out_batch_no;
        return {};
    });
}

}  // namespace tixian::mock
