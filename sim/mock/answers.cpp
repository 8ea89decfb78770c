// SPDX-License-Identifier: MIT
#include "mock/answers.hpp"

#include <nlohmann/json.hpp>

#include "mock/text.hpp"

namespace tixian::mock {

using nlohmann::json;

std::string dump(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

Answer json_answer(const json& value) {
    Answer answer;
    answer.body = dump(value);
    return answer;
}

void add_if(json& body, const char* key, const std::string& value) {
    if (!value.empty()) body[key] = value;
}

std::string time_text(Timestamp at, const Switches& switches) {
    return switches.fractional_times ? precise_time_text(at) : time_text(at);
}

Answer error_answer(int status, std::string_view code, std::string_view message) {
    Answer answer = json_answer({{"code", code}, {"message", message}});
    answer.status = status;
    return answer;
}

Answer refusal_answer(const bank::Refusal& refusal) {
    Answer answer = error_answer(refusal.status, refusal.code, refusal.message);
    // wechat_spec 4.7: the numbers of a re-entry with different parameters, and of too many requests.
    if (refusal.message.starts_with("单号已存在")) answer.reason = "268498688";
    if (refusal.status == 429) answer.reason = "268447840";
    return answer;
}

Answer param_error(std::string_view field, std::string_view issue, std::string_view location) {
    Answer answer = json_answer({{"code", "PARAM_ERROR"},
                                 {"message", "参数错误：" + std::string(issue)},
                                 {"detail", {{"field", field}, {"issue", issue}, {"location", location}}}});
    answer.status = 400;
    return answer;
}

}  // namespace tixian::mock
