// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include <boost/multiprecision/cpp_int.hpp>

#include "tixian/ledger.hpp"

namespace tixian {

/// A sum of amounts that cannot overflow: 128 bits hold 10^23 amounts of the largest size.
using Total = boost::multiprecision::checked_int128_t;

/// The sum over all accounts, in fen. Anything but zero means that the books are broken (R11).
[[nodiscard]] inline Total sum_of(const std::vector<AccountBalance>& balances) {
    Total total = 0;
    for (const AccountBalance& balance : balances) total += balance.balance.fen();
    return total;
}

}  // namespace tixian
