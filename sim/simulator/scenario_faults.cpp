// SPDX-License-Identifier: MIT
#include "simulator/scenario_faults.hpp"

#include "faults/catalogue.hpp"
#include "simulator/choices.hpp"

namespace tixian::sim {
namespace {

using faults::Fault;

constexpr faults::Endpoint endpoints[] = {faults::Endpoint::create, faults::Endpoint::query,
                                          faults::Endpoint::cancel};
// About what an answer has.
constexpr std::int64_t body_bytes = 300, head_lines = 10;

void apply(const faults::Drawn& drawn, ScenarioFaults::Effect& effect) {
    const auto refuse = [&](int status, std::string code, bool is_executed) {
        effect.refusal = {status, std::move(code)};
        effect.is_executed = is_executed;
    };
    const auto status = [&] { return static_cast<int>(drawn.number("status")); };
    switch (drawn.fault) {
        case Fault::error:
            return refuse(status(), drawn.text("code"), false);
        case Fault::error_though_executed:
            return refuse(status(), drawn.text("code"), true);
        case Fault::executed_later:
            effect.executed_after = drawn.duration("after");
            return refuse(status(), drawn.text("code"), false);
        case Fault::rate_limited:
            return refuse(429, drawn.text("code"), false);
        case Fault::not_enough:
            return refuse(403, "NOT_ENOUGH", false);
        case Fault::unknown_code:
            return refuse(status(), "A_CODE_OF_NEXT_YEAR", drawn.number("executed") != 0);
        case Fault::gateway_error:
            return refuse(502, "", false);
        case Fault::timeout_before:
        case Fault::reset_before:
        case Fault::refused:
            effect.is_executed = false;
            effect.is_silent = true;
            return;
        case Fault::timeout_after:
        case Fault::reset_during:
        case Fault::reset_after:
        case Fault::half_open:
        case Fault::answer_lost:
            effect.is_silent = true;
            return;
        case Fault::not_yet_visible:
        case Fault::query_misses:
            effect.misses_bill = true;
            return;
        case Fault::unsigned_answer:
            effect.is_unsigned = true;
            return;
        case Fault::truncated_body:
        case Fault::wrong_length:
        case Fault::bad_json:
        case Fault::wrong_content_type:
        case Fault::wrong_signature:
        case Fault::probe_signature:
        case Fault::stale_signature:
        case Fault::unknown_serial:
            effect.has_false_signature = true;
            return;
        case Fault::unknown_state:
            effect.unknown_state = drawn.text("state");
            return;
        case Fault::latency_fixed:
        case Fault::latency_uniform:
        case Fault::latency_lognormal:
            effect.delay += faults::delay_of(drawn);
            return;
        case Fault::dribbled_body:
            effect.delay += drawn.duration("every") * (body_bytes / drawn.number("bytes"));
            return;
        case Fault::slow_headers:
            effect.delay += drawn.duration("every") * head_lines;
            return;
        case Fault::clock_skew:
            effect.skew += std::chrono::seconds(drawn.number("seconds"));
            return;
        case Fault::key_rotated:
            effect.rotates_key = true;
            return;
        default:
            return;
    }
}

bool befalls_calls(const faults::Rule& rule) {
    for (const faults::Endpoint endpoint : endpoints) {
        if (faults::row_of(rule.fault).applies_to(endpoint)) return true;
    }
    return false;
}

}  // namespace

std::vector<std::string> ScenarioFaults::overlooked(const faults::Scenario& scenario) {
    std::vector<std::string> what;
    for (const faults::Rule& rule : scenario.faults) {
        if (!befalls_calls(rule)) what.push_back("the fault " + rule.name);
    }
    if (!scenario.users.empty()) what.emplace_back("users");
    if (scenario.starts_at) what.emplace_back("starts_at");
    if (!scenario.merchants.empty()) what.emplace_back("merchants");
    if (scenario.times != faults::WechatTimes{}) what.emplace_back("times");
    if (!scenario.switches.empty()) what.emplace_back("switches");
    return what;
}

ScenarioFaults::ScenarioFaults(const faults::Scenario& scenario, std::uint64_t seed)
    : faults_(mix(scenario.seed, seed)) {
    for (faults::Rule rule : scenario.faults) {
        if (rule.seed) rule.seed = mix(*rule.seed, seed);
        static_cast<void>(faults_.add(std::move(rule)));
    }
}

ScenarioFaults::Effect ScenarioFaults::draw(const Asked& asked, Duration at) {
    faults::Situation situation;
    situation.endpoint = endpoints[static_cast<std::size_t>(asked.kind)];
    situation.mchid = asked.mchid;
    situation.number = asked.number;
    situation.openid = asked.openid;
    situation.amount = asked.amount;
    situation.attempt = attempts_.next(situation.endpoint, asked.mchid, asked.number);
    situation.at = at;
    Effect effect;
    for (const faults::Drawn& drawn : faults_.draw(situation)) apply(drawn, effect);
    return effect;
}

}  // namespace tixian::sim
