// SPDX-License-Identifier: MIT
#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "faults/faults.hpp"
#include "mock/fault_control.hpp"
#include "mock/scenario_options.hpp"
#include "mock_client.hpp"
#include "raw_socket.hpp"
#include "receiver.hpp"

namespace tixian::mock {
namespace {

using nlohmann::json;

bool eventually(const std::function<bool()>& is_so) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (!is_so()) {
        if (std::chrono::steady_clock::now() > until) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
}

json faults_of(const MockAndMerchant& mock) {
    json own = json::array();
    const json all = mock.control_get("/_mock/faults").json();
    for (const json& rule : all["faults"]) {
        if (!rule["name"].get<std::string>().starts_with("magic:")) own.push_back(rule);
    }
    return own;
}

TEST(FaultControl, AddsListsSwitchesAndRemovesFaults) {
    const MockAndMerchant mock;
    const std::string rule = R"({"fault":"error","name":"busy","match":{"endpoint":"query"},"count":9})";

    EXPECT_EQ(mock.control_post("/_mock/faults", rule).json()["name"], "busy");
    EXPECT_EQ(mock.control_post("/_mock/faults", rule).status, 409);
    EXPECT_EQ(mock.query("A1").status, 500);
    EXPECT_EQ(faults_of(mock)[0]["fired"], 1);
    mock.control_post("/_mock/faults/busy/disable");
    EXPECT_EQ(mock.query("A1").status, 404);
    mock.control_post("/_mock/faults/busy/enable");
    EXPECT_EQ(mock.query("A1").status, 500);

    EXPECT_TRUE(mock.client().Delete("/_mock/faults/busy"));
    EXPECT_EQ(faults_of(mock), json::array());
    EXPECT_EQ(mock.control_post("/_mock/faults/busy/enable").status, 404);
}

TEST(FaultControl, NamesTheMistakeAndChangesNothing) {
    const MockAndMerchant mock;
    struct Row {
        const char* body;
        const char* message;
    };
    constexpr Row rows[] = {
        {"", "not JSON, at byte 1"},
        {R"({"fault":"anser_lost"})", "fault names nothing in the catalogue, did you mean \"answer_lost\"?"},
        {R"({"fault":"error","with":{"status":200}})", "with.status must be between 400 and 599"},
        {R"({"fault":"error","probability":0.5})", "fractions are not used here"},
        {R"({"fault":"error","cnt":1})", "cnt is not known here, did you mean \"count\"?"},
    };
    for (const Row& row : rows) {
        SCOPED_TRACE(row.body);
        const Reply reply = mock.control_post("/_mock/faults", row.body);
        EXPECT_EQ(reply.status, 400);
        EXPECT_EQ(reply.json()["message"], row.message);
    }
    EXPECT_EQ(faults_of(mock), json::array());
}

TEST(FaultControl, GivesEachUserABehaviour) {
    const MockAndMerchant mock;
    EXPECT_EQ(
        mock.control_post("/_mock/users", R"({"openid":"oUser-1_2","behaviour":"confirms","after":"0s"})")
            .status,
        200);
    EXPECT_EQ(mock.create(mock.create_body("A1")).status, 200);
    EXPECT_EQ(mock.wait_for("A1", "SUCCESS").status, 200);
    EXPECT_EQ(
        mock.control_post("/_mock/users", R"({"openid":"oUser-1_2","behaviour":"never_confirms"})").status,
        200);
    EXPECT_EQ(mock.control_get("/_mock/users").json().size(), 1U);
    EXPECT_EQ(mock.create(mock.create_body("A2")).json()["state"], "WAIT_USER_CONFIRM");
    EXPECT_TRUE(mock.client().Delete("/_mock/users/oUser-1_2"));
    EXPECT_EQ(mock.control_get("/_mock/users").json(), json::array());
}

TEST(FaultControl, AdvancesBusinessTimeAndLeavesTheProtocolsAlone) {
    const MockAndMerchant mock;
    ASSERT_EQ(mock.create(mock.create_body("A1")).status, 200);

    EXPECT_EQ(mock.control_post("/_mock/time", R"({"advance":"24h"})").json()["ahead"], "1d");

    EXPECT_EQ(mock.wait_for("A1", "FAIL").json()["fail_reason"], "OVERDUE_CLOSE");
    const Reply reply = mock.query("A1");
    EXPECT_EQ(reply.status, 200) << "today's signature is still valid";
    const auto off =
        std::stoll(reply.header("Wechatpay-Timestamp")) - std::stoll(mock.credentials().timestamp);
    EXPECT_LE(std::abs(off), 2);
    EXPECT_EQ(mock.control_post("/_mock/time", R"({"advance":"-1h"})").status, 400);
    EXPECT_EQ(mock.control_post("/_mock/time", "{}").status, 400);
}

TEST(FaultControl, SendsNotificationsWhereTheyAreRewrittenTo) {
    Receiver receiver({200});
    const MockAndMerchant mock;
    const std::string origin = receiver.url().substr(0, receiver.url().rfind('/'));
    EXPECT_EQ(
        mock.control_post("/_mock/rewrites",
                          R"({"rewrites":[{"from":"https://pay.example.com","to":")" + origin + R"("}]})")
            .status,
        200);
    json body = mock.create_body("A1");
    body["notify_url"] = "https://pay.example.com/notify";
    ASSERT_EQ(mock.create(body).status, 200);
    ASSERT_EQ(mock.cancel("A1").status, 200);

    EXPECT_TRUE(receiver.wait_for(1));
}

TEST(FaultControl, ReplaysANotificationWithItsId) {
    Receiver receiver({200});
    const MockAndMerchant mock;
    json body = mock.create_body("A1");
    body["notify_url"] = receiver.url();
    ASSERT_EQ(mock.create(body).status, 200);
    EXPECT_EQ(mock.control_post("/_mock/bills/A1/notify").status, 409) << "not final yet";
    ASSERT_EQ(mock.cancel("A1").status, 200);
    ASSERT_TRUE(receiver.wait_for(1));

    EXPECT_EQ(mock.control_get("/_mock/bills/A1?until=CANCELLED").status, 200);
    // The journal holds the first one once its answer is there.
    ASSERT_TRUE(
        eventually([&] { return !mock.control_get("/_mock/journal?kind=notification").json().empty(); }));
    EXPECT_EQ(mock.control_post("/_mock/bills/A1/notify").json()["status"], 200);

    ASSERT_TRUE(receiver.wait_for(2));
    EXPECT_EQ(receiver.received()[0].json()["id"], receiver.received()[1].json()["id"]);
}

TEST(FaultControl, RefusesABillAsItsUser) {
    const MockAndMerchant mock;
    ASSERT_EQ(mock.create(mock.create_body("A1")).status, 200);

    EXPECT_EQ(mock.control_post("/_mock/bills/A1/refuse").json()["state"], "FAIL");
    EXPECT_EQ(mock.control_post("/_mock/bills/A2/refuse").status, 404);
}

TEST(FaultControl, FiltersTheJournal) {
    const MockAndMerchant mock;
    mock.control_post("/_mock/faults", R"({"fault":"query_misses","count":1})");
    ASSERT_EQ(mock.create(mock.create_body("A1")).status, 200);
    ASSERT_EQ(mock.query("A1").status, 404);
    ASSERT_EQ(mock.query("A1").status, 200);
    ASSERT_EQ(mock.query("A2").status, 404);
    struct Row {
        const char* filter;
        std::size_t count;
    };
    constexpr Row rows[] = {
        {"", 4},
        {"number=A1", 3},
        {"endpoint=query", 3},
        {"status=404", 2},
        {"openid=oUser-1_2", 1},
        {"mchid=1", 0},
        {"fault=query_misses", 1},
        {"since=3", 1},
        {"limit=2", 2},
        {"kind=notification", 0},
    };
    for (const Row& row : rows) {
        EXPECT_EQ(mock.control_get(std::string("/_mock/journal?") + row.filter).json().size(), row.count)
            << row.filter;
    }
    for (const char* bad : {"since=x", "kind=x", "endpoint=x", "limit=-1"}) {
        EXPECT_EQ(mock.control_get(std::string("/_mock/journal?") + bad).status, 400) << bad;
    }
}

TEST(FaultControl, AssertsHowManyBillsAndRequestsThereAre) {
    const MockAndMerchant mock;
    ASSERT_EQ(mock.create(mock.create_body("A1")).status, 200);
    ASSERT_EQ(mock.create(mock.create_body("A1")).status, 200);

    EXPECT_EQ(mock.control_get("/_mock/assert?number=A1&bills=1&paid=0&requests=2").status, 200);
    const Reply wrong = mock.control_get("/_mock/assert?number=A1&bills=2");
    EXPECT_EQ(wrong.status, 409);
    EXPECT_EQ(wrong.json()["explanation"], "bills: 2 asserted, 1 found");
    EXPECT_EQ(mock.control_get("/_mock/assert?number=A1").status, 400);
    EXPECT_EQ(mock.control_get("/_mock/assert?number=A1&bills=one").status, 400);
}

TEST(FaultControl, GivesVerdictsWithoutAnyTestWritten) {
    const MockAndMerchant mock;
    ASSERT_EQ(mock.create(mock.create_body("A1")).status, 200);
    EXPECT_EQ(mock.control_get("/_mock/verdicts").json(), json::array());

    ASSERT_EQ(mock.create(mock.create_body("A2")).status, 200);

    const json verdicts = mock.control_get("/_mock/verdicts").json();
    ASSERT_EQ(verdicts.size(), 1U);
    EXPECT_EQ(verdicts[0]["sin"], "second_number");
    EXPECT_EQ(verdicts[0]["evidence"], json::array({1, 2}));
}

// "GET faults/{}": what openapi.yaml describes.
std::set<std::string> described_operations(const std::string& yaml) {
    static const std::regex path_line(R"(^  /(\S+):$)"), method_line(R"(^    (get|post|delete):$)"),
        part(R"(\{\w+\})");
    std::set<std::string> operations;
    std::istringstream lines(yaml);
    std::string path;
    std::smatch match;
    for (std::string line; std::getline(lines, line);) {
        if (std::regex_match(line, match, path_line)) path = std::regex_replace(match[1].str(), part, "{}");
        if (!std::regex_match(line, match, method_line)) continue;
        std::string method = match[1];
        std::transform(method.begin(), method.end(), method.begin(),
                       [](char c) { return char(c - 'a' + 'A'); });
        operations.insert(method + " " + path);
    }
    return operations;
}

// What the control endpoints' sources ask for.
std::set<std::string> asked_operations() {
    static const std::regex asked(R"re(is_(get|post)\("([^"]+)"\))re");
    std::set<std::string> operations;
    for (const auto& route : FaultControl::routes()) operations.insert(route);
    for (const auto& entry :
         std::filesystem::directory_iterator(std::string(TIXIAN_SOURCE_DIR) + "/sim/mock")) {
        if (!entry.path().filename().string().ends_with("control.cpp")) continue;
        std::ifstream file(entry.path());
        const std::string text{std::istreambuf_iterator<char>(file), {}};
        for (std::sregex_iterator it(text.begin(), text.end(), asked), end; it != end; ++it) {
            operations.insert(((*it)[1] == "get" ? "GET " : "POST ") + (*it)[2].str());
        }
    }
    return operations;
}

TEST(ControlDescription, NamesEveryEndpointThatThereIs) {
    const MockAndMerchant mock;
    const auto described = described_operations(mock.control_get("/_mock/openapi.yaml").body);

    for (const std::string& operation : asked_operations())
        EXPECT_TRUE(described.contains(operation)) << operation;
    EXPECT_GT(described.size(), 45U);
}

TEST(ControlDescription, NamesNoEndpointThatThereIsNot) {
    const MockAndMerchant mock;
    for (const std::string& operation : described_operations(mock.control_get("/_mock/openapi.yaml").body)) {
        SCOPED_TRACE(operation);
        const std::size_t space = operation.find(' ');
        const std::string target =
            "/_mock/" + std::regex_replace(operation.substr(space + 1), std::regex(R"(\{\})"), "X1");
        const std::string method = operation.substr(0, space);
        httplib::Client client = mock.client();
        const auto answer = method == "GET"    ? client.Get(target)
                            : method == "POST" ? client.Post(target, "", "application/json")
                                               : client.Delete(target);
        ASSERT_TRUE(answer);
        EXPECT_EQ(answer->body.find("no such control endpoint"), std::string::npos);
        EXPECT_EQ(answer->body.find("no such act"), std::string::npos);
    }
}

TEST(FaultControl, ServesThePage) {
    const MockAndMerchant mock;
    EXPECT_EQ(mock.control_get("/_mock/ui").header("Location"), "/_mock/ui/index.html");
    EXPECT_NE(mock.control_get("/_mock/ui/index.html").body.find("app.js"), std::string::npos);
    EXPECT_TRUE(mock.control_get("/_mock/ui/app.js").header("Content-Type").starts_with("text/javascript"));
    EXPECT_EQ(mock.control_get("/_mock/ui/x.js").status, 404);
}

TEST(FaultControl, RotatesTheKeyMidFlightAndStaysWithTheNewOne) {
    const MockAndMerchant mock;
    const std::string merchant = "/_mock/merchants/" + mock.keys().identity.mchid;
    ASSERT_EQ(mock.control_post(merchant, R"({"verification":"certificate"})").status, 200);
    const std::string first = mock.query("A1").header("Wechatpay-Serial");
    mock.control_post("/_mock/faults", R"({"fault":"key_rotated","count":1})");

    const std::string second = mock.query("A1").header("Wechatpay-Serial");

    EXPECT_FALSE(first.empty());
    EXPECT_NE(second, first);
    EXPECT_EQ(mock.query("A1").header("Wechatpay-Serial"), second);
}

TEST(FaultControl, ResetsFaultsUsersAndRewrites) {
    const MockAndMerchant mock;
    mock.control_post("/_mock/faults", R"({"fault":"error"})");
    mock.control_post("/_mock/users", R"({"openid":"oA","behaviour":"never_confirms"})");

    mock.control_post("/_mock/reset");

    EXPECT_EQ(faults_of(mock), json::array());
    EXPECT_EQ(mock.control_get("/_mock/users").json(), json::array());
    EXPECT_EQ(mock.query("A1").status, 404);
}

TEST(MockScenario, RunsDryAndIsToppedUpAgainAfterAResetToo) {
    Options options = MockAndMerchant::quick_options();
    const auto scenario = faults::parse_scenario(R"(
        starts_at = "23h"
        [[merchants]]
        mchid = "1900000001"
        balance = 0
        top_ups = [{ after = "1h", fen = 5000 }])");
    ASSERT_TRUE(scenario);
    ASSERT_TRUE(take_scenario(*scenario, options));
    const MockAndMerchant mock(options);
    for (const char* round : {"first", "after a reset"}) {
        SCOPED_TRACE(round);
        EXPECT_EQ(mock.control_get("/_mock/time").json()["business"].get<std::string>().substr(11, 3), "23:");
        EXPECT_EQ(mock.create(mock.create_body("A1")).code(), "NOT_ENOUGH");

        mock.control_post("/_mock/time", R"({"advance":"1h"})");

        EXPECT_TRUE(eventually([&] { return mock.control_get("/_mock/balance").json()["fen"] == 5000; }));
        EXPECT_EQ(mock.create(mock.create_body("A1")).status, 200);
        mock.control_post("/_mock/reset");
    }
}

TEST(MockMagic, ChoosesAnOutcomeByAmountAndOpenid) {
    const MockAndMerchant mock;
    json lost = mock.create_body("A1"), never = mock.create_body("A2"), frozen = mock.create_body("A3");
    lost["transfer_amount"] = 14402;
    never["openid"] = "oConfirmsAtOnce";
    frozen["openid"] = "oFrozen1";

    EXPECT_EQ(mock.create(lost).status, 500);
    EXPECT_EQ(mock.create(lost).status, 200);
    EXPECT_EQ(mock.create(never).status, 200);
    EXPECT_EQ(mock.create(frozen).status, 200);

    EXPECT_EQ(mock.wait_for("A2", "SUCCESS").status, 200);
    EXPECT_EQ(mock.wait_for("A3", "FAIL").json()["fail_reason"], "ACCOUNT_FROZEN");
}

TEST(MockMagic, MayBeSwitchedOff) {
    Options options = MockAndMerchant::quick_options();
    options.with_magic = false;
    const MockAndMerchant mock(options);
    json body = mock.create_body("A1");
    body["transfer_amount"] = 14402;

    EXPECT_EQ(mock.create(body).status, 200);
}

// --- the same seed and requests, the same faults

faults::Scenario random_scenario() {
    return faults::parse_scenario(R"(
        seed = 77
        [[faults]]
        fault = "error"
        probability = "20%"
        [[faults]]
        fault = "error_though_executed"
        probability = "20%"
        [[faults]]
        fault = "unsigned_answer"
        probability = "30%"
        [[faults]]
        fault = "rate_limited"
        probability = "20%"
        burst = 2)")
        .value();
}

// Which faults befell each call, by number and attempt.
std::map<std::string, std::string> faults_seen(int connections) {
    Options options = MockAndMerchant::quick_options();
    options.scenario = random_scenario();
    const MockAndMerchant mock(options);
    std::vector<std::thread> threads;
    for (int thread = 0; thread < connections; ++thread) {
        threads.emplace_back([&, thread] {
            for (int number = thread; number < 40; number += connections) {
                const std::string name = "N" + std::to_string(number);
                // A connection that was closed before its request was read is no attempt.
                const auto until_read = [](const auto& act) {
                    for (int tries = 0; tries < 50 && act().status == 0; ++tries) std::this_thread::yield();
                };
                for (int attempt = 0; attempt < 3; ++attempt)
                    until_read([&] { return mock.create(mock.create_body(name)); });
                until_read([&] { return mock.query(name); });
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    std::map<std::string, std::string> seen;
    for (const json& entry : mock.control_get("/_mock/requests").json()) {
        seen[entry["number"].get<std::string>()] +=
            entry["endpoint"].get<std::string>() + entry["faults"].dump() + " ";
    }
    return seen;
}

TEST(FaultDeterminism, IsTheSameFromOneConnectionAndFromEight) {
    const auto one = faults_seen(1);

    EXPECT_EQ(one.size(), 40U);
    EXPECT_EQ(faults_seen(8), one);
    EXPECT_EQ(faults_seen(1), one);
}

TEST(FaultEndurance, OutlivesSixtyFourConnectionsWithEveryFault) {
    std::ifstream file(std::string(TIXIAN_SOURCE_DIR) + "/sim/scenarios/everything.toml");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    Options options = MockAndMerchant::quick_options();
    options.scenario = faults::parse_scenario(text).value();
    for (faults::Rule& rule : options.scenario.faults) {
        rule.probability.per_million =
            std::min(rule.probability.per_million * 3, faults::Probability::always);
        // What holds a connection for seconds would only make the test longer.
        const bool holds =
            faults::make_rule(rule.fault).parameters.size() == 1 && rule.fault <= faults::Fault::half_open;
        if (holds) rule.count = 20;
    }
    options.threads = 96;
    MockAndMerchant mock(options);
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(4);
    std::atomic<int> calls{0};
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 64; ++thread) {
        threads.emplace_back([&, thread] {
            for (int i = 0; std::chrono::steady_clock::now() < until; ++i) {
                RawSocket socket(mock.port());
                if (!socket.is_connected()) continue;
                const std::string number = "T" + std::to_string(thread) + "N" + std::to_string(i / 3);
                const std::string path = "/v3/fund-app/mch-transfer/transfer-bills";
                const bool is_create = i % 3 == 0;
                socket.send(is_create ? raw_request(mock, "POST", path, mock.create_body(number).dump())
                                      : raw_request(mock, "GET", path + "/out-bill-no/" + number, ""));
                socket.read(std::chrono::milliseconds(200), "}");
                ++calls;
            }
        });
    }
    for (std::thread& thread : threads) thread.join();

    EXPECT_GT(calls, 64);
    // The last thing that happened may be that nobody listens for a while.
    EXPECT_TRUE(eventually([&] { return mock.control_get("/_mock/healthz").status == 200; }));
    std::set<std::string> fired;
    const json listed = mock.control_get("/_mock/faults").json();
    for (const json& rule : listed.at("faults")) {
        if (rule["fired"] > 0) fired.insert(rule["fault"]);
    }
    EXPECT_GT(fired.size(), 20U) << "not only one kind";
}

}  // namespace
}  // namespace tixian::mock
