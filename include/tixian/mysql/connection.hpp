// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include <mysql.h>

#include "tixian/mysql/session.hpp"
#include "tixian/mysql/url.hpp"
#include "tixian/sql/pool.hpp"

namespace tixian::mysql {

struct ConnectionOptions {
    std::chrono::seconds connect_within{5};
    /// How long a statement may wait for another writer, before it is tried again.
    std::chrono::seconds lock_within{10};
    /// How long the server may be silent before the connection is given up; and how long, on MariaDB, a
    /// process may be stopped inside a transaction before the server rolls it back.
    std::chrono::seconds silent_at_most{30};
};

/// A connection of our own.
class Connection : public sql::Connection {
 public:
    /// Refuses with `ledger_unavailable`, or `invalid_argument` for what is no address; no error shows a
    /// password.
    [[nodiscard]] static Result<std::unique_ptr<Connection>> open(const std::string& address,
                                                                  const ConnectionOptions& options = {}) {
        auto url = Url::parse(address);
        if (!url) return tl::unexpected(url.error());
        static std::once_flag once;
        std::call_once(once, [] { mysql_library_init(0, nullptr, nullptr); });
        Raw raw(mysql_init(nullptr), mysql_close);
        if (raw == nullptr) return refuse(ErrorCode::ledger_unavailable, "no memory for a connection");
        set_options(*raw, *url, options);
        const auto text_or_null = [](const std::string& text) {
            return text.empty() ? nullptr : text.c_str();
        };
        if (mysql_real_connect(raw.get(), text_or_null(url->host), url->user.c_str(), url->password.c_str(),
                               url->database.c_str(), url->port, text_or_null(url->socket),
                               CLIENT_MULTI_STATEMENTS) == nullptr)
            return refuse(ErrorCode::ledger_unavailable,
                          std::string("cannot connect to MySQL: ") + mysql_error(raw.get()));
        std::unique_ptr<Connection> connection(new Connection(std::move(raw)));
        if (auto ready = connection->execute(set_up(options), {}); !ready)
            return tl::unexpected(ready.error());
        return connection;
    }

    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    [[nodiscard]] Result<sql::Rows> execute(std::string_view statement,
                                            std::span<const sql::Value> arguments) override {
        return noted(session_.execute(statement, arguments));
    }
    [[nodiscard]] Result<std::vector<std::vector<sql::Row>>> load(
        std::span<const std::string> before, std::span<const sql::Lookup> lookups) override {
        return noted(session_.load(before, lookups));
    }
    [[nodiscard]] Result<void> store(std::span<sql::Write> writes,
                                     std::span<const std::string> after) override {
        return noted(session_.store(writes, after));
    }

    [[nodiscard]] bool is_broken() const override { return is_lost_ || session_.is_in_transaction(); }
    [[nodiscard]] bool ping() override { return !is_lost_ && mysql_ping(raw()) == 0; }

    [[nodiscard]] unsigned last_errno() const { return session_.last_errno(); }
    [[nodiscard]] MYSQL* raw() const { return connection_.get(); }

 private:
    using Raw = std::unique_ptr<MYSQL, void (*)(MYSQL*)>;

    explicit Connection(Raw raw) : connection_(std::move(raw)), session_(*connection_) {}

    static void set_options(MYSQL& raw, const Url& url, const ConnectionOptions& options) {
        const auto connect = static_cast<unsigned>(options.connect_within.count());
        const auto silent = static_cast<unsigned>(options.silent_at_most.count());
        mysql_options(&raw, MYSQL_OPT_CONNECT_TIMEOUT, &connect);
        mysql_options(&raw, MYSQL_OPT_READ_TIMEOUT, &silent);
        mysql_options(&raw, MYSQL_OPT_WRITE_TIMEOUT, &silent);
        mysql_options(&raw, MYSQL_SET_CHARSET_NAME, "utf8mb4");
        const my_bool is_enforced = url.tls != Tls::off ? 1 : 0;
        const my_bool is_verified = url.tls == Tls::verify ? 1 : 0;
        mysql_options(&raw, MYSQL_OPT_SSL_ENFORCE, &is_enforced);
        mysql_options(&raw, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &is_verified);
        if (!url.ca.empty()) mysql_options(&raw, MYSQL_OPT_SSL_CA, url.ca.c_str());
    }

    /// What has to hold whatever the server's defaults are: nothing is cut off or guessed in silence, and
    /// nobody waits for ever. MariaDB's own part stands in a comment that only MariaDB reads.
    [[nodiscard]] static std::string set_up(const ConnectionOptions& options) {
        return "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION',"
               " SESSION innodb_lock_wait_timeout = " +
               std::to_string(options.lock_within.count()) +
               "/*M!100600 , SESSION idle_write_transaction_timeout = " +
               std::to_string(options.silent_at_most.count()) +
               " */; SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";
    }

    /// After an answer that only another connection can be better than.
    template <class T>
    [[nodiscard]] Result<T> noted(Result<T> result) {
        if (!result && result.error().code == ErrorCode::ledger_unavailable) is_lost_ = true;
        return result;
    }

    Raw connection_;
    mysql::Session session_;
    bool is_lost_ = false;
};

}  // namespace tixian::mysql
