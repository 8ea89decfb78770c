// SPDX-License-Identifier: MIT
#include <cstdlib>
#include <random>

#include "sandbox.hpp"

namespace tixian::test {
namespace {

/// kill -9 of the real server at each moment that matters; each ends in exactly one paid bill and balanced
/// books.
class Kill : public Sandbox {
 protected:
    void SetUp() override {
        Sandbox::SetUp();
        start_server(0);
        bearer_ = user_token();
        deposit("u1", "100.00");
    }

    void expect_paid_once(const std::string& id, const std::string& amount, const std::string& left) {
        ASSERT_TRUE(becomes(id, bearer_, "success")) << get("/api/v1/payment/withdraw/" + id, bearer_).text;
        EXPECT_EQ(bill(id)["state"], "SUCCESS");
        EXPECT_EQ(mock("GET", "/_mock/bills").json().size(), 1u);
        EXPECT_EQ(account("wechat:clearing"), amount);
        EXPECT_EQ(account("user:u1:available"), left);
        EXPECT_EQ(account("user:u1:held"), "0.00");
    }

    std::string bearer_;
};

TEST_F(Kill, BetweenHoldAndSubmit) {
    const std::string id = withdraw(bearer_, "12.34", "k1");  // no worker: only held
    EXPECT_EQ(status(id, bearer_), "pending");
    server_->kill();

    start_server();

    expect_paid_once(id, "12.34", "87.66");
}

TEST_F(Kill, BetweenSubmitAndAnswer) {
    server_->kill();
    start_server();
    set_mock(R"({"hold_answers":true})");
    const std::string id = withdraw(bearer_, "12.34", "k1");
    ASSERT_TRUE(wait_until([&] { return bill(id).contains("state"); }));  // executed, and not answered
    server_->kill();
    set_mock(R"({"hold_answers":false})");

    start_server();

    expect_paid_once(id, "12.34", "87.66");
}

TEST_F(Kill, BeforeTheNotification) {
    set_mock(R"({"notifications":false})");
    server_->kill();
    start_server();
    const std::string id = withdraw(bearer_, "12.34", "k1");
    ASSERT_TRUE(wait_until([&] { return bill(id).value("state", "") == "SUCCESS"; }));
    server_->kill();
    set_mock(R"({"notifications":true})");

    start_server();

    expect_paid_once(id, "12.34", "87.66");
}

TEST_F(Kill, AtRandomMomentsNothingIsPaidTwiceLostOrStuck) {
    const auto seed = std::random_device{}();
    RecordProperty("seed", static_cast<int>(seed));
    std::printf("seed %u\n", seed);
    std::mt19937 random(seed);
    server_->kill();
    start_server();

    constexpr int kills = 12;
    std::vector<std::string> keys;
    for (int i = 0; i < kills; ++i) {
        // The client does as the page does: the same key until there is an answer.
        keys.push_back("k" + std::to_string(i));
        static_cast<void>(post("/api/v1/wallet/withdraw", R"({"amount":"1.00"})", bearer_, keys.back()));
        std::this_thread::sleep_for(std::chrono::milliseconds(random() % 120));
        server_->kill();
        start_server();
    }
    std::vector<std::string> ids;
    for (const auto& key : keys) {
        const HttpAnswer again = post("/api/v1/wallet/withdraw", R"({"amount":"1.00"})", bearer_, key);
        ASSERT_TRUE(again.status == 200 || again.status == 201) << again.text;
        ids.push_back(again.json()["withdraw_id"]);
    }

    for (const auto& id : ids) EXPECT_TRUE(becomes(id, bearer_, "success")) << id << "\n" << books();
    EXPECT_EQ(mock("GET", "/_mock/bills").json().size(), ids.size());
    EXPECT_EQ(account("wechat:clearing"), "12.00");
    EXPECT_EQ(account("user:u1:available"), "88.00");
    EXPECT_EQ(account("user:u1:held"), "0.00");
}

TEST_F(Kill, TermFinishesWhatIsInFlightAndLeavesTheRest) {
    server_->kill();
    start_server();
    set_mock(R"({"answer_delay_ms":500})");
    const std::string id = withdraw(bearer_, "12.34", "k1");
    ASSERT_TRUE(wait_until([&] { return bill(id).contains("state"); }));

    EXPECT_EQ(server_->terminate(), 0);

    // The answer that was on its way is recorded: the bill is known.
    EXPECT_NE(books().find("transfer-bills"), std::string::npos);
    EXPECT_NE(server_->output().find("\"class\":\"report\""), std::string::npos) << server_->output();
    set_mock(R"({"answer_delay_ms":0})");
    start_server();
    expect_paid_once(id, "12.34", "87.66");
}

}  // namespace
}  // namespace tixian::test
