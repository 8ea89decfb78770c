// SPDX-License-Identifier: MIT
#include "faults/rule.hpp"

#include <algorithm>

#include "faults/catalogue.hpp"

namespace tixian::faults {
namespace {

bool is_like(std::string_view pattern, std::string_view text) {
    if (pattern.empty()) return true;
    if (pattern.back() != '*') return pattern == text;
    pattern.remove_suffix(1);
    return text.starts_with(pattern);
}

bool is_within(const Match& match, const std::optional<Money>& amount) {
    if (!match.amount_min && !match.amount_max) return true;
    if (!amount) return false;
    return (!match.amount_min || *amount >= *match.amount_min) &&
           (!match.amount_max || *amount <= *match.amount_max);
}

tl::unexpected<Error> refuse_parameter(const ParameterRow& row, const std::string& message) {
    return refuse(ErrorCode::invalid_argument, message, std::string(row.name));
}

bool is_name(std::string_view text) {
    constexpr std::size_t length_max = 64;
    return !text.empty() && text.size() <= length_max &&
           std::all_of(text.begin(), text.end(), [](char c) { return 0x21 <= c && c <= 0x7e && c != '/'; });
}

}  // namespace

bool Match::is_met_by(const Situation& situation) const {
    const bool is_endpoint = endpoints.empty() || std::find(endpoints.begin(), endpoints.end(),
                                                            situation.endpoint) != endpoints.end();
    return is_endpoint && is_like(mchid, situation.mchid) && is_like(number, situation.number) &&
           is_like(openid, situation.openid) && is_within(*this, situation.amount) &&
           (!attempt_min || situation.attempt >= *attempt_min) &&
           (!attempt_max || situation.attempt <= *attempt_max);
}

Parameters default_parameters(Fault fault) {
    Parameters parameters;
    for (const ParameterRow& row : row_of(fault).parameters()) {
        if (row.type == ParameterType::text) {
            parameters.emplace_back(std::string(row.default_text));
        } else {
            parameters.emplace_back(row.default_number);
        }
    }
    return parameters;
}

Rule make_rule(Fault fault) {
    Rule rule;
    rule.name = name(fault);
    rule.fault = fault;
    rule.parameters = default_parameters(fault);
    return rule;
}

Result<void> set_parameter(Rule& rule, std::string_view name, Value value) {
    const auto rows = row_of(rule.fault).parameters();
    const auto row = std::find_if(rows.begin(), rows.end(),
                                  [&](const ParameterRow& candidate) { return candidate.name == name; });
    if (row == rows.end()) {
        return refuse(ErrorCode::invalid_argument, "is not a parameter of this fault", std::string(name));
    }
    if ((row->type == ParameterType::text) != std::holds_alternative<std::string>(value)) {
        return refuse_parameter(*row,
                                row->type == ParameterType::text ? "must be a text" : "must be a number");
    }
    if (const auto* text = std::get_if<std::string>(&value)) {
        if (text->size() > static_cast<std::size_t>(row->max)) return refuse_parameter(*row, "is too long");
        const bool is_one_line =
            std::none_of(text->begin(), text->end(), [](char c) { return 0 <= c && c < 0x20; });
        if (!is_one_line) return refuse_parameter(*row, "must be one line");
    } else if (const auto number = std::get<std::int64_t>(value); number < row->min || number > row->max) {
        return refuse_parameter(
            *row, "must be between " + std::to_string(row->min) + " and " + std::to_string(row->max));
    }
    rule.parameters.at(static_cast<std::size_t>(row - rows.begin())) = std::move(value);
    return {};
}

Result<void> check(const Rule& rule) {
    const auto wrong = [](const char* field, std::string message) {
        return refuse(ErrorCode::invalid_argument, std::move(message), field);
    };
    const FaultRow& row = row_of(rule.fault);
    if (!is_name(rule.name)) return wrong("name", "must be 1 to 64 printable characters, no space or slash");
    if (rule.probability.per_million < 0 || rule.probability.per_million > Probability::always) {
        return wrong("probability", "must be between 0% and 100%");
    }
    for (const Endpoint endpoint : rule.match.endpoints) {
        if (!row.applies_to(endpoint)) {
            return wrong("match.endpoint",
                         std::string(row.name) + " never happens to " + std::string(name(endpoint)));
        }
    }
    if (rule.match.amount_min && rule.match.amount_max && *rule.match.amount_min > *rule.match.amount_max) {
        return wrong("match.amount_min", "must not be above amount_max");
    }
    if (rule.until && *rule.until <= rule.after) return wrong("until", "must be later than after");
    if (rule.count && *rule.count < 0) return wrong("count", "must not be negative");
    if (rule.count_per_number && *rule.count_per_number < 1)
        return wrong("count_per_number", "must be positive");
    if (rule.burst < 1) return wrong("burst", "must be positive");
    if (rule.fault == Fault::latency_uniform && rule.parameters.at(0) > rule.parameters.at(1)) {
        return wrong("with.min", "must not be above max");
    }
    return {};
}

}  // namespace tixian::faults
