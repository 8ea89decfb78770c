// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "ledger/sqlite_file.hpp"
#include "ledger/sqlite_reference.hpp"
#include "ledger/subject.hpp"
#include "tixian/sqlite/sqlite_ledger.hpp"

namespace tixian::bench {

/// SQLite with WAL and synchronous FULL, as SqliteLedger sets it, each ledger in a file of its own.
class SqliteSubject : public FillableSubject {
 public:
    explicit SqliteSubject(std::filesystem::path folder) : folder_(std::move(folder)) {}

    [[nodiscard]] std::string name() const override { return "SQLite"; }

    [[nodiscard]] std::unique_ptr<Ledger> ledger(const std::string& place) override {
        for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path_of(place).string() + end);
        return reopened(place);
    }
    [[nodiscard]] std::unique_ptr<Ledger> reopened(const std::string& place) override {
        auto ledger = SqliteLedger::open(path_of(place));
        if (!ledger) throw std::runtime_error(ledger.error().message);
        return std::move(*ledger);
    }
    [[nodiscard]] std::unique_ptr<ReferenceWriter> reference(const std::string& place) override {
        return std::make_unique<SqliteReference>(path_of(place));
    }

    [[nodiscard]] std::string contents(const std::string& place) override {
        SqliteFile file(path_of(place));
        std::string text, row;
        for (const char* table :
             {"withdraw_records", "withdraw_changes", "withdraw_notes", "withdraw_usage", "channels",
              "channel_switches", "accounts", "journal", "wallet_deposits", "corrections"}) {
            SqliteStatement rows(file.raw(), "SELECT * FROM " + std::string(table) + " ORDER BY 1, 2");
            while (rows.next(row)) text.append(table).append(": ").append(row).append("\n");
        }
        return text;
    }

    void fill(const std::string& place, std::size_t copies) override {
        SqliteFile file(path_of(place));
        // Nobody needs half of it after a crash.
        file.run("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -200000");
        std::string original;
        if (!SqliteStatement(file.raw(), "SELECT withdraw_id FROM withdraw_records").next(original))
            throw std::runtime_error("there is nothing to copy");
        // Every copy's number is below those of a Load, as those of old withdrawals are. Change ids are
        // spread as random ones are; in order, so that filling does not jump.
        const std::string number = "printf('WD%014d%012d', i, i)";
        const std::string spread = std::to_string(0xFFFF'FFFFU / (3 * copies));
        const Own in_records{{"withdraw_id", number},
                             {"user_id", "printf('old-%08d', i / 20)"},
                             {"idempotency_key", "printf('old-%016d', i)"}};
        const Own in_changes{
            {"withdraw_id", number},
            {"change_id", "printf('%08x%024x', (3 * i + version - 1) * " + spread + ", 3 * i + version)"}};
        constexpr std::size_t at_once = 100'000;
        for (std::size_t from = 0; from < copies; from += at_once) {
            const std::size_t end = std::min(copies, from + at_once);
            copy(file, "withdraw_records", original, in_records, from, end);
            copy(file, "withdraw_changes", original, in_changes, from, end);
        }
    }

 private:
    /// The columns in which a copy differs, and how; `i` counts the copies.
    using Own = std::map<std::string, std::string>;

    static void copy(SqliteFile& file, const std::string& table, const std::string& original, const Own& own,
                     std::size_t from, std::size_t end) {
        std::string names, values, column;
        SqliteStatement columns(file.raw(), "SELECT name FROM pragma_table_info('" + table + "')");
        while (columns.next(column)) {
            const auto known = own.find(column);
            names += (names.empty() ? "" : ", ") + column;
            values += (values.empty() ? "" : ", ") + (known != own.end() ? known->second : column);
        }
        file.run("WITH RECURSIVE numbers(i) AS (SELECT " + std::to_string(from) +
                 " UNION ALL SELECT i + 1 FROM numbers WHERE i + 1 < " + std::to_string(end) +
                 ") INSERT INTO " + table + " (" + names + ") SELECT " + values +
                 " FROM numbers CROSS JOIN (SELECT * FROM " + table + " WHERE withdraw_id = '" + original +
                 "' ORDER BY version)");
    }

    [[nodiscard]] std::filesystem::path path_of(const std::string& place) const {
        return folder_ / (place + ".db");
    }

    const std::filesystem::path folder_;
};

}  // namespace tixian::bench
