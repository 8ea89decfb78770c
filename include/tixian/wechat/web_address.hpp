// SPDX-License-Identifier: MIT
#pragma once

#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

namespace tixian::wechat {

/// An http or https URL in its parts; the views are into it.
struct WebAddress {
    bool is_tls = false;
    std::string_view host;  ///< an IPv6 address in its brackets
    int port = 0;           ///< 80 or 443 where none is named
    std::string_view rest;  ///< from the first `/`, `?` or `#` on; may be empty
};

/// nullopt for what is no such URL, names no host, has a port out of 1 to 65535, or holds a user.
[[nodiscard]] inline std::optional<WebAddress> parse_web_address(std::string_view url) {
    WebAddress address;
    address.is_tls = url.starts_with("https://");
    if (!address.is_tls && !url.starts_with("http://")) return std::nullopt;
    url.remove_prefix(address.is_tls ? 8 : 7);
    const std::string_view authority = url.substr(0, url.find_first_of("/?#"));
    address.rest = url.substr(authority.size());

    const auto host_end = authority.starts_with('[') ? authority.find(']') : authority.find(':');
    const auto size =
        authority.starts_with('[') && host_end != std::string_view::npos ? host_end + 1 : host_end;
    address.host = authority.substr(0, size);
    const std::string_view after = authority.substr(address.host.size());
    address.port = address.is_tls ? 443 : 80;
    if (address.host.empty() || address.host.find_first_of("@ ") != std::string_view::npos)
        return std::nullopt;
    if (after.empty()) return address;
    const char* const end = after.data() + after.size();
    const auto [stop, code] = std::from_chars(after.data() + 1, end, address.port);
    const bool is_port = after.front() == ':' && after.size() > 1 && code == std::errc() && stop == end;
    if (!is_port || address.port < 1 || address.port > 65535) return std::nullopt;
    return address;
}

/// Whether the host is this machine.
[[nodiscard]] inline bool is_loopback(const WebAddress& address) {
    const bool is_dotted = address.host.find_first_not_of("0123456789.") == std::string_view::npos;
    return address.host == "localhost" || address.host == "[::1]" ||
           (is_dotted && address.host.starts_with("127."));
}
[[nodiscard]] inline bool is_loopback_url(std::string_view url) {
    const auto address = parse_web_address(url);
    return address && is_loopback(*address);
}

}  // namespace tixian::wechat
