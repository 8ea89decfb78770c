// SPDX-License-Identifier: MIT
#include "mock/control.hpp"

#include <map>

#include <nlohmann/json.hpp>

namespace tixian::mock {
namespace {

using bank::Bank;
using nlohmann::json;

constexpr std::string_view prefix = "/_mock/";

}  // namespace

Answer Control::answer(const Request& request) {
    ControlRequest asked{request, request.path().substr(prefix.size()), parse_query(request.query()), ""};
    asked.mchid = asked.has("mchid") ? asked.parameter("mchid") : merchants_.first()->identity.mchid;
    if (auto answer = answer_own(asked)) return std::move(*answer);
    if (auto answer = bills_.answer(asked)) return std::move(*answer);
    if (auto answer = products_.answer(asked)) return std::move(*answer);
    if (auto answer = merchants_control_.answer(asked)) return std::move(*answer);
    return no_such("control endpoint");
}

std::optional<Answer> Control::answer_own(const ControlRequest& request) {
    if (request.is_get("healthz")) return raw_json(R"({"status":"ok"})");
    if (request.is_get("settings")) return raw_json(settings_json(settings_.get()));
    if (request.is_post("settings")) return change_settings(request.request.body);
    if (request.is_get("switches")) return raw_json(switches_json(switches_.get()));
    if (request.is_post("switches")) return change_switches(request.request.body);
    if (request.is_post("reset")) return reset(request);
    return std::nullopt;
}

Answer Control::change_settings(const std::string& body) {
    std::string problem;
    const auto changed = changed_settings(settings_.get(), body, problem);
    if (!changed) return bad_request(problem);
    settings_.set(*changed);
    apply(*changed);
    return raw_json(settings_json(*changed));
}

Answer Control::change_switches(const std::string& body) {
    std::string problem;
    const auto changed = changed_switches(switches_.get(), body, problem);
    if (!changed) return bad_request(problem);
    switches_.set(*changed);
    apply(*changed);
    return raw_json(switches_json(*changed));
}

void Control::apply(const Settings& settings) {
    bank_.set_sending(settings.notifications);
    bank_.with([&](Bank& bank, Timestamp now) {
        if (bank.auto_confirm() != settings.auto_confirm_after)
            bank.set_auto_confirm(settings.auto_confirm_after, now);
    });
}

void Control::apply(const Switches& switches) {
    bank_.with([&](Bank& bank, Timestamp) { bank.set_behaviour(switches); });
}

// One merchant's, or everything.
Answer Control::reset(const ControlRequest& request) {
    if (request.has("mchid")) {
        const auto merchant = merchants_.find(request.mchid);
        bank_.with([&](Bank& bank, Timestamp) { bank.forget_merchant(request.mchid, merchant->terms); });
        merchants_.change(request.mchid, [](Merchant& one) { one.unrotate(); });
        forget_(request.mchid);
        journal_.clear(request.mchid);
        return raw_json("{}");
    }
    std::map<std::string, bank::MerchantTerms> terms;
    for (const auto& merchant : merchants_.all()) terms.emplace(merchant->identity.mchid, merchant->terms);
    for (const auto& [mchid, ignored] : terms)
        merchants_.change(mchid, [](Merchant& merchant) { merchant.unrotate(); });
    bank_.reset(terms);
    forget_({});
    apply(settings_.reset());
    apply(switches_.reset());
    journal_.clear();
    return raw_json("{}");
}

}  // namespace tixian::mock
