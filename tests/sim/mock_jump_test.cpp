// SPDX-License-Identifier: MIT
// When business time jumps, what was due meanwhile happens at its own time and in its order, as if nobody had
// jumped.
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "mock/text.hpp"
#include "mock_client.hpp"
#include "mock_scenario.hpp"
#include "receiver.hpp"

namespace tixian::mock {
namespace {

using nlohmann::json;
using std::chrono::hours;

void add(const MockAndMerchant& mock, const json& rule) {
    const Reply reply = mock.control_post("/_mock/faults", rule.dump());
    ASSERT_EQ(reply.status, 200) << reply.body;
}

void jump(const MockAndMerchant& mock, const char* by) {
    ASSERT_EQ(mock.control_post("/_mock/time", json{{"advance", by}}.dump()).status, 200);
}

// "2026-…T01:02:03+08:00": the same text means the same second, and texts of one zone compare as times do.
std::string second_after(Timestamp time, Duration after) { return time_text(time + after); }

TEST(MockJump, ExecutesTheWholeInnerQueueAtItsOwnTime) {
    const MockAndMerchant mock;
    add(mock,
        {{"fault", "executed_later"}, {"with", {{"after", "2h"}}}, {"match", {{"endpoint", "create"}}}});
    const Timestamp begun = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(mock.create(mock.create_body("A" + std::to_string(i))).status, 500);
    }
    const Timestamp ended = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
    mock.control_post("/_mock/merchants/1900000001", R"({"rates":{"create":1}})");

    jump(mock, "5h");

    for (int i = 0; i < 10; ++i) {
        json bill = mock.query("A" + std::to_string(i)).json();
        EXPECT_EQ(bill["state"], "WAIT_USER_CONFIRM") << i << ": the rate is the door's, and it was let in";
        EXPECT_GE(bill["create_time"], second_after(begun, hours(2)));
        EXPECT_LE(bill["create_time"], second_after(ended, hours(2)));
    }
}

TEST(MockJump, FailsABillWhenItsTimeComesAndNotWhenItWouldHaveClosed) {
    const MockAndMerchant mock;
    add(mock, {{"fault", "bill_fails"}, {"with", {{"reason", "ACCOUNT_FROZEN"}, {"after", "1h"}}}});
    ASSERT_EQ(mock.create(mock.create_body("A1")).json()["state"], "WAIT_USER_CONFIRM");

    jump(mock, "30h");

    EXPECT_EQ(mock.query("A1").json()["fail_reason"], "ACCOUNT_FROZEN");
}

TEST(MockJump, FailsABillOfTheInnerQueueAfterItWasMade) {
    const MockAndMerchant mock;
    add(mock, {{"fault", "executed_later"}, {"with", {{"after", "2h"}}}});
    add(mock, {{"fault", "bill_fails"}, {"with", {{"reason", "ACCOUNT_FROZEN"}, {"after", "1h"}}}});
    ASSERT_EQ(mock.create(mock.create_body("A1")).status, 500);

    jump(mock, "150m");
    EXPECT_EQ(mock.query("A1").json()["state"], "WAIT_USER_CONFIRM");
    jump(mock, "30m");

    EXPECT_EQ(mock.query("A1").json()["fail_reason"], "ACCOUNT_FROZEN");
}

TEST(MockJump, CancelsFromTheInnerQueue) {
    const MockAndMerchant mock;
    add(mock,
        {{"fault", "executed_later"}, {"with", {{"after", "2h"}}}, {"match", {{"endpoint", "cancel"}}}});
    ASSERT_EQ(mock.create(mock.create_body("A1")).status, 200);
    EXPECT_EQ(mock.cancel("A1").status, 500);
    EXPECT_EQ(mock.query("A1").json()["state"], "WAIT_USER_CONFIRM");

    jump(mock, "5h");

    EXPECT_EQ(mock.query("A1").json()["state"], "CANCELLED");
}

TEST(MockJump, TakesNothingIntoTheInnerQueueThatTheDoorRefuses) {
    const MockAndMerchant mock;
    add(mock, {{"fault", "executed_later"}, {"with", {{"after", "2h"}}}});
    json body = mock.create_body("A1");
    body["transfer_remark"] = "";

    EXPECT_EQ(mock.create(body).code(), "PARAM_ERROR");
    jump(mock, "5h");

    EXPECT_EQ(mock.query("A1").status, 404);
}

TEST(MockJump, ForgetsTheInnerQueueOfAMerchantWhoIsReset) {
    const MockAndMerchant mock;
    add(mock, {{"fault", "executed_later"}, {"with", {{"after", "2h"}}}, {"count", 1}});
    ASSERT_EQ(mock.create(mock.create_body("A1")).status, 500);

    mock.control_post("/_mock/reset?mchid=" + mock.keys().identity.mchid);
    jump(mock, "5h");

    EXPECT_EQ(mock.query("A1").status, 404);
}

TEST(MockJump, TopsUpAnAccountAtItsTime) {
    const MockAndMerchant mock(quick_options_of(R"(
        [[merchants]]
        mchid = "1900000001"
        balance = 0
        top_ups = [{ after = "1h", fen = 5000 }])"));
    const Timestamp ended = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());

    jump(mock, "49h");

    const std::string day = second_after(ended, hours(1)).substr(0, 10);
    const Reply bill = mock.get("/v3/bill/fundflowbill?account_type=OPERATION&bill_date=" + day);
    EXPECT_EQ(bill.status, 200) << "the money came on that day: " << bill.body;
    EXPECT_EQ(mock.control_get("/_mock/balance").json()["fen"], 5000);
}

// A merchant who answers only once two notifications are with him at the same time, or after three seconds.
class SlowReceiver {
 public:
    [[nodiscard]] std::string url() const { return server_.url(); }
    [[nodiscard]] int count() {
        const std::lock_guard lock(mutex_);
        return count_;
    }
    [[nodiscard]] bool has_met() {
        const std::lock_guard lock(mutex_);
        return has_met_;
    }

 private:
    void answer(httplib::Response& response) {
        std::unique_lock lock(mutex_);
        ++here_;
        met_.notify_all();
        has_met_ |= met_.wait_for(lock, std::chrono::seconds(3), [this] { return here_ >= 2 || has_met_; });
        --here_;
        ++count_;
        response.status = 200;
    }

    std::mutex mutex_;
    std::condition_variable met_;
    int here_ = 0, count_ = 0;
    bool has_met_ = false;
    NotifyServer server_{[this](const httplib::Request&, httplib::Response& response) { answer(response); }};
};

TEST(MockJump, SendsLateNotificationsSideBySide) {
    SlowReceiver receiver;
    const MockAndMerchant mock;
    add(mock, {{"fault", "notification_late"}, {"with", {{"by", "1h"}}}});
    for (const char* number : {"A1", "A2"}) {
        json body = mock.create_body(number);
        body["notify_url"] = receiver.url();
        ASSERT_EQ(mock.create(body).status, 200);
        ASSERT_EQ(mock.cancel(number).status, 200);
        ASSERT_EQ(mock.wait_for(number, "CANCELLED").status, 200);
    }

    jump(mock, "1h");

    EXPECT_TRUE(eventually([&] { return receiver.count() == 2; }));
    EXPECT_TRUE(receiver.has_met()) << "one waited for the other's answer";
}

int times_fired(const MockAndMerchant& mock, const std::string& name) {
    json all = mock.control_get("/_mock/faults").json();
    for (json& rule : all["faults"]) {
        if (rule["name"] == name) return rule["fired"].get<int>();
    }
    return 0;
}

TEST(MockJump, ForgetsLateNotificationsOfAReset) {
    Receiver receiver({200});
    const MockAndMerchant mock;
    add(mock, {{"fault", "notification_late"}, {"with", {{"by", "1h"}}}, {"count", 1}});
    const auto end_bill = [&](const char* number) {
        json body = mock.create_body(number);
        body["notify_url"] = receiver.url();
        ASSERT_EQ(mock.create(body).status, 200);
        ASSERT_EQ(mock.cancel(number).status, 200);
    };
    end_bill("A1");
    ASSERT_TRUE(eventually([&] { return times_fired(mock, "notification_late") == 1; }));
    mock.control_post("/_mock/reset?mchid=" + mock.keys().identity.mchid);

    jump(mock, "2h");
    end_bill("A2");

    ASSERT_TRUE(receiver.wait_for(1));
    const auto sent = [&] { return mock.control_get("/_mock/journal?kind=notification").json(); };
    ASSERT_TRUE(eventually([&] { return !sent().empty(); }));
    EXPECT_EQ(sent().size(), 1U);
    EXPECT_EQ(sent()[0]["number"], "A2");
}

}  // namespace
}  // namespace tixian::mock
