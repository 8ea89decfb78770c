// SPDX-License-Identifier: MIT
#include "mock/control.hpp"

#include <nlohmann/json.hpp>

#include "mock/answers.hpp"
#include "mock/confirm_page.hpp"
#include "mock/text.hpp"

namespace tixian::mock {
namespace {

using bank::Answered, bank::Bank, bank::Bill;
using nlohmann::json;

constexpr std::string_view bills_prefix = "/_mock/bills/";
constexpr Duration wait_default = std::chrono::seconds(5), wait_max = std::chrono::seconds(60);

Answer json_answer(std::string body) {
    Answer answer;
    answer.body = std::move(body);
    return answer;
}

Answer bad_request(std::string_view message) { return error_answer(400, "INVALID_REQUEST", message); }
Answer no_such_bill() { return error_answer(404, "NOT_FOUND", "no such bill"); }

Answer bill_answer(const Answered<Bill>& bill) {
    return bill ? json_answer(bill_json(*bill)) : refusal_answer(bill.error());
}

Answer balance_answer(Money balance) { return json_answer(json{{"fen", balance.fen()}}.dump()); }

}  // namespace

Answer Control::answer(const Request& request) {
    const std::string path = request.path();
    if (request.method == "GET") return get(path, request);
    if (request.method == "POST") return post(path, request);
    return error_answer(404, "NOT_FOUND", "no such control endpoint");
}

Answer Control::get(const std::string& path, const Request& request) {
    if (path == "/_mock/healthz") return json_answer(R"({"status":"ok"})");
    if (path == "/_mock/bills") return bills();
    if (path.starts_with(bills_prefix)) return bill(path.substr(bills_prefix.size()), request.query());
    if (path == "/_mock/settings") return json_answer(settings_json(settings_.get()));
    if (path == "/_mock/balance") {
        const Money balance = bank_.with([&](Bank& bank, Timestamp) { return bank.balance(mchid_); });
        return balance_answer(balance);
    }
    if (path == "/_mock/requests") return requests();
    if (path == "/_mock/confirm") {
        const std::string package = parse_query(request.query())["package"];
        const Answered<Bill> found =
            bank_.with([&](Bank& bank, Timestamp now) { return bank.find_by_package(package, now); });
        return confirm_page(found ? std::optional<Bill>(*found) : std::nullopt);
    }
    return error_answer(404, "NOT_FOUND", "no such control endpoint");
}

Answer Control::post(const std::string& path, const Request& request) {
    if (path == "/_mock/settings") return change_settings(request.body);
    if (path == "/_mock/balance") return set_balance(request.body);
    if (path == "/_mock/confirm") return confirm_form(request.body);
    if (path == "/_mock/reset") {
        apply(settings_.reset());
        bank_.reset();
        journal_.clear();
        return json_answer("{}");
    }
    if (path.starts_with(bills_prefix)) {
        const std::string rest = path.substr(bills_prefix.size());
        const std::size_t slash = rest.find('/');
        if (slash != std::string::npos)
            return act_on_bill(rest.substr(0, slash), rest.substr(slash + 1), request.body);
    }
    return error_answer(404, "NOT_FOUND", "no such control endpoint");
}

Answer Control::bills() {
    const std::vector<Bill> bills = bank_.with([](Bank& bank, Timestamp now) {
        bank.advance(now);
        return bank.bills();
    });
    std::string body = "[";
    for (const Bill& bill : bills) {
        if (body.size() > 1) body += ',';
        body += bill_json(bill);
    }
    body += ']';
    return json_answer(std::move(body));
}

Answer Control::bill(const std::string& out_bill_no, const std::string& query) {
    auto parameters = parse_query(query);
    if (parameters.contains("until"))
        return wait_for_bill(out_bill_no, parameters["until"], parameters["timeout"]);
    return bill_answer(
        bank_.with([&](Bank& bank, Timestamp now) { return bank.query(mchid_, out_bill_no, now); }));
}

// A bill that does not exist yet is waited for, too.
Answer Control::wait_for_bill(const std::string& out_bill_no, const std::string& until,
                              const std::string& timeout) {
    const auto state = bank::parse_state(until);
    if (!state && until != "FINAL") return bad_request("until must be a state of a bill, or FINAL");
    const auto limit = timeout.empty() ? wait_default : parse_duration(timeout);
    if (!limit || *limit > wait_max) return bad_request("timeout must be like 500ms or 5s, at most 60s");

    std::optional<Bill> seen;
    const bool became_so = bank_.wait(*limit, [&](Bank& bank) {
        seen = bank.find(mchid_, out_bill_no);
        return seen && (state ? seen->state == *state : bank::is_final(seen->state));
    });
    if (became_so) return json_answer(bill_json(*seen));
    return error_answer(504, "TIMEOUT",
                        seen ? "the bill is " + std::string(name(seen->state)) : "no such bill");
}

Answer Control::act_on_bill(const std::string& out_bill_no, const std::string& act, const std::string& body) {
    if (act == "confirm") {
        return bill_answer(bank_.with([&](Bank& bank, Timestamp now) {
            const Answered<Bill> bill = bank.query(mchid_, out_bill_no, now);
            return bill ? bank.confirm(bill->package_info, now) : bill;
        }));
    }
    if (act != "fail") return no_such_bill();
    std::string reason = "OTHER_FAIL_REASON_TYPE";
    if (!body.empty()) {
        const json value = json::parse(body, nullptr, false);
        if (!value.is_object()) return bad_request("the body must be a JSON object");
        if (value.contains("fail_reason")) {
            if (!value["fail_reason"].is_string()) return bad_request("fail_reason must be text");
            reason = value["fail_reason"].get<std::string>();
        }
    }
    return bill_answer(
        bank_.with([&](Bank& bank, Timestamp now) { return bank.fail(mchid_, out_bill_no, reason, now); }));
}

Answer Control::change_settings(const std::string& body) {
    std::string problem;
    const auto changed = changed_settings(settings_.get(), body, problem);
    if (!changed) return bad_request(problem);
    settings_.set(*changed);
    apply(*changed);
    return json_answer(settings_json(*changed));
}

void Control::apply(const Settings& settings) {
    bank_.set_sending(settings.notifications);
    bank_.with([&](Bank& bank, Timestamp now) {
        if (bank.auto_confirm() != settings.auto_confirm_after)
            bank.set_auto_confirm(settings.auto_confirm_after, now);
    });
}

Answer Control::set_balance(const std::string& body) {
    const json value = json::parse(body, nullptr, false);
    if (!value.is_object() || !value.contains("fen") || !value["fen"].is_number_integer()) {
        return bad_request("the body must be {\"fen\": integer}");
    }
    const auto balance = Money::from_fen(value["fen"].get<std::int64_t>());
    if (!balance || balance->is_negative()) return bad_request("fen is out of bounds");
    bank_.with([&](Bank& bank, Timestamp now) { bank.set_balance(mchid_, *balance, now); });
    return balance_answer(*balance);
}

Answer Control::requests() {
    json list = json::array();
    for (const JournalEntry& entry : journal_.entries()) {
        list.push_back({{"time", precise_time_text(entry.at)},
                        {"method", entry.method},
                        {"path", entry.target},
                        {"body", entry.body},
                        {"status", entry.status},
                        {"request_id", entry.request_id}});
    }
    return json_answer(list.dump(-1, ' ', false, json::error_handler_t::replace));
}

// Post, redirect, get: a reload of the page that follows confirms nothing.
Answer Control::confirm_form(const std::string& body) {
    const std::string package = parse_query(body)["package"];
    static_cast<void>(bank_.with([&](Bank& bank, Timestamp now) { return bank.confirm(package, now); }));
    Answer answer;
    answer.status = 303;
    answer.headers = {{"Location", "/_mock/confirm?package=" + url_encode(package)}};
    return answer;
}

}  // namespace tixian::mock
