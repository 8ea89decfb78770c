// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "mock/answers.hpp"
#include "mock/http.hpp"
#include "mock/text.hpp"

namespace tixian::mock {

/// A request to a control endpoint, with what stands in its address.
struct ControlRequest {
    const Request& request;
    std::string path;  ///< below /_mock/
    std::map<std::string, std::string> query;
    std::string mchid;  ///< as `?mchid=` says, or else the first merchant's

    [[nodiscard]] bool is_get() const { return request.method == "GET"; }
    [[nodiscard]] bool is_post() const { return request.method == "POST"; }
    [[nodiscard]] bool is_get(std::string_view wanted) const { return is_get() && path == wanted; }
    [[nodiscard]] bool is_post(std::string_view wanted) const { return is_post() && path == wanted; }
    [[nodiscard]] bool has(const std::string& parameter) const { return query.contains(parameter); }
    [[nodiscard]] std::string parameter(const std::string& name) const {
        const auto found = query.find(name);
        return found == query.end() ? std::string() : found->second;
    }
};

/// What the body says of a reason: {"fail_reason": "..."}. Without a body or that member it is `otherwise`;
/// nothing when the body is something else.
[[nodiscard]] std::optional<std::string> reason_in(const Request& request, const std::string& member,
                                                   std::string otherwise);

[[nodiscard]] inline Answer raw_json(std::string body) {
    Answer answer;
    answer.body = std::move(body);
    return answer;
}
[[nodiscard]] inline Answer bad_request(std::string_view message) {
    return error_answer(400, "INVALID_REQUEST", message);
}
[[nodiscard]] inline Answer no_such(std::string_view what) {
    return error_answer(404, "NOT_FOUND", "no such " + std::string(what));
}

}  // namespace tixian::mock
