// SPDX-License-Identifier: MIT
// Puts a policy of one's own under the simulator: would our settling times pay twice?
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "simulator/campaign.hpp"
#include "simulator/shrink.hpp"
#include "tixian/memory/memory_ledger.hpp"

namespace {

using namespace std::chrono_literals;

tixian::sim::CampaignResult run_seeds(const tixian::sim::Subject& subject) {
    static const std::atomic<bool> is_stopped{false};
    tixian::sim::CampaignOptions options;
    options.last_seed = 500;
    return tixian::sim::run_campaign(options, subject, is_stopped);
}

}  // namespace

int main() {
    // Ours: as tixian presets it, but impatient. And a ledger of one's own, here the one in memory.
    tixian::sim::Subject subject;
    subject.policy = tixian::Policy{};
    subject.policy->backoff_max = 2min;
    subject.make_ledger = [] { return std::make_unique<tixian::MemoryLedger>(); };
    const auto good = run_seeds(subject);
    if (good.failure) return EXIT_FAILURE;
    std::printf("impatient: %llu withdrawals, all rules held\n",
                static_cast<unsigned long long>(good.tally.withdrawals));

    // "Nothing surfaces after a minute": the simulator knows better, and says how.
    subject.policy->settling_refused = subject.policy->settling_in_doubt = 1min;
    const auto bad = run_seeds(subject);
    if (!bad.failure) return EXIT_FAILURE;
    const auto shrunk = tixian::sim::shrink(*bad.failure, subject, {}, 20s);
    std::printf("hasty: R%d breaks: %s\n%s", bad.failure->violation->rule,
                bad.failure->violation->what.c_str(), tixian::sim::to_text(shrunk.recipe).c_str());
    return EXIT_SUCCESS;
}
