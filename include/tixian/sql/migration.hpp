// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tixian/sql/session.hpp"
#include "tixian/sql/statements.hpp"

namespace tixian::sql {

/// How a database is brought from one version of the tables to the next.
struct Schema {
    std::string_view exists;                     ///< answers a row when the table of versions is there
    std::span<const std::string_view> versions;  ///< the first makes version 1

    [[nodiscard]] std::size_t newest() const { return versions.size(); }
};

/// The statements of a text: each ends with a semicolon and an empty line.
[[nodiscard]] inline std::vector<std::string> statements_of(std::string_view text) {
    std::vector<std::string> statements;
    while (!text.empty()) {
        const auto end = text.find(";\n\n");
        const std::string_view statement = text.substr(0, end);
        if (statement.find_first_not_of("\n ;") != std::string_view::npos) statements.emplace_back(statement);
        if (end == std::string_view::npos) break;
        text.remove_prefix(end + 3);
    }
    return statements;
}

/// All of it as one script, for who makes the tables by other means than this library.
[[nodiscard]] inline std::string script_of(const Schema& schema, const Names& names) {
    std::string script;
    for (const std::string_view version : schema.versions) script += names.in(version) + "\n";
    return script;
}

/// The version of the tables; 0 when there are none.
[[nodiscard]] inline Result<std::size_t> stored_version(Session& session, const Schema& schema,
                                                        const Names& names) {
    auto exists = session.execute(names.in(schema.exists), {});
    if (!exists) return tl::unexpected(exists.error());
    if (exists->rows.empty()) return std::size_t{0};
    auto stored = session.execute(names.in("SELECT MAX(version) FROM {ledger_schema}"), {});
    if (!stored) return tl::unexpected(stored.error());
    if (stored->rows.empty()) return std::size_t{0};
    const auto* version = std::get_if<std::int64_t>(&stored->rows[0].at(0));
    return version != nullptr ? static_cast<std::size_t>(*version) : std::size_t{0};
}

/// Refuses (`ledger_unavailable`) tables of another version than this program's, saying what to do.
[[nodiscard]] inline Result<void> require_newest(std::size_t stored, const Schema& schema) {
    if (stored == schema.newest()) return {};
    const std::string is = "the schema is version " + std::to_string(stored) + ", ";
    const std::string ours = std::to_string(schema.newest());
    if (stored == 0)
        return refuse(ErrorCode::ledger_unavailable, "the tables are missing; open it for writing first");
    return refuse(ErrorCode::ledger_unavailable,
                  stored > schema.newest()
                      ? is + "newer than this program's " + ours + "; upgrade the program"
                      : is + "older than this program's " + ours + "; open it for writing first");
}

}  // namespace tixian::sql
