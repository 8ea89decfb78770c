// SPDX-License-Identifier: MIT
#include "mock/control_request.hpp"

#include <nlohmann/json.hpp>

namespace tixian::mock {

std::optional<std::string> reason_in(const Request& request, const std::string& member,
                                     std::string otherwise) {
    if (request.body.empty()) return otherwise;
    const nlohmann::json body = nlohmann::json::parse(request.body, nullptr, false);
    if (!body.is_object()) return std::nullopt;
    const auto reason = body.find(member);
    if (reason == body.end()) return otherwise;
    if (!reason->is_string() || reason->get_ref<const std::string&>().empty()) return std::nullopt;
    return reason->get<std::string>();
}

}  // namespace tixian::mock
