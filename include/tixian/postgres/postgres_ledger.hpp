// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "tixian/postgres/connection.hpp"
#include "tixian/postgres/schema.hpp"
#include "tixian/sql/pooled_ledger.hpp"

namespace tixian {

struct PostgresOptions {
    sql::Names names{};  ///< the schema must be there
    sql::PoolOptions pool{};
    postgres::ConnectionOptions connection{};
    /// For how long a commit goes on after a deadlock, a lost server or a failover, before it is Unknown.
    std::chrono::milliseconds commit_within = std::chrono::seconds(10);
    sql::Books* books = nullptr;  ///< where users' available money is, if not in tixian's accounts; borrowed
};

/// The ledger in PostgreSQL 15 or later. Thread-safe, and safe beside other servers on the same database. A
/// commit that has returned is on disk, and on the synchronous standby where there is one.
class PostgresLedger : public sql::PooledLedger {
 public:
    /// Connects, and brings the tables forward; any number of servers may do so at once. A role that may not
    /// create tables is enough when they are there. Refuses with `ledger_unavailable`.
    [[nodiscard]] static Result<std::unique_ptr<PostgresLedger>> open(const std::string& url,
                                                                      PostgresOptions options = {}) {
        auto connection = postgres::Connection::open(url, options.connection);
        if (!connection) return tl::unexpected(connection.error());
        if (auto ready = bring_forward(**connection, options.names); !ready)
            return tl::unexpected(ready.error());
        return std::unique_ptr<PostgresLedger>(new PostgresLedger(url, std::move(options)));
    }

    /// The statements that make the tables, for who runs them by other means.
    [[nodiscard]] static std::string schema_script(const sql::Names& names = {}) {
        return names.in(versions_table) + ";\n\n" + sql::script_of(postgres::schema, names);
    }

 private:
    static constexpr const char* versions_table =
        "CREATE TABLE IF NOT EXISTS {ledger_schema} (version bigint PRIMARY KEY)";

    PostgresLedger(const std::string& url, PostgresOptions options)
        : PooledLedger(
              sql::Dialect::postgres, std::move(options.names),
              [url, connection = options.connection] {
                  return postgres::Connection::open(url, connection)
                      .map([](std::unique_ptr<postgres::Connection> made) {
                          return std::unique_ptr<sql::Connection>(std::move(made));
                      });
              },
              options.pool, {"BEGIN", options.commit_within}, options.books) {}

    [[nodiscard]] static Result<void> bring_forward(postgres::Connection& connection,
                                                    const sql::Names& names) {
        // Servers that start together get in each other's way where PostgreSQL makes tables; the later one
        // finds the work done.
        constexpr int tries_max = 20;
        Result<void> done;
        for (int i = 0; i < tries_max; ++i) {
            auto stored = sql::stored_version(connection, postgres::schema, names);
            if (!stored) return tl::unexpected(stored.error());
            if (*stored >= postgres::schema.newest()) return sql::require_newest(*stored, postgres::schema);
            done = connection.run(migration(*stored, names));
            if (done) continue;
            static_cast<void>(connection.run("ROLLBACK"));
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
        return done;
    }

    /// From this version to the newest, at once; fails when another server was quicker.
    [[nodiscard]] static std::string migration(std::size_t stored, const sql::Names& names) {
        std::string script = "BEGIN; " + names.in(versions_table) + ";";
        // The key of the table of versions lets one of them through.
        for (std::size_t version = stored; version < postgres::schema.newest(); ++version)
            script += names.in(postgres::schema.versions[version]);
        return script + "COMMIT";
    }
};

}  // namespace tixian
