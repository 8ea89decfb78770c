// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <zlib.h>

#include "tixian/money.hpp"

/// Fund-flow bills as WeChat writes them (wechat_spec 7).
namespace tixian::test {

inline constexpr std::string_view flow_titles =
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),"
    "资金变更提交申请人,备注,"
    "业务凭证号";
inline constexpr std::string_view summary_titles = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额";

inline std::string flow_line(const std::string& direction, const std::string& yuan,
                             const std::string& remark = "备注内容") {
    return "`2025-01-22 04:21:23,`1330007207748,`1900009231201802,`商家转账,`商家转账,`" + direction + ",`" +
           yuan + ",`9.00,`system,`" + remark + ",`WD20250101123456ABCDEF123456";
}

inline std::string bill_text(const std::vector<std::string>& flows, const std::string& summary,
                             const std::string& line_end = "\n") {
    std::string text(flow_titles);
    text += line_end;
    for (const std::string& flow : flows) text += flow + line_end;
    text.append(summary_titles).append(line_end);
    return text + summary + line_end;
}

/// A bill that keeps every rule.
inline std::string any_bill() {
    const auto count = *rc::gen::inRange<std::size_t>(0, 6);
    std::vector<std::string> flows;
    std::int64_t incomes = 0, income = 0, expense = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const auto fen = *rc::gen::inRange<std::int64_t>(0, 100'000'000);
        const bool is_income = *rc::gen::arbitrary<bool>();
        (is_income ? income : expense) += fen;
        incomes += is_income ? 1 : 0;
        const std::string remark =
            *rc::gen::element<std::string>("", "一,二", R"(a\r\nb)", "\"q\"", "x`y", "12.34");
        flows.push_back(flow_line(is_income ? "收入" : "支出", Money::from_fen(fen).value().yuan(), remark));
    }
    const std::string point = *rc::gen::element<std::string>("", ".0");
    const auto total = [&](std::int64_t fen) { return "`" + Money::from_fen(fen).value().yuan(); };
    const auto number = [&](std::int64_t n) { return "`" + std::to_string(n) + point; };
    const std::string summary = number(static_cast<std::int64_t>(count)) + "," + number(incomes) + "," +
                                total(income) + "," + number(static_cast<std::int64_t>(count) - incomes) +
                                "," + total(expense);
    const std::string bom = *rc::gen::element<std::string>("", "\xEF\xBB\xBF");
    return bom + bill_text(flows, summary, *rc::gen::element<std::string>("\n", "\r\n"));
}

/// Packs as `gzip` does.
inline std::string gzip(std::string_view text) {
    z_stream stream{};
    EXPECT_EQ(deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY),
              Z_OK);
    std::string packed(deflateBound(&stream, static_cast<uLong>(text.size())), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
    packed.resize(packed.size() - stream.avail_out);
    deflateEnd(&stream);
    return packed;
}

}  // namespace tixian::test
