// SPDX-License-Identifier: MIT
#include "mock/http.hpp"

#include <algorithm>
#include <cstddef>

#include <nlohmann/json.hpp>

namespace tixian::mock {
namespace {

using nlohmann::json;

bool is_same_name(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return 'A' <= c && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [lower](char x, char y) { return lower(x) == lower(y); });
}

std::size_t member_count(const json& value) {
    if (!value.is_structured()) return 0;
    std::size_t count = value.is_object() ? value.size() : 0;
    for (const json& part : value) count += member_count(part);
    return count;
}

// As many keys were read as there are members now, or some were there twice.
std::shared_ptr<const json> parse_object(const std::string& text) {
    std::size_t keys_read = 0;
    const auto count_keys = [&keys_read](int, json::parse_event_t event, const json&) {
        if (event == json::parse_event_t::key) ++keys_read;
        return true;
    };
    auto value = std::make_shared<const json>(json::parse(text, count_keys, false));
    return value->is_object() && member_count(*value) == keys_read ? value : nullptr;
}

}  // namespace

const std::string& Request::header(std::string_view name) const {
    static const std::string none;
    const auto found = std::find_if(headers.begin(), headers.end(),
                                    [&](const auto& header) { return is_same_name(header.first, name); });
    return found == headers.end() ? none : found->second;
}

const json* Request::object() const {
    if (!is_parsed_) object_ = body.empty() ? nullptr : parse_object(body);
    is_parsed_ = true;
    return object_.get();
}

}  // namespace tixian::mock
