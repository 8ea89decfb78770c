// SPDX-License-Identifier: MIT
#include <algorithm>
#include <limits>

#include <nlohmann/json.hpp>

#include "faults/node.hpp"

namespace tixian::faults {
namespace {

using nlohmann::ordered_json;

// Builds the tree from events, because nlohmann keeps the last of two equal keys silently.
class Builder final : public nlohmann::json_sax<ordered_json> {
 public:
    bool null() override { return put(Node()); }
    bool boolean(bool flag) override { return put(flag); }
    bool number_integer(number_integer_t number) override { return put(std::int64_t{number}); }
    bool number_unsigned(number_unsigned_t number) override {
        if (number > std::uint64_t{std::numeric_limits<std::int64_t>::max()})
            return fail("a number is too large");
        return put(static_cast<std::int64_t>(number));
    }
    bool number_float(number_float_t, const string_t&) override {
        return fail("fractions are not used here");
    }
    bool string(string_t& text) override { return put(text); }
    bool binary(binary_t&) override { return fail("not JSON"); }
    bool start_object(std::size_t) override { return open(Node::Object()); }
    bool start_array(std::size_t) override { return open(Node::Array()); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }
    bool key(string_t& text) override {
        auto& object = std::get<Node::Object>(open_.back().value);
        const bool is_new = std::none_of(object.begin(), object.end(),
                                         [&](const auto& entry) { return entry.first == text; });
        if (!is_new) return fail("the key " + text + " comes twice");
        object.emplace_back(text, Node());
        return true;
    }
    bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
        return fail("not JSON, at byte " + std::to_string(position));
    }

    Node root;
    std::string problem;

 private:
    bool fail(std::string what) {
        if (problem.empty()) problem = std::move(what);
        return false;
    }
    bool put(Node node) {
        if (open_.empty()) {
            root = std::move(node);
        } else if (auto* array = std::get_if<Node::Array>(&open_.back().value)) {
            array->push_back(std::move(node));
        } else {
            std::get<Node::Object>(open_.back().value).back().second = std::move(node);
        }
        return true;
    }
    bool open(Node node) {
        constexpr std::size_t depth_max = 32;
        if (open_.size() == depth_max) return fail("nested too deeply");
        open_.push_back(std::move(node));
        return true;
    }
    bool close() {
        Node done = std::move(open_.back());
        open_.pop_back();
        return put(std::move(done));
    }

    std::vector<Node> open_;
};

ordered_json to_json(const Node& node) {
    if (const auto* flag = std::get_if<bool>(&node.value)) return *flag;
    if (const auto* number = std::get_if<std::int64_t>(&node.value)) return *number;
    if (const auto* text = std::get_if<std::string>(&node.value)) return *text;
    if (const auto* array = std::get_if<Node::Array>(&node.value)) {
        ordered_json values = ordered_json::array();
        for (const Node& value : *array) values.push_back(to_json(value));
        return values;
    }
    if (const auto* object = std::get_if<Node::Object>(&node.value)) {
        ordered_json values = ordered_json::object();
        for (const auto& [key, value] : *object) {
            if (!std::holds_alternative<std::monostate>(value.value)) values[key] = to_json(value);
        }
        return values;
    }
    return nullptr;
}

}  // namespace

Result<Node> parse_json(std::string_view text) {
    Builder builder;
    if (!ordered_json::sax_parse(text.begin(), text.end(), &builder)) {
        return refuse(ErrorCode::malformed, builder.problem.empty() ? "not JSON" : builder.problem);
    }
    return std::move(builder.root);
}

std::string print_json(const Node& node) {
    return to_json(node).dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace tixian::faults
