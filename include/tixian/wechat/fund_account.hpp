// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tixian/enum_text.hpp"
#include "tixian/error.hpp"
#include "tixian/money.hpp"
#include "tixian/wechat/bill_report.hpp"
#include "tixian/wechat/exchange.hpp"
#include "tixian/wechat/json.hpp"

namespace tixian::wechat {

/// The merchant's accounts. Transfers leave `operation` (wechat_spec 7).
enum class FundAccount { basic, operation, fees };

namespace detail {
inline constexpr tixian::detail::EnumText<FundAccount, 3> fund_account_text{{"BASIC", "OPERATION", "FEES"}};
}
[[nodiscard]] constexpr std::string_view name(FundAccount account) {
    return detail::fund_account_text.name(account);
}

/// What stands on one of the merchant's accounts now.
struct FundBalance {
    Money available;
    std::optional<Money> pending;
    bool operator==(const FundBalance&) const = default;
};

/// Asks for an account's balance. WeChat documents it for service providers; whether every merchant may is
/// not certain (wechat_spec 7).
[[nodiscard]] inline ApiRequest balance_request(FundAccount account) {
    return {"GET", "/v3/merchant/fund/balance/" + std::string(name(account)), {}, {}};
}

[[nodiscard]] inline Result<FundBalance> parse_balance(const json::Value& answer) {
    auto available = detail::optional_amount(answer, "available_amount");
    if (!available) return tl::unexpected(available.error());
    if (!*available) return refuse(ErrorCode::malformed, "is missing", "available_amount");
    auto pending = detail::optional_amount(answer, "pending_amount");
    if (!pending) return tl::unexpected(pending.error());
    return FundBalance{**available, *pending};
}

}  // namespace tixian::wechat
