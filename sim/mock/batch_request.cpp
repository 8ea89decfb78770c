// SPDX-License-Identifier: MIT
#include "mock/batch_request.hpp"

#include <charconv>
#include <set>

#include "mock/transfer_request.hpp"

namespace tixian::mock {
namespace {

constexpr std::size_t details_max = 1000;

void take_details(Fields& fields, const Call& call, bank::BatchOrder& order) {
    const char* key = "transfer_detail_list";
    std::set<std::string> numbers;
    std::size_t named = 0;
    for (Fields& entry : fields.objects(key, Presence::required)) {
        bank::DetailOrder detail;
        detail.out_detail_no = entry.number("out_detail_no", call.number_length_min());
        detail.amount = entry.amount("transfer_amount");
        if (detail.amount.is_zero()) entry.refuse("transfer_amount", "转账金额必须大于0");
        detail.remark = entry.text("transfer_remark", 32, Presence::required);
        detail.openid = entry.text("openid", 64, Presence::required);
        detail.user_name = take_name(entry, call, detail.amount);
        named += !detail.user_name.empty();
        if (entry.is_ok() && !numbers.insert(detail.out_detail_no).second) {
            entry.refuse("out_detail_no", "商家明细单号重复");
        }
        fields.join(entry);
        order.details.push_back(std::move(detail));
    }
    const std::size_t count = order.details.size();
    if (count == 0) fields.refuse(key, "转账明细不能为空");
    if (count > details_max) fields.refuse(key, "转账明细不得超过1000笔");
    if (named != 0 && named != count) fields.refuse(key, "同一批次的明细须全部传入或全部不传入收款用户姓名");
}

void check_totals(Fields& fields, const bank::BatchOrder& order) {
    const auto total = order.total();
    if (!total || fields.amount("total_amount") != *total) {
        fields.refuse("total_amount", "转账总金额与明细金额之和不一致");
    }
    if (fields.integer("total_num") != static_cast<std::int64_t>(order.details.size())) {
        fields.refuse("total_num", "转账总笔数与明细笔数不一致");
    }
}

std::optional<std::size_t> parse_count(const std::string& text, std::size_t low, std::size_t high) {
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < low || value > high) {
        return std::nullopt;
    }
    return value;
}

tl::unexpected<Answer> bad_parameter(const char* name, const char* issue) {
    return tl::unexpected<Answer>(param_error(name, issue, "query"));
}

}  // namespace

tl::expected<bank::BatchOrder, Answer> parse_batch_request(const Call& call) {
    Fields fields(call.request);
    bank::BatchOrder order;
    order.mchid = call.mchid();
    order.appid = fields.text("appid", 32, Presence::required);
    order.out_batch_no = fields.number("out_batch_no", call.number_length_min());
    order.batch_name = fields.text("batch_name", 32, Presence::required);
    order.batch_remark = fields.text("batch_remark", 32, Presence::required);
    order.transfer_scene_id = fields.text("transfer_scene_id", 36, Presence::optional);
    order.notify_url = take_notify_url(fields, call, "notify_url", Presence::optional);
    if (fields.is_ok()) take_details(fields, call, order);
    if (fields.is_ok()) check_totals(fields, order);
    if (fields.is_ok() && order.appid != call.merchant.identity.appid) {
        // Of this API the sheet knows the status: 401 (wechat_spec 2, [3]).
        fields.refuse(error_answer(401, "APPID_MCHID_NOT_MATCH", "商户号和appid没有绑定关系"));
    }
    if (!fields.is_ok()) return tl::unexpected<Answer>(*fields.problem());
    return order;
}

tl::expected<BatchPage, Answer> parse_batch_page(const Call& call) {
    constexpr std::size_t offset_max = 1'000'000;
    BatchPage page;
    const std::string wanted = call.parameter("need_query_detail");
    if (wanted != "true" && wanted != "false") {
        return bad_parameter("need_query_detail", "必填，且为true或false");
    }
    page.with_details = wanted == "true";
    if (const std::string text = call.parameter("offset"); !text.empty()) {
        const auto offset = parse_count(text, 0, offset_max);
        if (!offset) return bad_parameter("offset", "请求资源起始位置不正确");
        page.offset = *offset;
    }
    if (const std::string text = call.parameter("limit"); !text.empty()) {
        const auto limit = parse_count(text, 20, 100);
        if (!limit) return bad_parameter("limit", "最大资源条数须在20到100之间");
        page.limit = *limit;
    }
    const std::string state = call.parameter("detail_status");
    if (state.empty() || state == "ALL") {
        if (page.with_details && state.empty()) return bad_parameter("detail_status", "缺少必填参数");
        return page;
    }
    using bank::DetailState;
    for (const DetailState known : {DetailState::success, DetailState::fail, DetailState::wait_pay}) {
        if (state == name(known)) page.state = known;
    }
    if (!page.state) return bad_parameter("detail_status", "明细状态不正确");
    return page;
}

}  // namespace tixian::mock
