// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "tixian/clock.hpp"
#include "tixian/money.hpp"

namespace tixian::bank {

/// One movement of the account as the fund-flow bill tells it (wechat_spec 7).
struct FundRow {
    Timestamp at;
    std::string wechat_no;  ///< 微信支付业务单号
    std::string flow_no;    ///< 资金流水单号
    std::string business;   ///< 业务名称
    std::string type;       ///< 业务类型; a payout that came back reads 商家转账退回 [?]
    bool is_income = false;
    Money amount;
    Money balance;
    std::string applicant;  ///< 资金变更提交申请人
    std::string remark;
    std::string voucher;  ///< 业务凭证号: the merchant's number
};

/// The file as WeChat gives it: a header, a line for each row, a header and a line that sum up. Without a
/// BOM, lines end in CR LF, amounts in yuan.
[[nodiscard]] std::string fund_bill_text(const std::vector<FundRow>& rows);

}  // namespace tixian::bank
