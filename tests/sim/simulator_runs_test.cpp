// SPDX-License-Identifier: MIT
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "simulator/campaign.hpp"
#include "simulator/shrink.hpp"
#include "tixian/memory/memory_ledger.hpp"

namespace tixian::sim {
namespace {

CampaignResult run_seeds(std::uint64_t first, std::uint64_t last, unsigned jobs,
                         const RunOptions& options = {}) {
    const std::atomic<bool> is_stopped{false};
    return run_campaign({first, last, jobs, std::nullopt, options}, {}, is_stopped);
}

std::string told(const CampaignResult& result) {
    if (!result.failure) return "all rules held";
    return "R" + std::to_string(result.failure->violation->rule) + " in seed " +
           std::to_string(result.failure->seed) + ": " + result.failure->violation->what;
}

TEST(Simulator, KeepsAllRulesInTwoThousandWorlds) {
    const CampaignResult result = run_seeds(1, 2000, 2);

    EXPECT_EQ(told(result), "all rules held");
    EXPECT_EQ(result.seeds_done, 2000U);
    EXPECT_GT(result.tally.withdrawals, 10'000U);
    EXPECT_GT(result.tally.full_protocol_worlds, 20U);
}

TEST(Simulator, RunsTheSameSeedTheSameWayWhateverTheThreads) {
    const CampaignResult once = run_seeds(1, 300, 1);
    const CampaignResult again = run_seeds(1, 300, 3);

    EXPECT_EQ(once.trace_hash, again.trace_hash);
    EXPECT_EQ(once.tally.events, again.tally.events);
}

TEST(Simulator, RunsEachSeedTwiceWithTheSameTrace) {
    for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
        RunOptions options;
        options.allows_full_protocol = seed % 20 == 0;
        ASSERT_EQ(simulate(seed, {}, options).trace_hash, simulate(seed, {}, options).trace_hash)
            << "seed " << seed;
    }
}

TEST(Simulator, MakesEveryMishapHappen) {
    const CampaignResult result = run_seeds(1, 2000, 2);

    for (std::size_t i = 0; i < mishap_count; ++i)
        EXPECT_GT(result.tally.mishaps[i], 0U) << mishap_text.names[i];
}

TEST(Simulator, ReachesEveryState) {
    const CampaignResult result = run_seeds(1, 500, 2);

    std::array<std::uint64_t, state_count> reached{};
    for (const auto& [event, counts] : result.tally.coverage)
        for (std::size_t i = 0; i < state_count; ++i) reached[i] += counts[i];
    for (std::size_t i = 0; i < state_count; ++i) EXPECT_GT(reached[i], 0U) << name(static_cast<State>(i));
}

TEST(Simulator, EndsEverythingWhereNothingGoesWrong) {
    RunOptions calm;
    calm.has_faults = false;

    const CampaignResult result = run_seeds(1, 200, 2, calm);

    EXPECT_EQ(told(result), "all rules held");
    EXPECT_EQ(result.tally.final_ones, result.tally.withdrawals);
    EXPECT_EQ(*std::max_element(result.tally.mishaps.begin(), result.tally.mishaps.end()), 0U);
}

TEST(Simulator, StopsWhenItIsTold) {
    const std::atomic<bool> is_stopped{true};

    const CampaignResult result = run_campaign({1, 1'000'000'000, 2, std::nullopt, {}}, {}, is_stopped);

    EXPECT_TRUE(result.was_stopped);
    EXPECT_LT(result.seeds_done, 100'000U);
}

TEST(Simulator, FindsTheSameFirstFailureWhateverTheThreads) {
    // A policy that believes that nothing can surface after a second: not what docs/money-safety.md assumes.
    Subject hasty;
    hasty.policy = Policy{};
    hasty.policy->settling_refused = hasty.policy->settling_in_doubt = std::chrono::seconds(1);
    const std::atomic<bool> is_stopped{false};

    const CampaignResult one = run_campaign({1, 1000, 1, std::nullopt, {}}, hasty, is_stopped);
    const CampaignResult three = run_campaign({1, 1000, 3, std::nullopt, {}}, hasty, is_stopped);

    ASSERT_TRUE(one.failure && three.failure);
    EXPECT_EQ(one.failure->seed, three.failure->seed);
    EXPECT_EQ(one.failure->violation->what, three.failure->violation->what);
}

/// A ledger that forgets every tenth settlement or release: it says "applied", and nothing is.
class ForgetfulLedger : public MemoryLedger {
 public:
    [[nodiscard]] std::vector<Outcome> commit(std::span<const Change> changes) override {
        const auto* step = std::get_if<Step>(&changes.front().what);
        if (step != nullptr && is_final(step->next.state) && ++ends_ % 10 == 0)
            return {changes.size(), Applied{}};
        return MemoryLedger::commit(changes);
    }

 private:
    int ends_ = 0;
};

TEST(Simulator, FindsALedgerThatForgets) {
    Subject subject;
    subject.make_ledger = [] { return std::make_unique<ForgetfulLedger>(); };
    const std::atomic<bool> is_stopped{false};

    const CampaignResult result = run_campaign({1, 500, 2, std::nullopt, {}}, subject, is_stopped);

    ASSERT_TRUE(result.failure);
    EXPECT_EQ(result.failure->violation->rule, 11) << result.failure->violation->what;
}

}  // namespace
}  // namespace tixian::sim
