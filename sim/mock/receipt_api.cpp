// SPDX-License-Identifier: MIT
// Receipts of transfers (wechat_spec 1.8) and of batches and their details (wechat_spec 2), and their files.
#include <nlohmann/json.hpp>

#include "mock/answers.hpp"
#include "mock/call.hpp"
#include "mock/fields.hpp"

#include "wechat_bank/bank.hpp"

namespace tixian::mock {
namespace {

using bank::Answered, bank::Bank, bank::Batch, bank::BatchDetail, bank::Bill, bank::Receipt,
    bank::ReceiptState;
using nlohmann::json;

constexpr Duration download_valid = std::chrono::minutes(10);
constexpr const char* file_path = "/v3/transferbilldownload/elecvoucherfile";

// Each answer makes a new address, as WeChat's is valid for ten minutes only.
std::string make_download(Call& call, const Receipt& receipt) {
    const Timestamp now = call.bank.now();
    const std::string token = call.downloads.add(
        {call.mchid(), file_path, receipt.content, "application/pdf", now + download_valid}, now);
    return call.origin() + file_path + "?source=elecsign&token=" + token;
}

json hashed(Call& call, const Receipt& receipt) {
    const char* hash = call.switches.receipt_hash_sm3 ? "SM3" : "SHA256";
    return {{"hash_type", hash},
            {"hash_value", hex_digest(hash, receipt.content)},
            {"download_url", make_download(call, receipt)}};
}

json bill_receipt_json(Call& call, const Bill& bill, const Receipt& receipt) {
    json body = {{"state", name(receipt.state)},
                 {"out_bill_no", bill.order.out_bill_no},
                 {"transfer_bill_no", bill.transfer_bill_no},
                 {"create_time", time_text(receipt.asked_at, call.switches)},
                 {"update_time", time_text(receipt.updated_at, call.switches)}};
    if (receipt.state == ReceiptState::finished) body.update(hashed(call, receipt));
    add_if(body, "fail_reason", receipt.fail_reason);
    return body;
}

// A receipt can be had for longer than a bill can be queried (wechat_spec 1.8).
Answered<Bill> find_bill(Call& call, bool by_merchant_number, const std::string& number) {
    return call.bank.with([&](Bank& bank, Timestamp now) -> Answered<Bill> {
        bank.advance(now);
        const Bill* bill = by_merchant_number ? bank.bill_of(call.mchid(), number)
                                              : bank.bill_by_transfer_bill_no(call.mchid(), number);
        if (bill == nullptr) return bank::not_found();
        return *bill;
    });
}

Answer ask(Call& call, const char* key, bool by_merchant_number) {
    Fields fields(call.request);
    const std::string number = fields.text(key, 64, Presence::required);
    if (!fields.is_ok()) return *fields.problem();
    const Answered<Bill> bill = find_bill(call, by_merchant_number, number);
    if (!bill) return refusal_answer(bill.error());
    const Answered<Receipt> receipt =
        call.bank.with([&](Bank& bank, Timestamp now) { return bank.ask_receipt(*bill, now); });
    if (!receipt) return refusal_answer(receipt.error());
    return json_answer({{"state", name(ReceiptState::generating)},
                        {"create_time", time_text(receipt->asked_at, call.switches)}});
}

Answer query(Call& call, bool by_merchant_number) {
    const Answered<Bill> bill = find_bill(call, by_merchant_number, call.numbers[0]);
    if (!bill) return refusal_answer(bill.error());
    const Answered<Receipt> receipt = call.bank.with([&](Bank& bank, Timestamp now) {
        return bank.query_receipt(call.mchid(), bill->transfer_bill_no, now);
    });
    if (!receipt) return refusal_answer(receipt.error());
    return json_answer(bill_receipt_json(call, *bill, *receipt));
}

Answer ask_by_out_bill_no(Call& call) { return ask(call, "out_bill_no", true); }
Answer ask_by_transfer_bill_no(Call& call) { return ask(call, "transfer_bill_no", false); }
Answer query_by_out_bill_no(Call& call) { return query(call, true); }
Answer query_by_transfer_bill_no(Call& call) { return query(call, false); }

// The older receipts say ACCEPTED while they are made (wechat_spec 2).
json batch_receipt_json(Call& call, const Receipt& receipt) {
    const bool is_finished = receipt.state == ReceiptState::finished;
    json body = {{"signature_status", is_finished ? "FINISHED" : "ACCEPTED"},
                 {"create_time", time_text(receipt.asked_at, call.switches)},
                 {"update_time", time_text(receipt.updated_at, call.switches)}};
    if (is_finished) body.update(hashed(call, receipt));
    return body;
}

Answered<Batch> find_batch(Call& call, const std::string& out_batch_no) {
    return call.bank.with([&](Bank& bank, Timestamp now) -> Answered<Batch> {
        bank.advance(now);
        const Batch* batch = bank.batch_of(call.mchid(), out_batch_no);
        if (batch == nullptr) return bank::not_found();
        return *batch;
    });
}

Answer batch_receipt(Call& call, const std::string& out_batch_no, bool asks) {
    const Answered<Batch> batch = find_batch(call, out_batch_no);
    if (!batch) return refusal_answer(batch.error());
    const Answered<Receipt> receipt = call.bank.with([&](Bank& bank, Timestamp now) {
        return asks ? bank.ask_receipt(*batch, now) : bank.query_receipt(call.mchid(), batch->batch_id, now);
    });
    if (!receipt) return refusal_answer(receipt.error());
    json body = batch_receipt_json(call, *receipt);
    body["out_batch_no"] = out_batch_no;
    return json_answer(body);
}

Answer ask_batch(Call& call) {
    Fields fields(call.request);
    const std::string number = fields.text("out_batch_no", 32, Presence::required);
    return fields.is_ok() ? batch_receipt(call, number, true) : *fields.problem();
}
Answer query_batch(Call& call) { return batch_receipt(call, call.numbers[0], false); }

Answer detail_receipt(Call& call, const json& names, bool asks) {
    const Answered<Batch> batch = find_batch(call, names["out_batch_no"].get<std::string>());
    if (!batch) return refusal_answer(batch.error());
    for (std::size_t i = 0; i < batch->details.size(); ++i) {
        const BatchDetail detail{*batch, i};
        if (names["out_detail_no"] != detail.order().out_detail_no) continue;
        const Answered<Receipt> receipt = call.bank.with([&](Bank& bank, Timestamp now) {
            return asks ? bank.ask_receipt(detail, now)
                        : bank.query_receipt(call.mchid(), detail.detail().detail_id, now);
        });
        if (!receipt) return refusal_answer(receipt.error());
        json body = batch_receipt_json(call, *receipt);
        body.update(names);
        return json_answer(body);
    }
    return refusal_answer(bank::not_found().value());
}

Answer ask_detail(Call& call) {
    Fields fields(call.request);
    json names;
    for (const char* key : {"accept_type", "out_batch_no", "out_detail_no"}) {
        names[key] = fields.text(key, 32, Presence::required);
    }
    if (fields.is_ok() && names["accept_type"] != "BATCH_TRANSFER") {
        fields.refuse("accept_type", "受理类型不支持");
    }
    return fields.is_ok() ? detail_receipt(call, names, true) : *fields.problem();
}
Answer query_detail(Call& call) {
    json names;
    for (const char* key : {"accept_type", "out_batch_no", "out_detail_no"}) {
        names[key] = call.parameter(key);
        if (names[key] == "") return param_error(key, "缺少必填参数", "query");
    }
    return detail_receipt(call, names, false);
}

}  // namespace

std::vector<Route> receipt_routes() {
    using bank::Endpoint;
    return {
        {"POST", "/v3/fund-app/mch-transfer/elecsign/out-bill-no", Endpoint::receipt_ask, ask_by_out_bill_no},
        {"GET", "/v3/fund-app/mch-transfer/elecsign/out-bill-no/{}", Endpoint::receipt_query,
         query_by_out_bill_no},
        {"POST", "/v3/fund-app/mch-transfer/elecsign/transfer-bill-no", Endpoint::receipt_ask,
         ask_by_transfer_bill_no},
        {"GET", "/v3/fund-app/mch-transfer/elecsign/transfer-bill-no/{}", Endpoint::receipt_query,
         query_by_transfer_bill_no},
        {"POST", "/v3/transfer/bill-receipt", Endpoint::batch_receipt, ask_batch},
        {"GET", "/v3/transfer/bill-receipt/{}", Endpoint::batch_receipt, query_batch},
        {"POST", "/v3/transfer-detail/electronic-receipts", Endpoint::batch_receipt, ask_detail},
        {"GET", "/v3/transfer-detail/electronic-receipts", Endpoint::batch_receipt, query_detail},
    };
}

}  // namespace tixian::mock
