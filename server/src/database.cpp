// SPDX-License-Identifier: MIT
#include "database.hpp"

#include <utility>

#include "tixian/mysql/mysql_ledger.hpp"
#include "tixian/postgres/postgres_ledger.hpp"
#include "tixian/sql/shared_lanes.hpp"
#include "tixian/sqlite/sqlite_ledger.hpp"

namespace tixian::server {
namespace {

/// One of several servers: they share the lanes.
template <class Opened>
Result<Database> shared(Result<std::unique_ptr<Opened>> opened) {
    if (!opened) return tl::unexpected(opened.error());
    auto lanes = std::make_unique<sql::SharedLanes>(**opened);
    return Database{std::move(*opened), std::move(lanes)};
}

}  // namespace

Result<Database> open_database(const std::string& database) {
    if (database.starts_with("postgresql://") || database.starts_with("postgres://"))
        return shared(PostgresLedger::open(database));
    if (database.starts_with("mysql://")) return shared(MysqlLedger::open(database));
    if (database.find("://") != std::string::npos)
        return refuse(ErrorCode::invalid_argument,
                      "the databases are postgresql://…, mysql://… and the path of a SQLite file",
                      "server.database");
    // Two more commits to disk for each claim would be a high price for what one file seldom has: two
    // servers.
    auto opened = SqliteLedger::open(database);
    if (!opened) return tl::unexpected(opened.error());
    return Database{std::move(*opened), nullptr};
}

}  // namespace tixian::server
