// SPDX-License-Identifier: MIT
#pragma once

#include <charconv>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <mysql.h>

#include "tixian/mysql/literal.hpp"

namespace tixian::mysql {

/// A session over somebody's connection, ours or the host's pool's, with an open transaction. What a batch
/// needs goes as one text of many statements: one round trip. Used by one thread at a time.
///
/// Turns the connection's multi-statements on.
class Session : public sql::Session {
 public:
    explicit Session(MYSQL& connection) : connection_(connection) {
        mysql_set_server_option(&connection_, MYSQL_OPTION_MULTI_STATEMENTS_ON);
    }

    [[nodiscard]] Result<sql::Rows> execute(std::string_view statement,
                                            std::span<const sql::Value> arguments) override {
        std::string text;
        append_bound(text, statement, arguments);
        sql::Rows rows;
        auto ran = run(text, [&](sql::Rows answer) { rows = std::move(answer); });
        if (!ran) return tl::unexpected(ran.error());
        return rows;
    }

    [[nodiscard]] Result<std::vector<std::vector<sql::Row>>> load(
        std::span<const std::string> before, std::span<const sql::Lookup> lookups) override {
        std::vector<std::vector<sql::Row>> found(lookups.size());
        Script script(*this);
        for (const std::string& statement : before) {
            if (auto added = script.add(statement, {}); !added) return tl::unexpected(added.error());
        }
        for (std::size_t i = 0; i < lookups.size(); ++i) {
            const auto take = [&into = found[i]](sql::Rows answer) {
                into.insert(into.end(), std::make_move_iterator(answer.rows.begin()),
                            std::make_move_iterator(answer.rows.end()));
            };
            const sql::LookupText& text = *lookups[i].text;
            std::vector<std::string> statements;
            if (text.mark.empty()) {
                for (const sql::Row& key : lookups[i].keys)
                    append_bound(statements.emplace_back(), text.one, key);
            } else {
                statements.push_back(listed(text.head, text.mark, text.tail, lookups[i].keys));
            }
            for (std::string& statement : statements) {
                if (auto added = script.add(std::move(statement), take); !added)
                    return tl::unexpected(added.error());
            }
        }
        if (auto ran = script.run(); !ran) return tl::unexpected(ran.error());
        return found;
    }

    [[nodiscard]] Result<void> store(std::span<sql::Write> writes,
                                     std::span<const std::string> after) override {
        Script script(*this);
        for (const sql::Write& write : writes) {
            // Rows of one statement may not be more than fit into a packet.
            std::span<const sql::Row> rows = write.rows;
            while (!rows.empty()) {
                const auto some = rows.first(std::min(rows.size(), rows_max));
                rows = rows.subspan(some.size());
                auto added =
                    script.add(listed(write.text->head, write.text->mark, write.text->tail, some), {});
                if (!added) return added;
            }
        }
        for (const std::string& statement : after) {
            if (auto added = script.add(statement, {}); !added) return added;
        }
        return script.run();
    }

    /// The server's number for the last error; 0 when there was none.
    [[nodiscard]] unsigned last_errno() const { return mysql_errno(&connection_); }
    [[nodiscard]] bool is_in_transaction() const { return (connection_.server_status & in_transaction) != 0; }

 private:
    using Take = std::function<void(sql::Rows)>;
    static constexpr unsigned in_transaction = 1;  // SERVER_STATUS_IN_TRANS
    static constexpr std::size_t text_max = std::size_t{1} << 20, rows_max = 256;

    /// Statements that go together, up to what a packet holds.
    class Script {
     public:
        explicit Script(Session& session) : session_(session) {}

        [[nodiscard]] Result<void> add(std::string statement, Take take) {
            if (text_.size() + statement.size() > text_max) {
                if (auto ran = run(); !ran) return ran;
            }
            text_ += (text_.empty() ? "" : ";") + std::move(statement);
            takes_.push_back(std::move(take));
            return {};
        }

        [[nodiscard]] Result<void> run() {
            if (text_.empty()) return {};
            std::size_t next = 0;
            auto ran = session_.run(text_, [&](sql::Rows answer) {
                if (next < takes_.size() && takes_[next]) takes_[next](std::move(answer));
                ++next;
            });
            text_.clear();
            takes_.clear();
            return ran;
        }

     private:
        Session& session_;
        std::string text_;
        std::vector<Take> takes_;
    };

    /// `head`, a `mark` for each row with commas between, and `tail`.
    [[nodiscard]] static std::string listed(const std::string& head, const std::string& mark,
                                            const std::string& tail, std::span<const sql::Row> rows) {
        std::string text = head;
        for (const sql::Row& row : rows) {
            if (&row != rows.data()) text += ',';
            append_bound(text, mark, row);
        }
        return text + tail;
    }

    [[nodiscard]] Result<void> run(const std::string& text, const Take& take) {
        if (mysql_real_query(&connection_, text.data(), text.size()) != 0) return tl::unexpected(error());
        for (;;) {
            const std::unique_ptr<MYSQL_RES, void (*)(MYSQL_RES*)> answer(mysql_store_result(&connection_),
                                                                          mysql_free_result);
            if (answer == nullptr && mysql_field_count(&connection_) != 0) return tl::unexpected(error());
            sql::Rows rows;
            if (answer != nullptr)
                rows = read(*answer);
            else
                rows.changed = static_cast<std::int64_t>(mysql_affected_rows(&connection_));
            take(std::move(rows));
            const int next = mysql_next_result(&connection_);
            if (next > 0) return tl::unexpected(error());
            if (next < 0) return {};
        }
    }

    [[nodiscard]] static bool is_integer(enum_field_types type) {
        return type == MYSQL_TYPE_LONGLONG || type == MYSQL_TYPE_LONG || type == MYSQL_TYPE_TINY ||
               type == MYSQL_TYPE_SHORT || type == MYSQL_TYPE_INT24;
    }

    [[nodiscard]] static sql::Rows read(MYSQL_RES& answer) {
        sql::Rows rows;
        const unsigned columns = mysql_num_fields(&answer);
        const MYSQL_FIELD* fields = mysql_fetch_fields(&answer);
        while (char** values = mysql_fetch_row(&answer)) {
            const unsigned long* sizes = mysql_fetch_lengths(&answer);
            sql::Row& row = rows.rows.emplace_back();
            row.reserve(columns);
            for (unsigned i = 0; i < columns; ++i) {
                if (values[i] == nullptr) {
                    row.emplace_back();
                } else if (is_integer(fields[i].type)) {
                    std::int64_t number = 0;
                    std::from_chars(values[i], values[i] + sizes[i], number);
                    row.emplace_back(number);
                } else {
                    row.emplace_back(std::string(values[i], sizes[i]));
                }
            }
        }
        return rows;
    }

    /// What the last error says; by its number, never by its words.
    [[nodiscard]] Error error() const {
        return {error_code(last_errno()), std::string("MySQL: ") + mysql_error(&connection_), {}};
    }

    [[nodiscard]] static ErrorCode error_code(unsigned number) {
        switch (number) {
            case 1020:  // the row changed since the transaction's snapshot
            case 1205:  // waited too long for a lock
            case 1213:  // deadlock
            case 1969:  // ran too long
            case 3024:
                return ErrorCode::conflict;
            case 1048:  // a constraint refused: NULL, key, range, length, characters, CHECK, trigger
            case 1062:
            case 1264:
            case 1366:
            case 1406:
            case 1644:
            case 3819:
            case 4025:
                return ErrorCode::not_allowed;
            case 1034:  // the table is damaged
            case 1194:
                return ErrorCode::ledger_damaged;
            default:
                return ErrorCode::ledger_unavailable;
        }
    }

    MYSQL& connection_;
};

}  // namespace tixian::mysql
