// SPDX-License-Identifier: MIT
#include "mock/answers.hpp"

#include <nlohmann/json.hpp>

#include "mock/text.hpp"

namespace tixian::mock {
namespace {

using nlohmann::json;

// Never throws: text that is not UTF-8 (a request may hold anything) is shown with replacement characters.
std::string dump(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

Answer ok(const json& body) {
    Answer answer;
    answer.body = dump(body);
    return answer;
}

void add_if(json& body, const char* key, const std::string& value) {
    if (!value.empty()) body[key] = value;
}

}  // namespace

Answer create_answer(const bank::Bill& bill) {
    json body = {{"out_bill_no", bill.order.out_bill_no},
                 {"transfer_bill_no", bill.transfer_bill_no},
                 {"create_time", time_text(bill.created_at)},
                 {"state", name(bill.state)}};
    if (bank::is_confirm_page_open(bill.state)) body["package_info"] = bill.package_info;
    add_if(body, "fail_reason", bill.fail_reason);
    return ok(body);
}

Answer query_answer(const bank::Bill& bill, const RsaKey& merchant_certificate) {
    // mch_id with an underscore: only this API spells it so.
    json body = {{"mch_id", bill.order.mchid},
                 {"out_bill_no", bill.order.out_bill_no},
                 {"transfer_bill_no", bill.transfer_bill_no},
                 {"appid", bill.order.appid},
                 {"state", name(bill.state)},
                 {"transfer_amount", bill.order.amount.fen()},
                 {"transfer_remark", bill.order.remark},
                 {"openid", bill.order.openid},
                 {"create_time", time_text(bill.created_at)},
                 {"update_time", time_text(bill.updated_at)}};
    add_if(body, "fail_reason", bill.fail_reason);
    if (!bill.order.user_name.empty()) body["user_name"] = merchant_certificate.encrypt(bill.order.user_name);
    return ok(body);
}

Answer cancel_answer(const bank::Bill& bill) {
    return ok({{"out_bill_no", bill.order.out_bill_no},
               {"transfer_bill_no", bill.transfer_bill_no},
               {"state", name(bill.state)},
               {"update_time", time_text(bill.updated_at)}});
}

Answer error_answer(int status, std::string_view code, std::string_view message) {
    Answer answer = ok({{"code", code}, {"message", message}});
    answer.status = status;
    return answer;
}

Answer refusal_answer(const bank::Refusal& refusal) {
    Answer answer = error_answer(refusal.status, refusal.code, refusal.message);
    // wechat_spec 4.7: the number of a re-entry with different parameters.
    if (refusal.message.starts_with("单号已存在")) answer.reason = "268498688";
    return answer;
}

Answer param_error(std::string_view field, std::string_view issue, std::string_view location) {
    Answer answer = ok({{"code", "PARAM_ERROR"},
                        {"message", "参数错误：" + std::string(issue)},
                        {"detail", {{"field", field}, {"issue", issue}, {"location", location}}}});
    answer.status = 400;
    return answer;
}

std::string notification_plain(const bank::Bill& bill) {
    json body = {{"out_bill_no", bill.order.out_bill_no},
                 {"transfer_bill_no", bill.transfer_bill_no},
                 {"state", name(bill.state)},
                 {"mch_id", bill.order.mchid},
                 {"transfer_amount", bill.order.amount.fen()},
                 {"openid", bill.order.openid},
                 {"create_time", time_text(bill.created_at)},
                 {"update_time", time_text(bill.updated_at)}};
    add_if(body, "fail_reason", bill.fail_reason);
    return dump(body);
}

std::string notification_body(const std::string& id, const bank::Bill& bill, const std::string& apiv3_key) {
    const std::string nonce = random_text(12);
    const std::string cipher = encrypt_aes_gcm(apiv3_key, nonce, notification_plain(bill), "mch_payment");
    return dump({{"id", id},
                 {"create_time", time_text(bill.updated_at)},
                 {"event_type", "MCHTRANSFER.BILL.FINISHED"},
                 {"resource_type", "encrypt-resource"},
                 {"summary", "商家转账单据终态通知"},
                 {"resource",
                  {{"original_type", "mch_payment"},
                   {"algorithm", "AEAD_AES_256_GCM"},
                   {"ciphertext", cipher},
                   {"associated_data", "mch_payment"},
                   {"nonce", nonce}}}});
}

std::string bill_json(const bank::Bill& bill) {
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
                 {"create_time", precise_time_text(bill.created_at)},
                 {"update_time", precise_time_text(bill.updated_at)},
                 {"funded", bill.is_funded},
                 {"notify_attempts", bill.notify_attempts},
                 {"notified", bill.is_notified}});
}

}  // namespace tixian::mock
