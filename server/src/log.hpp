// SPDX-License-Identifier: MIT
#pragma once

#include "tixian/observer.hpp"

namespace tixian::server {

/// One line of JSON on standard error for each step, answer and anomaly; no openid, name, key or token is in
/// it.
class LogObserver : public Observer {
 public:
    void on_step(const Step& step) override;
    void on_answer(const Answer& answer) override;
};

/// Makes the log lines JSON. Called once, by main.
void start_log();
void log_error(const Error& error, const std::string& where);
void log_info(const std::string& message);

}  // namespace tixian::server
