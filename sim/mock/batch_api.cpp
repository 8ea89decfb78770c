// SPDX-License-Identifier: MIT
// The older API's batches (wechat_spec 2).
#include <algorithm>

#include <nlohmann/json.hpp>

#include "mock/answers.hpp"
#include "mock/batch_request.hpp"
#include "mock/call.hpp"

#include "wechat_bank/bank.hpp"

namespace tixian::mock {
namespace {

using bank::Answered, bank::Bank, bank::Batch, bank::BatchDetail, bank::BatchState, bank::DetailState;
using nlohmann::json;

Answer create(Call& call) {
    const auto order = parse_batch_request(call);
    if (!order) return order.error();
    if (call.is_queued(*order)) return {};
    const Answered<Batch> batch =
        call.bank.with([&](Bank& bank, Timestamp now) { return bank.create_batch(*order, now); });
    if (!batch) return refusal_answer(batch.error());
    return json_answer({{"out_batch_no", batch->order.out_batch_no},
                        {"batch_id", batch->batch_id},
                        {"create_time", time_text(batch->created_at, call.switches)},
                        {"batch_status", name(batch->state)}});
}

json batch_json(const Call& call, const Batch& batch) {
    json body = {{"mchid", batch.order.mchid},
                 {"out_batch_no", batch.order.out_batch_no},
                 {"batch_id", batch.batch_id},
                 {"appid", batch.order.appid},
                 {"batch_status", name(batch.state)},
                 {"batch_type", "API"},
                 {"batch_name", batch.order.batch_name},
                 {"batch_remark", batch.order.batch_remark},
                 {"total_amount", batch.order.total().value_or(Money()).fen()},
                 {"total_num", batch.order.details.size()},
                 {"create_time", time_text(batch.created_at, call.switches)},
                 {"update_time", time_text(batch.updated_at, call.switches)}};
    add_if(body, "close_reason", batch.close_reason);
    add_if(body, "transfer_scene_id", batch.order.transfer_scene_id);
    if (batch.state == BatchState::finished) {
        const auto success = batch.part(DetailState::success), fail = batch.part(DetailState::fail);
        body["success_amount"] = success.amount.fen();
        body["success_num"] = success.count;
        body["fail_amount"] = fail.amount.fen();
        body["fail_num"] = fail.count;
    }
    return body;
}

// Only of a finished batch: its details, filtered first and then paged.
json details_json(const Batch& batch, const BatchPage& page) {
    json list = json::array();
    std::size_t passed = 0;
    for (std::size_t i = 0; i < batch.details.size() && list.size() < page.limit; ++i) {
        const bank::Detail& detail = batch.details[i];
        if (page.state && detail.state != *page.state) continue;
        if (passed++ < page.offset) continue;
        list.push_back({{"detail_id", detail.detail_id},
                        {"out_detail_no", batch.order.details[i].out_detail_no},
                        {"detail_status", name(detail.state)}});
    }
    return list;
}

tl::unexpected<bank::Refusal> too_early() {
    return bank::refused(400, "INVALID_REQUEST", "请等待批次处理完成后再查询明细单据");
}

Answer queried(const Call& call, const Answered<Batch>& batch) {
    const auto page = parse_batch_page(call);
    if (!page) return page.error();
    if (!batch) return refusal_answer(batch.error());
    json body = {
        {"transfer_batch", batch_json(call, *batch)}, {"offset", page->offset}, {"limit", page->limit}};
    if (page->with_details && batch->state == BatchState::finished) {
        body["transfer_detail_list"] = details_json(*batch, *page);
    }
    return json_answer(body);
}

Answered<Batch> find(Call& call, bool by_merchant_number) {
    return call.bank.with([&](Bank& bank, Timestamp now) {
        return by_merchant_number ? bank.query_batch(call.mchid(), call.numbers[0], now)
                                  : bank.query_batch_by_id(call.mchid(), call.numbers[0], now);
    });
}

Answer query(Call& call) { return queried(call, find(call, true)); }
Answer query_by_batch_id(Call& call) { return queried(call, find(call, false)); }

json detail_json(const Call& call, const BatchDetail& found) {
    const Batch& batch = found.batch;
    const bank::Detail& detail = found.detail();
    json body = {{"mchid", batch.order.mchid},
                 {"out_batch_no", batch.order.out_batch_no},
                 {"batch_id", batch.batch_id},
                 {"appid", batch.order.appid},
                 {"out_detail_no", found.order().out_detail_no},
                 {"detail_id", detail.detail_id},
                 {"detail_status", name(detail.state)},
                 {"transfer_amount", found.order().amount.fen()},
                 {"transfer_remark", found.order().remark},
                 {"openid", found.order().openid},
                 {"initiate_time", time_text(batch.created_at, call.switches)},
                 {"update_time", time_text(detail.updated_at, call.switches)}};
    add_if(body, "fail_reason", detail.fail_reason);
    if (!found.order().user_name.empty()) {
        body["user_name"] = call.merchant.certificate.encrypt(found.order().user_name);
    }
    return body;
}

Answer query_detail(Call& call, bool by_merchant_number) {
    const Answered<Batch> batch = find(call, by_merchant_number);
    if (!batch) return refusal_answer(batch.error());
    for (std::size_t i = 0; i < batch->details.size(); ++i) {
        const BatchDetail found{*batch, i};
        const std::string& number =
            by_merchant_number ? found.order().out_detail_no : found.detail().detail_id;
        if (number != call.numbers[1]) continue;
        if (!bank::is_final(batch->state)) return refusal_answer(too_early().value());
        return json_answer(detail_json(call, found));
    }
    return refusal_answer(bank::not_found().value());
}

Answer query_detail_by_out_detail_no(Call& call) { return query_detail(call, true); }
Answer query_detail_by_detail_id(Call& call) { return query_detail(call, false); }

}  // namespace

std::vector<Route> batch_routes() {
    using bank::Endpoint;
    return {
        {"POST", "/v3/transfer/batches", Endpoint::batch_create, create},
        {"GET", "/v3/transfer/batches/out-batch-no/{}", Endpoint::batch_query, query},
        {"GET", "/v3/transfer/batches/batch-id/{}", Endpoint::batch_query, query_by_batch_id},
        {"GET", "/v3/transfer/batches/out-batch-no/{}/details/out-detail-no/{}", Endpoint::batch_query,
         query_detail_by_out_detail_no},
        {"GET", "/v3/transfer/batches/batch-id/{}/details/detail-id/{}", Endpoint::batch_query,
         query_detail_by_detail_id},
    };
}

}  // namespace tixian::mock
