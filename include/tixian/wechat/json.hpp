// SPDX-License-Identifier: MIT
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "tixian/error.hpp"

namespace tixian::json {

enum class Kind { null, boolean, number, string, array, object };

struct Member;

/// A strict reading of JSON for where money and identity are parsed: a number keeps its digits and never
/// becomes a double, and an object with a repeated key is refused.
struct Value {
    Kind kind = Kind::null;
    bool flag = false;
    std::string text;  ///< a string's content, or a number's digits as they stood there (-0 reads 0)
    std::vector<Value> items;
    std::vector<Member> members;

    /// nullptr when this is no object or has no such member.
    [[nodiscard]] const Value* find(std::string_view key) const;
    /// The member's content when it is a string.
    [[nodiscard]] std::optional<std::string> string(std::string_view key) const;
    /// The member's value when it is a whole number of 64 bits, written without point or exponent.
    [[nodiscard]] std::optional<std::int64_t> integer(std::string_view key) const;
};

struct Member {
    std::string name;
    Value value;
};

inline const Value* Value::find(std::string_view key) const {
    for (const Member& member : members) {
        if (member.name == key) return &member.value;
    }
    return nullptr;
}

inline std::optional<std::string> Value::string(std::string_view key) const {
    const Value* member = find(key);
    if (member == nullptr || member->kind != Kind::string) return std::nullopt;
    return member->text;
}

inline std::optional<std::int64_t> Value::integer(std::string_view key) const {
    const Value* member = find(key);
    if (member == nullptr || member->kind != Kind::number) return std::nullopt;
    std::int64_t number = 0;
    const char* end = member->text.data() + member->text.size();
    const auto [stop, code] = std::from_chars(member->text.data(), end, number);
    if (code != std::errc() || stop != end) return std::nullopt;
    return number;
}

namespace detail {

/// Puts each value where it belongs as it comes. Texts are copied, because the reader fills the same buffer
/// again.
class Builder : public nlohmann::json_sax<nlohmann::json> {
 public:
    explicit Builder(std::size_t depth_max) : depth_max_(depth_max) { open_.reserve(depth_max); }

    [[nodiscard]] Value take() { return std::move(root_); }
    [[nodiscard]] const char* refusal() const { return refusal_; }

    bool null() override {
        place(Kind::null);
        return true;
    }
    bool boolean(bool flag) override {
        place(Kind::boolean).flag = flag;
        return true;
    }
    bool number_integer(number_integer_t number) override { return put_number(std::to_string(number)); }
    bool number_unsigned(number_unsigned_t number) override { return put_number(std::to_string(number)); }
    bool number_float(number_float_t, const string_t& digits) override { return put_number(digits); }
    bool string(string_t& text) override {
        place(Kind::string).text = text;
        return true;
    }
    bool binary(binary_t&) override { return false; }
    bool start_object(std::size_t) override { return open(Kind::object); }
    bool end_object() override { return close(); }
    bool start_array(std::size_t) override { return open(Kind::array); }
    bool end_array() override { return close(); }
    bool key(string_t& name) override {
        Value& object = *open_.back();
        // Each key is compared with those before it, so their number is bounded: a real object has 30 at
        // most.
        if (object.members.size() >= members_max) return refuse("the JSON has too many members");
        if (object.find(name) != nullptr) return refuse("a key is repeated in the JSON");
        if (object.members.empty()) object.members.reserve(members_usual);
        object.members.emplace_back().name = name;
        return true;
    }
    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
        return false;
    }

 private:
    static constexpr std::size_t members_usual = 12, members_max = 256;

    bool refuse(const char* why) {
        refusal_ = why;
        return false;
    }
    /// The value that comes next: an array's new item, or the member whose key came before.
    Value& place(Kind kind) {
        Value& value = open_.empty()                       ? root_
                       : open_.back()->kind == Kind::array ? open_.back()->items.emplace_back()
                                                           : open_.back()->members.back().value;
        value.kind = kind;
        return value;
    }
    bool put_number(std::string digits) {
        place(Kind::number).text = std::move(digits);
        return true;
    }
    bool open(Kind kind) {
        if (open_.size() >= depth_max_) return refuse("the JSON nests too deep");
        open_.push_back(&place(kind));
        return true;
    }
    bool close() {
        open_.pop_back();
        return true;
    }

    std::size_t depth_max_;
    const char* refusal_ = "not valid JSON";
    Value root_;
    std::vector<Value*> open_;  // none of them moves: what holds it grows only after it is closed
};

}  // namespace detail

/// Refuses (`malformed`) what is not one JSON text in UTF-8, repeats a key, has an object of more than 256
/// members, or nests deeper than `depth_max`. Takes time in proportion to the text.
[[nodiscard]] inline Result<Value> parse(std::string_view text, std::size_t depth_max = 16) {
    // The reader would take this for the end of the text.
    if (text.find('\0') != std::string_view::npos) return refuse(ErrorCode::malformed, "not valid JSON");
    detail::Builder builder(depth_max);
    if (!nlohmann::json::sax_parse(text.begin(), text.end(), &builder))
        return refuse(ErrorCode::malformed, builder.refusal());
    return builder.take();
}

}  // namespace tixian::json
