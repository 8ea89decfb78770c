// SPDX-License-Identifier: MIT
#include "mock/bill_control.hpp"

#include <nlohmann/json.hpp>

#include "mock/confirm_page.hpp"

namespace tixian::mock {
namespace {

using bank::Answered, bank::Bank, bank::Bill;
using nlohmann::json;

constexpr std::string_view bills_prefix = "bills/";
constexpr Duration wait_default = std::chrono::seconds(5), wait_max = std::chrono::seconds(60);

Answer bill_answer(const Answered<Bill>& bill) {
    return bill ? raw_json(bill_json(*bill)) : refusal_answer(bill.error());
}

Answer balance_answer(Money balance) { return json_answer({{"fen", balance.fen()}}); }

json authorization_wish_json(const bank::AuthorizationWish& wish) {
    if (wish.out_authorization_no.empty()) return nullptr;
    return {{"out_authorization_no", wish.out_authorization_no},
            {"user_display_name", wish.user_display_name}};
}

}  // namespace

std::string bill_json(const Bill& bill) {
    json reports = json::array();
    for (const bank::ReportRow& row : bill.order.reports) {
        reports.push_back({{"info_type", row.info_type}, {"info_content", row.info_content}});
    }
    return dump({{"mchid", bill.order.mchid},
                 {"out_bill_no", bill.order.out_bill_no},
                 {"transfer_bill_no", bill.transfer_bill_no},
                 {"state", name(bill.state)},
                 {"fail_reason", bill.fail_reason},
                 {"package_info", bill.package_info},
                 {"appid", bill.order.appid},
                 {"openid", bill.order.openid},
                 {"transfer_amount", bill.order.amount.fen()},
                 {"transfer_remark", bill.order.remark},
                 {"transfer_scene_id", bill.order.transfer_scene_id},
                 {"transfer_scene_report_infos", reports},
                 {"user_recv_perception", bill.order.perception},
                 {"user_name", bill.order.user_name},
                 {"notify_url", bill.order.notify_url},
                 {"authorization_id", bill.order.authorization_id},
                 {"authorization_info", authorization_wish_json(bill.order.wish)},
                 {"create_time", precise_time_text(bill.created_at)},
                 {"update_time", precise_time_text(bill.updated_at)},
                 {"funded", bill.is_funded},
                 {"notify_attempts", bill.notify_attempts},
                 {"notified", bill.is_notified}});
}

std::optional<Answer> BillControl::answer(const ControlRequest& request) {
    if (request.is_get("bills")) return bills(request);
    if (request.is_get("balance")) {
        return balance_answer(bank_.with([&](Bank& bank, Timestamp) { return bank.balance(request.mchid); }));
    }
    if (request.is_post("balance")) return set_balance(request);
    if (request.is_post("confirm")) return confirm_form(request.request.body);
    if (request.is_get("confirm")) return page_of(request.parameter("package"));
    if (!request.path.starts_with(bills_prefix)) return std::nullopt;
    const std::string rest = request.path.substr(bills_prefix.size());
    const std::size_t slash = rest.find('/');
    if (request.is_get() && slash == std::string::npos) return bill(request, rest);
    if (request.is_post() && slash != std::string::npos) {
        return act_on_bill(request, rest.substr(0, slash), rest.substr(slash + 1));
    }
    return std::nullopt;
}

Answer BillControl::page_of(const std::string& package) {
    return bank_.with([&](Bank& bank, Timestamp now) {
        const auto authorization = bank.find_authorization_by_package(package, now);
        if (authorization) return confirm_page(*authorization);
        const Answered<Bill> bill = bank.find_by_package(package, now);
        return confirm_page(bill ? std::optional<Bill>(*bill) : std::nullopt);
    });
}

Answer BillControl::bills(const ControlRequest& request) {
    const std::vector<Bill> bills = bank_.with([](Bank& bank, Timestamp now) {
        bank.advance(now);
        return bank.bills();
    });
    std::string body = "[";
    for (const Bill& bill : bills) {
        if (request.has("mchid") && bill.order.mchid != request.mchid) continue;
        if (body.size() > 1) body += ',';
        body += bill_json(bill);
    }
    body += ']';
    return raw_json(std::move(body));
}

// Also those that a query would no longer find.
Answer BillControl::bill(const ControlRequest& request, const std::string& out_bill_no) {
    if (request.has("until")) return wait_for_bill(request, out_bill_no);
    const auto found = bank_.with([&](Bank& bank, Timestamp now) {
        bank.advance(now);
        return bank.find(request.mchid, out_bill_no);
    });
    return found ? raw_json(bill_json(*found)) : no_such("bill");
}

// A bill that does not exist yet is waited for, too.
Answer BillControl::wait_for_bill(const ControlRequest& request, const std::string& out_bill_no) {
    const std::string until = request.parameter("until"), timeout = request.parameter("timeout");
    const auto state = bank::parse_state(until);
    if (!state && until != "FINAL") return bad_request("until must be a state of a bill, or FINAL");
    const auto limit = timeout.empty() ? wait_default : parse_duration(timeout);
    if (!limit || *limit > wait_max) return bad_request("timeout must be like 500ms or 5s, at most 60s");

    std::optional<Bill> seen;
    const bool became_so = bank_.wait(*limit, [&](Bank& bank) {
        seen = bank.find(request.mchid, out_bill_no);
        return seen && (state ? seen->state == *state : bank::is_final(seen->state));
    });
    if (became_so) return raw_json(bill_json(*seen));
    return error_answer(504, "TIMEOUT",
                        seen ? "the bill is " + std::string(name(seen->state)) : "no such bill");
}

Answer BillControl::act_on_bill(const ControlRequest& request, const std::string& out_bill_no,
                                const std::string& act) {
    if (act == "fail" || act == "fail-receipt") return fail(request, out_bill_no, act == "fail-receipt");
    const bool crosses = act == "confirm-against-cancel", declines = act == "confirm-without-authorization";
    if (act != "confirm" && !crosses && !declines) return no_such("act on a bill");
    return bill_answer(bank_.with([&](Bank& bank, Timestamp now) {
        Answered<Bill> bill = bank.query(request.mchid, out_bill_no, now);
        if (!bill) return bill;
        if (crosses) return bank.confirm_against_cancel(bill->package_info, now);
        return bank.confirm(bill->package_info, now, !declines);
    }));
}

Answer BillControl::fail(const ControlRequest& request, const std::string& out_bill_no, bool fails_receipt) {
    const auto reason = reason_in(request.request, "fail_reason", "OTHER_FAIL_REASON_TYPE");
    if (!reason) return bad_request(R"(the body must be {"fail_reason": text})");
    return bill_answer(bank_.with([&](Bank& bank, Timestamp now) {
        return fails_receipt ? bank.fail_receipt(request.mchid, out_bill_no, *reason, now)
                             : bank.fail(request.mchid, out_bill_no, *reason, now);
    }));
}

Answer BillControl::set_balance(const ControlRequest& request) {
    const json value = json::parse(request.request.body, nullptr, false);
    if (!value.is_object() || !value.contains("fen") || !value["fen"].is_number_integer()) {
        return bad_request("the body must be {\"fen\": integer}");
    }
    const auto balance = Money::from_fen(value["fen"].get<std::int64_t>());
    if (!balance || balance->is_negative()) return bad_request("fen is out of bounds");
    bank_.with([&](Bank& bank, Timestamp now) { bank.set_balance(request.mchid, *balance, now); });
    return balance_answer(*balance);
}

// Post, redirect, get: a reload of the page that follows confirms nothing.
Answer BillControl::confirm_form(const std::string& body) {
    const std::string package = parse_query(body)["package"];
    bank_.with([&](Bank& bank, Timestamp now) {
        if (!bank.confirm(package, now)) static_cast<void>(bank.confirm_authorization(package, now));
    });
    Answer answer;
    answer.status = 303;
    answer.headers = {{"Location", "/_mock/confirm?package=" + url_encode(package)}};
    return answer;
}

}  // namespace tixian::mock
