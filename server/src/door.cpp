// SPDX-License-Identifier: MIT
#include "door.hpp"

#include <string>
#include <string_view>
#include <utility>

#include "log.hpp"
#include "tixian/withdrawal_id.hpp"
#include "views.hpp"

namespace tixian::server {
namespace {

constexpr auto json_type = "application/json; charset=utf-8";

}  // namespace

void Door::answer(const httplib::Request& request, httplib::Response& out, const Response& response) const {
    const std::string request_id = make_change_id(random_).text();
    out.set_header("Request-ID", request_id);
    out.set_header("Cache-Control", "no-store");
    if (response) {
        out.status = response->status;
        if (!response->json.empty()) out.set_content(response->json, json_type);
        return;
    }
    const Refusal& refusal = response.error();
    out.status = refusal.status;
    out.set_content(error_json(refusal.code, refusal.message, refusal.field, request_id), json_type);
    log_info("refused " + request.method + " " + request.path + " " + std::to_string(refusal.status) + " " +
             refusal.code + " request_id=" + request_id);
}

httplib::Server::Handler Door::serve(Endpoint endpoint) const {
    return [this, endpoint = std::move(endpoint)](const httplib::Request& request, httplib::Response& out) {
        answer(request, out, endpoint(request));
    };
}

httplib::Server::Handler Door::serve_user(UserEndpoint endpoint) const {
    return serve([this, endpoint = std::move(endpoint)](const httplib::Request& request) -> Response {
        const auto caller = authenticate(request);
        if (!caller) return tl::unexpected(caller.error());
        if (caller->is_service) return refuse_with(403, "forbidden", "this needs a user's token");
        return endpoint(*caller, request);
    });
}

httplib::Server::Handler Door::serve_service(Endpoint endpoint) const {
    return serve([this, endpoint = std::move(endpoint)](const httplib::Request& request) -> Response {
        const auto caller = authenticate(request);
        if (!caller) return tl::unexpected(caller.error());
        if (!caller->is_service) return refuse_with(403, "forbidden", "this needs a service's token");
        return endpoint(request);
    });
}

tl::expected<Principal, Refusal> Door::authenticate(const httplib::Request& request) const {
    const std::string header = request.get_header_value("Authorization");
    constexpr std::string_view scheme = "Bearer ";
    const auto refused = [](const std::string& why) { return refuse_with(401, "unauthorized", why); };
    if (!header.starts_with(scheme)) return refused("a bearer token is needed");
    auto principal =
        read_token(token_secret_.view(), std::string_view(header).substr(scheme.size()), clock_.now());
    if (!principal) return refused(principal.error().message);
    return *principal;
}

}  // namespace tixian::server
