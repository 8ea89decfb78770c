// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "tixian/error.hpp"
#include "tixian/wechat/bill_report.hpp"
#include "tixian/wechat/digest.hpp"
#include "tixian/wechat/exchange.hpp"
#include "tixian/wechat/json.hpp"
#include "tixian/wechat/web_address.hpp"

namespace tixian::wechat {

/// A file that WeChat has ready, as a signed answer names it: a bill or a receipt. WeChat does not sign the
/// download itself, so its content counts only when it has this hash (wechat_spec 1.8, 4.3, 7).
struct Download {
    HashType hash_type{};
    std::string hash_value;  ///< hex
    std::string origin;      ///< scheme, host and port: `https://api.mch.weixin.qq.com`
    std::string target;      ///< path and query, valid for some minutes; never to be built by ourselves
    bool operator==(const Download&) const = default;
};

namespace detail {

inline constexpr std::size_t download_url_length_max = 3000;  // wechat_spec 1.8

inline Result<std::pair<std::string, std::string>> split_url(std::string_view url) {
    const auto refused = [] {
        return refuse(ErrorCode::malformed, "must be a URL of at most 3000 characters", "download_url");
    };
    const auto address = parse_web_address(url);
    const bool is_printable = std::all_of(url.begin(), url.end(), tixian::detail::is_printable);
    if (!address || !address->rest.starts_with('/') || !is_printable || url.size() > download_url_length_max)
        return refused();
    // A fragment is never sent (RFC 9110, 4.2.5).
    const std::string_view target = address->rest;
    return std::pair(std::string(url.substr(0, url.size() - target.size())),
                     std::string(target.substr(0, target.find('#'))));
}

constexpr std::size_t hex_length(HashType type) { return type == HashType::sha1 ? 40 : 64; }

}  // namespace detail

/// Reads `hash_type`, `hash_value` and `download_url`. Refuses (`malformed`) what is not of the documented
/// form, and SM3 by name (`not_allowed`).
[[nodiscard]] inline Result<Download> parse_download(const json::Value& answer) {
    auto type_text = detail::text_member(answer, "hash_type", true);
    auto hash = detail::text_member(answer, "hash_value", true);
    auto url = detail::text_member(answer, "download_url", true);
    for (const auto* member : {&type_text, &hash, &url}) {
        if (!*member) return tl::unexpected(member->error());
    }
    const auto type = parse_hash_type(*type_text);
    if (!type) return tl::unexpected(type.error());
    const bool is_hex = std::all_of(hash->begin(), hash->end(), [](char c) {
        return ('0' <= c && c <= '9') || ('a' <= c && c <= 'f') || ('A' <= c && c <= 'F');
    });
    if (!is_hex || hash->size() != detail::hex_length(*type))
        return refuse(ErrorCode::malformed, "must be the hash in hex", "hash_value");
    auto parts = detail::split_url(*url);
    if (!parts) return tl::unexpected(parts.error());
    return Download{*type, std::move(*hash), std::move(parts->first), std::move(parts->second)};
}

/// The request for the file, to be signed like any other and sent to `origin`. Its answer is not signed.
[[nodiscard]] inline ApiRequest download_request(const Download& download) {
    return {"GET", download.target, {}, {}};
}

/// Refuses (`bad_hash`) a content that is not the one that WeChat's signed answer named.
[[nodiscard]] inline Result<void> check_hash(const Download& download, Digest digest) {
    if (is_same_hex(digest.finish(), download.hash_value)) return {};
    return refuse(ErrorCode::bad_hash, "the file is not the one that WeChat named: fetch it again",
                  "hash_value");
}

/// The same for a whole content.
[[nodiscard]] inline Result<void> check_hash(const Download& download, std::string_view content) {
    Digest digest(download.hash_type);
    digest.update(content);
    return check_hash(download, std::move(digest));
}

}  // namespace tixian::wechat
