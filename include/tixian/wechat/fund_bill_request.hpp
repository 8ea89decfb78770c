// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "tixian/clock.hpp"
#include "tixian/error.hpp"
#include "tixian/local_time.hpp"
#include "tixian/wechat/api_error.hpp"
#include "tixian/wechat/exchange.hpp"
#include "tixian/wechat/fund_account.hpp"

namespace tixian::wechat {

/// Which fund-flow bill: a day of Beijing's, `2025-01-22`, of one account. WeChat keeps three months
/// (wechat_spec 7).
struct FundBillName {
    std::string date;
    FundAccount account = FundAccount::operation;
};

namespace detail {

inline Result<Timestamp> midnight_in_beijing(std::string_view date) {
    const auto at = parse_rfc3339(std::string(date) + "T00:00:00+08:00");
    if (!at || date.size() != 10)
        return refuse(ErrorCode::invalid_argument, "must be a date like 2025-01-22", "bill_date");
    return *at;
}

}  // namespace detail

/// Asks for a bill, packed with gzip; parse_download() reads the answer. Refuses (`invalid_argument`) what is
/// no date.
[[nodiscard]] inline Result<ApiRequest> fund_bill_request(const FundBillName& bill) {
    return detail::midnight_in_beijing(bill.date).map([&](Timestamp) {
        return ApiRequest{"GET",
                          with_query("/v3/bill/fundflowbill", {{"bill_date", bill.date},
                                                               {"account_type", name(bill.account)},
                                                               {"tar_type", "GZIP"}}),
                          {},
                          {}};
    });
}

/// From when on a day's bill is to be asked for: 10:00 of the next day in Beijing (wechat_spec 7).
[[nodiscard]] inline Result<Timestamp> fund_bill_ready_at(std::string_view date) {
    return detail::midnight_in_beijing(date).map(
        [](Timestamp midnight) { return midnight + std::chrono::hours(24 + 10); });
}

/// Why WeChat has no bill to give.
enum class MissingBill {
    unknown,       ///< some other error: nothing is known of the bill
    no_movements,  ///< NO_STATEMENT_EXIST: nothing moved on that day
    being_made,    ///< STATEMENT_CREATING: ask later
};

/// Reads an error answer to fund_bill_request(). That nothing moved is a statement about money, so it counts
/// only where WeChat has signed it, or, as `unsigned_errors` says, leaves its errors unsigned (R13).
[[nodiscard]] inline MissingBill missing_bill(const ApiError& error, bool unsigned_errors = false) {
    const bool is_believed = error.signature == SignatureState::verified ||
                             (error.signature == SignatureState::absent && unsigned_errors);
    if (error.kind != ApiErrorKind::refused || !is_believed) return MissingBill::unknown;
    if (error.code == "NO_STATEMENT_EXIST") return MissingBill::no_movements;
    if (error.code == "STATEMENT_CREATING") return MissingBill::being_made;
    return MissingBill::unknown;
}

}  // namespace tixian::wechat
