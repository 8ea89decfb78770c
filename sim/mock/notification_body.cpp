// SPDX-License-Identifier: MIT
#include "mock/notification_body.hpp"

#include <nlohmann/json.hpp>

#include "mock/answers.hpp"
#include "mock/crypto.hpp"

namespace tixian::mock {
namespace {

using bank::EventKind;
using nlohmann::json;

json plain_of(const bank::Bill& bill, EventKind, const Switches& switches) {
    json body = {{"out_bill_no", bill.order.out_bill_no},
                 {"transfer_bill_no", bill.transfer_bill_no},
                 {"state", name(bill.state)},
                 {switches.mchid_in_notification ? "mchid" : "mch_id", bill.order.mchid},
                 {"transfer_amount", bill.order.amount.fen()},
                 {"openid", bill.order.openid},
                 {"create_time", time_text(bill.created_at, switches)},
                 {"update_time", time_text(bill.updated_at, switches)}};
    add_if(body, "fail_reason", bill.fail_reason);
    return body;
}

// No state of any detail: the merchant has to ask for them.
json plain_of(const bank::Batch& batch, EventKind kind, const Switches& switches) {
    json body = {{"mchid", batch.order.mchid},
                 {"out_batch_no", batch.order.out_batch_no},
                 {"batch_id", batch.batch_id},
                 {"batch_status", name(batch.state)},
                 {"total_num", batch.order.details.size()},
                 {"total_amount", batch.order.total().value_or(Money()).fen()},
                 {"update_time", time_text(batch.updated_at, switches)}};
    if (kind == EventKind::batch_closed) {
        body["close_reason"] = batch.close_reason;
        return body;
    }
    const auto success = batch.part(bank::DetailState::success), fail = batch.part(bank::DetailState::fail);
    body["success_amount"] = success.amount.fen();
    body["success_num"] = success.count;
    body["fail_amount"] = fail.amount.fen();
    body["fail_num"] = fail.count;
    return body;
}

// As it was at the event: a confirmation that is told late does not tell of the end that came meanwhile.
json plain_of(const bank::Authorization& authorization, EventKind kind, const Switches& switches) {
    const bool is_confirmed = kind == EventKind::authorization_confirmed;
    json body = {{"mchid", authorization.order.mchid},
                 {"out_authorization_no", authorization.order.out_authorization_no},
                 {"appid", authorization.order.appid},
                 {"openid", authorization.order.openid},
                 {"user_display_name", authorization.order.user_display_name},
                 {"state", is_confirmed ? "TAKING_EFFECT" : "CLOSED"}};
    if (authorization.authorized_at) {
        body["authorization_id"] = authorization.authorization_id;
        body["authorize_time"] = time_text(*authorization.authorized_at, switches);
    }
    if (!is_confirmed && authorization.closed_at) {
        body["close_info"] = {{"close_time", time_text(*authorization.closed_at, switches)},
                              {"close_reason", authorization.close_reason}};
    }
    return body;
}

Timestamp time_of(const bank::Bill& bill, EventKind) { return bill.updated_at; }
Timestamp time_of(const bank::Batch& batch, EventKind) { return batch.updated_at; }
Timestamp time_of(const bank::Authorization& authorization, EventKind kind) {
    const auto& at =
        kind == EventKind::authorization_confirmed ? authorization.authorized_at : authorization.closed_at;
    return at.value_or(authorization.created_at);
}

// Only the first is the sheet's; the others are worded after it [?].
std::string_view summary(EventKind kind) {
    switch (kind) {
        case EventKind::bill_finished:
            return "商家转账单据终态通知";
        case EventKind::batch_finished:
            return "商家转账批次完成通知";
        case EventKind::batch_closed:
            return "商家转账批次关闭通知";
        case EventKind::authorization_confirmed:
            return "用户授权成功通知";
        case EventKind::authorization_closed:
            return "用户授权关闭通知";
    }
    return "";
}

}  // namespace

std::string notification_plain(const bank::DueNotification& notification, const Switches& switches) {
    return std::visit(
        [&](const auto& subject) { return dump(plain_of(subject, notification.kind, switches)); },
        notification.subject);
}

std::string notification_body(const bank::DueNotification& notification, const std::string& apiv3_key,
                              const Switches& switches) {
    const std::string nonce = random_text(12);
    const std::string data = switches.notification_without_associated_data ? "" : "mch_payment";
    json resource = {
        {"original_type", "mch_payment"},
        {"algorithm", "AEAD_AES_256_GCM"},
        {"ciphertext", encrypt_aes_gcm(apiv3_key, nonce, notification_plain(notification, switches), data)},
        {"nonce", nonce}};
    add_if(resource, "associated_data", data);
    const Timestamp at = std::visit([&](const auto& subject) { return time_of(subject, notification.kind); },
                                    notification.subject);
    return dump({{"id", notification.id},
                 {"create_time", time_text(at, switches)},
                 {"event_type", name(notification.kind)},
                 {"resource_type", "encrypt-resource"},
                 {"summary", summary(notification.kind)},
                 {"resource", resource}});
}

}  // namespace tixian::mock
