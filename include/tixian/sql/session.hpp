// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tixian/error.hpp"

namespace tixian::sql {

/// A value as it goes to and comes from a database: NULL, an integer, or text.
using Value = std::variant<std::monostate, std::int64_t, std::string>;
using Row = std::vector<Value>;

struct Rows {
    std::vector<Row> rows;
    std::int64_t changed = 0;  ///< rows that an INSERT, UPDATE or DELETE changed
};

/// The port to one database connection that has a transaction open, opened by somebody else: ours, or the
/// host's. Used by one thread at a time. Arguments are bound, never pasted into the text.
class Session {
 public:
    virtual ~Session() = default;

    /// Runs one statement; `?` stands for the arguments in order. An error means that the transaction cannot
    /// go on and must be rolled back by who opened it.
    [[nodiscard]] virtual Result<Rows> execute(std::string_view statement,
                                               std::span<const Value> arguments) = 0;
};

}  // namespace tixian::sql
