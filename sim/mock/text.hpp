// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "faults/duration.hpp"
#include "tixian/clock.hpp"

namespace tixian::mock {

[[nodiscard]] std::string base64(std::string_view bytes);
/// Strict: the padded standard alphabet and nothing else, so that bytes have exactly one text.
[[nodiscard]] std::optional<std::string> parse_base64(std::string_view text);

/// RFC 3339 in WeChat's zone: 2026-11-23T12:22:47+08:00.
[[nodiscard]] std::string time_text(Timestamp at);
/// The same with milliseconds, for the journal.
[[nodiscard]] std::string precise_time_text(Timestamp at);

using faults::parse_duration;

[[nodiscard]] std::string escape_html(std::string_view text);

/// Decodes %XX and `+` as forms and query strings use them; nothing when a `%` is not followed by two hex
/// digits.
[[nodiscard]] std::optional<std::string> url_decode(std::string_view text);
[[nodiscard]] std::string url_encode(std::string_view text);
/// `a=1&b=2`; of a repeated name the first counts.
[[nodiscard]] std::map<std::string, std::string> parse_query(std::string_view text);

/// Whether JSON text opens more than `depth_max` arrays and objects inside each other. Asked before anything
/// reads it, because reading, copying and writing of values take a stack frame for each.
[[nodiscard]] bool nests_deeper(std::string_view json, int depth_max);

/// Characters of UTF-8 text, as WeChat counts lengths.
[[nodiscard]] std::size_t character_count(std::string_view utf8);
/// At most `bytes_max` bytes, never cutting a character in two.
[[nodiscard]] std::string_view cut_utf8(std::string_view utf8, std::size_t bytes_max);

struct Url {
    std::string origin;  ///< scheme://host:port
    std::string path;    ///< with the query, if there is one
};
[[nodiscard]] std::optional<Url> parse_http_url(std::string_view text);

}  // namespace tixian::mock
