// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "mock/delivery.hpp"
#include "tixian/clock.hpp"

namespace tixian::mock {

/// A request as it came: `target` is path and query exactly as sent, because that is what is signed. For one
/// thread at a time.
class Request {
 public:
    std::string method;
    std::string target;
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
    Timestamp arrived_at{};       ///< by WeChat's clock, against which the signature's time is checked
    std::string scheme = "http";  ///< or https

    /// The first of that name, in whatever case; empty when there is none.
    [[nodiscard]] const std::string& header(std::string_view name) const;
    /// The body as a JSON object; null when it is none, or has a key twice: of two, the parser would silently
    /// keep the last. Parsed once, when first asked for, and gone with the request.
    [[nodiscard]] const nlohmann::json* object() const;
    [[nodiscard]] std::string path() const { return target.substr(0, target.find('?')); }
    [[nodiscard]] std::string query() const {
        const std::size_t mark = target.find('?');
        return mark == std::string::npos ? std::string() : target.substr(mark + 1);
    }

 private:
    mutable bool is_parsed_ = false;
    mutable std::shared_ptr<const nlohmann::json> object_;
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
    bool is_over_rate = false;

    [[nodiscard]] bool is_ok() const { return status >= 200 && status < 300; }
};

}  // namespace tixian::mock
