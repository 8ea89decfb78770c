// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "tixian/clock.hpp"
#include "tixian/enum_text.hpp"
#include "tixian/error.hpp"
#include "tixian/ids.hpp"
#include "tixian/wechat/json.hpp"
#include "tixian/wechat/member_reader.hpp"

namespace tixian::wechat {

namespace detail {
struct AuthorizationNoKind {
    // The sheet states no bounds; these are out_bill_no's (wechat_spec 1.2 A).
    static constexpr std::string_view name = "out_authorization_no",
                                      rule = "out_authorization_no must be 1 to 32 letters or digits";
    static constexpr std::size_t length_max = 32;
    static constexpr bool is_allowed(char c) { return tixian::detail::is_alphanumeric(c); }
};
struct AuthorizationIdKind {
    static constexpr std::string_view name = "authorization_id",
                                      rule = "authorization_id must be 1 to 64 letters or digits";
    static constexpr std::size_t length_max = 64;
    static constexpr bool is_allowed(char c) { return tixian::detail::is_alphanumeric(c); }
};
}  // namespace detail

/// The merchant's number of an authorisation.
using AuthorizationNo = Id<detail::AuthorizationNoKind>;
/// WeChat's number of it.
using AuthorizationId = Id<detail::AuthorizationIdKind>;

/// Whether a user has allowed to be paid without confirming each time (wechat_spec 1.7). `unknown` is a state
/// that WeChat added since: never final, and kept raw beside it.
enum class AuthorizationState { unknown, wait_user_confirm, taking_effect, closed };

namespace detail {
inline constexpr tixian::detail::EnumText<AuthorizationState, 4> authorization_state_text{
    {"UNKNOWN", "WAIT_USER_CONFIRM", "TAKING_EFFECT", "CLOSED"}};
}
[[nodiscard]] constexpr std::string_view name(AuthorizationState state) {
    return detail::authorization_state_text.name(state);
}
[[nodiscard]] constexpr bool is_final(AuthorizationState state) {
    return state == AuthorizationState::closed;
}

/// A verified statement of WeChat about one authorisation. What it leaves out is nullopt or empty.
struct UserAuthorization {
    AuthorizationNo out_no;
    AuthorizationState state = AuthorizationState::unknown;
    std::string raw_state;
    std::optional<AuthorizationId> id;
    std::optional<Mchid> mchid;
    std::optional<Appid> appid;
    std::optional<Openid> openid;
    std::string user_display_name;
    std::string transfer_scene_id;
    std::string user_recv_perception;
    std::string package_info;  ///< opens the page on which the user decides, within 24 hours
    std::optional<Timestamp> created_at;
    std::optional<Timestamp> authorized_at;
    std::optional<Timestamp> closed_at;
    /// CLOSE_VIA_MCH_API, USER_CLOSE, USER_OVERDUE_UNCONFIRMED, TRANSFER_RISK, USER_ACCOUNT_ABNORMAL, or what
    /// WeChat added since.
    std::string close_reason;
};

/// Reads an authorisation from an answer or a decrypted notification (wechat_spec 1.7, 3): number and state
/// are required, the rest is taken where it stands. Refuses (`malformed`) a member of the wrong type, naming
/// it.
[[nodiscard]] inline Result<UserAuthorization> parse_user_authorization(const json::Value& answer) {
    UserAuthorization a;
    detail::MemberReader members(answer);
    a.out_no = members.required_id<AuthorizationNo>("out_authorization_no");
    a.raw_state = members.text("state");
    a.id = members.id<AuthorizationId>("authorization_id");
    a.mchid = members.mchid();
    a.appid = members.id<Appid>("appid");
    a.openid = members.id<Openid>("openid");
    a.user_display_name = members.text("user_display_name", false);
    a.transfer_scene_id = members.text("transfer_scene_id", false);
    a.user_recv_perception = members.text("user_recv_perception", false);
    a.package_info = members.text("package_info", false);
    a.created_at = members.time("create_time");
    a.authorized_at = members.time("authorize_time");
    if (members.refusal()) return tl::unexpected(*members.refusal());
    a.state = detail::authorization_state_text.parse(a.raw_state).value_or(AuthorizationState::unknown);

    const json::Value* close_info = answer.find("close_info");
    if (close_info == nullptr || close_info->kind == json::Kind::null) return a;
    if (close_info->kind != json::Kind::object)
        return refuse(ErrorCode::malformed, "must be an object", "close_info");
    detail::MemberReader closing(*close_info);
    a.closed_at = closing.time("close_time");
    a.close_reason = closing.text("close_reason", false);
    if (closing.refusal()) return tl::unexpected(*closing.refusal());
    return a;
}

}  // namespace tixian::wechat
