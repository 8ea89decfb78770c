// SPDX-License-Identifier: MIT
// The users' no-confirm authorisations (wechat_spec 1.7 I, J, K).
#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "mock/answers.hpp"
#include "mock/call.hpp"
#include "mock/transfer_request.hpp"

#include "wechat_bank/bank.hpp"

namespace tixian::mock {
namespace {

using bank::Answered, bank::Authorization, bank::AuthorizationState, bank::Bank;
using nlohmann::json;

void check_scene_info(Fields& fields) {
    Fields info = fields.object("scene_info", Presence::optional);
    static_cast<void>(info.text("client_ip", 45, Presence::optional));
    static_cast<void>(info.text("device_id", 128, Presence::optional));
    const std::string type = info.text("device_type", 16, Presence::optional);
    constexpr std::array<std::string_view, 5> types = {"", "IOS", "ANDROID", "HARMONY", "OTHER"};
    if (std::find(types.begin(), types.end(), type) == types.end()) {
        info.refuse("device_type", "设备类型不正确");
    }
    fields.join(info);
}

bank::AuthorizationOrder take_order(Fields& fields, const Call& call) {
    bank::AuthorizationOrder order;
    order.mchid = call.mchid();
    order.out_authorization_no = fields.number("out_authorization_no", call.number_length_min());
    order.appid = fields.text("appid", 32, Presence::required);
    order.openid = fields.text("openid", 64, Presence::required);
    order.transfer_scene_id = fields.text("transfer_scene_id", 36, Presence::required);
    order.user_display_name = fields.text("user_display_name", 64, Presence::required);
    order.perception = fields.text("user_recv_perception", 32, Presence::optional);
    order.notify_url = take_notify_url(fields, call, "authorization_notify_url", Presence::required);
    if (fields.is_ok()) check_scene_info(fields);
    if (fields.is_ok()) check_appid(fields, call, order.appid);
    if (fields.is_ok()) check_perception(fields, order.transfer_scene_id, order.perception);
    return order;
}

json authorization_json(const Call& call, const Authorization& authorization) {
    const auto time = [&call](Timestamp at) { return time_text(at, call.switches); };
    json body = {{"out_authorization_no", authorization.order.out_authorization_no},
                 {"appid", authorization.order.appid},
                 {"openid", authorization.order.openid},
                 {"user_display_name", authorization.order.user_display_name},
                 {"state", name(authorization.state)},
                 {"transfer_scene_id", authorization.order.transfer_scene_id},
                 {"create_time", time(authorization.created_at)}};
    add_if(body, "user_recv_perception", authorization.order.perception);
    if (authorization.state == AuthorizationState::wait_user_confirm) {
        body["package_info"] = authorization.package_info;
    }
    if (authorization.authorized_at) {
        body["authorization_id"] = authorization.authorization_id;
        body["authorize_time"] = time(*authorization.authorized_at);
    }
    if (authorization.closed_at) {
        body["close_info"] = {{"close_time", time(*authorization.closed_at)},
                              {"close_reason", authorization.close_reason}};
    }
    return body;
}

Answer ask(Call& call) {
    Fields fields(call.request);
    const bank::AuthorizationOrder order = take_order(fields, call);
    if (!fields.is_ok()) return *fields.problem();
    const Answered<Authorization> asked =
        call.bank.with([&](Bank& bank, Timestamp now) { return bank.ask_authorization(order, now); });
    if (!asked) return refusal_answer(asked.error());
    json body = {{"out_authorization_no", asked->order.out_authorization_no},
                 {"state", name(asked->state)},
                 {"create_time", time_text(asked->created_at, call.switches)}};
    if (asked->state == AuthorizationState::wait_user_confirm) body["package_info"] = asked->package_info;
    return json_answer(body);
}

Answer query(Call& call) {
    // is_display_authorization chooses what a page shows; the mock always shows the authorisation.
    const Answered<Authorization> found = call.bank.with([&](Bank& bank, Timestamp now) {
        return bank.query_authorization(call.mchid(), call.numbers[0], now);
    });
    return found ? json_answer(authorization_json(call, *found)) : refusal_answer(found.error());
}

Answer close(Call& call) {
    const Answered<Authorization> closed = call.bank.with([&](Bank& bank, Timestamp now) {
        return bank.close_authorization(call.mchid(), call.numbers[0], "CLOSE_VIA_MCH_API", now);
    });
    return closed ? json_answer(authorization_json(call, *closed)) : refusal_answer(closed.error());
}

}  // namespace

std::vector<Route> authorization_routes() {
    using bank::Endpoint;
    return {
        {"POST", "/v3/fund-app/mch-transfer/user-confirm-authorization", Endpoint::authorization_ask, ask},
        {"GET", "/v3/fund-app/mch-transfer/user-confirm-authorization/out-authorization-no/{}",
         Endpoint::authorization_query, query},
        {"POST", "/v3/fund-app/mch-transfer/user-confirm-authorization/out-authorization-no/{}/close",
         Endpoint::authorization_close, close},
    };
}

}  // namespace tixian::mock
