// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "tixian/observer.hpp"
#include "tixian/person.hpp"
#include "tixian/wechat/api_error.hpp"

namespace tixian::server {

/// One line of JSON on standard error for each step, answer and note; no openid, name, key or token is in
/// it.
class LogObserver : public Observer {
 public:
    void on_step(const Step& step) override;
    void on_answer(const Answer& answer) override;
};

/// Makes the log lines JSON. Called once, by main.
void start_log();
/// What a person did, and about what: the name of a field and its value.
void log_act(std::string_view kind, const std::pair<std::string, std::string>& about, const Person& person);
void log_error(const Error& error, const std::string& where);
void log_error(const wechat::ApiError& error, const std::string& where);
void log_info(const std::string& message);
void log_warning(const std::string& message);

}  // namespace tixian::server
