// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "tixian/error.hpp"
#include "tixian/ids.hpp"
#include "tixian/wechat/exchange.hpp"

// Questions about one bill beside the calls of its withdrawal, such as a person's who has WeChat's number
// from a bill file. The answer is read by parse_bill().
namespace tixian::wechat {

/// By our number: wechat_spec 1.1 B. Only bills of the last 30 days are found (1.3).
[[nodiscard]] inline ApiRequest query_by_out_bill_no(const WithdrawalId& id) {
    return {"GET", "/v3/fund-app/mch-transfer/transfer-bills/out-bill-no/" + id.text(), {}, {}};
}

/// By WeChat's number: wechat_spec 1.1 C. Refuses (`invalid_argument`) what is not 1 to 64 letters and
/// digits, so that nothing else gets into the path.
[[nodiscard]] inline Result<ApiRequest> query_by_transfer_bill_no(std::string_view number) {
    constexpr std::size_t length_max = 64;
    const bool is_number = !number.empty() && number.size() <= length_max &&
                           std::all_of(number.begin(), number.end(), tixian::detail::is_alphanumeric);
    if (!is_number)
        return refuse(ErrorCode::invalid_argument, "must be 1 to 64 letters or digits", "transfer_bill_no");
    return ApiRequest{
        "GET", "/v3/fund-app/mch-transfer/transfer-bills/transfer-bill-no/" + std::string(number), {}, {}};
}

}  // namespace tixian::wechat
