// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "tixian/mysql/connection.hpp"
#include "tixian/mysql/schema.hpp"
#include "tixian/sql/pooled_ledger.hpp"

namespace tixian {

struct MysqlOptions {
    sql::Names names{};  ///< the database must be there
    sql::PoolOptions pool{};
    mysql::ConnectionOptions connection{};
    /// For how long a commit goes on after a deadlock, a lost server or a failover, before it is Unknown.
    std::chrono::milliseconds commit_within = std::chrono::seconds(10);
    sql::Books* books = nullptr;  ///< where users' available money is, if not in tixian's accounts; borrowed
};

/// The ledger in MariaDB 10.6 or later, or MySQL 8.0.16 or later. Thread-safe, and safe beside other servers
/// on the same database. A commit that has returned is on disk where the server is configured so
/// (`innodb_flush_log_at_trx_commit = 1`, and `sync_binlog = 1` with a binary log).
class MysqlLedger : public sql::PooledLedger {
 public:
    /// Connects, and brings the tables forward; any number of servers may do so at once. A user that may not
    /// create tables is enough when they are there. Refuses with `ledger_unavailable`.
    [[nodiscard]] static Result<std::unique_ptr<MysqlLedger>> open(const std::string& url,
                                                                   MysqlOptions options = {}) {
        auto connection = mysql::Connection::open(url, options.connection);
        if (!connection) return tl::unexpected(connection.error());
        if (auto ready = bring_forward(**connection, options); !ready) return tl::unexpected(ready.error());
        return std::unique_ptr<MysqlLedger>(new MysqlLedger(url, std::move(options)));
    }

    /// The statements that make the tables, for who runs them by other means.
    [[nodiscard]] static std::string schema_script(const sql::Names& names = {}) {
        return names.in(versions_table) + ";\n\n" + sql::script_of(mysql::schema, names);
    }

 private:
    static constexpr const char* versions_table =
        "CREATE TABLE IF NOT EXISTS {ledger_schema} (version BIGINT PRIMARY KEY) ENGINE = InnoDB";

    MysqlLedger(const std::string& url, MysqlOptions options)
        : PooledLedger(
              sql::Dialect::mysql, std::move(options.names),
              [url, connection = options.connection] {
                  return mysql::Connection::open(url, connection)
                      .map([](std::unique_ptr<mysql::Connection> made) {
                          return std::unique_ptr<sql::Connection>(std::move(made));
                      });
              },
              options.pool, {"BEGIN", options.commit_within}, options.books) {}

    /// MySQL commits each statement that makes a table by itself. So each is run until it is done or was
    /// done: by another server at the same time, or by one that died half way.
    [[nodiscard]] static Result<void> bring_forward(mysql::Connection& connection,
                                                    const MysqlOptions& options) {
        const auto stored = sql::stored_version(connection, mysql::schema, options.names);
        if (!stored) return tl::unexpected(stored.error());
        if (*stored >= mysql::schema.newest()) return sql::require_newest(*stored, mysql::schema);
        if (auto made = run_once(connection, options.names.in(versions_table)); !made) return made;
        for (std::size_t version = *stored; version < mysql::schema.newest(); ++version) {
            for (const std::string& statement :
                 sql::statements_of(options.names.in(mysql::schema.versions[version]))) {
                if (auto done = run_once(connection, statement); !done) return done;
            }
        }
        return {};
    }

    [[nodiscard]] static Result<void> run_once(mysql::Connection& connection, const std::string& statement) {
        auto done = connection.execute(statement, {});
        if (done) return {};
        constexpr unsigned table_exists = 1050, key_exists = 1061, row_exists = 1062, trigger_exists = 1359;
        for (const unsigned number : {table_exists, key_exists, row_exists, trigger_exists}) {
            if (connection.last_errno() == number) return {};
        }
        return tl::unexpected(done.error());
    }
};

}  // namespace tixian
