// SPDX-License-Identifier: MIT
#include "mock/transfer_request.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "mock/scenes.hpp"
#include "mock/text.hpp"

namespace tixian::mock {
namespace {

// wechat_spec 1.2, in fen.
constexpr std::int64_t amount_max_without_name = 200'000, amount_min_with_name = 30, red_packet_max = 20'000;

void take_reports(Fields& fields, bank::Order& order) {
    const char* key = "transfer_scene_report_infos";
    for (Fields& entry : fields.objects(key, Presence::required, "需传入转账场景报备信息，请检查")) {
        const std::string type = entry.text("info_type", 15, Presence::required);
        const std::string content = entry.text("info_content", 32, Presence::required);
        fields.join(entry);
        order.reports.push_back({type, content});
    }
    if (order.reports.empty()) fields.refuse(key, "需传入转账场景报备信息，请检查");
}

void take_style(Fields& fields, bank::Order& order) {
    if (!fields.has("user_recv_style")) return;
    Fields style = fields.object("user_recv_style", Presence::optional);
    order.recv_style = style.text("type", 32, Presence::required);
    fields.join(style);
    if (order.recv_style != "CONFIRM_PAGE" && order.recv_style != "RED_PACKET") {
        fields.refuse(param_error(style.pointer("type"), "收款样式不正确"));
    }
}

void check_reports(Fields& fields, const Scene& scene, const bank::Order& order) {
    std::vector<std::string_view> sent, wanted = scene.info_types;
    for (const bank::ReportRow& row : order.reports) sent.push_back(row.info_type);
    std::sort(sent.begin(), sent.end());
    std::sort(wanted.begin(), wanted.end());
    if (sent != wanted) {
        fields.refuse("transfer_scene_report_infos",
                      "未传入完整且对应的转账场景报备信息，请根据接口文档检查");
    }
}

void check_scene(Fields& fields, const Asked& call, const bank::Order& order) {
    const Scene* scene = find_scene(order.transfer_scene_id);
    if (scene == nullptr) {
        if (call.switches.refuse_unknown_scenes) fields.refuse("transfer_scene_id", "转账场景不存在");
        return;
    }
    check_reports(fields, *scene, order);
    check_perception(fields, order.transfer_scene_id, order.perception);
    const bool allows_red_packet = scene->allows_red_packet || call.switches.red_packet_in_recycling;
    if (order.recv_style == "RED_PACKET" && (!allows_red_packet || order.amount.fen() > red_packet_max)) {
        fields.refuse(param_error("/user_recv_style/type", "当前场景或金额不支持红包样式"));
    }
}

// wechat_spec 1.7 H: the authorisation that the user is asked for together with the money.
void take_wish(Fields& fields, const Asked& call, bank::Order& order) {
    Fields wish = fields.object("authorization_info", Presence::required);
    fields.join(wish);
    if (!fields.is_ok()) return;
    order.wish.user_display_name = wish.text("user_display_name", 64, Presence::required);
    order.wish.out_authorization_no = wish.number("out_authorization_no", call.number_length_min());
    order.wish.notify_url = take_notify_url(wish, call, "authorization_notify_url", Presence::required);
    fields.join(wish);
}

// wechat_spec 1.7 L: one of the two numbers, and no openid.
void take_authorization(Fields& fields, const Asked& call, bank::Order& order) {
    order.authorization_id = fields.text("authorization_id", 64, Presence::optional);
    if (order.authorization_id.empty()) {
        order.wish.out_authorization_no = fields.number("out_authorization_no", call.number_length_min());
    }
}

void take_fields(Fields& fields, const Asked& call, TransferKind kind, bank::Order& order) {
    order.appid = fields.text("appid", 32, Presence::required);
    order.out_bill_no = fields.number("out_bill_no", call.number_length_min());
    order.transfer_scene_id = fields.text("transfer_scene_id", 36, Presence::required);
    if (kind == TransferKind::authorized) {
        take_authorization(fields, call, order);
    } else {
        order.openid = fields.text("openid", 64, Presence::required);
    }
    order.remark = fields.text("transfer_remark", 32, Presence::required);
    order.perception = fields.text("user_recv_perception", 32, Presence::optional);
    order.amount = fields.amount("transfer_amount");
    take_reports(fields, order);
    take_style(fields, order);
    order.notify_url = take_notify_url(fields, call, "notify_url", Presence::optional);
    if (kind == TransferKind::with_authorization) take_wish(fields, call, order);
}

}  // namespace

void check_perception(Fields& fields, const std::string& scene_id, const std::string& perception) {
    const Scene* scene = find_scene(scene_id);
    if (perception.empty() || scene == nullptr) return;
    const auto& known = scene->perceptions;
    if (std::find(known.begin(), known.end(), perception) == known.end()) {
        fields.refuse(error_answer(400, "INVALID_REQUEST", "暂不支持展示当前传入的用户收款感知"));
    }
}

void check_appid(Fields& fields, const Asked& call, const std::string& appid) {
    if (appid != call.merchant.identity.appid) {
        const int status = call.switches.appid_mismatch_401 ? 401 : 400;
        fields.refuse(error_answer(status, "APPID_MCHID_NOT_MATCH", "商户号和appid没有绑定关系"));
    }
}

std::string take_notify_url(Fields& fields, const Asked& call, const char* key, Presence presence) {
    std::string url = fields.text(key, 256, presence);
    if (url.empty()) return url;
    const bool is_allowed = !call.switches.notify_url_https_only || url.starts_with("https://");
    if (!is_allowed || !parse_http_url(url) || url.find_first_of("?#") != std::string::npos) {
        fields.refuse(key, "通知地址须为http(s)地址且不能携带参数");
    }
    return url;
}

std::string take_name(Fields& fields, const Asked& call, Money amount) {
    const std::string cipher = fields.text("user_name", 1024, Presence::optional);
    if (cipher.empty()) {
        const bool is_needed =
            call.switches.name_required_from_2000_yuan && amount.fen() >= amount_max_without_name;
        if (is_needed) fields.refuse("user_name", "转账金额大于等于2000元时须传入收款用户姓名");
        return {};
    }
    if (call.switches.name_from_30_fen_only && amount.fen() < amount_min_with_name) {
        fields.refuse("user_name", "转账金额小于0.3元时不支持传入收款用户姓名");
        return {};
    }
    const RsaKey* key = call.merchant.find_key(call.request.header("Wechatpay-Serial"));
    if (key == nullptr) {
        fields.refuse(param_error("Wechatpay-Serial",
                                  "加密敏感字段所用的微信支付公钥ID或平台证书序列号不正确", "header"));
        return {};
    }
    const auto name = key->decrypt(cipher);
    if (!name || name->empty()) fields.refuse("user_name", "敏感字段解密失败");
    return name.value_or("");
}

tl::expected<bank::Order, Answer> parse_transfer_request(const Asked& call, TransferKind kind) {
    Fields fields(call.request);
    bank::Order order;
    order.mchid = call.mchid();
    if (fields.is_ok()) take_fields(fields, call, kind, order);
    if (fields.is_ok()) check_appid(fields, call, order.appid);
    if (fields.is_ok()) check_scene(fields, call, order);
    if (fields.is_ok()) order.user_name = take_name(fields, call, order.amount);
    if (!fields.is_ok()) return tl::unexpected<Answer>(*fields.problem());
    return order;
}

}  // namespace tixian::mock
