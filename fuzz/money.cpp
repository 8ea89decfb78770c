// SPDX-License-Identifier: MIT
// Yuan as text: each accepted text is one amount in bounds, printed and read again the same.
#include "tixian/money.hpp"

#include "input.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using tixian::Money;
    using tixian::fuzz::require;
    const std::string_view input = tixian::fuzz::Input(data, size).rest();
    const auto money = Money::parse_yuan(input);
    if (!money) return 0;

    const std::string printed = money->yuan();
    require(Money::parse_yuan(printed) == *money, "what is printed reads the same");
    require(-Money::fen_max <= money->fen() && money->fen() <= Money::fen_max, "an amount is in bounds");
    const bool is_written_out = input.size() > 3 && input[input.size() - 3] == '.';
    require(!is_written_out || printed == input, "an amount with two decimals has one text");
    require(printed.starts_with(input) || is_written_out, "an amount with fewer decimals is filled up");
    return 0;
}
