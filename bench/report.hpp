// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "machine.hpp"
#include "row.hpp"

namespace tixian::bench {

namespace detail {

using Cells = std::array<std::string, 8>;

/// Whole with commas from a hundred on, else three digits that count.
inline std::string number_text(double value) {
    char text[64];
    if (std::abs(value) < 100) {
        const int decimals = std::abs(value) >= 10 ? 1 : std::abs(value) >= 1 ? 2 : 3;
        std::snprintf(text, sizeof text, "%.*f", decimals, value);
        return text;
    }
    std::snprintf(text, sizeof text, "%.0f", value);
    const std::string_view digits = text;
    std::string grouped;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        const bool is_between = i > 0 && digits[i - 1] != '-' && (digits.size() - i) % 3 == 0;
        if (is_between) grouped += ',';
        grouped += digits[i];
    }
    return grouped;
}
inline std::string number_text(const std::optional<double>& value) {
    return value ? number_text(*value) : "-";
}

inline Cells cells_of(const Row& row) {
    const std::string sign = row.reach == Reach::at_least ? ">= " : "<= ";
    const auto met = row.met();
    return {row.id,
            row.name,
            number_text(row.ours),
            number_text(row.reference),
            row.unit,
            number_text(row.ratio()),
            row.target ? sign + number_text(row.target) : "-",
            met ? (*met ? "yes" : "NO") : "-"};
}

}  // namespace detail

/// All rows as a table for people.
[[nodiscard]] inline std::string table(std::span<const Row> rows) {
    constexpr std::array is_number{false, false, true, true, false, true, true, false};
    std::vector<detail::Cells> lines{{"id", "name", "ours", "reference", "unit", "ratio", "target", "met"}};
    for (const Row& row : rows) lines.push_back(detail::cells_of(row));
    std::array<std::size_t, is_number.size()> width{};
    for (const auto& cells : lines) {
        for (std::size_t i = 0; i < cells.size(); ++i) width[i] = std::max(width[i], cells[i].size());
    }
    std::string text;
    for (const auto& cells : lines) {
        std::string line;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            const std::string space(width[i] - cells[i].size(), ' ');
            line += (i == 0 ? "" : "  ") + (is_number[i] ? space + cells[i] : cells[i] + space);
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + "\n";
    }
    return text;
}

/// Writes the form of shared/targets.md. Throws when the file cannot be written.
inline void write_json(const std::filesystem::path& path, const std::string& machine,
                       std::span<const Row> rows) {
    nlohmann::ordered_json json{{"machine", machine}, {"rows", nlohmann::ordered_json::array()}};
    for (const Row& row : rows) json["rows"].push_back(to_json(row));
    std::ofstream file(path, std::ios::trunc);
    file << json.dump(2) << "\n";
    if (!file.flush()) throw std::runtime_error("cannot write " + path.string());
}

}  // namespace tixian::bench
