// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include <nlohmann/json.hpp>

#include "tixian/call.hpp"
#include "tixian/enum_text.hpp"
#include "tixian/error.hpp"
#include "tixian/ids.hpp"
#include "tixian/wechat/bill_query.hpp"
#include "tixian/wechat/bill_report.hpp"
#include "tixian/wechat/exchange.hpp"
#include "tixian/wechat/json.hpp"
#include "tixian/wechat/merchant.hpp"
#include "tixian/wechat/scene.hpp"
#include "tixian/wechat/user_authorization.hpp"
#include "tixian/wechat/utf8.hpp"

// The requests around prior authorisation (wechat_spec 1.1 H to L, 1.7), as values. Each refuses
// (`invalid_argument`) a field that WeChat would not take, naming it, before anything is sent.
//
// The two transfers here (H and L) are for hosts that keep their own books of them: they are no channel, so
// no ledger stands behind them, and R1 to R15 are the caller's to keep.

namespace tixian::wechat {

enum class DeviceType { ios, android, harmony, other };

namespace detail {
inline constexpr tixian::detail::EnumText<DeviceType, 4> device_type_text{
    {"IOS", "ANDROID", "HARMONY", "OTHER"}};
}
[[nodiscard]] constexpr std::string_view name(DeviceType type) { return detail::device_type_text.name(type); }

/// From where the user asks.
struct SceneInfo {
    std::string client_ip;
    std::string device_id;
    DeviceType device_type = DeviceType::other;
};

/// Asks a user to be paid without confirming each time. One for each user and scene; the user has 24 hours,
/// then it takes a new number.
struct AuthorizationRequest {
    AuthorizationNo out_no;
    Appid appid;
    Openid openid;
    std::string transfer_scene_id;
    std::string user_display_name;  ///< by which WeChat calls the user on its page
    std::string user_recv_perception;
    std::string notify_url;
    std::optional<SceneInfo> scene_info;
};

/// What a transfer that also asks for the authorisation says of it.
struct AuthorizationInfo {
    AuthorizationNo out_no;
    std::string user_display_name;
    std::string notify_url;
};

/// Which authorisation a transfer without confirmation rests on.
using AuthorizationRef = std::variant<AuthorizationId, AuthorizationNo>;

/// The reply to a transfer that also asks for the authorisation.
struct TransferWithAuthorization {
    Report bill;
    std::optional<AuthorizationNo> out_no;
    std::string user_display_name;
};

namespace detail {

inline constexpr std::string_view authorizations_path =
    "/v3/fund-app/mch-transfer/user-confirm-authorization";

inline Result<void> check_field(bool holds, const char* field, std::string_view rule) {
    if (holds) return {};
    return refuse(ErrorCode::invalid_argument, std::string(field) + " " + std::string(rule), field);
}

inline bool is_text(std::string_view text) { return !text.empty() && utf8_characters(text).has_value(); }

inline Result<void> check_asking(const AuthorizationNo& out_no, const std::string& display_name,
                                 const std::string& notify_url) {
    return check_field(!out_no.is_empty(), "out_authorization_no", "is missing")
        .and_then([&] {
            return check_field(is_text(display_name), "user_display_name", "must be UTF-8, not empty");
        })
        .and_then([&] {
            return check_field(check_notify_url(notify_url, false).has_value(), "authorization_notify_url",
                               "must be https without a query, at most 256 characters");
        });
}

inline Result<void> check_scene_info(const SceneInfo& info) {
    return check_field(is_one_word(info.client_ip), "client_ip", "must be an address").and_then([&] {
        return check_field(is_text(info.device_id), "device_id", "must be UTF-8, not empty");
    });
}

inline std::string authorization_url(const AuthorizationNo& out_no) {
    return join({authorizations_path, "/out-authorization-no/", out_no.text()});
}

/// The body of a create, as the channel composed it: its fields are those of the transfers here, too.
inline Result<nlohmann::ordered_json> body_of(const Submission& create) {
    auto body = nlohmann::ordered_json::parse(create.body, nullptr, /*allow_exceptions=*/false);
    if (!body.is_object())
        return refuse(ErrorCode::invalid_argument, "must be a composed create", "submission");
    return body;
}

}  // namespace detail

/// I: asks for an authorisation; parse_user_authorization() reads the answer. 50 a second.
[[nodiscard]] inline Result<ApiRequest> authorization_request(const AuthorizationRequest& asked) {
    using detail::check_field, detail::has_characters, detail::scene_id_characters_max;
    auto checked =
        detail::check_asking(asked.out_no, asked.user_display_name, asked.notify_url)
            .and_then([&] { return check_field(!asked.appid.is_empty(), "appid", "is missing"); })
            .and_then([&] { return check_field(!asked.openid.is_empty(), "openid", "is missing"); })
            .and_then([&] {
                return check_field(has_characters(asked.transfer_scene_id, scene_id_characters_max),
                                   "transfer_scene_id", "must be UTF-8 of 1 to 36 characters");
            })
            .and_then([&] {
                return check_field(utf8_characters(asked.user_recv_perception).has_value(),
                                   "user_recv_perception", "must be UTF-8");
            });
    if (checked && asked.scene_info) checked = detail::check_scene_info(*asked.scene_info);
    if (!checked) return tl::unexpected(checked.error());

    nlohmann::ordered_json body{{"out_authorization_no", asked.out_no.text()},
                                {"appid", asked.appid.text()},
                                {"openid", asked.openid.text()},
                                {"transfer_scene_id", asked.transfer_scene_id},
                                {"user_display_name", asked.user_display_name}};
    if (!asked.user_recv_perception.empty()) body["user_recv_perception"] = asked.user_recv_perception;
    body["authorization_notify_url"] = asked.notify_url;
    if (asked.scene_info)
        body["scene_info"] = {{"client_ip", asked.scene_info->client_ip},
                              {"device_id", asked.scene_info->device_id},
                              {"device_type", name(asked.scene_info->device_type)}};
    return ApiRequest{"POST", std::string(detail::authorizations_path), body.dump(), {}};
}

/// J: asks how it stands; with `shows_page` WeChat answers package_info again. parse_user_authorization()
/// reads the answer.
[[nodiscard]] inline ApiRequest authorization_query(const AuthorizationNo& out_no, bool shows_page = false) {
    return {"GET",
            with_query(detail::authorization_url(out_no),
                       {{"is_display_authorization", shows_page ? "true" : "false"}}),
            {},
            {}};
}

/// K: ends it; parse_user_authorization() reads the answer. 50 a second.
[[nodiscard]] inline ApiRequest authorization_close(const AuthorizationNo& out_no) {
    return {"POST", detail::authorization_url(out_no) + "/close", {}, {}};
}

/// H: the transfer that `create` composes, which also asks the user for the authorisation. A user who takes
/// the money and declines leaves no authorisation behind. 100 a second.
[[nodiscard]] inline Result<ApiRequest> transfer_asking_authorization(
    const Submission& create, const AuthorizationInfo& info, const std::optional<Mchid>& sponsor = {}) {
    if (auto checked = detail::check_asking(info.out_no, info.user_display_name, info.notify_url); !checked)
        return tl::unexpected(checked.error());
    return detail::body_of(create).map([&](nlohmann::ordered_json body) {
        body["authorization_info"] = {{"user_display_name", info.user_display_name},
                                      {"out_authorization_no", info.out_no.text()},
                                      {"authorization_notify_url", info.notify_url}};
        if (sponsor) body["sponsor_mchid"] = sponsor->text();
        return ApiRequest{"POST",
                          detail::join({detail::transfer_bills_path, "/pre-transfer-with-authorization"}),
                          body.dump(), create.key_serial};
    });
}

/// Reads the reply to it.
[[nodiscard]] inline Result<TransferWithAuthorization> parse_transfer_asking_authorization(
    const json::Value& answer) {
    auto bill = parse_bill(answer);
    if (!bill) return tl::unexpected(bill.error());
    TransferWithAuthorization reply{std::move(*bill), {}, {}};
    detail::MemberReader members(answer);
    reply.out_no = members.id<AuthorizationNo>("out_authorization_no");
    reply.user_display_name = members.text("user_display_name", false);
    if (members.refusal()) return tl::unexpected(*members.refusal());
    return reply;
}

/// L: the transfer that `create` composes, to a user who has allowed it before; the payee follows from the
/// authorisation. 100 a second.
[[nodiscard]] inline Result<ApiRequest> authorized_transfer(const Submission& create,
                                                            const AuthorizationRef& by,
                                                            const std::optional<Mchid>& sponsor = {}) {
    const auto [field, number] = std::visit(
        [](const auto& id) {
            using Kind = std::decay_t<decltype(id)>;
            constexpr bool is_ours = std::is_same_v<Kind, AuthorizationNo>;
            return std::pair(is_ours ? "out_authorization_no" : "authorization_id", id.text());
        },
        by);
    if (auto checked = detail::check_field(!number.empty(), field, "is missing"); !checked)
        return tl::unexpected(checked.error());
    return detail::body_of(create).map([&, &key = field, &value = number](nlohmann::ordered_json body) {
        body.erase("openid");
        body[key] = value;
        if (sponsor) body["sponsor_mchid"] = sponsor->text();
        return ApiRequest{"POST", detail::join({detail::transfer_bills_path, "/transfer"}), body.dump(),
                          create.key_serial};
    });
}

/// Reads the reply to it. SUCCESS is paid. Any other state is, by WeChat's page, unexpected: it is `unknown`
/// here, kept raw, and the bill is to be queried (wechat_spec 1.7 L).
[[nodiscard]] inline Result<Report> parse_authorized_transfer(const json::Value& answer) {
    return parse_bill(answer).map([](Report report) {
        if (report.state != BillState::success) report.state = BillState::unknown;
        return report;
    });
}

}  // namespace tixian::wechat
