// SPDX-License-Identifier: MIT
#include "tixian/wechat/fund_bill.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "bill_text.hpp"

namespace tixian::wechat {
namespace {

using test::bill_text;
using test::flow_line;
using test::flow_titles;

std::string text_of(const Error& error) {
    return std::string(name(error.code)) + " " + error.field + ": " + error.message;
}

TEST(FundBill, ReadsEveryFieldOfARow) {
    const FundBill bill =
        parse_fund_bill(
            bill_text({"`2018-02-01 04:21:23,`5000030574,`1900009231,`退款,`退款类,`支出,`0.02,`0.17,"
                       "`system,`缺货,`REF42"},
                      "`1.0,`0.0,`0.0,`1.0,`0.02"))
            .value();

    ASSERT_EQ(bill.flows.size(), 1U);
    const FundFlow expected{parse_rfc3339("2018-02-01T04:21:23+08:00").value(),
                            "5000030574",
                            "1900009231",
                            "退款",
                            "退款类",
                            FlowDirection::expense,
                            2_fen,
                            17_fen,
                            "system",
                            "缺货",
                            "REF42"};
    EXPECT_EQ(bill.flows.front(), expected);
    EXPECT_EQ(bill.summary, (FundBillSummary{1, 0, 0_fen, 1, 2_fen}));
}

TEST(FundBill, ReadsADayWithoutMovements) {
    EXPECT_TRUE(parse_fund_bill(bill_text({}, "`0,`0,`0.00,`0,`0.00")).value().flows.empty());
}

TEST(FundBill, TakesBomAndEitherLineEndAndALastLineWithoutOne) {
    const std::string plain = bill_text({flow_line("收入", "1.00")}, "`1,`1,`1.00,`0,`0.00");
    std::string carriage;
    for (const char c : plain) carriage += c == '\n' ? std::string("\r\n") : std::string(1, c);
    const FundBill expected = parse_fund_bill(plain).value();

    EXPECT_EQ(parse_fund_bill("\xEF\xBB\xBF" + plain).value(), expected);
    EXPECT_EQ(parse_fund_bill(carriage).value(), expected);
    EXPECT_EQ(parse_fund_bill("\xEF\xBB\xBF" + carriage).value(), expected);
    EXPECT_EQ(parse_fund_bill(plain.substr(0, plain.size() - 1)).value(), expected);
}

TEST(FundBill, KeepsCommasQuotesAndEscapesInsideAField) {
    std::string row = flow_line("支出", "1.00");
    row.replace(row.find("备注内容"), std::string("备注内容").size(), R"(一,"二",三\r\n四`五)");

    const FundBill bill = parse_fund_bill(bill_text({row}, "`1,`0,`0.00,`1,`1.00")).value();

    EXPECT_EQ(bill.flows.front().remark, R"(一,"二",三\r\n四`五)");
    EXPECT_EQ(readable(bill.flows.front().remark), "一,\"二\",三\r\n四`五");
}

TEST(FundBill, ShowsEscapesToPeopleAsWhatTheyStandFor) {
    constexpr struct {
        const char* field;
        const char* shown;
    } rows[] = {{"", ""},       {R"(a\1b)", "a b"}, {"a\1b", "a b"},   {R"(a\rb\n)", "a\rb\n"},
                {R"(\)", "\\"}, {R"(\t)", R"(\t)"}, {R"(\\n)", "\\\n"}};
    for (const auto& row : rows) EXPECT_EQ(readable(row.field), row.shown) << row.field;
}

TEST(FundBill, RefusesARowNamingLineAndField) {
    struct Row {
        const char* was;
        const char* is;
        const char* refusal;
    };
    constexpr Row rows[] = {
        {"2025-01-22 04:21:23", "2025-01-22T04:21:23",
         "booked_at: line 2, 记账时间: must be a time like 2018-02-01 04:21:23"},
        {"2025-01-22 04:21:23", "2025-02-30 04:21:23",
         "booked_at: line 2, 记账时间: must be a time like 2018-02-01 04:21:23"},
        {"`支出", "`转出", "direction: line 2, 收支类型: must be 收入 or 支出"},
        {"`1.00", "`1.0", "amount: line 2, 收支金额(元): must be yuan with two decimals, like 12.34"},
        {"`1.00", "`1", "amount: line 2, 收支金额(元): must be yuan with two decimals, like 12.34"},
        {"`1.00", "`1.000", "amount: line 2, 收支金额(元): must be yuan with two decimals, like 12.34"},
        {"`1.00", "`1e2", "amount: line 2, 收支金额(元): must be yuan with two decimals, like 12.34"},
        {"`1.00", "`", "amount: line 2, 收支金额(元): must be yuan with two decimals, like 12.34"},
        {"`1.00", "`-1.00", "amount: line 2, 收支金额(元): must not be negative"},
        {"`1.00", "`99999999999999.99",
         "amount: line 2, 收支金额(元): must be yuan with two decimals, like 12.34"},
        {"`9.00", "`.00", "balance: line 2, 账户结余(元): must be yuan with two decimals, like 12.34"},
        {"备注内容", "\xff", "remark: line 2, 备注: must be UTF-8"},
        {"备注内容", "a,`b", ": line 2: must have 11 fields, and has 12"},
        {",`system", "", ": line 2: must have 11 fields, and has 10"},
    };
    for (const Row& row : rows) {
        SCOPED_TRACE(row.is);
        std::string line = flow_line("支出", "1.00");
        line.replace(line.find(row.was), std::string(row.was).size(), row.is);
        const auto bill = parse_fund_bill(bill_text({line}, "`1,`0,`0.00,`1,`1.00"));
        ASSERT_FALSE(bill.has_value());
        EXPECT_EQ(text_of(bill.error()), std::string("malformed ") + row.refusal);
    }
}

TEST(FundBill, TakesANegativeBalance) {
    std::string line = flow_line("支出", "1.00");
    line.replace(line.find("`9.00"), 5, "`-9.00");

    EXPECT_EQ(parse_fund_bill(bill_text({line}, "`1,`0,`0.00,`1,`1.00")).value().flows[0].balance, -900_fen);
}

TEST(FundBill, RefusesASummaryThatDoesNotAgreeWithTheRows) {
    constexpr struct {
        const char* summary;
        const char* refusal;
    } rows[] = {
        {"`3.0,`1.0,`5.00,`2.0,`1.50", ""},
        {"`4.0,`1.0,`5.00,`2.0,`1.50", "count: line 6, 资金流水总笔数: does not agree with the rows"},
        {"`3.0,`2.0,`5.00,`2.0,`1.50", "income_count: line 6, 收入笔数: does not agree with the rows"},
        {"`3.0,`1.0,`5.01,`2.0,`1.50", "income: line 6, 收入金额: does not agree with the rows"},
        {"`3.0,`1.0,`5.00,`1.0,`1.50", "expense_count: line 6, 支出笔数: does not agree with the rows"},
        {"`3.0,`1.0,`5.00,`2.0,`1.05", "expense: line 6, 支出金额: does not agree with the rows"},
        {"`3.5,`1.0,`5.00,`2.0,`1.50",
         "count: line 6, 资金流水总笔数: must be a whole number, like 20 or 20.0"},
        {"`-3,`1.0,`5.00,`2.0,`1.50",
         "count: line 6, 资金流水总笔数: must be a whole number, like 20 or 20.0"},
        {"`3,`1,`5.000,`2,`1.50", "income: line 6, 收入金额: must be yuan, like 12.34"},
        {"`3,`1,`5.00,`2", ": line 6: must have 5 fields, and has 4"},
        {"3,1,5.00,2,1.50", ": line 6: each field must begin with a back-tick"},
    };
    const std::vector<std::string> flows{flow_line("支出", "1.00"), flow_line("收入", "5.00"),
                                         flow_line("支出", "0.50")};
    for (const auto& row : rows) {
        SCOPED_TRACE(row.summary);
        const auto bill = parse_fund_bill(bill_text(flows, row.summary));
        const std::string refusal = bill ? "" : text_of(bill.error());
        EXPECT_EQ(refusal, *row.refusal == '\0' ? "" : std::string("malformed ") + row.refusal);
    }
}

TEST(FundBill, RefusesAnotherFileThanABillToTheEnd) {
    const std::string whole = bill_text({flow_line("支出", "1.00")}, "`1,`0,`0.00,`1,`1.00");
    const std::string other_titles = "记账时间,微信支付业务单号,流水单号\n";
    const std::string longer_titles = std::string(flow_titles) + ",新列\n";

    EXPECT_EQ(parse_fund_bill("").error().message, "the bill ends before its summary: it was cut off");
    EXPECT_EQ(parse_fund_bill(whole.substr(0, whole.find("资金流水总笔数"))).error().message,
              "the bill ends before its summary: it was cut off");
    EXPECT_EQ(text_of(parse_fund_bill(other_titles).error()),
              "malformed flow_no: line 1, 资金流水单号: the header must have this title here");
    EXPECT_EQ(text_of(parse_fund_bill(longer_titles).error()),
              "malformed voucher_no: line 1, 业务凭证号: the header must have this title here");
    EXPECT_EQ(parse_fund_bill("{\"code\":\"PARAM_ERROR\"}").error().field, "booked_at");
    EXPECT_EQ(parse_fund_bill(whole + "`1,`0,`0.00,`1,`1.00\n").error().message,
              "line 5: nothing may follow the summary");
    EXPECT_EQ(parse_fund_bill(whole + "\n").error().message, "line 5: nothing may follow the summary");
    EXPECT_EQ(parse_fund_bill(std::string(flow_titles) + "\n" + std::string(bill_line_bytes_max + 1, '`'))
                  .error()
                  .message,
              "line 2: is too long");
}

TEST(FundBill, RefusesASumBeyondTheBoundsOfMoney) {
    const std::string most = flow_line("收入", "9999999999999.99");

    const auto bill = parse_fund_bill(bill_text({most, most}, "`2,`2,`0.00,`0,`0.00"));

    EXPECT_EQ(text_of(bill.error()), "malformed amount: line 3, 收支金额(元): the sum is out of bounds");
}

TEST(FundBillParser, RefusesEverythingAfterARefusal) {
    FundBillParser parser([](const FundFlow&) {});
    const auto first = parser.feed("not a bill\n");

    EXPECT_EQ(parser.feed(bill_text({}, "`0,`0,`0.00,`0,`0.00")).error().message, first.error().message);
    EXPECT_EQ(parser.finish().error().message, first.error().message);
}

// The sample of WeChat's page shows one row of twenty (wechat_spec 7).
TEST(FundBill, ReadsTheRowOfWechatsSampleAndMissesTheOthers) {
    std::vector<FundFlow> flows;
    FundBillParser parser([&flows](const FundFlow& flow) { flows.push_back(flow); });
    const std::string sample =
        "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),"
        "资金变更提交申请人,备注,业务凭证号\n"
        "`2018-02-01 "
        "04:21:23,`50000305742018020103387128253,`1900009231201802015884652186,`退款,`退款,`支出,`0.02,`0.17,"
        "`system,`缺货,`REF4200000068201801293084726067\n"
        "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额\n"
        "`20.0,`17.0,`0.35,`3.0,`0.18\n";

    const auto fed = parser.feed(sample);

    ASSERT_EQ(flows.size(), 1U);
    EXPECT_EQ(flows[0].voucher_no, "REF4200000068201801293084726067");
    EXPECT_EQ(fed.error().message, "line 4, 资金流水总笔数: does not agree with the rows");
}

/// What comes of a text that is fed in these pieces: the rows, and how it ended.
std::string outcome_of(const std::vector<std::string>& pieces) {
    std::string outcome;
    FundBillParser parser(
        [&outcome](const FundFlow& f) { outcome += f.flow_no + f.amount.yuan() + f.remark + ";"; });
    for (const std::string& piece : pieces)
        if (auto fed = parser.feed(piece); !fed) break;
    const auto summary = parser.finish();
    return outcome +
           (summary ? summary->income.yuan() + "/" + summary->expense.yuan() : text_of(summary.error()));
}

RC_GTEST_PROP(FundBillParser, PiecesOfAnySizeGiveTheSame, ()) {
    std::string text = test::any_bill();
    const bool is_damaged = *rc::gen::arbitrary<bool>();
    if (is_damaged)
        text[*rc::gen::inRange<std::size_t>(0, text.size())] =
            *rc::gen::element('`', ',', '\n', '\r', '7', '\xff');
    std::vector<std::string> pieces;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t size = *rc::gen::inRange<std::size_t>(1, 40);
        pieces.push_back(text.substr(at, size));
        at += size;
    }
    RC_ASSERT(outcome_of(pieces) == outcome_of({text}));
}

RC_GTEST_PROP(FundBillParser, ReadsEveryBillThatIsWrittenByTheRules, ()) {
    const std::string text = test::any_bill();
    RC_ASSERT(parse_fund_bill(text).has_value());
}

}  // namespace
}  // namespace tixian::wechat
