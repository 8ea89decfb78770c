// SPDX-License-Identifier: MIT
// JSON: what is accepted is JSON, and printed and read again is the same, number by number.
#include "tixian/wechat/json.hpp"

#include "input.hpp"

namespace {

using tixian::fuzz::require;
using tixian::json::Kind;
using tixian::json::Member;
using tixian::json::Value;

std::string quoted(const std::string& text) { return nlohmann::json(text).dump(); }

std::string print(const Value& value) {
    std::string text;
    switch (value.kind) {
        case Kind::null:
            return "null";
        case Kind::boolean:
            return value.flag ? "true" : "false";
        case Kind::number:
            return value.text;
        case Kind::string:
            return quoted(value.text);
        case Kind::array:
            for (const Value& item : value.items) text += (text.empty() ? "" : ",") + print(item);
            return "[" + text + "]";
        case Kind::object:
            for (const Member& member : value.members)
                text += (text.empty() ? "" : ",") + quoted(member.name) + ":" + print(member.value);
            return "{" + text + "}";
    }
    return text;
}

bool is_same(const Value& a, const Value& b);

bool is_same(const Member& a, const Member& b) { return a.name == b.name && is_same(a.value, b.value); }

bool is_same(const Value& a, const Value& b) {
    const auto same = [](const auto& x, const auto& y) { return is_same(x, y); };
    return a.kind == b.kind && a.flag == b.flag && a.text == b.text &&
           std::equal(a.items.begin(), a.items.end(), b.items.begin(), b.items.end(), same) &&
           std::equal(a.members.begin(), a.members.end(), b.members.begin(), b.members.end(), same);
}

void check_members(const Value& value) {
    for (std::size_t i = 0; i < value.members.size(); ++i) {
        const Member& member = value.members[i];
        require(value.find(member.name) == &member.value, "no key is there twice");
        const auto number = value.integer(member.name);
        require(!number || std::to_string(*number) == member.value.text, "an integer is its digits");
        require(!number || member.value.kind == Kind::number, "only a number is an integer");
        check_members(member.value);
    }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input = tixian::fuzz::Input(data, size).rest();
    const auto value = tixian::json::parse(input);
    if (!value) return 0;
    require(nlohmann::json::accept(input.begin(), input.end()), "what is accepted is JSON");
    check_members(*value);

    const auto again = tixian::json::parse(print(*value));

    require(again.has_value(), "what is printed is accepted");
    require(is_same(*again, *value), "what is printed reads the same");
    return 0;
}
