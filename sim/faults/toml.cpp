// SPDX-License-Identifier: MIT
#include <sstream>

#include <toml++/toml.h>

#include "faults/node.hpp"

namespace tixian::faults {
namespace {

struct Unsupported {
    int line;
};

Node from_toml(const toml::node& node) {
    Node read;
    if (const auto* table = node.as_table()) {
        Node::Object object;
        for (const auto& [key, value] : *table) object.emplace_back(std::string(key.str()), from_toml(value));
        read = std::move(object);
    } else if (const auto* array = node.as_array()) {
        Node::Array values;
        for (const toml::node& value : *array) values.push_back(from_toml(value));
        read = std::move(values);
    } else if (const auto* text = node.as_string()) {
        read = text->get();
    } else if (const auto* number = node.as_integer()) {
        read = number->get();
    } else if (const auto* flag = node.as_boolean()) {
        read = flag->get();
    } else {
        throw Unsupported{static_cast<int>(node.source().begin.line)};
    }
    read.line = static_cast<int>(node.source().begin.line);
    return read;
}

toml::table table_of(const Node::Object& object);
toml::array array_of(const Node::Array& array);

// `put` must not call this again with another lambda: that would never end being instantiated.
template <class Put>
void put_value(const Node& node, const Put& put) {
    if (const auto* flag = std::get_if<bool>(&node.value)) put(*flag);
    if (const auto* number = std::get_if<std::int64_t>(&node.value)) put(*number);
    if (const auto* text = std::get_if<std::string>(&node.value)) put(*text);
    if (const auto* object = std::get_if<Node::Object>(&node.value)) put(table_of(*object));
    if (const auto* array = std::get_if<Node::Array>(&node.value)) put(array_of(*array));
}

toml::array array_of(const Node::Array& array) {
    toml::array values;
    for (const Node& node : array) {
        put_value(node, [&](const auto& value) { values.push_back(value); });
    }
    return values;
}

toml::table table_of(const Node::Object& object) {
    toml::table table;
    for (const auto& [name, node] : object) {
        const std::string& key = name;
        put_value(node, [&](const auto& value) { table.insert(key, value); });
    }
    return table;
}

}  // namespace

Result<Node> parse_toml(std::string_view text) {
    try {
        return from_toml(toml::parse(text));
    } catch (const toml::parse_error& error) {
        return refuse(ErrorCode::malformed, "line " + std::to_string(error.source().begin.line) + ": " +
                                                std::string(error.description()));
    } catch (const Unsupported& unsupported) {
        return refuse(ErrorCode::malformed, "line " + std::to_string(unsupported.line) +
                                                ": neither fractions nor dates are used here");
    }
}

std::string print_toml(const Node& node) {
    const auto* object = std::get_if<Node::Object>(&node.value);
    std::ostringstream text;
    if (object != nullptr) text << table_of(*object) << "\n";
    return text.str();
}

}  // namespace tixian::faults
