// SPDX-License-Identifier: MIT
#include "wechat_bank/fund_bill.hpp"

#include <string_view>

#include "wechat_bank/day.hpp"

namespace tixian::bank {
namespace {

constexpr std::string_view end_of_line = "\r\n";

// Values are not quoted: what would end a line or a field is written otherwise (wechat_spec 7).
std::string escaped(std::string_view value) {
    std::string text;
    for (const char c : value) {
        if (c == '\1') {
            text += ' ';
        } else if (c == '\r') {
            text += "\\r";
        } else if (c == '\n') {
            text += "\\n";
        } else {
            text += c;
        }
    }
    return text;
}

std::string line(const std::vector<std::string>& values) {
    std::string text;
    for (const std::string& value : values) {
        if (!text.empty()) text += ',';
        text += '`' + escaped(value);
    }
    text += end_of_line;
    return text;
}

struct Sum {
    std::size_t count = 0;
    Money amount;
    void add(Money more) {
        ++count;
        amount = checked_add(amount, more).value_or(amount);
    }
};

std::string count_text(std::size_t count) { return std::to_string(count) + ".0"; }

}  // namespace

std::string fund_bill_text(const std::vector<FundRow>& rows) {
    std::string text =
        "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),"
        "资金变更提交申请人,备注,业务凭证号";
    text += end_of_line;
    Sum income, expense;
    for (const FundRow& row : rows) {
        (row.is_income ? income : expense).add(row.amount);
        text += line({day_and_time_text(row.at), row.wechat_no, row.flow_no, row.business, row.type,
                      row.is_income ? "收入" : "支出", row.amount.yuan(), row.balance.yuan(), row.applicant,
                      row.remark, row.voucher});
    }
    text += "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额";
    text += end_of_line;
    text += line({count_text(rows.size()), count_text(income.count), income.amount.yuan(),
                  count_text(expense.count), expense.amount.yuan()});
    return text;
}

}  // namespace tixian::bank
