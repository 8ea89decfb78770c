// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "tixian/clock.hpp"
#include "tixian/ids.hpp"

namespace tixian::server {

/// Who calls: a user with the openid that the host has bound to them, or a service of the host.
struct Principal {
    UserId user;
    Openid openid;
    bool is_service = false;
};

/// Makes a bearer token (JWT, HS256). A service has no openid.
[[nodiscard]] std::string make_token(std::string_view key, const Principal& principal, Timestamp now,
                                     std::chrono::seconds valid_for);

/// Refuses (`not_allowed`) whatever is not a token of ours that is valid now.
[[nodiscard]] Result<Principal> read_token(std::string_view key, std::string_view token, Timestamp now);

}  // namespace tixian::server
