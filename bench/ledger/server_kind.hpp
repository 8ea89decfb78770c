// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "tixian/mysql/mysql_ledger.hpp"
#include "tixian/postgres/postgres_ledger.hpp"

namespace tixian::bench {

template <class T>
[[nodiscard]] T require(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().message);
    return std::move(*result);
}

/// A connection on which a text of many statements goes in one round trip.
struct Line {
    std::unique_ptr<sql::Connection> connection;
    std::function<void(const std::string&)> run;
};

/// A database server that is measured, and where it is.
struct ServerKind {
    std::string name;
    sql::Dialect dialect{};
    std::function<std::unique_ptr<Ledger>(const sql::Names&)> open;
    std::function<Line()> connect;
};

[[nodiscard]] inline ServerKind postgres_at(const std::string& address) {
    ServerKind kind{"PostgreSQL", sql::Dialect::postgres, {}, {}};
    kind.open = [address](const sql::Names& names) -> std::unique_ptr<Ledger> {
        PostgresOptions options;
        options.names = names;
        return require(PostgresLedger::open(address, options));
    };
    kind.connect = [address] {
        auto connection = require(postgres::Connection::open(address));
        auto run = [raw = connection.get()](const std::string& text) {
            if (auto ran = raw->run(text); !ran) throw std::runtime_error(ran.error().message);
        };
        return Line{std::move(connection), run};
    };
    return kind;
}

[[nodiscard]] inline ServerKind mariadb_at(const std::string& address) {
    ServerKind kind{"MariaDB", sql::Dialect::mysql, {}, {}};
    kind.open = [address](const sql::Names& names) -> std::unique_ptr<Ledger> {
        MysqlOptions options;
        options.names = names;
        return require(MysqlLedger::open(address, options));
    };
    kind.connect = [address] {
        auto connection = require(mysql::Connection::open(address));
        auto run = [raw = connection.get()](const std::string& text) {
            if (auto ran = raw->execute(text, {}); !ran) throw std::runtime_error(ran.error().message);
        };
        return Line{std::move(connection), run};
    };
    return kind;
}

}  // namespace tixian::bench
