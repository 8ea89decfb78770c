// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "tixian/error.hpp"

namespace tixian::faults {

/// What TOML and JSON have in common and a scenario needs: one tree for both, so that both are checked by the
/// same code. There are no fractions. `line` is 0 where it is not known.
struct Node {
    using Array = std::vector<Node>;
    using Object = std::vector<std::pair<std::string, Node>>;

    std::variant<std::monostate, bool, std::int64_t, std::string, Array, Object> value;
    int line = 0;

    Node() = default;
    Node(bool flag) : value(flag) {}                           // NOLINT(google-explicit-constructor)
    Node(std::int64_t number) : value(number) {}               // NOLINT(google-explicit-constructor)
    Node(int number) : value(std::int64_t{number}) {}          // NOLINT(google-explicit-constructor)
    Node(std::string text) : value(std::move(text)) {}         // NOLINT(google-explicit-constructor)
    Node(std::string_view text) : value(std::string(text)) {}  // NOLINT(google-explicit-constructor)
    Node(const char* text) : value(std::string(text)) {}       // NOLINT(google-explicit-constructor)
    Node(Array array) : value(std::move(array)) {}             // NOLINT(google-explicit-constructor)
    Node(Object object) : value(std::move(object)) {}          // NOLINT(google-explicit-constructor)
};

/// Refuse (`malformed`) what is not TOML or JSON, has a key twice, or holds a fraction, a date or a number
/// beyond 64 bits; the message names the line.
[[nodiscard]] Result<Node> parse_toml(std::string_view text);
[[nodiscard]] Result<Node> parse_json(std::string_view text);

/// The top must be an object; null is left out.
[[nodiscard]] std::string print_toml(const Node& node);
[[nodiscard]] std::string print_json(const Node& node);

}  // namespace tixian::faults
