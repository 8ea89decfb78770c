// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tixian/sql/pooled_ledger.hpp"
#include "tixian/sqlite/connection.hpp"
#include "tixian/sqlite/schema.hpp"

namespace tixian {

struct SqliteOptions {
    /// How long a commit waits for another process's before it is answered Unknown.
    std::chrono::milliseconds busy_timeout = std::chrono::seconds(5);
    sql::Names names{};
    /// The tables may be made in a file that holds the host's own already.
    bool shares_file = false;
    sql::Books* books = nullptr;  ///< where users' available money is, if not in tixian's accounts; borrowed
};

/// The ledger in one SQLite file: WAL with synchronous FULL, so a commit that has returned survives a power
/// cut. Thread-safe, and safe beside other processes on the same file.
class SqliteLedger : public sql::PooledLedger {
 public:
    /// Opens the file, makes it if it is missing, and brings older tables forward. Refuses a file that is
    /// damaged, not a database, another program's, not writable, or of a newer schema, and leaves it
    /// untouched.
    [[nodiscard]] static Result<std::unique_ptr<SqliteLedger>> open(const std::filesystem::path& path,
                                                                    SqliteOptions options = {}) {
        auto connection = sqlite::Connection::open(path, options.busy_timeout);
        if (!connection) return tl::unexpected(connection.error());
        // SQLite silently opens what it may not write for reading.
        if ((*connection)->is_read_only())
            return refuse(ErrorCode::ledger_unavailable, path.string() + " is read-only");
        if (auto ready = prepare(**connection, options); !ready) return tl::unexpected(ready.error());
        return std::unique_ptr<SqliteLedger>(
            new SqliteLedger(std::move(*connection), std::move(options), false));
    }

    /// Opens the file for reports, beside the program that writes it. Every commit is answered Unknown and
    /// changes nothing. Refuses a missing file and any schema but this program's. SQLite may still need to
    /// make its `-wal` and `-shm` files beside it.
    [[nodiscard]] static Result<std::unique_ptr<SqliteLedger>> open_read_only(
        const std::filesystem::path& path, SqliteOptions options = {}) {
        auto connection = sqlite::Connection::open(path, options.busy_timeout, sqlite::Access::read_only);
        if (!connection) return tl::unexpected(connection.error());
        const auto stored = sql::stored_version(**connection, sqlite::schema, options.names);
        if (!stored) return tl::unexpected(stored.error());
        if (auto is_ours = sql::require_newest(*stored, sqlite::schema); !is_ours)
            return tl::unexpected(is_ours.error());
        return std::unique_ptr<SqliteLedger>(
            new SqliteLedger(std::move(*connection), std::move(options), true));
    }

    /// The statements that make the tables, for who runs them by other means.
    [[nodiscard]] static std::string schema_script(const sql::Names& names = {}) {
        return sql::script_of(sqlite::schema, names);
    }

    [[nodiscard]] std::vector<Outcome> commit(std::span<const Change> changes) override {
        // SQLite would begin a transaction that only reads, and what it reads is no decision.
        if (is_read_only_)
            return std::vector<Outcome>(changes.size(), Unknown{"the ledger is open read-only"});
        return PooledLedger::commit(changes);
    }

 private:
    SqliteLedger(std::unique_ptr<sqlite::Connection> connection, SqliteOptions options, bool is_read_only)
        : PooledLedger(sql::Dialect::sqlite, std::move(options.names), once(std::move(connection)),
                       one_connection(), {"BEGIN IMMEDIATE", std::chrono::milliseconds(0)}, options.books),
          is_read_only_(is_read_only) {}

    /// The pool's only connection. It is never lost: SQLite rolls back by itself what it cannot go on with.
    [[nodiscard]] static sql::Pool::Connect once(std::unique_ptr<sqlite::Connection> connection) {
        auto held = std::make_shared<std::unique_ptr<sql::Connection>>(std::move(connection));
        return [held]() -> Result<std::unique_ptr<sql::Connection>> {
            if (*held == nullptr)
                return refuse(ErrorCode::ledger_unavailable, "the file must be opened again");
            return std::move(*held);
        };
    }
    [[nodiscard]] static sql::PoolOptions one_connection() {
        return {1, std::chrono::minutes(1), std::chrono::hours(1)};
    }

    /// Runs `work` in a transaction and commits when it succeeds. After BEGIN IMMEDIATE no other writer comes
    /// between.
    template <class Work>
    [[nodiscard]] static auto in_transaction(sqlite::Connection& connection, const char* begin,
                                             const Work& work) -> decltype(work()) {
        if (auto begun = connection.run(begin); !begun) return tl::unexpected(begun.error());
        auto result = work();
        if (result) {
            auto committed = connection.run("COMMIT");
            if (!committed) result = tl::unexpected(committed.error());
        }
        if (!result && connection.is_in_transaction()) static_cast<void>(connection.run("ROLLBACK"));
        return result;
    }

    [[nodiscard]] static Result<void> prepare(sqlite::Connection& connection, const SqliteOptions& options) {
        // Looked at before the first write, so that what is not ours stays as it was.
        return in_transaction(connection, "BEGIN", [&] { return usable_version(connection, options); })
            .and_then([&](std::size_t) { return connection.use_wal(options.busy_timeout); })
            .and_then([&] { return connection.run("PRAGMA synchronous = FULL"); })
            .and_then([&] {
                return in_transaction(connection, "BEGIN IMMEDIATE",
                                      [&] { return bring_forward(connection, options); });
            });
    }

    /// The version of the tables; refuses a file that is not a ledger of ours.
    [[nodiscard]] static Result<std::size_t> usable_version(sqlite::Connection& connection,
                                                            const SqliteOptions& options) {
        auto stored = sql::stored_version(connection, sqlite::schema, options.names);
        if (!stored || *stored == sqlite::schema.newest()) return stored;
        if (*stored > sqlite::schema.newest())
            return tl::unexpected(sql::require_newest(*stored, sqlite::schema).error());
        if (*stored > 0 || options.shares_file) return stored;
        auto tables = connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1", {});
        if (!tables) return tl::unexpected(tables.error());
        if (!tables->rows.empty())
            return refuse(ErrorCode::ledger_unavailable,
                          "the file is another program's database, or from before the first release");
        return stored;
    }

    [[nodiscard]] static Result<void> bring_forward(sqlite::Connection& connection,
                                                    const SqliteOptions& options) {
        const auto stored = usable_version(connection, options);
        if (!stored) return tl::unexpected(stored.error());
        for (std::size_t version = *stored; version < sqlite::schema.newest(); ++version) {
            auto done = connection.run(options.names.in(sqlite::schema.versions[version]));
            if (!done) return done;
        }
        return {};
    }

    const bool is_read_only_;
};

}  // namespace tixian
