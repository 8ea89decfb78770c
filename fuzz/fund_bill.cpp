// SPDX-License-Identifier: MIT
// A fund-flow bill: whole, in pieces and packed it reads the same, and its sums are its rows'.
#include "tixian/wechat/fund_bill_file.hpp"

#include <zlib.h>

#include "input.hpp"

namespace {

using namespace tixian;  // NOLINT: this is the program
using fuzz::require;

std::string message_of(const Error& error) { return std::string(name(error.code)) + " " + error.message; }

/// What comes of a text in pieces of this size: its rows, or the refusal.
Result<wechat::FundBill> parse_in_pieces(std::string_view text, std::size_t size) {
    wechat::FundBill bill;
    wechat::FundBillParser parser([&bill](wechat::FundFlow flow) { bill.flows.push_back(std::move(flow)); });
    for (std::size_t at = 0; at < text.size(); at += size) {
        if (auto fed = parser.feed(text.substr(at, size)); !fed) return tl::unexpected(fed.error());
    }
    return parser.finish().map([&bill](const wechat::FundBillSummary& summary) {
        bill.summary = summary;
        return std::move(bill);
    });
}

void check_sums(const wechat::FundBill& bill) {
    std::int64_t income = 0, expense = 0, incomes = 0;
    for (const wechat::FundFlow& flow : bill.flows) {
        const bool is_income = flow.direction == wechat::FlowDirection::income;
        (is_income ? income : expense) += flow.amount.fen();
        incomes += is_income ? 1 : 0;
    }
    const auto rows = static_cast<std::int64_t>(bill.flows.size());
    require(bill.summary.count == rows && bill.summary.income_count == incomes &&
                bill.summary.expense_count == rows - incomes,
            "the counts are those of the rows");
    require(bill.summary.income.fen() == income && bill.summary.expense.fen() == expense,
            "the sums are those of the rows");
}

/// Downloaded as it is, packed or not: refused by name, within bounds.
void read_file(std::string_view packed, std::size_t size) {
    constexpr std::size_t bytes_max = std::size_t{1} << 20;
    const wechat::Download download{wechat::HashType::sha1, std::string(40, '0'), "https://a", "/b"};
    std::int64_t given = 0;
    wechat::FundBillFile file(download, [&given](const wechat::FundFlow&) { ++given; }, bytes_max);
    for (std::size_t at = 0; at < packed.size(); at += size) {
        if (!file.feed(packed.substr(at, size))) return;
    }
    require(!file.finish(), "a file with another hash is refused");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input(data, size);
    const auto piece = static_cast<std::size_t>(static_cast<std::uint64_t>(input.number()) % 64 + 1);
    const auto whole = wechat::parse_fund_bill(input.rest());
    const auto pieces = parse_in_pieces(input.rest(), piece);

    require(whole.has_value() == pieces.has_value(), "pieces are accepted like the whole");
    require(!whole || *whole == *pieces, "pieces read like the whole");
    require(whole || message_of(whole.error()) == message_of(pieces.error()),
            "pieces are refused like the whole");
    if (whole) check_sums(*whole);
    read_file(input.rest(), piece);
    return 0;
}
