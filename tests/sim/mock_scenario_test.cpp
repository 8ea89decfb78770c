// SPDX-License-Identifier: MIT
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "faults/faults.hpp"
#include "mock/scenario_options.hpp"
#include "mock_client.hpp"
#include "mock_scenario.hpp"
#include "raw_socket.hpp"
#include "receiver.hpp"

namespace tixian::mock {
namespace {

using nlohmann::json;

TEST(MockScenario, RunsDryAndIsToppedUpAgainAfterAResetToo) {
    const Options options = quick_options_of(R"(
        starts_at = "23h"
        [[merchants]]
        mchid = "1900000001"
        balance = 0
        top_ups = [{ after = "1h", fen = 5000 }])");
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

TEST(MockScenario, NamesSeveralMerchantsWithKeysOfTheirOwn) {
    const Options options = quick_options_of(R"(
        [[merchants]]
        mchid = "1900000001"
        balance = 5000
        [[merchants]]
        mchid = "1900000077"
        balance = 100
        quotas = { per_bill_max = 1000 }
        top_ups = [{ after = "1h", fen = 5000 }])");
    const MockAndMerchant mock(options);
    const auto keys = load_or_make_keys(options.keys_directory / "1900000077", "", "");
    ASSERT_TRUE(keys);
    const Party other{keys->identity.mchid, keys->identity.merchant_serial, keys->merchant_key_pem};
    const auto create = [&](std::int64_t fen) {
        json body = mock.create_body("A" + std::to_string(fen));
        body["appid"] = keys->identity.appid;
        body["transfer_amount"] = fen;
        return mock.send_as(other, "POST", "/v3/fund-app/mch-transfer/transfer-bills", body.dump());
    };

    EXPECT_EQ(create(500).code(), "NOT_ENOUGH");
    EXPECT_EQ(create(1001).code(), "INVALID_REQUEST");
    mock.control_post("/_mock/time", R"({"advance":"1h"})");
    EXPECT_TRUE(eventually([&] { return create(500).status == 200; }));

    EXPECT_TRUE(create(600).is_signed_by(*keys));
    EXPECT_EQ(mock.control_get("/_mock/balance").json()["fen"], 5000);
}

TEST(MockScenario, ClosesBillsAsLateAsItsOwnTimeAllows) {
    Options options;
    options.terms.expire_lag_max = options.terms.expire_after / 24;
    ASSERT_TRUE(take_scenario(*faults::parse_scenario("[times]\nexpire_after = \"24s\""), options));
    EXPECT_EQ(options.terms.expire_lag_max, std::chrono::seconds(1)) << "a 24th, and not still an hour";

    Options strict;
    strict.terms.expire_lag_max = Duration(0);
    ASSERT_TRUE(take_scenario(*faults::parse_scenario("[times]\nexpire_after = \"24s\""), strict));
    EXPECT_EQ(strict.terms.expire_lag_max, Duration(0));
}

TEST(MockScenario, RefusesQuotasThatCrossTheOptions) {
    Options options = MockAndMerchant::quick_options();
    const auto scenario = faults::parse_scenario(
        "[[merchants]]\nmchid = \"1\"\n[[merchants]]\nmchid = \"2\"\nquotas = { per_bill_max = 9 }");
    ASSERT_TRUE(scenario);

    const auto taken = take_scenario(*scenario, options);

    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().message, "merchants[1].quotas: per_bill_min is 10 and above per_bill_max, 9");
}

TEST(MockMagic, FailsADetailOfABatch) {
    const MockAndMerchant mock;
    const json details = {
        {{"out_detail_no", "D1"}, {"transfer_amount", 14413}, {"transfer_remark", "r"}, {"openid", "oUser"}},
        {{"out_detail_no", "D2"}, {"transfer_amount", 100}, {"transfer_remark", "r"}, {"openid", "oUser"}}};
    const std::string path = "/v3/transfer/batches";
    const json body = {{"appid", mock.keys().identity.appid},
                       {"out_batch_no", "B1"},
                       {"batch_name", "n"},
                       {"batch_remark", "r"},
                       {"total_amount", 14513},
                       {"total_num", 2},
                       {"transfer_detail_list", details}};

    ASSERT_EQ(mock.post(path, body).status, 200);

    const auto detail = [&](const std::string& number) {
        return mock.get(path + "/out-batch-no/B1/details/out-detail-no/" + number).json();
    };
    EXPECT_EQ(detail("D1")["fail_reason"], "ACCOUNT_FROZEN");
    EXPECT_EQ(detail("D2")["detail_status"], "SUCCESS");
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

// TIXIAN_TEST_ENDURANCE_SECONDS=60 is what a release is tried with.
std::chrono::seconds endurance() {
    constexpr std::chrono::seconds otherwise(5);
    const char* wanted = std::getenv("TIXIAN_TEST_ENDURANCE_SECONDS");
    return wanted == nullptr ? otherwise : std::chrono::seconds(std::atoi(wanted));
}

faults::Scenario everything_often() {
    std::ifstream file(std::string(TIXIAN_SOURCE_DIR) + "/sim/scenarios/everything.toml");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    faults::Scenario scenario = faults::parse_scenario(text).value();
    for (faults::Rule& rule : scenario.faults) {
        rule.probability.per_million =
            std::min(rule.probability.per_million * 3, faults::Probability::always);
        // What holds a connection for seconds would only make the test longer.
        const bool holds =
            faults::make_rule(rule.fault).parameters.size() == 1 && rule.fault <= faults::Fault::half_open;
        if (holds) rule.count = 20;
    }
    return scenario;
}

// A merchant on one connection after another: each third request makes a bill.
void bother(const MockAndMerchant& mock, const std::string& name, int turn, const std::string& notify_url) {
    RawSocket socket(mock.port());
    if (!socket.is_connected()) return;
    const std::string number = name + "N" + std::to_string(turn / 3);
    const std::string path = "/v3/fund-app/mch-transfer/transfer-bills";
    json body = mock.create_body(number);
    body["notify_url"] = notify_url;
    socket.send(turn % 3 == 0 ? raw_request(mock, "POST", path, body.dump())
                              : raw_request(mock, "GET", path + "/out-bill-no/" + number, ""));
    socket.read(std::chrono::milliseconds(200), "}");
}

// Whoever looks at the mock meanwhile, and meddles.
void meddle(const MockAndMerchant& mock) {
    for (const char* target : {"/_mock/journal?limit=50", "/_mock/verdicts", "/_mock/bills", "/_mock/faults"})
        static_cast<void>(mock.control_get(target));
    mock.control_post("/_mock/time", R"({"advance":"1m"})");
    mock.control_post("/_mock/bills/T0N0/confirm");
    mock.control_post("/_mock/switches", R"({"unsigned_errors":true})");
    mock.control_post("/_mock/switches", R"({"unsigned_errors":false})");
}

TEST(FaultEndurance, OutlivesSixtyFourConnectionsWithEveryFault) {
    Options options = MockAndMerchant::quick_options();
    options.settings.auto_confirm_after = Duration(20);
    options.scenario = everything_often();
    options.threads = 96;
    MockAndMerchant mock(options);
    Receiver receiver({204});
    const auto until = std::chrono::steady_clock::now() + endurance();
    std::atomic<int> calls{0};
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 64; ++thread) {
        threads.emplace_back([&, name = "T" + std::to_string(thread)] {
            for (int i = 0; std::chrono::steady_clock::now() < until; ++i, ++calls)
                bother(mock, name, i, receiver.url());
        });
    }
    threads.emplace_back([&] {
        while (std::chrono::steady_clock::now() < until) meddle(mock);
    });
    for (std::thread& thread : threads) thread.join();

    EXPECT_GT(calls, 64);
    // The last thing that happened may be that nobody listens for a while.
    EXPECT_TRUE(eventually([&] { return mock.control_get("/_mock/healthz").status == 200; }));
    std::set<std::string> fired;
    const json listed = mock.control_get("/_mock/faults").json();
    for (const json& rule : listed.at("faults")) {
        if (rule["fired"] > 0) fired.insert(rule["fault"]);
    }
    EXPECT_GT(fired.size(), 25U) << "not only one kind";
}

}  // namespace
}  // namespace tixian::mock
