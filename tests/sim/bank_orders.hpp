// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "wechat_bank/bank.hpp"

namespace tixian::bank {

inline constexpr const char* mchid = "1900000001";

/// Monday, 2027-01-11, 16:00 in Beijing, and some milliseconds.
constexpr Timestamp at(std::int64_t millis) { return from_millis(1'799'654'400'000 + millis); }

/// All steps happen within the call that leads to them.
inline Terms instant_terms(Money balance = 100000_fen) {
    Terms terms;
    terms.accept_after = terms.lock_after = terms.transfer_after = terms.cancel_after = Duration(0);
    terms.receipt_after = Duration(0);
    terms.merchant.balance = balance;
    return terms;
}

inline Order order(const std::string& number, Money amount = 1000_fen, const std::string& of = mchid) {
    Order order;
    order.mchid = of;
    order.out_bill_no = number;
    order.openid = "oUser";
    order.amount = amount;
    order.remark = "旧手机回收款";
    order.notify_url = "http://127.0.0.1/notify";
    return order;
}

/// Three details of 100, 200 and 300 fen.
inline BatchOrder batch_order(const std::string& number) {
    BatchOrder order;
    order.mchid = mchid;
    order.out_batch_no = number;
    order.batch_remark = "batch";
    order.notify_url = "http://127.0.0.1/notify";
    order.details = {{"D1", "oUser1", "", 100_fen, "one"},
                     {"D2", "oUser2", "", 200_fen, "two"},
                     {"D3", "oUser3", "", 300_fen, "three"}};
    return order;
}

inline std::string_view name_of(BillState state) { return name(state); }

}  // namespace tixian::bank
