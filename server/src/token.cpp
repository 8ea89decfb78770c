// SPDX-License-Identifier: MIT
#include "token.hpp"

#include <algorithm>
#include <exception>

#include <jwt/jwt.hpp>

namespace tixian::server {
namespace {

constexpr std::string_view service_role = "service";
constexpr std::size_t token_length_max = 2048;

// cpp-jwt 1.4 aborts on a byte above 127, so nothing but the alphabet of a token may reach it.
bool is_token_text(std::string_view text) {
    return !text.empty() && text.size() <= token_length_max &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return tixian::detail::is_alphanumeric(c) || c == '-' || c == '_' || c == '.';
           });
}

std::int64_t seconds_of(Timestamp at) {
    return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
}

template <class Json>
Result<Principal> principal_of(const Json& claims, Timestamp now) {
    const auto text = [&](const char* name) {
        return claims.contains(name) && claims[name].is_string() ? claims[name].template get<std::string>()
                                                                 : std::string();
    };
    const auto refused = [](const char* why) { return refuse(ErrorCode::not_allowed, why); };
    if (!claims.contains("exp") || !claims["exp"].is_number_integer()) return refused("the token never ends");
    if (claims["exp"].template get<std::int64_t>() <= seconds_of(now))
        return refused("the token has expired");
    Principal principal;
    principal.is_service = text("role") == service_role;
    const auto user = UserId::parse(text("sub"));
    if (!user) return refused("the token names no user");
    principal.user = *user;
    if (principal.is_service) return principal;
    const auto openid = Openid::parse(text("openid"));
    if (!openid) return refused("the token names no openid");
    principal.openid = *openid;
    return principal;
}

}  // namespace

std::string make_token(std::string_view key, const Principal& principal, Timestamp now,
                       std::chrono::seconds valid_for) {
    using namespace jwt::params;
    jwt::jwt_object token{algorithm("HS256"), secret(std::string(key))};
    token.add_claim("sub", principal.user.text());
    token.add_claim("exp", seconds_of(now + valid_for));
    if (principal.is_service)
        token.add_claim("role", std::string(service_role));
    else
        token.add_claim("openid", principal.openid.text());
    return token.signature();
}

Result<Principal> read_token(std::string_view key, std::string_view token, Timestamp now) try {
    if (!is_token_text(token)) return refuse(ErrorCode::not_allowed, "this is no token");
    using namespace jwt::params;
    const auto decoded =
        jwt::decode(std::string(token), algorithms({"HS256"}), secret(std::string(key)), verify(true));
    return principal_of(decoded.payload().create_json_obj(), now);
} catch (const std::exception&) {
    return refuse(ErrorCode::not_allowed, "this is no token of ours");
}

}  // namespace tixian::server
