// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <sqlite3.h>

#include "tixian/sql/session.hpp"

namespace tixian::sqlite {

enum class Access { read_write, read_only };

/// One connection to one SQLite file, with its prepared statements. Used by one thread at a time.
class Connection : public sql::Session {
 public:
    /// Opens the file; makes a missing one unless it may only read. Refuses with `ledger_unavailable`, or
    /// `ledger_damaged` for what is not a database. A statement waits at most `busy_timeout` for another
    /// writer.
    [[nodiscard]] static Result<std::unique_ptr<Connection>> open(const std::filesystem::path& path,
                                                                  std::chrono::milliseconds busy_timeout,
                                                                  Access access = Access::read_write) {
        sqlite3* raw = nullptr;
        const int flags = (access == Access::read_only ? SQLITE_OPEN_READONLY
                                                       : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) |
                          SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
        const int code = sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
        std::unique_ptr<Connection> connection(new Connection(raw));
        if (code != SQLITE_OK) return tl::unexpected(connection->error("cannot open " + path.string(), code));
        sqlite3_busy_timeout(raw, static_cast<int>(busy_timeout.count()));
        return connection;
    }

    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection() override {
        for (auto& [text, statement] : statements_) sqlite3_finalize(statement);
        sqlite3_close_v2(database_);
    }

    [[nodiscard]] Result<sql::Rows> execute(std::string_view text,
                                            std::span<const sql::Value> arguments) override {
        sqlite3_stmt* statement = prepare(text);
        if (statement == nullptr) return tl::unexpected(error("cannot prepare a statement", last_code()));
        // A statement that is not reset keeps its transaction alive.
        const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> reset(statement, sqlite3_reset);

        for (std::size_t i = 0; i < arguments.size(); ++i) {
            if (bind(statement, static_cast<int>(i + 1), arguments[i]) != SQLITE_OK)
                return tl::unexpected(error("cannot bind an argument", last_code()));
        }
        sql::Rows result;
        int code = sqlite3_step(statement);
        for (; code == SQLITE_ROW; code = sqlite3_step(statement)) result.rows.push_back(read_row(statement));
        if (code != SQLITE_DONE) return tl::unexpected(error("a statement failed", code));
        result.changed = sqlite3_changes64(database_);
        return result;
    }

    /// Runs a text of any number of statements without arguments or rows.
    [[nodiscard]] Result<void> run(const std::string& script) {
        const int code = sqlite3_exec(database_, script.c_str(), nullptr, nullptr, nullptr);
        if (code != SQLITE_OK) return tl::unexpected(error("a statement failed", code));
        return {};
    }

    /// Switches the file to WAL. Here SQLite itself does not wait for another process, which may be making
    /// the same file.
    [[nodiscard]] Result<void> use_wal(std::chrono::milliseconds busy_timeout) {
        const auto end = std::chrono::steady_clock::now() + busy_timeout;
        for (;;) {
            auto done = run("PRAGMA journal_mode = WAL");
            const bool is_busy = !done && (last_code() & 0xff) == SQLITE_BUSY;
            if (!is_busy || std::chrono::steady_clock::now() >= end) return done;
            sqlite3_sleep(1);
        }
    }

    /// Opened so, or the system lets this process only read the file.
    [[nodiscard]] bool is_read_only() const { return sqlite3_db_readonly(database_, "main") == 1; }

    [[nodiscard]] bool is_in_transaction() const { return sqlite3_get_autocommit(database_) == 0; }

 private:
    explicit Connection(sqlite3* database) : database_(database) {}

    [[nodiscard]] int last_code() const { return sqlite3_extended_errcode(database_); }

    [[nodiscard]] Error error(const std::string& what, int code) const {
        const int primary = code & 0xff;
        // The schema itself refuses: a wrong program, not a broken database.
        if (primary == SQLITE_CONSTRAINT)
            return {ErrorCode::not_allowed, what + ": " + sqlite3_errmsg(database_), {}};
        const bool damaged = primary == SQLITE_NOTADB || primary == SQLITE_CORRUPT;
        const char* detail = database_ != nullptr ? sqlite3_errmsg(database_) : sqlite3_errstr(code);
        return {
            damaged ? ErrorCode::ledger_damaged : ErrorCode::ledger_unavailable, what + ": " + detail, {}};
    }

    [[nodiscard]] sqlite3_stmt* prepare(std::string_view text) {
        if (const auto known = statements_.find(std::string(text)); known != statements_.end())
            return known->second;
        sqlite3_stmt* statement = nullptr;
        const int code = sqlite3_prepare_v3(database_, text.data(), static_cast<int>(text.size()),
                                            SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
        if (code != SQLITE_OK) return nullptr;
        statements_.emplace(std::string(text), statement);
        return statement;
    }

    [[nodiscard]] static int bind(sqlite3_stmt* statement, int index, const sql::Value& value) {
        if (const auto* number = std::get_if<std::int64_t>(&value))
            return sqlite3_bind_int64(statement, index, *number);
        if (const auto* text = std::get_if<std::string>(&value))
            return sqlite3_bind_text64(statement, index, text->data(), text->size(), nullptr, SQLITE_UTF8);
        return sqlite3_bind_null(statement, index);
    }

    [[nodiscard]] static sql::Row read_row(sqlite3_stmt* statement) {
        const int columns = sqlite3_column_count(statement);
        sql::Row row;
        row.reserve(static_cast<std::size_t>(columns));
        for (int i = 0; i < columns; ++i) {
            switch (sqlite3_column_type(statement, i)) {
                case SQLITE_INTEGER:
                    row.emplace_back(std::int64_t{sqlite3_column_int64(statement, i)});
                    break;
                case SQLITE_NULL:
                    row.emplace_back();
                    break;
                default: {
                    const void* bytes = sqlite3_column_blob(statement, i);
                    const auto length = static_cast<std::size_t>(sqlite3_column_bytes(statement, i));
                    row.emplace_back(length == 0 ? std::string()
                                                 : std::string(static_cast<const char*>(bytes), length));
                }
            }
        }
        return row;
    }

    sqlite3* database_;
    std::unordered_map<std::string, sqlite3_stmt*> statements_;
};

}  // namespace tixian::sqlite
