// SPDX-License-Identifier: MIT
#include "faults/schema_text.hpp"

#include "faults/catalogue.hpp"
#include "faults/duration.hpp"

namespace tixian::faults {
namespace {

std::string number_text(const ParameterRow& row, std::int64_t number) {
    if (row.type == ParameterType::duration) return duration_text(Duration(number));
    if (row.type == ParameterType::flag) return number != 0 ? "true" : "false";
    return std::to_string(number);
}

std::string parameter_text(const ParameterRow& row) {
    const std::string title = "`" + std::string(row.name) + "` ";
    if (row.type == ParameterType::text) return title + "= \"" + std::string(row.default_text) + "\"";
    const std::string otherwise = "= " + number_text(row, row.default_number);
    if (row.type == ParameterType::flag) return title + otherwise;
    return title + number_text(row, row.min) + " to " + number_text(row, row.max) + " " + otherwise;
}

// The endpoints, shortened where a fault is about all calls.
std::string endpoints_text(const FaultRow& row) {
    const bool is_all_calls = row.applies_to(Endpoint::certificates);
    std::string text = is_all_calls ? "every call" : "";
    for (std::size_t i = 0; i < endpoint_count; ++i) {
        const auto endpoint = static_cast<Endpoint>(i);
        const bool is_call = endpoint < Endpoint::notification;
        if (!row.applies_to(endpoint) || (is_all_calls && is_call)) continue;
        if (!text.empty()) text += ", ";
        text += name(endpoint);
    }
    return text;
}

}  // namespace

std::string schema_row(const FaultRow& row) {
    std::string parameters;
    for (const ParameterRow& parameter : row.parameters()) {
        if (!parameters.empty()) parameters += "; ";
        parameters += parameter_text(parameter);
    }
    return "| `" + std::string(row.name) + "` | " + std::string(name(row.kind)) + " | " +
           endpoints_text(row) + " | " + parameters + " | " + std::string(row.sentence) + " | " +
           row.certainty + " |";
}

std::string schema_row(const MagicRow& row) {
    const std::string key =
        row.fen != 0 ? std::to_string(row.fen) + " fen" : "openid `" + std::string(row.openid) + "`";
    return "| " + key + " | " + std::string(row.sentence) + " | `" + std::string(name(row.fault)) + "` |";
}

std::string catalogue_markdown() {
    std::string text =
        "| fault | kind | happens to | parameters (bounds, preset) | what happens | certainty |\n"
        "|---|---|---|---|---|---|\n";
    for (const FaultRow& row : catalogue()) text += schema_row(row) + "\n";
    return text;
}

std::string magic_markdown() {
    std::string text = "| the amount or openid | makes that | fault |\n|---|---|---|\n";
    for (const MagicRow& row : magic_table()) text += schema_row(row) + "\n";
    return text;
}

}  // namespace tixian::faults
