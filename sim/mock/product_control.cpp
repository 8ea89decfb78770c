// SPDX-License-Identifier: MIT
#include "mock/product_control.hpp"

#include <nlohmann/json.hpp>

namespace tixian::mock {
namespace {

using bank::Answered, bank::Authorization, bank::Bank, bank::Batch;
using nlohmann::json;

json batch_json(const Batch& batch) {
    json details = json::array();
    for (std::size_t i = 0; i < batch.details.size(); ++i) {
        const bank::DetailOrder& order = batch.order.details[i];
        details.push_back({{"out_detail_no", order.out_detail_no},
                           {"detail_id", batch.details[i].detail_id},
                           {"openid", order.openid},
                           {"transfer_amount", order.amount.fen()},
                           {"detail_status", name(batch.details[i].state)},
                           {"fail_reason", batch.details[i].fail_reason}});
    }
    return {{"mchid", batch.order.mchid},         {"out_batch_no", batch.order.out_batch_no},
            {"batch_id", batch.batch_id},         {"batch_status", name(batch.state)},
            {"close_reason", batch.close_reason}, {"details", details},
            {"funded", batch.is_funded},          {"notify_attempts", batch.notify_attempts},
            {"notified", batch.is_notified}};
}

json authorization_json(const Authorization& authorization) {
    return {{"mchid", authorization.order.mchid},
            {"out_authorization_no", authorization.order.out_authorization_no},
            {"authorization_id", authorization.authorization_id},
            {"openid", authorization.order.openid},
            {"transfer_scene_id", authorization.order.transfer_scene_id},
            {"state", name(authorization.state)},
            {"close_reason", authorization.close_reason},
            {"package_info", authorization.package_info}};
}

template <class T>
Answer shown(const Answered<T>& answered, json (*show)(const T&)) {
    return answered ? json_answer(show(*answered)) : refusal_answer(answered.error());
}

// "B1/pay" into its two parts.
std::optional<std::pair<std::string, std::string>> number_and_act(const std::string& path,
                                                                  std::string_view prefix) {
    if (!path.starts_with(prefix)) return std::nullopt;
    const std::string rest = path.substr(prefix.size());
    const std::size_t slash = rest.find('/');
    if (slash == std::string::npos) return std::nullopt;
    return std::pair(rest.substr(0, slash), rest.substr(slash + 1));
}

}  // namespace

std::optional<Answer> ProductControl::answer(const ControlRequest& request) {
    if (request.is_get("batches")) return batches(request);
    if (request.is_get("authorizations")) return authorizations(request);
    if (!request.is_post()) return std::nullopt;
    if (const auto on = number_and_act(request.path, "batches/")) {
        return act_on_batch(request, on->first, on->second);
    }
    if (const auto on = number_and_act(request.path, "authorizations/")) {
        return act_on_authorization(request, on->first, on->second);
    }
    return std::nullopt;
}

Answer ProductControl::batches(const ControlRequest& request) {
    json list = json::array();
    const std::vector<Batch> all = bank_.with([](Bank& bank, Timestamp now) {
        bank.advance(now);
        return bank.batches();
    });
    for (const Batch& batch : all) {
        if (batch.order.mchid == request.mchid) list.push_back(batch_json(batch));
    }
    return json_answer(list);
}

Answer ProductControl::act_on_batch(const ControlRequest& request, const std::string& out_batch_no,
                                    const std::string& act) {
    if (act == "pay") {
        return shown(bank_.with([&](Bank& bank, Timestamp now) {
            return bank.pay_batch(request.mchid, out_batch_no, now);
        }),
                     batch_json);
    }
    if (act == "close") {
        const auto reason = reason_in(request.request, "close_reason", "OVERDUE_CLOSE");
        if (!reason) return bad_request(R"(the body must be {"close_reason": text})");
        return shown(bank_.with([&](Bank& bank, Timestamp now) {
            return bank.close_batch(request.mchid, out_batch_no, *reason, now);
        }),
                     batch_json);
    }
    if (act != "fail") return no_such("act on a batch");
    const json body = json::parse(request.request.body, nullptr, false);
    const bool is_good = body.is_object() && body.contains("out_detail_no") &&
                         body["out_detail_no"].is_string() && body.contains("fail_reason") &&
                         body["fail_reason"].is_string();
    if (!is_good) return bad_request(R"(the body must be {"out_detail_no": text, "fail_reason": text})");
    return shown(bank_.with([&](Bank& bank, Timestamp now) {
        return bank.fail_detail(request.mchid, out_batch_no, body["out_detail_no"].get<std::string>(),
                                body["fail_reason"].get<std::string>(), now);
    }),
                 batch_json);
}

Answer ProductControl::authorizations(const ControlRequest& request) {
    json list = json::array();
    const std::vector<Authorization> all = bank_.with([](Bank& bank, Timestamp now) {
        bank.advance(now);
        return bank.authorizations();
    });
    for (const Authorization& authorization : all) {
        if (authorization.order.mchid == request.mchid) list.push_back(authorization_json(authorization));
    }
    return json_answer(list);
}

Answer ProductControl::act_on_authorization(const ControlRequest& request, const std::string& number,
                                            const std::string& act) {
    if (act == "close") {
        const auto reason = reason_in(request.request, "close_reason", "USER_CLOSE");
        if (!reason) return bad_request(R"(the body must be {"close_reason": text})");
        return shown(bank_.with([&](Bank& bank, Timestamp now) {
            return bank.close_authorization(request.mchid, number, *reason, now);
        }),
                     authorization_json);
    }
    if (act != "confirm") return no_such("act on an authorization");
    return shown(bank_.with([&](Bank& bank, Timestamp now) {
        const auto found = bank.query_authorization(request.mchid, number, now);
        return found ? bank.confirm_authorization(found->package_info, now) : found;
    }),
                 authorization_json);
}

}  // namespace tixian::mock
