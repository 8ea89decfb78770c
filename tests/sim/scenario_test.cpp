// SPDX-License-Identifier: MIT
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "faults/catalogue.hpp"
#include "faults/magic.hpp"
#include "faults/rule_text.hpp"
#include "faults/scenario.hpp"
#include "faults/schema_text.hpp"

namespace tixian::faults {
namespace {

namespace fs = std::filesystem;
const fs::path scenarios = fs::path(TIXIAN_SOURCE_DIR) / "sim/scenarios";

std::string contents(const fs::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Scenario, ReadsEveryExampleAndWritesItUnchanged) {
    int count = 0;
    for (const auto& entry : fs::directory_iterator(scenarios)) {
        if (entry.path().extension() != ".toml") continue;
        SCOPED_TRACE(entry.path().filename());

        const auto scenario = parse_scenario(contents(entry.path()));

        ASSERT_TRUE(scenario) << scenario.error().message;
        EXPECT_EQ(scenario->name, entry.path().stem());
        EXPECT_FALSE(scenario->description.empty());
        const auto again = parse_scenario(print_toml(to_node(*scenario)));
        ASSERT_TRUE(again) << again.error().message;
        EXPECT_EQ(*again, *scenario);
        EXPECT_EQ(parse_json(print_json(to_node(*scenario))).and_then(scenario_from).value(), *scenario);
        ++count;
    }
    EXPECT_GE(count, 6);
}

TEST(Scenario, OfEverythingHoldsTheWholeCatalogue) {
    const auto scenario = parse_scenario(contents(scenarios / "everything.toml"));
    ASSERT_TRUE(scenario);
    std::size_t next = 0;
    for (const FaultRow& row : catalogue()) {
        if (row.fault == Fault::user_confirms) continue;  // what users do when nothing goes wrong
        ASSERT_LT(next, scenario->faults.size());
        EXPECT_EQ(name(scenario->faults[next++].fault), row.name);
    }
    EXPECT_EQ(next, scenario->faults.size());
}

TEST(Scenario, ReadsAllThatItCanHold) {
    const auto scenario = parse_scenario(R"(
        name = "n"
        seed = 5
        starts_at = "23h"
        [times]
        accept_after = "1s"
        [switches]
        already_exists = true
        [[merchants]]
        mchid = "1900000002"
        balance = 100
        quotas = { per_bill_max = 50, per_month = 900 }
        top_ups = [{ after = "1m", fen = 7 }]
        [[merchants]]
        mchid = "1900000003"
        [[users]]
        openid = "oA"
        behaviour = "confirms_at_last"
        before = "2s"
        [[faults]]
        fault = "error"
        [[faults]]
        fault = "error"
        with = { status = 503 })");

    ASSERT_TRUE(scenario) << scenario.error().message;
    EXPECT_EQ(scenario->times.accept_after, Duration(1000));
    EXPECT_TRUE(scenario->switches.at("already_exists"));
    EXPECT_EQ(scenario->merchants.at(0).top_ups.at(0).amount, 7_fen);
    EXPECT_EQ(scenario->merchants.at(0).quotas.per_month, 900_fen);
    EXPECT_EQ(scenario->merchants.at(1).mchid, "1900000003");
    EXPECT_EQ(scenario_from(to_node(*scenario)).value(), *scenario);
    EXPECT_EQ(scenario->users.at(0).fault, Fault::user_confirms_at_last);
    EXPECT_EQ(scenario->users.at(0).name, "user:oA");
    EXPECT_EQ(scenario->faults.at(1).name, "error-2") << "so that each draws by itself";
}

TEST(Scenario, NamesLineAndKeyOfAMistake) {
    struct Row {
        const char* toml;
        const char* message;
    };
    constexpr Row rows[] = {
        {"name = 1", "line 1: name must be a text in quotes"},
        {"\nsede = 1", "line 2: sede is not known here, did you mean \"seed\"?"},
        {"seed = -1", "line 1: seed must be between 0 and 9223372036854775807"},
        {"seed = 1.5", "line 1: neither fractions nor dates are used here"},
        {"name = \"a\"\nname = \"b\"",
         "line 2: Error while parsing key-value pair: cannot redefine existing string"},
        {"[times]\naccept_after = 5",
         "line 2: times.accept_after must be a time like \"500ms\", \"30s\", \"10m\", \"24h\" or \"2d\""},
        {"[times]\nconfirm_aftr = \"5s\"",
         "line 2: times.confirm_aftr is not known here, did you mean \"confirm_after\"?"},
        {"starts_at = \"25h\"", "line 1: starts_at must be between 0s and 1d"},
        {"[switches]\nx = 1", "line 2: switches.x must be true or false"},
        {"[[merchants]]\nmchid = \"a b\"", "line 2: merchants[0].mchid must be 1 to 32 letters or digits"},
        {"[[merchants]]\nbalance = 1", "line 1: merchants[0] needs \"mchid\""},
        {"[[users]]\nopenid = \"oA\"\nbehaviour = \"nver_confirms\"",
         "line 3: users[0].behaviour names nothing in the catalogue, did you mean \"never_confirms\"?"},
        {"[[users]]\nopenid = \"oA\"\nbehaviour = \"confirms\"\nbefore = \"1s\"",
         "line 4: users[0].before is not known here"},
        {"[[faults]]\nfault = \"anser_lost\"",
         "line 2: faults[0].fault names nothing in the catalogue, did you mean \"answer_lost\"?"},
        {"[[faults]]\nprobability = \"1%\"", "line 1: faults[0] needs \"fault\""},
        {"[[faults]]\nfault = \"error\"\nprobability = \"101%\"",
         "line 3: faults[0].probability must be a share like \"5%\" or \"0.25%\", at most 100%"},
        {"[[faults]]\nfault = \"error\"\nwith = { status = 200 }",
         "line 3: faults[0].with.status must be between 400 and 599"},
        {"[[faults]]\nfault = \"error\"\nwith = { stats = 500 }",
         "line 3: faults[0].with.stats is not known here, did you mean \"status\"?"},
        {"[[faults]]\nfault = \"error\"\nmatch = { endpoint = \"creat\" }",
         "line 3: match.endpoint is not an endpoint, did you mean \"create\"?"},
        {"[[faults]]\nfault = \"query_misses\"\nmatch = { endpoint = \"create\" }",
         "line 1: faults[0].match.endpoint query_misses never happens to create"},
        {"[[faults]]\nfault = \"error\"\nname = \"x\"\n[[faults]]\nfault = \"error\"\nname = \"x\"",
         "line 4: faults[1].name is the name of an earlier fault, too"},
        {"[[merchants]]\nmchid = \"1\"\n[[merchants]]\nmchid = \"1\"",
         "line 3: merchants[1].mchid stands here twice"},
        {"[[merchants]]\nmchid = \"1\"\nquotas = { per_dya = 5 }",
         "line 3: merchants[0].quotas.per_dya is not known here, did you mean \"per_day\"?"},
        {"[[merchants]]\nmchid = \"1\"\nquotas = { per_bill_min = 5, per_bill_max = 4 }",
         "line 3: merchants[0].quotas.per_bill_min must not be above per_bill_max"},
        {"faults = 1", "line 1: faults must be a list"},
        {"faults = [1]", "line 1: faults[0] must be a table"},
    };
    for (const Row& row : rows) {
        SCOPED_TRACE(row.toml);

        const auto scenario = parse_scenario(row.toml);

        ASSERT_FALSE(scenario);
        EXPECT_EQ(scenario.error().message.substr(0, std::string(row.message).size()), row.message)
            << scenario.error().message;
    }
}

TEST(ScenarioJson, RefusesFractionsAndKeysThatComeTwice) {
    EXPECT_EQ(parse_json(R"({"a":1,"a":2})").error().message, "the key a comes twice");
    EXPECT_EQ(parse_json(R"({"a":1.5})").error().message, "fractions are not used here");
    EXPECT_EQ(parse_json(R"({"a":9223372036854775808})").error().message, "a number is too large");
    EXPECT_FALSE(parse_json("{"));
    EXPECT_FALSE(parse_json(std::string(100, '[')));
}

const fs::path documents = fs::path(TIXIAN_SOURCE_DIR) / "docs";

TEST(MockGuide, DescribesEveryFaultAndMagicRow) {
    const std::string page = contents(documents / "mock.md");
    for (const FaultRow& row : catalogue()) {
        EXPECT_NE(page.find(schema_row(row)), std::string::npos) << schema_row(row);
    }
    for (const MagicRow& row : magic_table()) {
        EXPECT_NE(page.find(schema_row(row)), std::string::npos) << schema_row(row);
    }
}

// `| a | b |` without its outer bars, and with `from` written as `to`.
std::vector<std::string> cells(std::string row,
                               const std::vector<std::pair<std::string, std::string>>& words) {
    for (const auto& [from, to] : words) {
        for (std::size_t at = 0; (at = row.find(from, at)) != std::string::npos; at += to.size()) {
            row.replace(at, from.size(), to);
        }
    }
    std::vector<std::string> cells;
    for (std::size_t at = 2, end = 0; (end = row.find(" |", at)) != std::string::npos; at = end + 3) {
        cells.push_back(row.substr(at, end - at));
    }
    return cells;
}

// The Chinese page says in its own words what happens, and all else as the English one does.
void expect_told_in_chinese(const std::string& page, const std::string& row, std::size_t sentence) {
    SCOPED_TRACE(row);
    const auto wanted = cells(row, {{"every call", "所有调用"},
                                    {"| transport |", "| 传输 |"},
                                    {"| domain |", "| 业务 |"},
                                    {" to ", " 至 "},
                                    {" fen |", " 分 |"}});
    const std::size_t at = page.find("\n| " + wanted[0] + " |");
    ASSERT_NE(at, std::string::npos);

    auto told = cells(page.substr(at + 1, page.find('\n', at + 1) - at - 1), {});

    ASSERT_EQ(told.size(), wanted.size());
    EXPECT_FALSE(told[sentence].empty());
    told[sentence] = wanted[sentence];
    EXPECT_EQ(told, wanted);
}

TEST(MockGuide, DescribesThemInChineseToo) {
    const std::string page = contents(documents / "mock.zh-CN.md");
    for (const FaultRow& row : catalogue()) expect_told_in_chinese(page, schema_row(row), 4);
    for (const MagicRow& row : magic_table()) expect_told_in_chinese(page, schema_row(row), 1);
}

TEST(MockGuide, ShowsTheQuickstartThatIsRun) {
    const fs::path root = TIXIAN_SOURCE_DIR;
    const std::string program =
        "```python\n" + contents(root / "examples/mock_quickstart/python/quickstart.py") + "```\n";
    for (const char* page : {"mock.md", "mock.zh-CN.md"}) {
        EXPECT_NE(contents(documents / page).find(program), std::string::npos) << page;
    }
}

TEST(ScenarioSchema, NamesEveryEndpoint) {
    const std::string schema = contents(scenarios / "README.md");
    for (const std::string_view endpoint : endpoint_text.names) {
        EXPECT_NE(schema.find("`" + std::string(endpoint) + "`"), std::string::npos) << endpoint;
    }
}

}  // namespace
}  // namespace tixian::faults
