// SPDX-License-Identifier: MIT
#include "faults/reader.hpp"

#include <algorithm>
#include <numeric>

#include "faults/duration.hpp"

namespace tixian::faults {
namespace {

// Levenshtein's distance.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t corner = row[0];
        row[0] = i + 1;
        for (std::size_t k = 0; k < b.size(); ++k) {
            const std::size_t replaced = corner + (a[i] == b[k] ? 0 : 1);
            corner = row[k + 1];
            row[k + 1] = std::min({replaced, row[k + 1] + 1, row[k] + 1});
        }
    }
    return row.back();
}

std::string between(const std::string& min, const std::string& max) {
    return "must be between " + min + " and " + max;
}

}  // namespace

void Problem::tell(int line, const std::string& path, const std::string& message) {
    if (error_) return;
    std::string where = line > 0 ? "line " + std::to_string(line) + ": " : std::string();
    if (!path.empty()) where += path + " ";
    error_ = Error{ErrorCode::invalid_argument, where + message, path};
}

std::string suggestion(std::string_view word, const std::vector<std::string_view>& candidates) {
    const auto nearest = std::min_element(
        candidates.begin(), candidates.end(),
        [&](std::string_view a, std::string_view b) { return distance(word, a) < distance(word, b); });
    const std::size_t bearable = std::max<std::size_t>(2, word.size() / 3);
    if (nearest == candidates.end() || distance(word, *nearest) > bearable) return {};
    return ", did you mean \"" + std::string(*nearest) + "\"?";
}

Reader::Reader(const Node& node, std::string path, Problem& problem)
    : object_(std::get_if<Node::Object>(&node.value)),
      line_(node.line),
      path_(std::move(path)),
      problem_(problem) {
    if (object_ == nullptr) {
        tell("", "must be a table");
        return;
    }
    for (const auto& [key, value] : *object_) present_.push_back(key);
}

const Node* Reader::any(std::string_view key) {
    asked_.push_back(key);
    if (object_ == nullptr) return nullptr;
    const auto found =
        std::find_if(object_->begin(), object_->end(), [&](const auto& entry) { return entry.first == key; });
    const bool is_there =
        found != object_->end() && !std::holds_alternative<std::monostate>(found->second.value);
    return is_there ? &found->second : nullptr;
}

bool Reader::flag(std::string_view key, bool& target) {
    const Node* node = any(key);
    if (node == nullptr) return false;
    const auto* value = std::get_if<bool>(&node->value);
    if (value == nullptr) return tell(key, "must be true or false"), false;
    target = *value;
    return true;
}

bool Reader::number(std::string_view key, std::int64_t min, std::int64_t max, std::int64_t& target) {
    const Node* node = any(key);
    if (node == nullptr) return false;
    const auto* value = std::get_if<std::int64_t>(&node->value);
    if (value == nullptr) return tell(key, "must be a whole number"), false;
    if (*value < min || *value > max) {
        return tell(key, between(std::to_string(min), std::to_string(max))), false;
    }
    target = *value;
    return true;
}

bool Reader::text(std::string_view key, std::size_t length_max, std::string& target) {
    const Node* node = any(key);
    if (node == nullptr) return false;
    const auto* value = std::get_if<std::string>(&node->value);
    if (value == nullptr) return tell(key, "must be a text in quotes"), false;
    if (value->size() > length_max) {
        return tell(key, "must not be longer than " + std::to_string(length_max) + " bytes"), false;
    }
    target = *value;
    return true;
}

bool Reader::duration(std::string_view key, Duration min, Duration max, Duration& target) {
    const Node* node = any(key);
    if (node == nullptr) return false;
    const auto* text = std::get_if<std::string>(&node->value);
    const auto value = text == nullptr ? std::nullopt : parse_duration(*text);
    if (!value) return tell(key, "must be a time like \"500ms\", \"30s\", \"10m\", \"24h\" or \"2d\""), false;
    if (*value < min || *value > max)
        return tell(key, between(duration_text(min), duration_text(max))), false;
    target = *value;
    return true;
}

bool Reader::money(std::string_view key, Money& target) {
    std::int64_t fen = 0;
    if (!number(key, 0, Money::fen_max, fen)) return false;
    target = Money::from_fen(fen).value();
    return true;
}

void Reader::each(std::string_view key, const std::function<void(const Node&, const std::string&)>& read) {
    const Node* node = any(key);
    if (node == nullptr) return;
    const auto* array = std::get_if<Node::Array>(&node->value);
    if (array == nullptr) return tell(key, "must be a list");
    for (std::size_t i = 0; i < array->size(); ++i) {
        read((*array)[i], path_of(key) + "[" + std::to_string(i) + "]");
    }
}

std::optional<Reader> Reader::table(std::string_view key) {
    const Node* node = any(key);
    if (node == nullptr) return std::nullopt;
    return Reader(*node, path_of(key), problem_);
}

void Reader::done() {
    for (const std::string& key : present_) {
        if (std::find(asked_.begin(), asked_.end(), key) == asked_.end()) {
            return tell(key, "is not known here" + suggestion(key, asked_));
        }
    }
}

void Reader::tell(std::string_view key, const std::string& message) {
    int line = line_;
    if (object_ != nullptr) {
        for (const auto& [name, value] : *object_) {
            if (name == key && value.line > 0) line = value.line;
        }
    }
    problem_.tell(line, key.empty() ? path_ : path_of(key), message);
}

std::string Reader::path_of(std::string_view key) const {
    return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

}  // namespace tixian::faults
