// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include <libpq-fe.h>

#include "tixian/postgres/session.hpp"
#include "tixian/sql/pool.hpp"

namespace tixian::postgres {

struct ConnectionOptions {
    std::chrono::seconds connect_within{5};
    /// How long the other side may be silent, and how long one statement may run, before the connection is
    /// given up.
    std::chrono::seconds silent_at_most{10};
    std::chrono::seconds statement_within{30};
    Prepares prepares = Prepares::yes;  ///< no: behind a pooler such as PgBouncer in transaction mode
};

/// A connection of our own.
class Connection : public sql::Connection {
 public:
    /// `url` is anything that libpq takes: `postgresql://…`, with TLS (`sslmode`), several hosts, a password
    /// file. What it says goes before the options. Refuses with `ledger_unavailable`; no error shows a
    /// password.
    [[nodiscard]] static Result<std::unique_ptr<Connection>> open(const std::string& url,
                                                                  const ConnectionOptions& options = {}) {
        const std::string connect_within = std::to_string(options.connect_within.count());
        const std::string silent_at_most = std::to_string(options.silent_at_most.count());
        const std::string silent_at_most_ms = silent_at_most + "000";
        // Later ones win: first our defaults, then the URL.
        const char* const keywords[] = {"connect_timeout",      "keepalives_idle",  "keepalives_interval",
                                        "keepalives_count",     "tcp_user_timeout", "application_name",
                                        "target_session_attrs", "dbname",           nullptr};
        const char* const values[] = {connect_within.c_str(),
                                      silent_at_most.c_str(),
                                      "2",
                                      "3",
                                      silent_at_most_ms.c_str(),
                                      "tixian",
                                      "read-write",
                                      url.c_str(),
                                      nullptr};
        std::unique_ptr<Connection> connection(
            new Connection(PQconnectdbParams(keywords, values, 1), options.prepares));
        if (PQstatus(connection->raw()) != CONNECTION_OK)
            return refuse(ErrorCode::ledger_unavailable,
                          "cannot connect to PostgreSQL: " + connection->why());
        if (auto ready = connection->session_.run(set_up(options)); !ready)
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
    /// A commit that PostgreSQL gave up waiting for on its synchronous standby is not durable yet: it stands,
    /// but may vanish with this server. It counts as in doubt.
    [[nodiscard]] Result<void> store(std::span<sql::Write> writes,
                                     std::span<const std::string> after) override {
        is_warned_ = false;
        auto stored = noted(session_.store(writes, after));
        if (stored && is_warned_) {
            is_lost_ = true;
            return refuse(ErrorCode::ledger_unavailable, "PostgreSQL: the commit is not on the standby yet");
        }
        return stored;
    }
    [[nodiscard]] Result<void> run(const std::string& script) { return noted(session_.run(script)); }

    [[nodiscard]] bool is_broken() const override {
        return is_lost_ || PQstatus(raw()) != CONNECTION_OK || PQtransactionStatus(raw()) != PQTRANS_IDLE;
    }
    [[nodiscard]] bool ping() override { return execute("SELECT 1", {}).has_value() && !is_broken(); }

    [[nodiscard]] PGconn* raw() const { return connection_.get(); }

 private:
    Connection(PGconn* raw, Prepares prepares) : connection_(raw, PQfinish), session_(*raw, prepares) {
        PQsetNoticeReceiver(raw, &on_notice, this);
    }

    [[nodiscard]] std::string why() const {
        std::string message = PQerrorMessage(raw());
        while (!message.empty() && message.back() == '\n') message.pop_back();
        return message;
    }

    /// What has to hold whatever the server's defaults are: a commit that returns is on disk; and a process
    /// that is stopped inside a transaction does not keep all others waiting.
    [[nodiscard]] static std::string set_up(const ConnectionOptions& options) {
        return "SELECT set_config('synchronous_commit', 'on', false)"
               " WHERE current_setting('synchronous_commit') IN ('off', 'local');"
               "SET statement_timeout = '" +
               std::to_string(options.statement_within.count()) +
               "s'; SET idle_in_transaction_session_timeout = '" +
               std::to_string(options.silent_at_most.count()) + "s'";
    }

    static void on_notice(void* self, const PGresult* notice) {
        const char* severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
        if (severity != nullptr && std::string_view(severity) == "WARNING")
            static_cast<Connection*>(self)->is_warned_ = true;
    }

    /// After an answer that only another connection can be better than.
    template <class T>
    [[nodiscard]] Result<T> noted(Result<T> result) {
        if (!result && result.error().code == ErrorCode::ledger_unavailable) is_lost_ = true;
        return result;
    }

    std::unique_ptr<PGconn, void (*)(PGconn*)> connection_;
    postgres::Session session_;
    bool is_warned_ = false;
    bool is_lost_ = false;
};

}  // namespace tixian::postgres
