// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "tixian/clock.hpp"

namespace tixian::wechat {

/// Header names are compared without regard to case (RFC 9110, 5.1).
class Headers {
 public:
    void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }

    /// Empty when there is none; the first when there are several.
    [[nodiscard]] std::string get(std::string_view name) const {
        const auto lower = [](char c) { return 'A' <= c && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
        const auto same = [lower](char a, char b) { return lower(a) == lower(b); };
        for (const auto& [key, value] : fields_) {
            if (std::equal(key.begin(), key.end(), name.begin(), name.end(), same)) return value;
        }
        return {};
    }

    [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& fields() const { return fields_; }

 private:
    std::vector<std::pair<std::string, std::string>> fields_;
};

/// An HTTP request as a value, for any client. It must be sent as it is: `url` and `body` are signed byte for
/// byte.
struct HttpRequest {
    std::string method;
    std::string url;  ///< path and query, percent-encoded
    Headers headers;
    std::string body;
    MonotonicTime send_deadline{};  ///< no byte may leave after this (R2)
};

struct HttpResponse {
    int status = 0;
    Headers headers;
    std::string body;
};

/// Why there is no response. `not_sent` is only a failed new connection or a passed deadline; a failure on a
/// reused connection, and everything after the first byte, is `lost` (R2).
enum class TransportFailure { not_sent, lost };

/// What came of sending, for any client to fill in.
struct HttpResult {
    std::variant<HttpResponse, TransportFailure> outcome = TransportFailure::lost;
    Timestamp received_at{};  ///< wall time at the end
    Duration elapsed{};       ///< from before sending to the end, on a monotonic clock
};

}  // namespace tixian::wechat
