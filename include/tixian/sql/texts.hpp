// SPDX-License-Identifier: MIT
#pragma once

// The forms of statements in which the dialects differ. Everything else is the same text for all.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tixian::sql {

enum class Dialect { sqlite, postgres, mysql };

enum class ColumnType { integer, text };
struct Column {
    std::string_view name;
    ColumnType type = ColumnType::text;
};

/// Finds rows by key. `one` takes one key. Many at once: for PostgreSQL `many` takes an array for each column
/// of the key; for MySQL it is `head`, a `mark` for each key with commas between, and `tail`. What only
/// exists for one key leaves them empty.
struct LookupText {
    std::string one, many;
    std::string head, mark, tail;
    std::vector<ColumnType> types;  ///< of the key
};

/// Stores rows. `arguments` names the columns of a row that are given, in their order; the other texts are as
/// with LookupText.
struct WriteText {
    std::string one, many;
    std::string head, mark, tail;
    std::vector<std::size_t> arguments;
    std::vector<ColumnType> types;  ///< of the arguments
    bool changes_one = false;       ///< `one` is wrong when it does not change one row
};

namespace detail {

/// `item(column)` of each, with commas between.
template <class Item>
std::string listed(std::span<const Column> columns, const Item& item) {
    std::string list;
    for (const Column& column : columns) list += (list.empty() ? "" : ", ") + item(column);
    return list;
}
inline std::string names_of(std::span<const Column> columns) {
    return listed(columns, [](const Column& column) { return std::string(column.name); });
}
inline std::string marks_for(std::span<const Column> columns) {
    return listed(columns, [](const Column&) { return std::string("?"); });
}
/// `unnest(?::text[], ?::bigint[])`: an array for each column.
inline std::string unnest(std::span<const Column> columns) {
    return "unnest(" +
           listed(columns,
                  [](const Column& column) {
                      return std::string(column.type == ColumnType::text ? "?::text[]" : "?::bigint[]");
                  }) +
           ")";
}
inline std::vector<ColumnType> types_of(std::span<const Column> columns) {
    std::vector<ColumnType> types;
    for (const Column& column : columns) types.push_back(column.type);
    return types;
}
inline void give_all(WriteText& text, std::span<const Column> columns) {
    text.types = types_of(columns);
    for (std::size_t i = 0; i < columns.size(); ++i) text.arguments.push_back(i);
}
/// `a = from.a, b = from.b`
inline std::string taken_from(std::span<const Column> columns, std::string_view before,
                              std::string_view after = "") {
    return listed(columns, [&](const Column& column) {
        return std::string(column.name) + " = " + std::string(before) + std::string(column.name) +
               std::string(after);
    });
}

}  // namespace detail

/// Rows whose columns `key` are among the given.
[[nodiscard]] inline LookupText lookup_text(Dialect dialect, const std::string& columns,
                                            const std::string& table, std::span<const Column> key) {
    const std::string select = "SELECT " + columns + " FROM " + table + " WHERE ";
    const std::string names = "(" + detail::names_of(key) + ")";
    LookupText text;
    text.types = detail::types_of(key);
    // MySQL: reads what is committed now under every isolation, and not what the transaction saw at first.
    text.tail = dialect == Dialect::mysql ? ") FOR UPDATE" : ")";
    text.head = select + names + " IN (";
    text.mark = key.size() == 1 ? "?" : "(" + detail::marks_for(key) + ")";
    text.one = text.head + (key.size() == 1 ? "?" : "(" + detail::marks_for(key) + ")") + text.tail;
    if (dialect == Dialect::sqlite) {
        text.one = select;
        for (const Column& column : key)
            text.one += (&column == key.data() ? "" : " AND ") + std::string(column.name) + " = ?";
    }
    if (dialect == Dialect::postgres)
        text.many = select + (key.size() == 1 ? std::string(key[0].name) + " = ANY(?::text[])"
                                              : names + " IN (SELECT * FROM " + detail::unnest(key) + ")");
    return text;
}

/// A statement that is asked for each key by itself.
[[nodiscard]] inline LookupText lookup_text_of_one(Dialect dialect, std::string statement,
                                                   std::span<const Column> key) {
    LookupText text;
    text.one = std::move(statement) + (dialect == Dialect::mysql ? " FOR UPDATE" : "");
    text.types = detail::types_of(key);
    return text;
}

[[nodiscard]] inline WriteText insert_text(Dialect dialect, const std::string& table,
                                           std::span<const Column> columns) {
    WriteText text;
    detail::give_all(text, columns);
    const std::string insert = "INSERT INTO " + table + " (" + detail::names_of(columns) + ") ";
    text.head = insert + "VALUES ";
    text.mark = "(" + detail::marks_for(columns) + ")";
    text.one = text.head + text.mark;
    if (dialect == Dialect::postgres) text.many = insert + "SELECT * FROM " + detail::unnest(columns);
    return text;
}

/// Inserts, or replaces the values of the row with the same key: the first `keys` columns.
[[nodiscard]] inline WriteText upsert_text(Dialect dialect, const std::string& table,
                                           std::span<const Column> columns, std::size_t keys) {
    WriteText text = insert_text(dialect, table, columns);
    const auto values = columns.subspan(keys);
    const std::string tail = dialect == Dialect::mysql
                                 ? " ON DUPLICATE KEY UPDATE " + detail::taken_from(values, "VALUES(", ")")
                                 : " ON CONFLICT (" + detail::names_of(columns.first(keys)) +
                                       ") DO UPDATE SET " + detail::taken_from(values, "excluded.");
    text.tail = tail;
    text.one += tail;
    if (!text.many.empty()) text.many += tail;
    return text;
}

/// Replaces the values of rows that are there: the first column is the key, the columns from `first_changing`
/// on are replaced.
[[nodiscard]] inline WriteText update_text(Dialect dialect, const std::string& table,
                                           std::span<const Column> columns, std::size_t first_changing) {
    WriteText text;
    const auto changing = columns.subspan(first_changing);
    if (dialect == Dialect::mysql) {
        // One statement for many rows; the key is there, so nothing is inserted.
        text = insert_text(dialect, table, columns);
        text.tail = " ON DUPLICATE KEY UPDATE " + detail::taken_from(changing, "VALUES(", ")");
        text.one += text.tail;
        return text;
    }
    std::vector<Column> given(changing.begin(), changing.end());
    given.push_back(columns.front());
    text.types = detail::types_of(given);
    for (std::size_t i = first_changing; i < columns.size(); ++i) text.arguments.push_back(i);
    text.arguments.push_back(0);
    text.changes_one = true;
    const std::string key(columns.front().name);
    text.one = "UPDATE " + table + " SET " +
               detail::listed(changing, [](const Column& c) { return std::string(c.name) + " = ?"; }) +
               " WHERE " + key + " = ?";
    if (dialect == Dialect::postgres)
        text.many = "UPDATE " + table + " AS r SET " + detail::taken_from(changing, "v.") + " FROM " +
                    detail::unnest(given) + " AS v(" + detail::names_of(given) + ") WHERE r." + key +
                    " = v." + key;
    return text;
}

}  // namespace tixian::sql
