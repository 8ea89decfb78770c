// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "tixian/error.hpp"
#include "tixian/sql/texts.hpp"

namespace tixian::sql {

/// A value as it goes to and comes from a database: NULL, an integer, or text.
using Value = std::variant<std::monostate, std::int64_t, std::string>;
using Row = std::vector<Value>;

struct Rows {
    std::vector<Row> rows;
    std::int64_t changed = 0;  ///< rows that an INSERT, UPDATE or DELETE changed
};

/// The rows of one table whose key is among these.
struct Lookup {
    const LookupText* text;
    std::vector<Row> keys;
};

/// Rows to insert, update or upsert in one table. Each has a value for every column that the text knows.
struct Write {
    const WriteText* text;
    std::vector<Row> rows;
};

/// The port to one database connection that has a transaction open, opened by somebody else: ours, or the
/// host's. Used by one thread at a time. Arguments are bound or escaped, never pasted as they are.
///
/// An error means that the transaction cannot go on and must be rolled back by who opened it: `conflict` when
/// the database asks to run it again (serialization, deadlock), `not_allowed` when a constraint refused,
/// `ledger_unavailable` or `ledger_damaged` else.
class Session {
 public:
    virtual ~Session() = default;

    /// Runs one statement; `?` stands for the arguments in order.
    [[nodiscard]] virtual Result<Rows> execute(std::string_view statement,
                                               std::span<const Value> arguments) = 0;

    /// Runs statements without arguments or rows, then answers each lookup, with its rows in any order. A
    /// session that knows how does all of it in one round trip.
    [[nodiscard]] virtual Result<std::vector<std::vector<Row>>> load(std::span<const std::string> before,
                                                                     std::span<const Lookup> lookups) {
        if (auto ran = run_each(before); !ran) return tl::unexpected(ran.error());
        std::vector<std::vector<Row>> found(lookups.size());
        for (std::size_t i = 0; i < lookups.size(); ++i) {
            for (const Row& key : lookups[i].keys) {
                auto rows = execute(lookups[i].text->one, key);
                if (!rows) return tl::unexpected(rows.error());
                found[i].insert(found[i].end(), std::make_move_iterator(rows->rows.begin()),
                                std::make_move_iterator(rows->rows.end()));
            }
        }
        return found;
    }

    /// Stores every row, and may take the values out of them; then runs statements without arguments or rows;
    /// in one round trip where it can.
    [[nodiscard]] virtual Result<void> store(std::span<Write> writes, std::span<const std::string> after) {
        Row arguments;
        for (Write& write : writes) {
            for (Row& row : write.rows) {
                arguments.clear();
                for (const std::size_t column : write.text->arguments)
                    arguments.push_back(std::move(row[column]));
                auto stored = execute(write.text->one, arguments);
                if (!stored) return tl::unexpected(stored.error());
                if (write.text->changes_one && stored->changed != 1)
                    return refuse(ErrorCode::conflict, "a row changed inside the transaction");
            }
        }
        return run_each(after);
    }

 protected:
    [[nodiscard]] Result<void> run_each(std::span<const std::string> statements) {
        for (const std::string& statement : statements) {
            if (auto ran = execute(statement, {}); !ran) return tl::unexpected(ran.error());
        }
        return {};
    }
};

}  // namespace tixian::sql
