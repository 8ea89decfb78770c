// SPDX-License-Identifier: MIT
#pragma once

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>

#include "tixian/mysql/mysql_ledger.hpp"
#include "tixian/postgres/postgres_ledger.hpp"

namespace tixian::testing {

/// The address of a temporary server: from the environment, or from what CTest's fixture has started.
inline std::string address_of(const char* variable, const std::string& kind) {
    if (const char* given = std::getenv(variable)) return given;
    std::string address;
    std::ifstream(std::string(TIXIAN_DATABASES_DIR) + "/" + kind + "/url") >> address;
    return address;
}
inline std::string postgres_address() { return address_of("TIXIAN_POSTGRES", "postgres"); }
inline std::string mysql_address() { return address_of("TIXIAN_MYSQL", "mariadb"); }

/// A name that no other test of this machine has: each test works in tables of its own.
inline std::string unique_name() {
    static std::atomic<int> made = 0;
    return "t" + std::to_string(getpid()) + "_" + std::to_string(++made);
}

inline sql::Names names_in(const std::string& schema, const std::string& prefix = "") {
    return sql::Names::parse(schema, prefix).value();
}

/// Runs one statement on a connection of its own; the error, or "".
inline std::string run_on_postgres(const std::string& script) {
    auto connection = postgres::Connection::open(postgres_address());
    if (!connection) return connection.error().message;
    const auto ran = (*connection)->run(script);
    return ran ? "" : ran.error().message;
}
inline std::string run_on_mysql(const std::string& statement) {
    auto connection = mysql::Connection::open(mysql_address());
    if (!connection) return connection.error().message;
    const auto ran = (*connection)->execute(statement, {});
    return ran ? "" : ran.error().message;
}

inline std::unique_ptr<Ledger> make_postgres() {
    const std::string schema = unique_name();
    if (!run_on_postgres("CREATE SCHEMA " + schema).empty()) return nullptr;
    PostgresOptions options;
    options.names = names_in(schema);
    auto ledger = PostgresLedger::open(postgres_address(), options);
    return ledger ? std::move(*ledger) : nullptr;
}

inline std::unique_ptr<Ledger> make_mariadb() {
    const std::string database = unique_name();
    if (!run_on_mysql("CREATE DATABASE " + database).empty()) return nullptr;
    MysqlOptions options;
    options.names = names_in(database);
    auto ledger = MysqlLedger::open(mysql_address(), options);
    return ledger ? std::move(*ledger) : nullptr;
}

}  // namespace tixian::testing
