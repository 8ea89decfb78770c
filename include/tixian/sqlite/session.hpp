// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <sqlite3.h>

#include "tixian/sql/session.hpp"

namespace tixian::sqlite {

/// A session over somebody's connection, ours or the host's, with its prepared statements. Used by one thread
/// at a time, and gone before the connection is closed.
class Session : public sql::Session {
 public:
    explicit Session(sqlite3& database) : database_(&database) {}
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session() override {
        for (auto& [text, statement] : statements_) sqlite3_finalize(statement);
    }

    [[nodiscard]] Result<sql::Rows> execute(std::string_view text,
                                            std::span<const sql::Value> arguments) override {
        sqlite3_stmt* statement = prepare(text);
        if (statement == nullptr) return tl::unexpected(error("cannot prepare a statement", last_code()));
        // A statement that is not reset keeps its transaction alive.
        const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> reset(statement, sqlite3_reset);

        for (std::size_t i = 0; i < arguments.size(); ++i) {
            if (bind(statement, static_cast<int>(i + 1), arguments[i]) != SQLITE_OK)
                return tl::unexpected(error("cannot bind an argument", last_code()));
        }
        sql::Rows result;
        int code = sqlite3_step(statement);
        for (; code == SQLITE_ROW; code = sqlite3_step(statement)) result.rows.push_back(read_row(statement));
        if (code != SQLITE_DONE) return tl::unexpected(error("a statement failed", code));
        result.changed = sqlite3_changes64(database_);
        return result;
    }

    /// Runs a text of any number of statements without arguments or rows.
    [[nodiscard]] Result<void> run(const std::string& script) {
        const int code = sqlite3_exec(database_, script.c_str(), nullptr, nullptr, nullptr);
        if (code != SQLITE_OK) return tl::unexpected(error("a statement failed", code));
        return {};
    }

    /// SQLite's extended code of the last error.
    [[nodiscard]] int last_code() const { return sqlite3_extended_errcode(database_); }

    /// What a code says.
    [[nodiscard]] Error error(const std::string& what, int code) const {
        const int primary = code & 0xff;
        // The schema itself refuses: a wrong program, not a broken database.
        if (primary == SQLITE_CONSTRAINT)
            return {ErrorCode::not_allowed, what + ": " + sqlite3_errmsg(database_), {}};
        const bool damaged = primary == SQLITE_NOTADB || primary == SQLITE_CORRUPT;
        const char* detail = database_ != nullptr ? sqlite3_errmsg(database_) : sqlite3_errstr(code);
        return {
            damaged ? ErrorCode::ledger_damaged : ErrorCode::ledger_unavailable, what + ": " + detail, {}};
    }

 private:
    [[nodiscard]] sqlite3_stmt* prepare(std::string_view text) {
        // Rows of one table come one after the other.
        if (last_ != nullptr && last_->first == text) return last_->second;
        if (const auto known = statements_.find(text); known != statements_.end()) {
            last_ = &*known;
            return last_->second;
        }
        sqlite3_stmt* statement = nullptr;
        const int code = sqlite3_prepare_v3(database_, text.data(), static_cast<int>(text.size()),
                                            SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
        if (code != SQLITE_OK) return nullptr;
        last_ = &*statements_.emplace(std::string(text), statement).first;
        return statement;
    }

    [[nodiscard]] static int bind(sqlite3_stmt* statement, int index, const sql::Value& value) {
        if (const auto* number = std::get_if<std::int64_t>(&value))
            return sqlite3_bind_int64(statement, index, *number);
        if (const auto* text = std::get_if<std::string>(&value))
            return sqlite3_bind_text64(statement, index, text->data(), text->size(), nullptr, SQLITE_UTF8);
        return sqlite3_bind_null(statement, index);
    }

    [[nodiscard]] static sql::Row read_row(sqlite3_stmt* statement) {
        const int columns = sqlite3_column_count(statement);
        sql::Row row;
        row.reserve(static_cast<std::size_t>(columns));
        for (int i = 0; i < columns; ++i) {
            switch (sqlite3_column_type(statement, i)) {
                case SQLITE_INTEGER:
                    row.emplace_back(std::int64_t{sqlite3_column_int64(statement, i)});
                    break;
                case SQLITE_NULL:
                    row.emplace_back();
                    break;
                default: {
                    const void* bytes = sqlite3_column_blob(statement, i);
                    const auto length = static_cast<std::size_t>(sqlite3_column_bytes(statement, i));
                    row.emplace_back(length == 0 ? std::string()
                                                 : std::string(static_cast<const char*>(bytes), length));
                }
            }
        }
        return row;
    }

    struct TextHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept {
            return std::hash<std::string_view>{}(text);
        }
    };

    sqlite3* database_;
    std::unordered_map<std::string, sqlite3_stmt*, TextHash, std::equal_to<>> statements_;
    std::pair<const std::string, sqlite3_stmt*>* last_ = nullptr;  // of statements_: its elements stay
};

}  // namespace tixian::sqlite
