// SPDX-License-Identifier: MIT
#pragma once

#include <bit>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <libpq-fe.h>

#include "tixian/sql/session.hpp"

namespace tixian::postgres {

/// The arguments of one statement as libpq takes them: single values as text, columns of many rows as binary
/// arrays (PostgreSQL, "Message data types" and src/backend/utils/adt/arrayfuncs.c, array_send).
class Parameters {
 public:
    Parameters() = default;

    [[nodiscard]] static Parameters of_values(std::span<const sql::Value> values) {
        Parameters parameters;
        for (const sql::Value& value : values) {
            if (const auto* number = std::get_if<std::int64_t>(&value))
                parameters.add(std::to_string(*number), false);
            else if (const auto* text = std::get_if<std::string>(&value))
                parameters.add(*text, false);
            else
                parameters.add_null();
        }
        return parameters;
    }

    /// An array for each of these columns of the rows.
    [[nodiscard]] static Parameters of_columns(std::span<const sql::Row> rows,
                                               std::span<const sql::ColumnType> types,
                                               std::span<const std::size_t> columns) {
        Parameters parameters;
        for (std::size_t i = 0; i < types.size(); ++i)
            parameters.add(array_of(rows, columns[i], types[i]), true);
        return parameters;
    }
    /// An array for each column of the rows.
    [[nodiscard]] static Parameters of_columns(std::span<const sql::Row> rows,
                                               std::span<const sql::ColumnType> types) {
        std::vector<std::size_t> columns(types.size());
        std::iota(columns.begin(), columns.end(), 0);
        return of_columns(rows, types, columns);
    }

    /// Sends the statement with these, in pipeline mode; `statement` is a text, or the name of a prepared
    /// one.
    [[nodiscard]] bool send(PGconn& connection, const std::string& statement, bool is_prepared) const {
        std::vector<const char*> values;
        std::vector<int> lengths;
        for (std::size_t i = 0; i < values_.size(); ++i) {
            values.push_back(is_null_[i] ? nullptr : values_[i].data());
            lengths.push_back(static_cast<int>(values_[i].size()));
        }
        const int count = static_cast<int>(values.size());
        if (is_prepared)
            return PQsendQueryPrepared(&connection, statement.c_str(), count, values.data(), lengths.data(),
                                       formats_.data(), 0) == 1;
        return PQsendQueryParams(&connection, statement.c_str(), count, nullptr, values.data(),
                                 lengths.data(), formats_.data(), 0) == 1;
    }

 private:
    void add(std::string value, bool is_binary) {
        values_.push_back(std::move(value));
        formats_.push_back(is_binary ? 1 : 0);
        is_null_.push_back(false);
    }
    void add_null() {
        add({}, false);
        is_null_.back() = true;
    }

    template <class Integer>
    static void put(std::string& bytes, Integer number) {
        auto value = static_cast<std::uint64_t>(number);
        for (std::size_t i = sizeof(Integer); i-- > 0;)
            bytes += static_cast<char>(static_cast<unsigned char>(value >> (8 * i)));
    }

    [[nodiscard]] static std::string array_of(std::span<const sql::Row> rows, std::size_t column,
                                              sql::ColumnType type) {
        constexpr std::int32_t int8 = 20, text = 25;
        std::string bytes;
        bytes.reserve(20 + rows.size() * 24);
        put(bytes, std::int32_t{1});  // dimensions
        put(bytes, std::int32_t{1});  // may hold NULLs
        put(bytes, type == sql::ColumnType::integer ? int8 : text);
        put(bytes, static_cast<std::int32_t>(rows.size()));
        put(bytes, std::int32_t{1});  // of the first element
        for (const sql::Row& row : rows) {
            if (const auto* number = std::get_if<std::int64_t>(&row[column])) {
                put(bytes, std::int32_t{8});
                put(bytes, *number);
            } else if (const auto* value = std::get_if<std::string>(&row[column])) {
                put(bytes, static_cast<std::int32_t>(value->size()));
                bytes += *value;
            } else {
                put(bytes, std::int32_t{-1});
            }
        }
        return bytes;
    }

    std::vector<std::string> values_;
    std::vector<int> formats_;
    std::vector<bool> is_null_;
};

}  // namespace tixian::postgres
