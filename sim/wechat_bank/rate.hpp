// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <string_view>

#include "tixian/clock.hpp"

namespace tixian::bank {

/// What WeChat counts against one rate of a merchant.
enum class Endpoint {
    create,
    query,
    cancel,
    receipt_ask,
    receipt_query,
    create_with_authorization,
    authorization_ask,
    authorization_query,
    authorization_close,
    transfer_authorized,
    batch_create,
    batch_query,
    batch_receipt,
    certificates,
    balance,
    fund_bill,
    download
};
constexpr std::size_t endpoint_count = 17;

/// `per_second` 0: unlimited, because the sheet names no limit. `code` is what a 429 carries: where the sheet
/// does not say which of WeChat's four codes it is, the one of the nearest relative [?].
struct EndpointRow {
    std::string_view name;
    std::size_t per_second;
    std::string_view code;
    std::string_view source;
};

constexpr std::array<EndpointRow, endpoint_count> endpoint_rows = {{
    {"create", 100, "FREQUENCY_LIMIT_EXCEED", "[O] wechat_spec 1.1 A; code [3] section 5"},
    {"query", 100, "FREQUENCY_LIMITED", "[O] wechat_spec 1.1 B, C"},
    {"cancel", 20, "FREQUENCY_LIMIT_EXCEED", "[O] wechat_spec 1.1 D; another page says 100"},
    {"receipt_ask", 20, "RATELIMIT_EXCEEDED", "[O] wechat_spec 1.1 E"},
    {"receipt_query", 0, "RATELIMIT_EXCEEDED", "[?]"},
    {"create_with_authorization", 100, "FREQUENCY_LIMIT_EXCEED", "[O] wechat_spec 1.1 H; code [?]"},
    {"authorization_ask", 50, "FREQUENCY_LIMIT_EXCEED", "[O] wechat_spec 1.1 I; code [?]"},
    {"authorization_query", 0, "FREQUENCY_LIMIT_EXCEED", "[?]"},
    {"authorization_close", 50, "FREQUENCY_LIMIT_EXCEED", "[O] wechat_spec 1.1 K; code [?]"},
    {"transfer_authorized", 100, "FREQUENCY_LIMIT_EXCEED", "[O] wechat_spec 1.1 L; code [?]"},
    {"batch_create", 50, "FREQUENCY_LIMITED", "[O] wechat_spec 6; code [3] section 2"},
    {"batch_query", 50, "FREQUENCY_LIMITED", "[O] wechat_spec 2"},
    {"batch_receipt", 20, "FREQUENCY_LIMITED", "[O] wechat_spec 6"},
    {"certificates", 1000, "FREQUENCY_LIMITED", "[O] wechat_spec 4.4"},
    {"balance", 0, "FREQUENCY_LIMITED", "[?]"},
    {"fund_bill", 3, "FREQUENCY_LIMITED", "[O] wechat_spec 6, partner page"},
    {"download", 0, "FREQUENCY_LIMITED", "[?]"},
}};

[[nodiscard]] constexpr const EndpointRow& row(Endpoint endpoint) {
    return endpoint_rows[static_cast<std::size_t>(endpoint)];
}

[[nodiscard]] constexpr std::optional<Endpoint> parse_endpoint(std::string_view name) {
    for (std::size_t i = 0; i < endpoint_count; ++i) {
        if (endpoint_rows[i].name == name) return static_cast<Endpoint>(i);
    }
    return std::nullopt;
}

/// Requests a second of each endpoint; 0: unlimited.
using Rates = std::array<std::size_t, endpoint_count>;

[[nodiscard]] constexpr Rates wechat_rates() {
    Rates rates{};
    for (std::size_t i = 0; i < endpoint_count; ++i) rates[i] = endpoint_rows[i].per_second;
    return rates;
}
[[nodiscard]] constexpr Rates unlimited_rates() { return {}; }

/// Admits at most so many in any sliding second. What is refused is not counted.
class RateWindow {
 public:
    [[nodiscard]] bool admit(std::size_t per_second, Timestamp now) {
        if (per_second == 0) return true;
        while (!admitted_.empty() && admitted_.front() <= now - std::chrono::seconds(1)) {
            admitted_.pop_front();
        }
        if (admitted_.size() >= per_second) return false;
        admitted_.push_back(now);
        return true;
    }

 private:
    std::deque<Timestamp> admitted_;
};

}  // namespace tixian::bank
