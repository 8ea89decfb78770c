// SPDX-License-Identifier: MIT
#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
// After GoogleTest's own header.
#include <rapidcheck/gtest.h>

#include "faults/catalogue.hpp"
#include "faults/dice.hpp"
#include "faults/duration.hpp"
#include "faults/faults.hpp"
#include "faults/magic.hpp"
#include "faults/rule_text.hpp"

namespace tixian::faults {
namespace {

Rule sometimes(Fault fault, std::int32_t per_million) {
    Rule rule = make_rule(fault);
    rule.probability.per_million = per_million;
    return rule;
}

Situation create_of(const std::string& number, int attempt = 1) {
    Situation situation;
    situation.endpoint = Endpoint::create;
    situation.mchid = "1900000001";
    situation.number = number;
    situation.openid = "oUser";
    situation.amount = 1234_fen;
    situation.attempt = attempt;
    return situation;
}

std::vector<Situation> many_situations() {
    std::vector<Situation> situations;
    for (int number = 0; number < 500; ++number) {
        for (int attempt = 1; attempt <= 4; ++attempt)
            situations.push_back(create_of("WD" + std::to_string(number), attempt));
    }
    return situations;
}

std::string text_of(const std::vector<Drawn>& drawn) {
    std::string text;
    for (const Drawn& one : drawn) {
        text += one.rule + ":" + std::to_string(one.dice) + ":" + std::to_string(delay_of(one).count()) + " ";
    }
    return text;
}

// What happened to whom, whatever the order.
std::map<std::string, std::string> draws_of(const std::vector<Situation>& situations) {
    Faults faults(42);
    EXPECT_TRUE(faults.add(sometimes(Fault::answer_lost, 200'000)));
    EXPECT_TRUE(faults.add(sometimes(Fault::latency_lognormal, 500'000)));
    Rule limited = sometimes(Fault::rate_limited, 300'000);
    limited.burst = 2;
    limited.count_per_number = 2;
    EXPECT_TRUE(faults.add(limited));
    std::map<std::string, std::string> draws;
    for (const Situation& situation : situations) {
        draws[situation.number + "/" + std::to_string(situation.attempt)] = text_of(faults.draw(situation));
    }
    return draws;
}

TEST(FaultDraws, AreTheSameInEveryOrderOfTheNumbers) {
    std::vector<Situation> situations = many_situations();
    const auto first = draws_of(situations);
    std::mt19937 shuffle(7);
    std::shuffle(situations.begin(), situations.end(), shuffle);
    // Attempts of one number come in their order; between numbers any order may be.
    std::sort(situations.begin(), situations.end(),
              [](const Situation& a, const Situation& b) { return a.attempt < b.attempt; });

    EXPECT_EQ(draws_of(situations), first);
}

TEST(FaultDraws, DependOnTheSeedAndTheNameOfTheRule) {
    const auto fired = [](std::uint64_t seed, const std::string& name) {
        Faults faults(seed);
        Rule rule = sometimes(Fault::answer_lost, 500'000);
        rule.name = name;
        EXPECT_TRUE(faults.add(rule));
        std::string text;
        for (const Situation& situation : many_situations())
            text += faults.draw(situation).empty() ? '.' : '!';
        return text;
    };

    EXPECT_EQ(fired(1, "a"), fired(1, "a"));
    EXPECT_NE(fired(1, "a"), fired(2, "a"));
    EXPECT_NE(fired(1, "a"), fired(1, "b"));
}

TEST(FaultDraws, AreTheseNumbersOnEveryMachine) {
    EXPECT_EQ(Hash().add(std::uint64_t{42}).add("WD1").value(), 2563404944438425815ULL);
    EXPECT_EQ(draw_lognormal(12345, 200, 1000), 361);
    EXPECT_EQ(draw_uniform(12345, 10, 20), 13);
}

TEST(FaultDraws, HappenAsOftenAsTheirProbabilitySays) {
    for (const std::int32_t per_million : {0, 1'000, 50'000, 500'000, 999'000, 1'000'000}) {
        SCOPED_TRACE(per_million);
        Faults faults(9);
        ASSERT_TRUE(faults.add(sometimes(Fault::answer_lost, per_million)));
        constexpr int draws = 100'000;

        for (int i = 0; i < draws; ++i) static_cast<void>(faults.draw(create_of("N" + std::to_string(i))));

        const std::int64_t expected = std::int64_t{per_million} * draws / 1'000'000;
        // Six standard deviations: 6 * sqrt(p (1 - p) n) is at most 950.
        EXPECT_NEAR(static_cast<int>(faults.rules()[0].fired), static_cast<int>(expected),
                    per_million == 0 || per_million == 1'000'000 ? 0 : 950);
        EXPECT_EQ(faults.rules()[0].met, draws);
    }
}

TEST(FaultDraws, RunOutByCount) {
    Faults faults;
    Rule rule = make_rule(Fault::error);
    rule.count = 2;
    ASSERT_TRUE(faults.add(rule));
    std::string fired;

    for (int i = 0; i < 4; ++i) fired += faults.draw(create_of("N" + std::to_string(i))).empty() ? '.' : '!';

    EXPECT_EQ(fired, "!!..");
}

TEST(FaultDraws, RunOutForEachNumberByItself) {
    Faults faults;
    Rule rule = make_rule(Fault::error);
    rule.count_per_number = 1;
    ASSERT_TRUE(faults.add(rule));
    std::string fired;

    for (const char* number : {"A", "B", "A", "B", "C"})
        fired += faults.draw(create_of(number)).empty() ? '.' : '!';

    EXPECT_EQ(fired, "!!..!");
}

TEST(FaultDraws, ShareOneDrawInABurst) {
    Faults faults(5);
    Rule rule = sometimes(Fault::rate_limited, 500'000);
    rule.burst = 3;
    ASSERT_TRUE(faults.add(rule));

    for (int number = 0; number < 50; ++number) {
        std::set<bool> seen;
        for (int attempt = 1; attempt <= 3; ++attempt)
            seen.insert(faults.draw(create_of("N" + std::to_string(number), attempt)).empty());
        EXPECT_EQ(seen.size(), 1U) << number;
    }
}

TEST(FaultMatch, LooksAtEveryField) {
    struct Row {
        const char* name;
        void (*change)(Rule&);
        bool fires;
    };
    constexpr Row rows[] = {
        {"all", [](Rule&) {}, true},
        {"endpoint", [](Rule& r) { r.match.endpoints = {Endpoint::query, Endpoint::create}; }, true},
        {"other endpoint", [](Rule& r) { r.match.endpoints = {Endpoint::query}; }, false},
        {"mchid", [](Rule& r) { r.match.mchid = "1900000001"; }, true},
        {"other mchid", [](Rule& r) { r.match.mchid = "1900000002"; }, false},
        {"number", [](Rule& r) { r.match.number = "WD1"; }, true},
        {"beginning of the number", [](Rule& r) { r.match.number = "WD*"; }, true},
        {"other number", [](Rule& r) { r.match.number = "WD"; }, false},
        {"openid", [](Rule& r) { r.match.openid = "oUs*"; }, true},
        {"other openid", [](Rule& r) { r.match.openid = "oThief"; }, false},
        {"amount", [](Rule& r) { r.match.amount_min = r.match.amount_max = 1234_fen; }, true},
        {"too small", [](Rule& r) { r.match.amount_min = 1235_fen; }, false},
        {"too large", [](Rule& r) { r.match.amount_max = 1233_fen; }, false},
        {"attempt", [](Rule& r) { r.match.attempt_max = 1; }, true},
        {"later attempt", [](Rule& r) { r.match.attempt_min = 2; }, false},
        {"in time", [](Rule& r) { r.until = Duration(1); }, true},
        {"too early", [](Rule& r) { r.after = Duration(1); }, false},
        {"off", [](Rule& r) { r.is_enabled = false; }, false},
    };
    for (const Row& row : rows) {
        SCOPED_TRACE(row.name);
        Faults faults;
        Rule rule = make_rule(Fault::error);
        row.change(rule);
        ASSERT_TRUE(faults.add(rule));

        EXPECT_EQ(!faults.draw(create_of("WD1")).empty(), row.fires);
    }
}

TEST(FaultMatch, NeverMeetsAnEndpointThatTheFaultIsNotAbout) {
    Faults faults;
    ASSERT_TRUE(faults.add(make_rule(Fault::query_misses)));
    ASSERT_TRUE(faults.add(make_rule(Fault::notification_lost)));

    EXPECT_TRUE(faults.draw(create_of("WD1")).empty());
}

TEST(FaultRules, RefuseWhatCannotBe) {
    struct Row {
        const char* field;
        void (*spoil)(Rule&);
    };
    constexpr Row rows[] = {
        {"name", [](Rule& r) { r.name = ""; }},
        {"name", [](Rule& r) { r.name = "a/b"; }},
        {"probability", [](Rule& r) { r.probability.per_million = 1'000'001; }},
        {"match.endpoint", [](Rule& r) { r.match.endpoints = {Endpoint::notification}; }},
        {"match.amount_min",
         [](Rule& r) {
             r.match.amount_min = 2_fen;
             r.match.amount_max = 1_fen;
         }},
        {"until", [](Rule& r) { r.until = r.after = Duration(5); }},
        {"count", [](Rule& r) { r.count = -1; }},
        {"count_per_number", [](Rule& r) { r.count_per_number = 0; }},
        {"burst", [](Rule& r) { r.burst = 0; }},
        {"with.min", [](Rule& r) { r.parameters = {std::int64_t{5}, std::int64_t{4}}; }},
    };
    for (const Row& row : rows) {
        SCOPED_TRACE(row.field);
        Faults faults;
        Rule rule = make_rule(Fault::latency_uniform);
        row.spoil(rule);

        const auto added = faults.add(rule);

        ASSERT_FALSE(added);
        EXPECT_EQ(added.error().field, row.field);
        EXPECT_TRUE(faults.rules().empty());
    }
}

TEST(FaultRules, AreKnownByTheirNames) {
    Faults faults;
    ASSERT_TRUE(faults.add(make_rule(Fault::error)));

    EXPECT_EQ(faults.add(make_rule(Fault::error)).error().code, ErrorCode::conflict);
    EXPECT_TRUE(faults.set_enabled("error", false));
    EXPECT_TRUE(faults.draw(create_of("WD1")).empty());
    EXPECT_TRUE(faults.remove("error"));
    EXPECT_FALSE(faults.remove("error"));
}

TEST(FaultRules, KeepParametersWithinTheCatalogue) {
    Rule rule = make_rule(Fault::error);

    EXPECT_TRUE(set_parameter(rule, "status", std::int64_t{599}));
    EXPECT_FALSE(set_parameter(rule, "status", std::int64_t{600}));
    EXPECT_FALSE(set_parameter(rule, "status", std::string("500")));
    EXPECT_FALSE(set_parameter(rule, "code", std::int64_t{1}));
    EXPECT_FALSE(set_parameter(rule, "code", std::string(257, 'X')));
    EXPECT_FALSE(set_parameter(rule, "message", std::string("two\nlines")));
    EXPECT_FALSE(set_parameter(rule, "delay", std::int64_t{1}));
    EXPECT_EQ(std::get<std::int64_t>(rule.parameters[0]), 599);
}

TEST(FaultCatalogue, SaysOfEachRowWhatItIs) {
    std::set<std::string_view> names;
    for (const FaultRow& row : catalogue()) {
        SCOPED_TRACE(row.name);
        EXPECT_TRUE(names.insert(row.name).second);
        EXPECT_EQ(parse_fault(row.name), row.fault);
        EXPECT_TRUE(row.sentence.ends_with('.'));
        EXPECT_NE(row.endpoints, 0U);
        EXPECT_NE(std::string_view("OS3C?-").find(row.certainty), std::string_view::npos);
        for (const ParameterRow& parameter : row.parameters()) {
            EXPECT_LE(parameter.min, parameter.default_number);
            EXPECT_LE(parameter.default_number, parameter.max);
        }
        EXPECT_TRUE(check(make_rule(row.fault)));
    }
    EXPECT_EQ(names.size(), fault_count);
}

TEST(FaultCatalogue, GoesThroughTomlAndJsonUnchanged) {
    for (const FaultRow& row : catalogue()) {
        SCOPED_TRACE(row.name);
        Rule rule = make_rule(row.fault);
        rule.name = "a-name";
        rule.probability.per_million = 123'400;
        rule.seed = 99;
        rule.count = 3;
        rule.count_per_number = 2;
        rule.burst = 4;
        rule.after = Duration(1500);
        rule.until = std::chrono::hours(48);
        rule.is_enabled = false;
        rule.match = {{}, "19*", "WD1", "oUser", 10_fen, 20_fen, 1, 7};
        for (std::size_t i = 0; i < endpoint_count; ++i) {
            if (row.applies_to(static_cast<Endpoint>(i)))
                rule.match.endpoints.push_back(static_cast<Endpoint>(i));
        }

        const auto by_toml = parse_toml(print_toml(to_node(rule))).and_then(rule_from);
        const auto by_json = parse_json(print_json(to_node(rule))).and_then(rule_from);

        ASSERT_TRUE(by_toml) << by_toml.error().message;
        ASSERT_TRUE(by_json) << by_json.error().message;
        EXPECT_EQ(*by_toml, rule);
        EXPECT_EQ(*by_json, rule);
    }
}

TEST(FaultMagic, HoldsOnlyWhatTheCatalogueAllows) {
    Faults faults;
    const auto rules = magic_rules();
    for (std::size_t i = 0; i < rules.size(); ++i) {
        const MagicRow& row = magic_table()[i];
        SCOPED_TRACE(rules[i].name);
        EXPECT_TRUE(faults.add(rules[i]));
        Rule copy = make_rule(row.fault);
        EXPECT_TRUE(row.parameter.empty() || set_parameter(copy, row.parameter, row.value));
    }
}

TEST(FaultLatency, FollowsItsDistribution) {
    std::vector<std::int64_t> delays;
    for (std::uint64_t i = 0; i < 12'800; ++i) delays.push_back(draw_lognormal(roll(3, i), 200, 1000));
    std::sort(delays.begin(), delays.end());

    EXPECT_NEAR(static_cast<int>(delays[delays.size() / 2]), 200, 10);
    // One standard deviation up is a factor of e.
    EXPECT_NEAR(static_cast<int>(delays[delays.size() * 8413 / 10000]), 543, 30);
    EXPECT_GT(delays.back(), 2'000);
    EXPECT_GT(delays.front(), 0);
}

TEST(FaultLatency, OfNoSpreadIsItsMedian) { EXPECT_EQ(draw_lognormal(12345, 200, 0), 200); }

RC_GTEST_PROP(FaultLatency, StaysWithinItsBounds, ()) {
    Rule rule =
        make_rule(*rc::gen::element(Fault::latency_fixed, Fault::latency_uniform, Fault::latency_lognormal));
    if (rule.fault == Fault::latency_uniform) {
        const auto low = *rc::gen::inRange<std::int64_t>(0, 1000);
        rule.parameters = {low, low + *rc::gen::inRange<std::int64_t>(0, 1000)};
    }
    const Drawn drawn{rule.fault, rule.name, rule.parameters, *rc::gen::arbitrary<std::uint64_t>()};

    const std::int64_t delay = delay_of(drawn).count();

    if (rule.fault == Fault::latency_fixed) RC_ASSERT(delay == drawn.number("delay"));
    if (rule.fault != Fault::latency_fixed) RC_ASSERT(delay <= drawn.number("max"));
    if (rule.fault == Fault::latency_uniform) RC_ASSERT(delay >= drawn.number("min"));
}

RC_GTEST_PROP(FaultProbability, GoesThroughItsTextUnchanged, ()) {
    const Probability probability{*rc::gen::inRange<std::int32_t>(0, Probability::always + 1)};

    RC_ASSERT(parse_probability(probability_text(probability)).value() == probability);
}

TEST(FaultProbability, RefusesWhatIsNoShare) {
    for (const char* text :
         {"", "5", "%", "101%", "100.0001%", "0.00001%", "-1%", "5 %", ".5%", "5.%", "1e2%"}) {
        EXPECT_FALSE(parse_probability(text)) << text;
    }
}

RC_GTEST_PROP(FaultDuration, GoesThroughItsTextUnchanged, ()) {
    const Duration duration(*rc::gen::inRange<std::int64_t>(0, 315'360'000'000));

    RC_ASSERT(parse_duration(duration_text(duration)).value() == duration);
}

}  // namespace
}  // namespace tixian::faults
