// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include "ledger/load.hpp"
#include "samples.hpp"

namespace tixian::bench {

/// Whole withdrawals in a second of this thread's processor time, which other programs on the machine do not
/// take part of, when it stores change after change. They are made in small portions
/// between what is timed, so that they are as warm as those that a service has just made.
template <class Store>
[[nodiscard]] double run_one_by_one(Load& load, std::size_t withdrawals, const Store& store) {
    constexpr std::size_t portion = 100;
    double seconds = 0;
    for (std::size_t done = 0; done < withdrawals; done += portion) {
        const auto changes = load.withdrawals(std::min(portion, withdrawals - done));
        const CpuStopwatch watch;
        for (const Change& change : changes) store(std::span(&change, 1));
        seconds += watch.seconds();
    }
    return static_cast<double>(withdrawals) / seconds;
}

}  // namespace tixian::bench
