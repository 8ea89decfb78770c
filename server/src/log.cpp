// SPDX-License-Identifier: MIT
#include "log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <nlohmann/json.hpp>

namespace tixian::server {
namespace {

using Json = nlohmann::ordered_json;

std::string line(const Json& fields) { return fields.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace

void start_log() {
    auto logger = spdlog::stderr_logger_mt("tixian");
    logger->set_pattern(R"({"at":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l","log":%v})");
    spdlog::set_default_logger(std::move(logger));
    spdlog::flush_on(spdlog::level::info);
}

void LogObserver::on_step(const Step& step) {
    const Withdrawal& w = step.next;
    spdlog::info(line({{"event", step.event},
                       {"withdraw_id", w.id.text()},
                       {"version", w.version},
                       {"state", name(w.state)},
                       {"wechat_state", w.raw_bill_state},
                       {"amount_fen", w.order.amount.fen()}}));
    for (const Note& note : step.notes) {
        if (!note.by.is_empty()) {
            log_act(name(note.kind), {"withdraw_id", note.id.text()}, {note.by, note.text});
            continue;
        }
        spdlog::warn(line({{"event", "raised"},
                           {"kind", name(note.kind)},
                           {"withdraw_id", note.id.text()},
                           {"text", note.text}}));
    }
}

void LogObserver::on_answer(const Answer& answer) {
    Json fields{{"event", "answer"},
                {"withdraw_id", answer.id.text()},
                {"call", name(answer.kind)},
                {"number", answer.number}};
    if (const auto* report = std::get_if<Report>(&answer.result)) {
        fields["class"] = "report";
        fields["wechat_state"] = report->raw_state;
    } else if (const auto* news = std::get_if<NoNews>(&answer.result)) {
        fields["class"] = name(news->kind);
        fields["http_status"] = news->http_status;
        fields["code"] = news->code;
        fields["message"] = news->message;
        fields["wechat_request_id"] = news->request_id;
    } else {
        fields["class"] = "not_found";
    }
    spdlog::info(line(fields));
}

void log_act(std::string_view kind, const std::pair<std::string, std::string>& about, const Person& person) {
    spdlog::info(line({{"event", "recorded"},
                       {"kind", kind},
                       {about.first, about.second},
                       {"operator", person.id.text()},
                       {"text", person.reason}}));
}

void log_error(const Error& error, const std::string& where) {
    spdlog::error(
        line({{"event", "error"}, {"where", where}, {"code", name(error.code)}, {"message", error.message}}));
}

void log_error(const wechat::ApiError& error, const std::string& where) {
    spdlog::error(line({{"event", "error"},
                        {"where", where},
                        {"kind", name(error.kind)},
                        {"http_status", error.http_status},
                        {"code", error.code},
                        {"message", error.message},
                        {"wechat_request_id", error.request_id}}));
}

void log_info(const std::string& message) { spdlog::info(line({{"event", "info"}, {"message", message}})); }
void log_warning(const std::string& message) {
    spdlog::warn(line({{"event", "warning"}, {"message", message}}));
}

}  // namespace tixian::server
