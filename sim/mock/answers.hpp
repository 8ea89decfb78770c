// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "mock/http.hpp"
#include "mock/switches.hpp"
#include "tixian/clock.hpp"

#include "wechat_bank/refusal.hpp"

namespace tixian::mock {

/// Never throws: text that is not UTF-8 (a request may hold anything) is shown with replacement characters.
[[nodiscard]] std::string dump(const nlohmann::json& value);
[[nodiscard]] Answer json_answer(const nlohmann::json& value);
void add_if(nlohmann::json& body, const char* key, const std::string& value);

/// As WeChat writes times; with milliseconds when the switch says so.
[[nodiscard]] std::string time_text(Timestamp at, const Switches& switches);

[[nodiscard]] Answer error_answer(int status, std::string_view code, std::string_view message);
[[nodiscard]] Answer refusal_answer(const bank::Refusal& refusal);
/// 400 PARAM_ERROR; `field` is a JSON pointer into the body, or a header or path part when `location` says
/// so.
[[nodiscard]] Answer param_error(std::string_view field, std::string_view issue,
                                 std::string_view location = "body");

}  // namespace tixian::mock
