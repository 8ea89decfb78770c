// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "tixian/clock.hpp"

namespace tixian::bank {

/// A user's standing consent to be paid without confirming each time (wechat_spec 1.7).
enum class AuthorizationState { wait_user_confirm, taking_effect, closed };

[[nodiscard]] constexpr std::string_view name(AuthorizationState state) {
    constexpr std::array<std::string_view, 3> names = {"WAIT_USER_CONFIRM", "TAKING_EFFECT", "CLOSED"};
    return names[static_cast<std::size_t>(state)];
}

struct AuthorizationOrder {
    std::string mchid;
    std::string out_authorization_no;
    std::string appid;
    std::string openid;
    std::string transfer_scene_id;
    std::string user_display_name;
    std::string perception;
    std::string notify_url;
    bool operator==(const AuthorizationOrder&) const = default;
};

struct Authorization {
    AuthorizationOrder order;
    std::string authorization_id;
    std::string package_info;
    AuthorizationState state = AuthorizationState::wait_user_confirm;
    Timestamp created_at;
    std::optional<Timestamp> authorized_at;
    std::optional<Timestamp> closed_at;
    std::string close_reason;
};

}  // namespace tixian::bank
