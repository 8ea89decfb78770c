// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

namespace tixian::bench {

enum class Reach { at_least, at_most };

/// One line of the table: what we reach, beside what the reference reaches in the same run. The target is one
/// of their ratio; of `ours` where there is no reference. Without a target the row is for orientation only.
struct Row {
    std::string id;  ///< of shared/targets.md: `P4.64`
    std::string name;
    double ours = 0;
    std::optional<double> reference{};
    std::string unit;
    Reach reach = Reach::at_least;
    std::optional<double> target{};

    [[nodiscard]] std::optional<double> ratio() const {
        return reference && *reference != 0 ? std::optional(ours / *reference) : std::nullopt;
    }
    [[nodiscard]] std::optional<bool> met() const {
        if (!target) return std::nullopt;
        const double reached = ratio().value_or(ours);
        return reach == Reach::at_least ? reached >= *target : reached <= *target;
    }
};

namespace detail {

template <class T>
nlohmann::ordered_json json_of(const std::optional<T>& value) {
    return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json();
}
inline std::optional<double> number_in(const nlohmann::ordered_json& json, const char* key) {
    return json.at(key).is_null() ? std::nullopt : std::optional(json.at(key).get<double>());
}

}  // namespace detail

/// The form of shared/targets.md.
[[nodiscard]] inline nlohmann::ordered_json to_json(const Row& row) {
    return {{"id", row.id},
            {"name", row.name},
            {"ours", row.ours},
            {"reference", detail::json_of(row.reference)},
            {"unit", row.unit},
            {"ratio", detail::json_of(row.ratio())},
            {"target", detail::json_of(row.target)},
            {"met", detail::json_of(row.met())}};
}

/// One line of the file by which a group's program hands its rows to tixian-bench-report: the form above
/// and what the table needs beside it.
[[nodiscard]] inline std::string to_line(const Row& row) {
    nlohmann::ordered_json json = to_json(row);
    json["at_most"] = row.reach == Reach::at_most;
    return json.dump();
}
/// Throws what nlohmann_json throws on anything but a to_line().
[[nodiscard]] inline Row from_line(const std::string& line) {
    const auto json = nlohmann::ordered_json::parse(line);
    return {json.at("id"),
            json.at("name"),
            json.at("ours"),
            detail::number_in(json, "reference"),
            json.at("unit"),
            json.at("at_most") ? Reach::at_most : Reach::at_least,
            detail::number_in(json, "target")};
}

}  // namespace tixian::bench
