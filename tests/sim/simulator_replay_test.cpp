// SPDX-License-Identifier: MIT
#include <atomic>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "simulator/campaign.hpp"
#include "simulator/shrink.hpp"

namespace tixian::sim {
namespace {

using namespace std::chrono_literals;

/// Breaks R4: a subject that gives money back too early.
Subject hasty() {
    Subject subject;
    subject.policy = Policy{};
    subject.policy->settling_refused = subject.policy->settling_in_doubt = std::chrono::seconds(1);
    return subject;
}

sim::Run first_failure(const Subject& subject) {
    const std::atomic<bool> is_stopped{false};
    return *run_campaign({1, 1000, 2, std::nullopt, {}}, subject, is_stopped).failure;
}

TEST(Replay, OfAllDecisionsIsTheSameRun) {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        RunOptions options;
        options.allows_full_protocol = false;
        const sim::Run run = simulate_and_keep(seed, {}, options);

        const sim::Run again = replay(seed, run.decisions, {}, options);

        ASSERT_EQ(again.trace_hash, run.trace_hash) << "seed " << seed;
    }
}

TEST(Replay, OfNothingIsAWorldWithoutMishaps) {
    const sim::Run run = replay(7, {}, {}, {});

    EXPECT_FALSE(run.violation);
    EXPECT_EQ(run.tally.withdrawals, 0U);
}

TEST(Shrink, LeavesAFewDecisionsThatStillFail) {
    const Subject subject = hasty();
    const sim::Run run = first_failure(subject);

    const Shrunk shrunk = shrink(run, subject, {}, 30s);

    EXPECT_LT(shrunk.recipe.decisions.size(), 32U);
    EXPECT_LT(shrunk.recipe.decisions.size() * 4, shrunk.decisions_before);
    const sim::Run again = replay(run.seed, shrunk.recipe.decisions, subject);
    ASSERT_TRUE(again.violation);
    EXPECT_EQ(again.violation->rule, run.violation->rule);
}

TEST(Recipe, IsReadAsItWasWritten) {
    const Recipe recipe{
        42, 4, {{Site::order_amount, 3, 0, 1234}, {site_of(Mishap::user_cancels), 3, 0, 1}}, "rules.toml"};

    for (const char between : {'\n', ';'}) {
        const auto read = parse_recipe(to_text(recipe, between));

        ASSERT_TRUE(read.has_value());
        EXPECT_EQ(read->seed, 42U);
        EXPECT_EQ(read->rule, 4);
        EXPECT_EQ(read->decisions, recipe.decisions);
        EXPECT_EQ(read->scenario, "rules.toml");
    }
}

TEST(Recipe, RefusesWhatItCannotRead) {
    for (const char* text : {"", "breaks R4", "seed x", "seed 1; breaks R99", "seed 1; no_such_thing 1 2 3",
                             "seed 1; user_cancels 1 2"}) {
        SCOPED_TRACE(text);
        EXPECT_FALSE(parse_recipe(text).has_value());
    }
}

TEST(Regressions, KeepTheRulesNow) {
    const std::filesystem::path folder = std::filesystem::path(TIXIAN_SOURCE_DIR) / "tests/sim/regressions";
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().extension() != ".txt") continue;
        SCOPED_TRACE(entry.path());
        std::ostringstream text;
        text << std::ifstream(entry.path()).rdbuf();
        const auto recipe = parse_recipe(text.str());
        ASSERT_TRUE(recipe.has_value());

        const sim::Run run = replay(recipe->seed, recipe->decisions);

        EXPECT_FALSE(run.violation) << run.violation->what;
        EXPECT_GT(run.tally.withdrawals, 0U);
    }
}

}  // namespace
}  // namespace tixian::sim
