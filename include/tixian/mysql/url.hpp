// SPDX-License-Identifier: MIT
#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "tixian/error.hpp"

namespace tixian::mysql {

enum class Tls { off, on, verify };

/// `mysql://user:password@host:port/database?tls=off|on|verify&ca=FILE`, or `?socket=FILE`. What is between
/// the signs may be percent-encoded.
struct Url {
    std::string user, password, host, database, socket, ca;
    std::uint16_t port = 3306;
    Tls tls = Tls::on;  ///< off on a loopback address, where nothing else is said

    /// Refuses (`invalid_argument`) what is none, without showing it: it may hold a password.
    [[nodiscard]] static Result<Url> parse(std::string_view text);
};

namespace detail {

inline tl::unexpected<Error> refuse_url(const char* why) {
    return refuse(ErrorCode::invalid_argument, std::string("not a mysql:// address: ") + why, "database");
}

/// The part before `sign`, which is taken off `text` with it; all of it where there is no sign.
inline std::string_view take_until(std::string_view& text, char sign) {
    const auto end = text.find(sign);
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return part;
}

inline Result<std::string> decode_percent(std::string_view text) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded += text[i];
            continue;
        }
        unsigned value = 0;
        const std::string_view digits = text.substr(i + 1, 2);
        const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
        if (digits.size() != 2 || code != std::errc() || end != digits.data() + 2)
            return refuse_url("a percent sign without two digits");
        decoded += static_cast<char>(value);
        i += 2;
    }
    return decoded;
}

inline Result<void> set_option(Url& url, std::string_view name, std::string value) {
    if (name == "ca") {
        url.ca = std::move(value);
        url.tls = Tls::verify;
    } else if (name == "socket") {
        url.socket = std::move(value);
    } else if (name == "tls" && value == "off") {
        url.tls = Tls::off;
    } else if (name == "tls" && value == "on") {
        url.tls = Tls::on;
    } else if (name == "tls" && value == "verify") {
        url.tls = Tls::verify;
    } else {
        return refuse_url("the options are tls=off|on|verify, ca=FILE and socket=FILE");
    }
    return {};
}

}  // namespace detail

inline Result<Url> Url::parse(std::string_view text) {
    constexpr std::string_view scheme = "mysql://";
    if (!text.starts_with(scheme)) return detail::refuse_url("it does not begin with mysql://");
    text.remove_prefix(scheme.size());
    std::string_view before_options = detail::take_until(text, '?');
    std::string_view options = text;

    Url url;
    const auto at = before_options.rfind('@');
    std::string_view who = at == std::string_view::npos ? "" : before_options.substr(0, at);
    if (at != std::string_view::npos) before_options.remove_prefix(at + 1);
    std::string_view host = detail::take_until(before_options, '/');
    const std::string_view port = host.rfind(':') == std::string_view::npos || host.ends_with(']')
                                      ? ""
                                      : host.substr(host.rfind(':') + 1);
    if (!port.empty()) {
        const auto [end, code] = std::from_chars(port.data(), port.data() + port.size(), url.port);
        if (code != std::errc() || end != port.data() + port.size()) return detail::refuse_url("the port");
        host.remove_suffix(port.size() + 1);
    }
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    url.host = host;
    if (host.empty() || host == "localhost" || host == "::1" || host.starts_with("127.")) url.tls = Tls::off;

    const std::string_view user = detail::take_until(who, ':');
    for (const auto& [from, into] : {std::pair(user, &url.user), std::pair(who, &url.password),
                                     std::pair(before_options, &url.database)}) {
        auto decoded = detail::decode_percent(from);
        if (!decoded) return tl::unexpected(decoded.error());
        *into = std::move(*decoded);
    }
    while (!options.empty()) {
        std::string_view option = detail::take_until(options, '&');
        const std::string_view name = detail::take_until(option, '=');
        auto value = detail::decode_percent(option);
        if (!value) return tl::unexpected(value.error());
        if (auto set = detail::set_option(url, name, std::move(*value)); !set)
            return tl::unexpected(set.error());
    }
    if (url.user.empty() || url.database.empty()) return detail::refuse_url("user and database are needed");
    return url;
}

}  // namespace tixian::mysql
