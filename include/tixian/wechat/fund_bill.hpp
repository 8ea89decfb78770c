// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tixian/error.hpp"
#include "tixian/money.hpp"
#include "tixian/wechat/bill_lines.hpp"

namespace tixian::wechat {

enum class FlowDirection { income, expense };

/// One movement of the merchant's account, as a row of the fund-flow bill tells it (wechat_spec 7). Texts are
/// as they stand in the file; readable() shows them to people.
struct FundFlow {
    Timestamp booked_at{};      ///< 记账时间, in Beijing's time
    std::string business_no;    ///< 微信支付业务单号: WeChat's number, such as a transfer_bill_no
    std::string flow_no;        ///< 资金流水单号
    std::string business_name;  ///< 业务名称
    std::string business_type;  ///< 业务类型
    FlowDirection direction{};  ///< 收支类型
    Money amount;               ///< 收支金额(元), never negative
    Money balance;              ///< 账户结余(元), after it
    std::string applicant;      ///< 资金变更提交申请人
    std::string remark;         ///< 备注
    std::string voucher_no;     ///< 业务凭证号: usually the merchant's number, such as an out_bill_no
    bool operator==(const FundFlow&) const = default;
};

/// What the rows come to: the bill's last row, which agrees with them.
struct FundBillSummary {
    std::int64_t count = 0;
    std::int64_t income_count = 0;
    Money income;
    std::int64_t expense_count = 0;
    Money expense;
    bool operator==(const FundBillSummary&) const = default;
};

/// A whole bill.
struct FundBill {
    std::vector<FundFlow> flows;
    FundBillSummary summary;
    bool operator==(const FundBill&) const = default;
};

namespace detail {

inline constexpr std::array fund_flow_columns = std::to_array<BillColumn>({
    {"记账时间", "booked_at"},
    {"微信支付业务单号", "business_no"},
    {"资金流水单号", "flow_no"},
    {"业务名称", "business_name"},
    {"业务类型", "business_type"},
    {"收支类型", "direction"},
    {"收支金额(元)", "amount"},
    {"账户结余(元)", "balance"},
    {"资金变更提交申请人", "applicant"},
    {"备注", "remark"},
    {"业务凭证号", "voucher_no"},
});
inline constexpr std::array fund_summary_columns = std::to_array<BillColumn>({
    {"资金流水总笔数", "count"},
    {"收入笔数", "income_count"},
    {"收入金额", "income"},
    {"支出笔数", "expense_count"},
    {"支出金额", "expense"},
});

inline Result<FundFlow> read_fund_flow(const BillLine& line) {
    BillCells cells(line, fund_flow_columns);
    FundFlow flow;
    flow.booked_at = cells.time();
    flow.business_no = cells.text();
    flow.flow_no = cells.text();
    flow.business_name = cells.text();
    flow.business_type = cells.text();
    flow.direction = cells.one_of("收入", "支出") ? FlowDirection::expense : FlowDirection::income;
    flow.amount = cells.yuan(BillCells::Sign::never_negative);
    flow.balance = cells.yuan(BillCells::Sign::any);
    flow.applicant = cells.text();
    flow.remark = cells.text();
    flow.voucher_no = cells.text();
    if (auto read = cells.finish(); !read) return tl::unexpected(read.error());
    return flow;
}

inline Result<FundBillSummary> read_fund_summary(const BillLine& line) {
    BillCells cells(line, fund_summary_columns);
    FundBillSummary summary;
    summary.count = cells.count();
    summary.income_count = cells.count();
    summary.income = cells.total();
    summary.expense_count = cells.count();
    summary.expense = cells.total();
    if (auto read = cells.finish(); !read) return tl::unexpected(read.error());
    return summary;
}

inline Result<void> add_to(FundBillSummary& summary, const FundFlow& flow, const BillLine& line) {
    const bool is_income = flow.direction == FlowDirection::income;
    Money& total = is_income ? summary.income : summary.expense;
    const auto sum = checked_add(total, flow.amount);
    if (!sum) return refuse_bill(line, fund_flow_columns[6], "the sum is out of bounds");
    total = *sum;
    ++summary.count;
    ++(is_income ? summary.income_count : summary.expense_count);
    return {};
}

/// Names the first total in which the bill's last row differs from its rows.
inline Result<void> check_agreement(const FundBillSummary& stated, const FundBillSummary& counted,
                                    const BillLine& line) {
    const std::array<std::pair<std::int64_t, std::int64_t>, 5> pairs{{
        {stated.count, counted.count},
        {stated.income_count, counted.income_count},
        {stated.income.fen(), counted.income.fen()},
        {stated.expense_count, counted.expense_count},
        {stated.expense.fen(), counted.expense.fen()},
    }};
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        if (pairs.at(i).first != pairs.at(i).second)
            return refuse_bill(line, fund_summary_columns.at(i), "does not agree with the rows");
    }
    return {};
}

}  // namespace detail

/// Reads a fund-flow bill that comes in pieces of any size, in constant memory, and hands out each row as it
/// is read. What was handed out is provisional until finish() succeeds: only the end of the bill says that
/// nothing is missing. One thread at a time.
class FundBillParser {
 public:
    using OnFlow = std::function<void(FundFlow)>;

    explicit FundBillParser(OnFlow on_flow) : on_flow_(std::move(on_flow)) {}

    /// Refuses (`malformed`) what is not a fund-flow bill to the letter, naming line and field; after that it
    /// refuses everything.
    [[nodiscard]] Result<void> feed(std::string_view piece) {
        return lines_.feed(piece, [this](const detail::BillLine& line) { return read(line); });
    }

    /// The summary, which agrees with the rows. Refuses (`malformed`) a bill without one.
    [[nodiscard]] Result<FundBillSummary> finish() {
        auto ended = lines_.finish([this](const detail::BillLine& line) { return read(line); });
        if (!ended) return tl::unexpected(ended.error());
        if (expected_ != Part::nothing)
            return refuse(ErrorCode::malformed, "the bill ends before its summary: it was cut off");
        return counted_;
    }

 private:
    enum class Part { header, flows, summary, nothing };

    Result<void> read(const detail::BillLine& line) {
        switch (expected_) {
            case Part::header:
                expected_ = Part::flows;
                return detail::check_titles(line, detail::fund_flow_columns);
            case Part::flows:
                if (line.text.starts_with(bill_field_mark)) return read_flow(line);
                expected_ = Part::summary;
                return detail::check_titles(line, detail::fund_summary_columns);
            case Part::summary:
                expected_ = Part::nothing;
                return detail::read_fund_summary(line).and_then([&](const FundBillSummary& stated) {
                    return detail::check_agreement(stated, counted_, line);
                });
            case Part::nothing:
                break;
        }
        return detail::refuse_bill(line, {}, "nothing may follow the summary");
    }

    Result<void> read_flow(const detail::BillLine& line) {
        auto flow = detail::read_fund_flow(line);
        if (!flow) return tl::unexpected(flow.error());
        if (auto added = detail::add_to(counted_, *flow, line); !added) return added;
        on_flow_(std::move(*flow));
        return {};
    }

    OnFlow on_flow_;
    detail::BillLines lines_;
    Part expected_ = Part::header;
    FundBillSummary counted_;
};

/// Reads a whole bill at once.
[[nodiscard]] inline Result<FundBill> parse_fund_bill(std::string_view text) {
    FundBill bill;
    FundBillParser parser([&bill](FundFlow flow) { bill.flows.push_back(std::move(flow)); });
    if (auto fed = parser.feed(text); !fed) return tl::unexpected(fed.error());
    auto summary = parser.finish();
    if (!summary) return tl::unexpected(summary.error());
    bill.summary = *summary;
    return bill;
}

}  // namespace tixian::wechat
