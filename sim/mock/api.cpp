// SPDX-License-Identifier: MIT
#include "mock/api.hpp"

#include <optional>
#include <string_view>

#include "mock/answers.hpp"
#include "mock/authorization.hpp"
#include "mock/text.hpp"

#include "wechat_bank/bank.hpp"

namespace tixian::mock {
namespace {

std::string_view take_part(std::string_view& path) {
    const std::size_t end = path.find('/');
    const std::string_view part = path.substr(0, end);
    path = end == std::string_view::npos ? std::string_view() : path.substr(end + 1);
    return part;
}

// What stands in the places of the pattern; nothing when the path is another one.
std::optional<std::vector<std::string>> match(std::string_view pattern, std::string_view path) {
    std::vector<std::string> numbers;
    while (!pattern.empty() && !path.empty()) {
        const std::string_view wanted = take_part(pattern), part = take_part(path);
        if (wanted == "{}" && !part.empty()) {
            numbers.emplace_back(part);
        } else if (wanted != part) {
            return std::nullopt;
        }
    }
    if (!pattern.empty() || !path.empty()) return std::nullopt;
    return numbers;
}

bool accepts_chinese(const Request& request) {
    const std::string language = request.header("Accept-Language");
    return language.empty() || language == "*" || language.starts_with("zh-CN");
}

}  // namespace

Answer protocol_error(int status) {
    if (status == 404) return error_answer(404, "RESOURCE_NOT_EXISTS", "请求的资源不存在");
    if (status >= 500) return error_answer(status, "SYSTEM_ERROR", "系统异常，请稍后重试");
    return error_answer(status, "PARAM_ERROR", "HTTP请求不符合规范");
}

Api::Api(const Parts& parts) : parts_(parts) {
    for (const auto& routes :
         {transfer_routes(), authorization_routes(), batch_routes(), receipt_routes(), account_routes()}) {
        routes_.insert(routes_.end(), routes.begin(), routes.end());
    }
}

ApiAnswer Api::answer(const Request& request, const Passage& passage) {
    const std::string path = request.path();
    for (const Route& route : routes_) {
        if (route.method != request.method) continue;
        auto numbers = match(route.path, path);
        if (!numbers) continue;
        const Switches switches = parts_.switches.get();
        if (switches.accept_language_406 && !accepts_chinese(request)) return {protocol_error(406), nullptr};
        ApiAnswer reply;
        auto refusal = check_authorization(request, parts_.merchants, request.arrived_at,
                                           parts_.checks_signatures, reply.merchant);
        if (refusal) {
            reply.answer = std::move(*refusal);
            return reply;
        }
        Call call{{request, *reply.merchant, switches},
                  std::move(*numbers),
                  parse_query(request.query()),
                  parts_.bank,
                  parts_.downloads,
                  passage};
        reply.answer = execute(route, call);
        const int status = reply.answer.status;
        if (call.switches.inferred_statuses_400 && (status == 403 || status == 429))
            reply.answer.status = 400;
        return reply;
    }
    return {protocol_error(404), nullptr};
}

Answer Api::execute(const Route& route, Call& call) {
    const auto too_many = parts_.bank.with(
        [&](bank::Bank& bank, Timestamp now) { return bank.admit(call.mchid(), route.endpoint, now); });
    if (too_many) {
        Answer answer = refusal_answer(*too_many);
        answer.is_over_rate = true;
        return answer;
    }
    return route.answer(call);
}

}  // namespace tixian::mock
