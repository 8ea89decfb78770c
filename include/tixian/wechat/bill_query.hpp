// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string_view>

#include "tixian/ids.hpp"
#include "tixian/wechat/exchange.hpp"

// What can be asked of one bill. The answers are read by parse_bill().
namespace tixian::wechat {

namespace detail {
struct TransferBillNoKind {
    // wechat_spec 1.2: string(64), about 40 digits.
    static constexpr std::string_view name = "transfer_bill_no",
                                      rule = "transfer_bill_no must be 1 to 64 letters or digits";
    static constexpr std::size_t length_max = 64;
    static constexpr bool is_allowed(char c) { return tixian::detail::is_alphanumeric(c); }
};

inline constexpr std::string_view transfer_bills_path = "/v3/fund-app/mch-transfer/transfer-bills";
}  // namespace detail

/// WeChat's number of a bill.
using TransferBillNo = Id<detail::TransferBillNoKind>;

/// By our number: wechat_spec 1.1 B. Only bills of the last 30 days are found (1.3).
[[nodiscard]] inline ApiRequest bill_query(const WithdrawalId& id) {
    return {"GET", detail::join({detail::transfer_bills_path, "/out-bill-no/", id.text()}), {}, {}};
}

/// By WeChat's number, such as a person's who has it from a bill file: wechat_spec 1.1 C.
[[nodiscard]] inline ApiRequest bill_query(const TransferBillNo& number) {
    return {"GET", detail::join({detail::transfer_bills_path, "/transfer-bill-no/", number.text()}), {}, {}};
}

/// Asks WeChat to take a bill back: wechat_spec 1.1 D. That it is accepted is not yet the end (1.3 D).
[[nodiscard]] inline ApiRequest bill_cancel(const WithdrawalId& id) {
    return {"POST", bill_query(id).url + "/cancel", {}, {}};
}

}  // namespace tixian::wechat
