// SPDX-License-Identifier: MIT
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "faults/faults.hpp"
#include "mock/control_parameters.hpp"
#include "mock/fault_control.hpp"
#include "mock_client.hpp"
#include "raw_socket.hpp"
#include "receiver.hpp"

namespace tixian::mock {
namespace {

using nlohmann::json;

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
    const Reply misspelt = mock.control_get("/_mock/assert?numbr=A1&bills=1");
    EXPECT_EQ(misspelt.status, 400) << "it would count every number's bills";
    EXPECT_NE(misspelt.body.find("did you mean"), std::string::npos) << misspelt.body;
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

// Of each path, "bills/N" for "/bills/{number}": what openapi.yaml says may stand in its query.
std::map<std::string, std::set<std::string>> described_parameters(const std::string& yaml) {
    static const std::regex path_line(R"(^  /(\S+):$)"), name_line(R"(.*\{name: (\w+), in: query.*)"),
        part(R"(\{\w+\})");
    std::map<std::string, std::set<std::string>> parameters;
    std::istringstream lines(yaml);
    std::string path;
    std::smatch match;
    for (std::string line; std::getline(lines, line);) {
        if (std::regex_match(line, match, path_line)) path = std::regex_replace(match[1].str(), part, "N");
        if (std::regex_match(line, match, name_line)) parameters[path].insert(match[1]);
    }
    return parameters;
}

TEST(ControlDescription, NamesEveryParameterThatThereIs) {
    const MockAndMerchant mock;
    const auto described = described_parameters(mock.control_get("/_mock/openapi.yaml").body);

    ASSERT_GT(described.size(), 15U);
    for (const auto& [path, names] : described) {
        const auto known = known_parameters(path);
        EXPECT_EQ(names, std::set<std::string>(known.begin(), known.end())) << path;
    }
}

TEST(FaultControl, RefusesAParameterThatIsNone) {
    const MockAndMerchant mock;
    mock.control_post("/_mock/faults", R"({"fault":"error","match":{"endpoint":"cancel"}})");
    ASSERT_EQ(mock.create(mock.create_body("A1")).status, 200);

    const Reply misspelt = mock.control_get("/_mock/bills?mchd=1");
    EXPECT_EQ(misspelt.status, 400);
    EXPECT_NE(misspelt.body.find("did you mean \\\"mchid"), std::string::npos) << misspelt.body;
    EXPECT_EQ(mock.control_get("/_mock/bills/A1?untl=SUCCESS").status, 400) << "it would not wait";
    EXPECT_EQ(mock.control_post("/_mock/reset?mchd=1").status, 400) << "it would reset all";

    EXPECT_EQ(mock.control_get("/_mock/bills").json().size(), 1U);
    EXPECT_EQ(faults_of(mock).size(), 1U);
    EXPECT_EQ(mock.control_get("/_mock/ui/index.html?v=1").status, 200);
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

TEST(FaultControl, MakesCertificatesOfTheProtocolsTime) {
    const MockAndMerchant mock;
    mock.control_post("/_mock/time", R"({"advance":"240h"})");
    ASSERT_EQ(mock.control_post("/_mock/merchants/" + mock.keys().identity.mchid,
                                R"({"verification":"certificate"})")
                  .status,
              200);

    const std::string effective = mock.get("/v3/certificates").json()["data"][0]["effective_time"];

    const std::string protocol = mock.control_get("/_mock/time").json()["protocol"];
    EXPECT_EQ(effective.substr(0, 10), protocol.substr(0, 10))
        << "a client would not believe it for ten days";
}

TEST(FaultControl, RotatesTheKeyAtANotification) {
    const MockAndMerchant mock;
    Receiver receiver({204});
    json body = mock.create_body("A1");
    body["notify_url"] = receiver.url();
    mock.control_post("/_mock/faults", R"({"fault":"key_rotated","match":{"endpoint":"notification"}})");
    ASSERT_EQ(mock.create(body).status, 200);

    mock.control_post("/_mock/bills/A1/confirm");

    ASSERT_TRUE(receiver.wait_for(1));
    EXPECT_NE(receiver.received()[0].header("Wechatpay-Serial"),
              mock.keys().identity.wechatpay_public_key_id);
}

TEST(FaultControl, ResetsTheKeysThatWereRotated) {
    for (const char* reset : {"/_mock/reset", "/_mock/reset?mchid=1900000001"}) {
        SCOPED_TRACE(reset);
        const MockAndMerchant mock;
        const std::string merchant = "/_mock/merchants/" + mock.keys().identity.mchid;
        mock.control_post(merchant, R"({"verification":"certificate"})");
        const json before = mock.control_get(merchant).json();
        mock.control_post("/_mock/faults", R"({"fault":"key_rotated","count":2})");
        static_cast<void>(mock.query("A1"));
        static_cast<void>(mock.query("A1"));
        ASSERT_NE(mock.control_get(merchant).json(), before);

        mock.control_post(reset);

        EXPECT_EQ(mock.control_get(merchant).json(), before);
    }
}

TEST(FaultControl, WritesDownALostNotification) {
    const MockAndMerchant mock;
    Receiver receiver({204});
    json body = mock.create_body("A1");
    body["notify_url"] = receiver.url();
    mock.control_post("/_mock/faults", R"({"fault":"notification_lost","count":1})");
    ASSERT_EQ(mock.create(body).status, 200);

    mock.control_post("/_mock/bills/A1/confirm");

    const char* journal = "/_mock/journal?kind=notification";
    ASSERT_TRUE(eventually([&] { return !mock.control_get(journal).json().empty(); }));
    const json entry = mock.control_get(journal).json()[0];
    EXPECT_EQ(entry["guise"], "lost");
    EXPECT_EQ(entry["status"], 0);
    EXPECT_EQ(entry["faults"], json::array({"notification_lost"}));
    EXPECT_EQ(mock.control_get("/_mock/assert?number=A1&notifications=0").status, 200);
    EXPECT_TRUE(receiver.received().empty());
}

TEST(FaultControl, ContradictsOnlyWhatWasTaken) {
    const MockAndMerchant mock;
    Receiver receiver({500, 204});
    json body = mock.create_body("A1");
    body["notify_url"] = receiver.url();
    mock.control_post("/_mock/faults", R"({"fault":"notification_contradicting"})");
    ASSERT_EQ(mock.create(body).status, 200);
    mock.control_post("/_mock/bills/A1/confirm");
    ASSERT_TRUE(receiver.wait_for(1));

    ASSERT_TRUE(eventually([&] {
        mock.control_post("/_mock/time", R"({"advance":"15s"})");
        return receiver.received().size() >= 3;
    }));

    const json sent = mock.control_get("/_mock/journal?kind=notification").json();
    EXPECT_EQ(sent[0]["guise"], "true");
    EXPECT_EQ(sent[1]["guise"], "true");
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

TEST(FaultControl, ResetsNothingForAMerchantWhomNobodyKnows) {
    const MockAndMerchant mock;
    mock.control_post("/_mock/faults", R"({"fault":"error"})");
    mock.control_post("/_mock/rewrites",
                      R"({"rewrites":[{"from":"http://a.example","to":"http://b.example"}]})");
    const json before = faults_of(mock);

    for (const char* target : {"/_mock/reset?mchid=19999", "/_mock/reset?mchid="}) {
        EXPECT_EQ(mock.control_post(target).status, 404) << target;
    }

    EXPECT_EQ(faults_of(mock), before);
    EXPECT_EQ(mock.control_get("/_mock/rewrites").json().size(), 1U);
}

TEST(FaultControl, BlamesNobodyForAnAnswerThatNeverCame) {
    const MockAndMerchant mock;
    ASSERT_EQ(mock.create(mock.create_body("A1")).status, 200);
    mock.control_post("/_mock/faults",
                      R"({"fault":"latency_fixed","with":{"delay":"1m"},"match":{"endpoint":"cancel"}})");
    {
        RawSocket impatient(mock.port());
        impatient.send(
            raw_request(mock, "POST", "/v3/fund-app/mch-transfer/transfer-bills/out-bill-no/A1/cancel", ""));
        ASSERT_EQ(mock.wait_for("A1", "CANCELLED").status, 200);
    }
    const auto journal = [&](const char* endpoint) {
        return mock.control_get("/_mock/journal?endpoint=" + std::string(endpoint)).json();
    };
    ASSERT_TRUE(eventually([&] { return journal("cancel").size() == 1; }));
    EXPECT_EQ(journal("cancel")[0]["delivered"], false);
    EXPECT_EQ(journal("create")[0]["delivered"], true);

    EXPECT_EQ(mock.create(mock.create_body("A1")).status, 200) << "a retry, for all that the client knows";
    EXPECT_EQ(mock.control_get("/_mock/verdicts").json(), json::array());
}

}  // namespace
}  // namespace tixian::mock
