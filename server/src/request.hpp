// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include <httplib.h>

#include "http_errors.hpp"
#include "tixian/ledger.hpp"
#include "tixian/person.hpp"
#include "tixian/wechat/json.hpp"

namespace tixian::server {

// How a request is read, strictly: every refusal names the member or parameter at fault.

template <class T>
using Read = tl::expected<T, Refusal>;

/// An object with no members but these; whatever else somebody sends is a mistake that should not pass
/// unseen.
[[nodiscard]] Read<json::Value> read_object(const std::string& body,
                                            std::initializer_list<std::string_view> known);

/// Yuan as a JSON string, or as a JSON number taken by its digits.
[[nodiscard]] Read<Money> read_amount(const json::Value& body);

/// A member that may be left out, but is a string where it stands.
[[nodiscard]] Read<std::string> read_text(const json::Value& body, std::string_view key,
                                          std::string fallback);

[[nodiscard]] Read<bool> read_flag(const json::Value& body, std::string_view key);

/// Who decides, and why: the members `operator` and `reason`.
[[nodiscard]] Read<Person> read_person(const json::Value& body);

/// The version of the withdrawal that the person saw.
[[nodiscard]] Read<std::int64_t> read_version(const json::Value& body);

/// Which page of a list is wanted: `?limit=&cursor=`.
struct PageWanted {
    std::size_t limit = 0;
    std::optional<Cursor> after;
};
[[nodiscard]] Read<PageWanted> read_page(const httplib::Request& request);

}  // namespace tixian::server
