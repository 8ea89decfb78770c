// SPDX-License-Identifier: MIT
#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>

#include "program.hpp"
#include "samples.hpp"
#include "simulator/campaign.hpp"

namespace {

using namespace tixian::bench;  // NOLINT: this is the program

/// Whole withdrawals a second on one core, under faults and with signatures stubbed.
double withdrawals_a_second(std::size_t seeds, bool has_auditor) {
    const std::atomic<bool> is_stopped{false};
    tixian::sim::RunOptions run;
    run.has_auditor = has_auditor;
    run.allows_full_protocol = false;
    const auto result = tixian::sim::run_campaign({1, seeds, 1, std::nullopt, run}, {}, is_stopped);
    if (result.failure) throw std::runtime_error("a rule broke: " + result.failure->violation->what);
    const auto ms = static_cast<double>(std::max<std::int64_t>(result.elapsed.count(), 1));
    return static_cast<double>(result.tally.withdrawals) * 1000.0 / ms;
}

void measure(Bench& bench) {
    if (!bench.wants("P8")) return;
    const std::size_t seeds = bench.size(2'000);
    Samples ours, without;
    for (int round = 0; round < bench.rounds(); ++round) {
        ours.add(withdrawals_a_second(seeds, true));
        without.add(withdrawals_a_second(seeds, false));
    }
    bench.progress("P8 simulator", ours, without);
    bench.add({"P8", "simulator, one core, under faults: with the auditor, against without", ours.median(),
               without.median(), "withdrawals/s", Reach::at_least, 0.5});
}

}  // namespace

int main(int argc, char** argv) {
    return run(argc, argv, {"tixian-bench-sim", "The simulator: row P8 of the targets.", {}, measure});
}
