// SPDX-License-Identifier: MIT
// A scenario file's rules in the simulator's worlds.
#include <atomic>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "faults/catalogue.hpp"
#include "simulator/campaign.hpp"
#include "simulator/scenario_faults.hpp"

namespace tixian::sim {
namespace {

faults::Scenario scenario_of(const std::string& toml) {
    const auto scenario = faults::parse_scenario(toml);
    EXPECT_TRUE(scenario) << scenario.error().message;
    return scenario.value_or(faults::Scenario());
}

RunOptions with(const faults::Scenario& scenario) {
    RunOptions options;
    options.scenario = &scenario;
    return options;
}

bool befalls_calls(const faults::FaultRow& row) {
    using enum faults::Endpoint;
    return row.applies_to(create) || row.applies_to(query) || row.applies_to(cancel);
}

TEST(ScenarioRules, AreNoneThatAWorldOverlooks) {
    for (const faults::FaultRow& row : faults::catalogue()) {
        if (!befalls_calls(row)) continue;
        const faults::Scenario scenario =
            scenario_of("[[faults]]\nfault = \"" + std::string(row.name) + "\"\n" +
                        (row.fault == faults::Fault::clock_skew ? "with = { seconds = 400 }\n" : ""));
        bool changes_something = false;
        for (std::uint64_t seed = 1; seed <= 200 && !changes_something; ++seed) {
            changes_something = simulate(seed).trace_hash != simulate(seed, {}, with(scenario)).trace_hash;
        }
        const ScenarioFaults::Effect effect =
            ScenarioFaults(scenario, 1).draw({CallKind::query, "19", "A", "", {}}, {});
        EXPECT_TRUE(changes_something || effect.rotates_key) << row.name;
        EXPECT_TRUE(ScenarioFaults::overlooked(scenario).empty()) << row.name;
    }
}

TEST(ScenarioRules, MatchOpenidAndAmount) {
    const faults::Scenario scenario = scenario_of(R"(
        [[faults]]
        fault = "error"
        match = { openid = "oA*", amount_min = 500 })");
    ScenarioFaults rules(scenario, 1);
    const auto is_refused = [&](const char* openid, Money amount) {
        return rules.draw({CallKind::submit, "19", "N", openid, amount}, Duration(0)).refusal.has_value();
    };

    EXPECT_TRUE(is_refused("oA1", 500_fen));
    EXPECT_FALSE(is_refused("oB1", 500_fen));
    EXPECT_FALSE(is_refused("oA1", 499_fen));
}

TEST(ScenarioRules, MatchTheOrdersOfAWorld) {
    const faults::Scenario
        all = scenario_of("[[faults]]\nfault = \"answer_lost\""),
        none = scenario_of("[[faults]]\nfault = \"answer_lost\"\nmatch = { openid = \"?\" }"),
        some =
            scenario_of("[[faults]]\nfault = \"answer_lost\"\nmatch = { openid = \"o*\", amount_min = 1 }");
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        RunOptions of_all = with(all), of_none = with(none), of_some = with(some);
        of_all.allows_full_protocol = of_none.allows_full_protocol = of_some.allows_full_protocol = false;
        const std::uint64_t everybody = simulate(seed, {}, of_all).trace_hash;
        RunOptions plain;
        plain.allows_full_protocol = false;

        EXPECT_EQ(simulate(seed, {}, of_none).trace_hash, simulate(seed, {}, plain).trace_hash) << seed;
        EXPECT_NE(everybody, simulate(seed, {}, plain).trace_hash) << seed;
        EXPECT_NE(simulate(seed, {}, of_some).trace_hash, simulate(seed, {}, plain).trace_hash) << seed;
    }
}

TEST(ScenarioRules, BreakNothingWhenAllHappenAtRandom) {
    std::string toml;
    for (const faults::FaultRow& row : faults::catalogue()) {
        if (befalls_calls(row))
            toml += "[[faults]]\nfault = \"" + std::string(row.name) + "\"\nprobability = \"5%\"\n";
    }
    const faults::Scenario scenario = scenario_of(toml);
    const std::atomic<bool> is_stopped{false};

    const CampaignResult result = run_campaign({1, 600, 2, std::nullopt, with(scenario)}, {}, is_stopped);

    EXPECT_FALSE(result.failure) << "R" << result.failure->violation->rule << " in seed "
                                 << result.failure->seed << ": " << result.failure->violation->what;
    EXPECT_EQ(result.seeds_done, 600U);
}

TEST(ScenarioRules, NameWhatCountsForTheMockOnly) {
    std::ifstream file(std::string(TIXIAN_SOURCE_DIR) + "/sim/scenarios/month-end.toml");
    const std::string month_end{std::istreambuf_iterator<char>(file), {}};

    EXPECT_FALSE(ScenarioFaults::overlooked(scenario_of(month_end)).empty());
    EXPECT_EQ(ScenarioFaults::overlooked(scenario_of("[[faults]]\nfault = \"notification_lost\"")).front(),
              "the fault notification_lost");
}

}  // namespace
}  // namespace tixian::sim
