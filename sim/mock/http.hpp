// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mock/delivery.hpp"
#include "tixian/clock.hpp"

namespace tixian::mock {

struct LessIgnoringCase {
    using is_transparent = void;
    bool operator()(std::string_view a, std::string_view b) const {
        const auto lower = [](char c) { return 'A' <= c && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
        return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                            [lower](char x, char y) { return lower(x) < lower(y); });
    }
};

/// A request as it came: `target` is path and query exactly as sent, because that is what is signed.
struct Request {
    std::string method;
    std::string target;
    std::string body;
    std::map<std::string, std::string, LessIgnoringCase> headers;
    Timestamp arrived_at{};       ///< by WeChat's clock, against which the signature's time is checked
    std::string scheme = "http";  ///< or https

    [[nodiscard]] std::string header(std::string_view name) const {
        const auto found = headers.find(name);
        return found == headers.end() ? std::string() : found->second;
    }
    [[nodiscard]] std::string path() const { return target.substr(0, target.find('?')); }
    [[nodiscard]] std::string query() const {
        const std::size_t mark = target.find('?');
        return mark == std::string::npos ? std::string() : target.substr(mark + 1);
    }
};

struct Answer {
    int status = 200;
    std::string body;
    std::string content_type = "application/json; charset=utf-8";
    std::vector<std::pair<std::string, std::string>> headers;
    /// Ends the Request-ID, as WeChat's support reads it there (wechat_spec 4.7).
    std::string reason = "0";
    Delivery delivery;
    bool is_file = false;  ///< a download: never signed (wechat_spec 4.3)

    [[nodiscard]] bool is_ok() const { return status >= 200 && status < 300; }
};

}  // namespace tixian::mock
