// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>

#include "ledger/server_kind.hpp"
#include "ledger/subject.hpp"
#include "ledger/text_reference.hpp"

namespace tixian::bench {

/// A PostgreSQL or MariaDB, each ledger in a schema or database of its own.
class ServerSubject : public FillableSubject {
 public:
    explicit ServerSubject(ServerKind kind) : kind_(std::move(kind)) {}

    [[nodiscard]] const ServerKind& kind() const { return kind_; }
    [[nodiscard]] static sql::Names names_of(const std::string& place) {
        return require(sql::Names::parse("bench_" + place, ""));
    }

    [[nodiscard]] std::string name() const override { return kind_.name; }

    [[nodiscard]] std::unique_ptr<Ledger> ledger(const std::string& place) override {
        const std::string schema = names_of(place).schema;
        const Line line = kind_.connect();
        if (is_mysql())
            line.run("DROP DATABASE IF EXISTS " + schema + "; CREATE DATABASE " + schema);
        else
            line.run("DROP SCHEMA IF EXISTS " + schema + " CASCADE; CREATE SCHEMA " + schema);
        return reopened(place);
    }
    [[nodiscard]] std::unique_ptr<Ledger> reopened(const std::string& place) override {
        return kind_.open(names_of(place));
    }
    [[nodiscard]] std::unique_ptr<ReferenceWriter> reference(const std::string& place) override {
        return std::make_unique<TextReference>(kind_.connect(), kind_.dialect, names_of(place));
    }

    [[nodiscard]] std::string contents(const std::string& place) override {
        const Line line = kind_.connect();
        std::string text;
        for (const char* table :
             {"withdraw_records", "withdraw_changes", "withdraw_notes", "withdraw_usage", "channels",
              "channel_switches", "accounts", "journal", "wallet_deposits", "corrections"}) {
            const auto rows = require(line.connection->execute(
                "SELECT * FROM " + names_of(place).table(table) + " ORDER BY 1, 2", {}));
            for (const sql::Row& row : rows.rows)
                text.append(table).append(": ").append(text_of(row)).append("\n");
        }
        return text;
    }

    void fill(const std::string& place, std::size_t copies) override {
        const Line line = kind_.connect();
        // Numbers below those of a Load, as those of old withdrawals are; change ids spread as random ones
        // are, in order, so that filling does not jump.
        const std::string number = padded("i", 26);
        const std::string spread = std::to_string(0xFFFF'FFFFU / (3 * copies));
        const std::string nth = "(3 * i + version)";
        const std::string change =
            is_mysql()
                ? "CONCAT(LPAD(HEX(" + nth + " * " + spread + "), 8, '0'), LPAD(HEX(" + nth + "), 24, '0'))"
                : "lpad(to_hex(" + nth + " * " + spread + "), 8, '0') || lpad(to_hex(" + nth + "), 24, '0')";
        const Own in_records{{"withdraw_id", joined("'WD'", number)},
                             {"user_id", joined("'old-'", padded(is_mysql() ? "i DIV 20" : "i / 20", 8))},
                             {"idempotency_key", joined("'old-'", padded("i", 16))}};
        const Own in_changes{{"withdraw_id", joined("'WD'", number)}, {"change_id", change}};
        constexpr std::size_t at_once = 50'000;
        for (std::size_t from = 0; from < copies; from += at_once) {
            const std::size_t end = std::min(copies, from + at_once);
            copy(line, place, "withdraw_records", in_records, from, end);
            copy(line, place, "withdraw_changes", in_changes, from, end);
        }
        line.run(names_of(place).in(is_mysql() ? "ANALYZE TABLE {withdraw_records}, {withdraw_changes}"
                                               : "VACUUM ANALYZE {withdraw_records}"));
    }

 private:
    /// The columns in which a copy differs, and how; `i` counts the copies.
    using Own = std::map<std::string, std::string>;

    [[nodiscard]] bool is_mysql() const { return kind_.dialect == sql::Dialect::mysql; }
    [[nodiscard]] std::string padded(const std::string& number, int digits) const {
        const std::string text = is_mysql() ? number : "(" + number + ")::text";
        return "LPAD(" + text + ", " + std::to_string(digits) + ", '0')";
    }
    [[nodiscard]] std::string joined(const std::string& a, const std::string& b) const {
        return is_mysql() ? "CONCAT(" + a + ", " + b + ")" : a + " || " + b;
    }
    [[nodiscard]] static std::string text_of(const sql::Row& row) {
        std::string text;
        for (const sql::Value& value : row) {
            if (const auto* number = std::get_if<std::int64_t>(&value))
                text += std::to_string(*number);
            else if (const auto* words = std::get_if<std::string>(&value))
                text += *words;
            else
                text += "NULL";
            text += '|';
        }
        return text;
    }

    void copy(const Line& line, const std::string& place, const std::string& table, const Own& own,
              std::size_t from, std::size_t end) const {
        const sql::Names names = names_of(place);
        const auto columns = require(line.connection->execute(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = '" + names.schema +
                "' AND table_name = '" + table + "' ORDER BY ordinal_position",
            {}));
        std::string list, values;
        for (const sql::Row& row : columns.rows) {
            const std::string& column = std::get<std::string>(row.at(0));
            const auto known = own.find(column);
            list += (list.empty() ? "" : ", ") + column;
            values += (values.empty() ? "" : ", ") + (known != own.end() ? known->second : column);
        }
        const std::string numbers = is_mysql() ? "(SELECT seq AS i FROM seq_" + std::to_string(from) +
                                                     "_to_" + std::to_string(end - 1) + ")"
                                               : "(SELECT generate_series(" + std::to_string(from) +
                                                     "::bigint, " + std::to_string(end - 1) + ") AS i)";
        line.run(names.in("INSERT INTO {" + table + "} (" + list + ") SELECT " + values + " FROM " + numbers +
                          " AS numbers CROSS JOIN (SELECT * FROM {" + table +
                          "} WHERE withdraw_id = (SELECT MAX(withdraw_id) FROM {" + table +
                          "})) AS original"));
    }

    const ServerKind kind_;
};

}  // namespace tixian::bench
