// SPDX-License-Identifier: MIT
// Transfers (wechat_spec 1.1 A to D, H, L).
#include <nlohmann/json.hpp>

#include "mock/answers.hpp"
#include "mock/call.hpp"
#include "mock/transfer_answers.hpp"
#include "mock/transfer_request.hpp"

#include "wechat_bank/bank.hpp"

namespace tixian::mock {
namespace {

using bank::Answered, bank::Bank, bank::Bill;
using nlohmann::json;

Answer create(Call& call) {
    const auto order = parse_transfer_request(call, TransferKind::plain);
    if (!order) return order.error();
    if (call.is_queued(*order)) return {};
    const Answered<Bill> bill =
        call.bank.with([&](Bank& bank, Timestamp now) { return bank.create(*order, now); });
    return bill ? json_answer(created(*bill, call.switches)) : refusal_answer(bill.error());
}

Answer create_with_authorization(Call& call) {
    const auto order = parse_transfer_request(call, TransferKind::with_authorization);
    if (!order) return order.error();
    if (call.is_queued(*order)) return {};
    const Answered<Bill> bill =
        call.bank.with([&](Bank& bank, Timestamp now) { return bank.create(*order, now); });
    if (!bill) return refusal_answer(bill.error());
    json body = created(*bill, call.switches);
    body["user_display_name"] = order->wish.user_display_name;
    body["out_authorization_no"] = order->wish.out_authorization_no;
    return json_answer(body);
}

Answer transfer_authorized(Call& call) {
    auto order = parse_transfer_request(call, TransferKind::authorized);
    if (!order) return order.error();
    const std::string number = std::exchange(order->wish.out_authorization_no, {});
    const auto authorization = call.bank.with([&](Bank& bank, Timestamp now) {
        return order->authorization_id.empty()
                   ? bank.query_authorization(call.mchid(), number, now)
                   : bank.find_authorization_by_id(call.mchid(), order->authorization_id, now);
    });
    if (!authorization) return error_answer(400, "INVALID_REQUEST", "用户授权不存在或未生效");
    order->authorization_id = authorization->authorization_id;
    order->openid = authorization->order.openid;
    if (call.is_queued(*order)) return {};
    const Answered<Bill> bill =
        call.bank.with([&](Bank& bank, Timestamp now) { return bank.create(*order, now); });
    return bill ? json_answer(queried(*bill, call.merchant.certificate, call.switches))
                : refusal_answer(bill.error());
}

Answer bad_number() { return param_error("out_bill_no", "商户单号只能由数字、大小写字母组成", "path"); }

Answer query(Call& call) {
    if (!is_merchant_number(call.numbers[0])) return bad_number();
    const Answered<Bill> bill = call.bank.with(
        [&](Bank& bank, Timestamp now) { return bank.query(call.mchid(), call.numbers[0], now); });
    return bill ? json_answer(queried(*bill, call.merchant.certificate, call.switches))
                : refusal_answer(bill.error());
}

Answer query_by_transfer_bill_no(Call& call) {
    const Answered<Bill> bill = call.bank.with([&](Bank& bank, Timestamp now) {
        return bank.query_by_transfer_bill_no(call.mchid(), call.numbers[0], now);
    });
    return bill ? json_answer(queried(*bill, call.merchant.certificate, call.switches))
                : refusal_answer(bill.error());
}

Answer cancel(Call& call) {
    if (!is_merchant_number(call.numbers[0])) return bad_number();
    if (call.is_queued(bank::CancelOrder{call.mchid(), call.numbers[0]})) return {};
    const Answered<Bill> bill = call.bank.with(
        [&](Bank& bank, Timestamp now) { return bank.cancel(call.mchid(), call.numbers[0], now); });
    return bill ? json_answer(cancelled(*bill, call.switches)) : refusal_answer(bill.error());
}

}  // namespace

std::vector<Route> transfer_routes() {
    using bank::Endpoint;
    return {
        {"POST", "/v3/fund-app/mch-transfer/transfer-bills", Endpoint::create, create},
        {"GET", "/v3/fund-app/mch-transfer/transfer-bills/out-bill-no/{}", Endpoint::query, query},
        {"GET", "/v3/fund-app/mch-transfer/transfer-bills/transfer-bill-no/{}", Endpoint::query,
         query_by_transfer_bill_no},
        {"POST", "/v3/fund-app/mch-transfer/transfer-bills/out-bill-no/{}/cancel", Endpoint::cancel, cancel},
        {"POST", "/v3/fund-app/mch-transfer/transfer-bills/pre-transfer-with-authorization",
         Endpoint::create_with_authorization, create_with_authorization},
        {"POST", "/v3/fund-app/mch-transfer/transfer-bills/transfer", Endpoint::transfer_authorized,
         transfer_authorized},
    };
}

}  // namespace tixian::mock
