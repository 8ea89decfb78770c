// SPDX-License-Identifier: MIT
#include "mock/fields.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "mock/text.hpp"

namespace tixian::mock {
namespace {

using nlohmann::json;

constexpr const char* bad_characters = "商户单号只能由数字、大小写字母组成";

}  // namespace

Fields::Fields(const Request& request) : object_(request.object()) {
    if (object_ == nullptr) refuse(param_error("", "请求体不是合法的JSON对象或含有重复的键"));
}

const json* Fields::find(const char* key) const {
    if (object_ == nullptr) return nullptr;
    const auto found = object_->find(key);
    return found == object_->end() || found->is_null() ? nullptr : &*found;
}

const json* Fields::find(const char* key, Presence presence, const char* missing) {
    if (problem_) return nullptr;
    const json* found = find(key);
    if (found == nullptr && presence == Presence::required) refuse(key, missing);
    return found;
}

bool Fields::has(const char* key) const { return find(key) != nullptr; }

void Fields::refuse(const char* key, std::string_view issue) { refuse(param_error(pointer(key), issue)); }

std::string Fields::text(const char* key, std::size_t length_max, Presence presence) {
    const json* value = find(key, presence);
    if (value == nullptr) return {};
    if (!value->is_string()) {
        refuse(key, "参数类型不正确，应为字符串");
        return {};
    }
    auto text = value->get<std::string>();
    if (presence == Presence::required && text.empty()) refuse(key, "参数不能为空");
    if (character_count(text) > length_max) {
        refuse(key, "参数长度不得超过" + std::to_string(length_max) + "个字符");
    }
    return text;
}

std::string Fields::number(const char* key, std::size_t length_min) {
    constexpr std::size_t length_max = 32;
    std::string number = text(key, length_max, Presence::required);
    if (is_ok() && !is_merchant_number(number)) refuse(key, bad_characters);
    if (is_ok() && number.size() < length_min) {
        refuse(key, "参数长度不得小于" + std::to_string(length_min) + "个字符");
    }
    return number;
}

std::int64_t Fields::integer(const char* key) {
    const json* value = find(key, Presence::required);
    if (value == nullptr) return 0;
    if (!value->is_number_integer()) {
        refuse(key, "参数类型不正确，应为整数");
        return 0;
    }
    // Beyond int64 the value is unsigned, and then certainly too large for all that is counted here.
    const bool is_huge =
        value->is_number_unsigned() && value->get<std::uint64_t>() > std::uint64_t{INT64_MAX};
    return is_huge ? INT64_MAX : value->get<std::int64_t>();
}

Money Fields::amount(const char* key) {
    const auto amount = Money::from_fen(integer(key));
    if (amount && !amount->is_negative()) return *amount;
    refuse(key, "金额超出范围");
    return {};
}

Fields Fields::object(const char* key, Presence presence) {
    const json* value = find(key, presence);
    if (value != nullptr && !value->is_object()) {
        refuse(key, "参数类型不正确，应为对象");
        value = nullptr;
    }
    return {value, pointer(key)};
}

std::vector<Fields> Fields::objects(const char* key, Presence presence, const char* missing) {
    const json* value = find(key, presence, missing);
    std::vector<Fields> entries;
    if (value == nullptr) return entries;
    if (!value->is_array()) {
        refuse(key, "参数类型不正确，应为数组");
        return entries;
    }
    for (std::size_t i = 0; i < value->size() && is_ok(); ++i) {
        const std::string at = pointer(key) + "/" + std::to_string(i);
        if (!(*value)[i].is_object()) {
            refuse(param_error(at, "参数类型不正确，应为对象"));
        } else {
            entries.emplace_back(&(*value)[i], at);
        }
    }
    return entries;
}

bool is_merchant_number(std::string_view text) {
    return !text.empty() && text.size() <= 32 && std::all_of(text.begin(), text.end(), [](char c) {
        return ('0' <= c && c <= '9') || ('A' <= c && c <= 'Z') || ('a' <= c && c <= 'z');
    });
}

}  // namespace tixian::mock
