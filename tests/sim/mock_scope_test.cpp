// SPDX-License-Identifier: MIT
// What belongs to one merchant stays his, and what belongs to one test ends with its reset.
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "mock_client.hpp"
#include "receiver.hpp"

namespace tixian::mock {
namespace {

using nlohmann::json;

constexpr const char* bills_path = "/v3/fund-app/mch-transfer/transfer-bills";

/// A merchant who answers nobody until he is let go.
class HangingReceiver {
 public:
    ~HangingReceiver() { let_go(); }
    [[nodiscard]] std::string url() const { return server_.url(); }
    [[nodiscard]] bool has_one() {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(5), [this] { return here_ > 0; });
    }
    void let_go() {
        const std::lock_guard lock(mutex_);
        lets_go_ = true;
        changed_.notify_all();
    }

 private:
    void answer(httplib::Response& response) {
        std::unique_lock lock(mutex_);
        ++here_;
        changed_.notify_all();
        changed_.wait(lock, [this] { return lets_go_; });
        response.status = 200;
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    int here_ = 0;
    bool lets_go_ = false;
    NotifyServer server_{[this](const httplib::Request&, httplib::Response& response) { answer(response); }};
};

json told_body(const MockAndMerchant& mock, const std::string& number, const std::string& url) {
    json body = mock.create_body(number);
    body["notify_url"] = url;
    return body;
}

json own_faults(const MockAndMerchant& mock) {
    json own = json::array();
    const json all = mock.control_get("/_mock/faults").json();
    for (const json& rule : all["faults"]) {
        if (!rule["name"].get<std::string>().starts_with("magic:")) own.push_back(rule["name"]);
    }
    return own;
}

json sent_to(const MockAndMerchant& mock, const char* filter) {
    return mock.control_get(std::string("/_mock/journal?kind=notification") + filter).json();
}

TEST(MockScope, LetsNoMerchantHoldUpTheNotificationsOfAnother) {
    HangingReceiver hanging;
    Receiver receiver({200});
    const MockAndMerchant mock;
    const Party other = mock.add_merchant("1900000088");
    for (int i = 0; i < 12; ++i) {
        const std::string number = "A" + std::to_string(i);
        ASSERT_EQ(mock.create(told_body(mock, number, hanging.url())).status, 200);
        ASSERT_EQ(mock.cancel(number).status, 200);
    }
    ASSERT_TRUE(hanging.has_one());

    const auto begun = std::chrono::steady_clock::now();
    ASSERT_EQ(mock.send_as(other, "POST", bills_path, told_body(mock, "B1", receiver.url()).dump()).status,
              200);
    ASSERT_EQ(mock.send_as(other, "POST", std::string(bills_path) + "/out-bill-no/B1/cancel").status, 200);

    EXPECT_TRUE(receiver.wait_for(1));
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(3));
}

TEST(MockScope, DropsWhatWasOnItsWayWhenTheMerchantWasReset) {
    HangingReceiver hanging;
    Receiver receiver({200});
    const MockAndMerchant mock;
    ASSERT_EQ(mock.create(told_body(mock, "A1", hanging.url())).status, 200);
    ASSERT_EQ(mock.cancel("A1").status, 200);
    ASSERT_TRUE(hanging.has_one());

    mock.control_post("/_mock/reset?mchid=" + mock.keys().identity.mchid);
    hanging.let_go();
    ASSERT_EQ(mock.create(told_body(mock, "A2", receiver.url())).status, 200);
    ASSERT_EQ(mock.cancel("A2").status, 200);

    ASSERT_TRUE(eventually([&] { return !sent_to(mock, "&number=A2").empty(); }));
    EXPECT_EQ(sent_to(mock, "&number=A1"), json::array());
}

TEST(MockScope, ResetsTheRulesThatNameOneMerchantAndTheCountsOfHis) {
    const MockAndMerchant mock;
    const std::string mchid = mock.keys().identity.mchid;
    mock.control_post("/_mock/faults",
                      R"({"fault":"error","name":"his","match":{"mchid":")" + mchid + R"("}})");
    mock.control_post("/_mock/faults", R"({"fault":"error","name":"all","count_per_number":1})");
    mock.control_post("/_mock/faults/his/disable");
    EXPECT_EQ(mock.create(mock.create_body("A1")).status, 500);
    EXPECT_EQ(mock.create(mock.create_body("A1")).status, 200);

    mock.control_post("/_mock/reset?mchid=" + mchid);

    EXPECT_EQ(own_faults(mock), json::array({"all"}));
    EXPECT_EQ(mock.create(mock.create_body("A1")).status, 500)
        << "once for each number, and this is another test";
}

TEST(MockScope, RefusesAMerchantWhomNobodyKnowsAndOneWhereNoneIsMeant) {
    const MockAndMerchant mock;
    ASSERT_EQ(mock.create(mock.create_body("A1")).status, 200);

    EXPECT_EQ(mock.control_get("/_mock/verdicts?mchid=19999").status, 404);
    EXPECT_EQ(mock.control_get("/_mock/assert?mchid=19999&bills=0").status, 404) << "it would hold";
    EXPECT_EQ(mock.control_post("/_mock/faults?mchid=19999", R"({"fault":"error"})").status, 400);
    EXPECT_EQ(
        mock.control_post("/_mock/time?mchid=" + mock.keys().identity.mchid, R"({"advance":"1h"})").status,
        400)
        << "it would be everybody's time";

    EXPECT_EQ(own_faults(mock), json::array());
    EXPECT_EQ(mock.control_get("/_mock/time").json()["ahead"], "0s");
}

TEST(MockScope, PutsAUserBeforeWhatIsSaidOfAllAndOfMagicOnes) {
    const MockAndMerchant mock;
    mock.control_post("/_mock/faults", R"({"fault":"user_never_confirms"})");
    ASSERT_EQ(mock.control_post("/_mock/users", R"({"openid":"oNever1","behaviour":"confirms","after":"0s"})")
                  .status,
              200);
    json body = mock.create_body("A1");
    body["openid"] = "oNever1";

    ASSERT_EQ(mock.create(body).status, 200);

    EXPECT_EQ(mock.wait_for("A1", "SUCCESS").status, 200);
}

TEST(MockScope, KnowsTwoUsersOfOneOpenidAtTwoMerchants) {
    const MockAndMerchant mock;
    const Party other = mock.add_merchant("1900000088");
    mock.control_post("/_mock/users", R"({"openid":"oA","mchid":"1900000088","behaviour":"never_confirms"})");
    mock.control_post("/_mock/users",
                      R"({"openid":"oA","mchid":"1900000001","behaviour":"confirms","after":"0s"})");
    json body = mock.create_body("A1");
    body["openid"] = "oA";

    ASSERT_EQ(mock.create(body).status, 200);
    ASSERT_EQ(mock.send_as(other, "POST", bills_path, body.dump()).status, 200);

    EXPECT_EQ(mock.wait_for("A1", "SUCCESS").status, 200);
    EXPECT_EQ(mock.control_get("/_mock/bills/A1?mchid=1900000088").json()["state"], "WAIT_USER_CONFIRM");
    httplib::Client client = mock.client();
    EXPECT_EQ(client.Delete("/_mock/users/oA@1900000088")->status, 200);
    EXPECT_EQ(mock.control_get("/_mock/users").json().size(), 1U);
}

TEST(MockScope, NamesARuleThatHasNoNameOfItsOwn) {
    const MockAndMerchant mock;
    for (int i = 0; i < 2; ++i)
        EXPECT_EQ(mock.control_post("/_mock/faults", R"({"fault":"error","probability":"0%"})").status, 200);
    EXPECT_EQ(mock.control_post("/_mock/faults", R"({"fault":"error","name":"error"})").status, 409);

    EXPECT_EQ(own_faults(mock), json::array({"error", "error-2"}));
}

TEST(MockScope, RewritesWholeHostsOnly) {
    Receiver receiver({200});
    const MockAndMerchant mock;
    const std::string origin = receiver.url().substr(0, receiver.url().rfind('/'));
    mock.control_post("/_mock/rewrites",
                      json{{"rewrites", {{{"from", "http://pay.example"}, {"to", origin}}}}}.dump());
    for (const char* number : {"A1", "A2"}) {
        const bool is_other = number == std::string("A1");
        ASSERT_EQ(mock.create(told_body(mock, number,
                                        is_other ? "http://pay.example.invalid/notify"
                                                 : "http://pay.example/notify"))
                      .status,
                  200);
        ASSERT_EQ(mock.cancel(number).status, 200);
    }

    ASSERT_TRUE(receiver.wait_for(1));
    ASSERT_TRUE(eventually([&] { return sent_to(mock, "").size() >= 2; }));
    EXPECT_EQ(sent_to(mock, "&number=A1")[0]["path"], "http://pay.example.invalid/notify");
    EXPECT_EQ(sent_to(mock, "&number=A2")[0]["path"], receiver.url());
}

}  // namespace
}  // namespace tixian::mock
