// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include <sqlite3.h>

namespace tixian::bench {

/// A prepared statement as one writes it by hand against SQLite's own interface.
class SqliteStatement {
 public:
    SqliteStatement(sqlite3* database, std::string_view text) : database_(database) {
        if (sqlite3_prepare_v3(database, text.data(), static_cast<int>(text.size()),
                               SQLITE_PREPARE_PERSISTENT, &raw_, nullptr) != SQLITE_OK)
            fail();
    }
    SqliteStatement(const SqliteStatement&) = delete;
    SqliteStatement& operator=(const SqliteStatement&) = delete;
    ~SqliteStatement() { sqlite3_finalize(raw_); }

    /// Runs it with these arguments, which must live until it returns; answers how many rows it changed.
    template <class... Arguments>
    std::int64_t run(const Arguments&... arguments) {
        int index = 0;
        (bind(++index, arguments), ...);
        const int code = sqlite3_step(raw_);
        if (code != SQLITE_DONE) fail();
        sqlite3_reset(raw_);
        return sqlite3_changes64(database_);
    }

    /// The next row of a query, its columns with a bar between; false after the last.
    [[nodiscard]] bool next(std::string& row) {
        row.clear();
        const int code = sqlite3_step(raw_);
        if (code == SQLITE_DONE) return false;
        if (code != SQLITE_ROW) fail();
        for (int i = 0; i < sqlite3_column_count(raw_); ++i) {
            const unsigned char* text = sqlite3_column_text(raw_, i);
            if (i > 0) row += '|';
            row += text != nullptr ? reinterpret_cast<const char*>(text) : "NULL";
        }
        return true;
    }

 private:
    void bind(int index, std::int64_t value) { sqlite3_bind_int64(raw_, index, value); }
    void bind(int index, std::string_view text) {
        sqlite3_bind_text64(raw_, index, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
    }
    [[noreturn]] void fail() const { throw std::runtime_error(sqlite3_errmsg(database_)); }

    sqlite3* database_;
    sqlite3_stmt* raw_ = nullptr;
};

/// A connection of our own to a ledger's file.
class SqliteFile {
 public:
    explicit SqliteFile(const std::filesystem::path& path) {
        if (sqlite3_open_v2(path.c_str(), &raw_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr) !=
            SQLITE_OK) {
            sqlite3_close_v2(raw_);
            throw std::runtime_error("cannot open " + path.string());
        }
    }
    SqliteFile(const SqliteFile&) = delete;
    SqliteFile& operator=(const SqliteFile&) = delete;
    ~SqliteFile() { sqlite3_close_v2(raw_); }

    [[nodiscard]] sqlite3* raw() const { return raw_; }

    void run(const std::string& script) {
        if (sqlite3_exec(raw_, script.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
            throw std::runtime_error(sqlite3_errmsg(raw_));
    }

 private:
    sqlite3* raw_ = nullptr;
};

}  // namespace tixian::bench
