// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <sqlite3.h>

#include "tixian/sql/pool.hpp"
#include "tixian/sqlite/session.hpp"

namespace tixian::sqlite {

enum class Access { read_write, read_only };

/// A connection of our own to one SQLite file. Used by one thread at a time.
class Connection : public sql::Connection {
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
        if (raw == nullptr) return refuse(ErrorCode::ledger_unavailable, "no memory for a connection");
        std::unique_ptr<Connection> connection(new Connection(raw));
        if (code != SQLITE_OK)
            return tl::unexpected(connection->session_.error("cannot open " + path.string(), code));
        sqlite3_busy_timeout(raw, static_cast<int>(busy_timeout.count()));
        return connection;
    }

    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    [[nodiscard]] Result<sql::Rows> execute(std::string_view text,
                                            std::span<const sql::Value> arguments) override {
        return session_.execute(text, arguments);
    }
    [[nodiscard]] Result<void> run(const std::string& script) { return session_.run(script); }

    /// Switches the file to WAL. Here SQLite itself does not wait for another process, which may be making
    /// the same file.
    [[nodiscard]] Result<void> use_wal(std::chrono::milliseconds busy_timeout) {
        const auto end = std::chrono::steady_clock::now() + busy_timeout;
        for (;;) {
            auto done = run("PRAGMA journal_mode = WAL");
            const bool is_busy = !done && (session_.last_code() & 0xff) == SQLITE_BUSY;
            if (!is_busy || std::chrono::steady_clock::now() >= end) return done;
            sqlite3_sleep(1);
        }
    }

    /// Opened so, or the system lets this process only read the file.
    [[nodiscard]] bool is_read_only() const { return sqlite3_db_readonly(raw(), "main") == 1; }

    [[nodiscard]] bool is_in_transaction() const { return sqlite3_get_autocommit(raw()) == 0; }

    /// Given back in a transaction, which its rollback did not end.
    [[nodiscard]] bool is_broken() const override { return is_in_transaction(); }
    [[nodiscard]] bool ping() override { return true; }

    [[nodiscard]] sqlite3* raw() const { return database_.get(); }

 private:
    explicit Connection(sqlite3* database) : database_(database, sqlite3_close_v2), session_(*database) {}

    std::unique_ptr<sqlite3, int (*)(sqlite3*)> database_;
    sqlite::Session session_;
};

}  // namespace tixian::sqlite
