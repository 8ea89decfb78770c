// SPDX-License-Identifier: MIT
#include "request.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "views.hpp"

namespace tixian::server {
namespace {

constexpr std::size_t page_default = 20;
constexpr std::size_t page_max = 100;

}  // namespace

Read<json::Value> read_object(const std::string& body, std::initializer_list<std::string_view> known) {
    auto value = json::parse(body);
    if (!value) return refuse_with(value.error());
    if (value->kind != json::Kind::object)
        return refuse_with(400, "malformed", "the body must be a JSON object");
    for (const auto& member : value->members) {
        if (std::find(known.begin(), known.end(), member.name) == known.end())
            return refuse_with(400, "malformed", "there is no such member here", member.name);
    }
    return std::move(*value);
}

Read<Money> read_amount(const json::Value& body) {
    const json::Value* amount = body.find("amount");
    if (amount == nullptr) return refuse_with(400, "invalid_amount", "amount is missing", "amount");
    if (amount->kind != json::Kind::string && amount->kind != json::Kind::number)
        return refuse_with(400, "invalid_amount", "amount must be a string like \"12.34\"", "amount");
    auto money = Money::parse_yuan(amount->text);
    if (!money) return refuse_with(money.error());
    return *money;
}

Read<std::string> read_text(const json::Value& body, std::string_view key, std::string fallback) {
    const json::Value* member = body.find(key);
    if (member == nullptr) return fallback;
    if (member->kind != json::Kind::string)
        return refuse_with(400, "invalid_argument", "must be a string", std::string(key));
    return member->text;
}

Read<bool> read_flag(const json::Value& body, std::string_view key) {
    const json::Value* member = body.find(key);
    if (member == nullptr || member->kind != json::Kind::boolean)
        return refuse_with(400, "invalid_argument", "must be true or false", std::string(key));
    return member->flag;
}

Read<Person> read_person(const json::Value& body) {
    auto reason = read_text(body, "reason", "");
    if (!reason) return tl::unexpected(reason.error());
    const auto id = OperatorId::parse(body.string("operator").value_or(""));
    if (!id) return refuse_with(id.error());
    Person person{*id, std::move(*reason)};
    if (const auto named = check(person); !named) return refuse_with(named.error());
    return person;
}

Read<std::int64_t> read_version(const json::Value& body) {
    const auto version = body.integer("version");
    if (!version)
        return refuse_with(400, "invalid_argument", "the version that you saw is needed, a whole number",
                           "version");
    return *version;
}

Read<PageWanted> read_page(const httplib::Request& request) {
    PageWanted page{page_default, std::nullopt};
    if (request.has_param("limit")) {
        const std::string text = request.get_param_value("limit");
        const char* end = text.data() + text.size();
        const auto [stop, code] = std::from_chars(text.data(), end, page.limit);
        if (code != std::errc() || stop != end || page.limit < 1 || page.limit > page_max)
            return refuse_with(400, "invalid_argument", "limit must be 1 to 100", "limit");
    }
    if (request.has_param("cursor")) {
        const auto cursor = parse_cursor(request.get_param_value("cursor"));
        if (!cursor) return refuse_with(cursor.error());
        page.after = *cursor;
    }
    return page;
}

}  // namespace tixian::server
