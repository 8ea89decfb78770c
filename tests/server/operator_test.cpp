// SPDX-License-Identifier: MIT
#include "sandbox.hpp"

namespace tixian::test {
namespace {

const std::string withdrawals_path = "/api/v1/operator/withdrawals";

/// What operators see and do: review from 50.00 yuan on, parked withdrawals, corrections, the switch.
class Operators : public Sandbox {
 protected:
    void SetUp() override {
        Sandbox::SetUp();
        start_server(2, {{"TIXIAN_WALLET_REVIEW_FROM", "50.00"}});
        bearer_ = user_token();
        service_ = service_token();
        deposit("u1", "200.00");
    }

    [[nodiscard]] static Json body(const std::string& reason, std::int64_t version) {
        return {{"operator", "li.na"}, {"reason", reason}, {"version", version}};
    }
    [[nodiscard]] HttpAnswer act(const std::string& id, const std::string& what, std::int64_t version) const {
        return post(withdrawals_path + "/" + id + "/" + what, body("seen", version).dump(), service_);
    }
    [[nodiscard]] HttpAnswer turn(bool open) const {
        const Json switched{{"operator", "li.na"}, {"reason", "drill"}, {"open", open}};
        return post("/api/v1/operator/channels/wechat", switched.dump(), service_);
    }
    [[nodiscard]] Json look(const std::string& id) const {
        return get(withdrawals_path + "/" + id, service_).json();
    }
    [[nodiscard]] Json shown(const std::string& id) const {
        return get("/api/v1/payment/withdraw/" + id, bearer_).json();
    }

    /// A withdrawal whose bill WeChat showed once and then knew nothing of: nobody but a person can say what
    /// is true.
    [[nodiscard]] std::string parked_withdrawal() {
        set_mock(R"({"auto_confirm_ms":null})");
        const std::string id = withdraw(bearer_, "12.34", "k1");
        EXPECT_TRUE(wait_until([&] { return shown(id)["progress"] == "awaiting_confirmation"; }));
        mock_->kill();
        const std::string port = mock_address_.substr(mock_address_.rfind(':') + 1);
        mock_ = std::make_unique<Process>(std::vector<std::string>{binary("tixian-mock"), "--port", port,
                                                                   "--keys", (folder_ / "keys").string()},
                                          folder_ / "mock2.log");
        EXPECT_TRUE(wait_until([&] { return look(id)["parked"] == true; }));
        return id;
    }

    std::string bearer_, service_;
};

TEST_F(Operators, AreTheOnlyOnesWhoSeeTheirEndpoints) {
    EXPECT_EQ(refusal(get(withdrawals_path, bearer_)), "403 forbidden");
    EXPECT_EQ(refusal(get(withdrawals_path, "")), "401 unauthorized");
}

TEST_F(Operators, SeeWhatWaitsForThemWithItsNotes) {
    const std::string id = withdraw(bearer_, "60.00", "k1");
    static_cast<void>(withdraw(bearer_, "10.00", "k2"));

    const Json page = get(withdrawals_path, service_).json();

    ASSERT_EQ(page["withdrawals"].size(), 1u) << page;
    const Json& row = page["withdrawals"][0];
    EXPECT_EQ(row["withdraw_id"], id);
    EXPECT_EQ(row["user_id"], "u1");
    EXPECT_EQ(row["state"], "in_review");
    EXPECT_EQ(row["version"], 1);
    ASSERT_EQ(row["notes"].size(), 1u) << row;
    EXPECT_EQ(row["notes"][0]["kind"], "review_wanted");
    EXPECT_EQ(row["notes"][0]["operator"], nullptr);
}

TEST_F(Operators, PageThroughWhatWaitsTheOldestFirst) {
    for (const char* amount : {"50.00", "50.01", "50.02"})
        static_cast<void>(withdraw(bearer_, amount, std::string("k") + amount));

    const Json first = get(withdrawals_path + "?limit=2", service_).json();
    const Json rest =
        get(withdrawals_path + "?limit=2&cursor=" + first.value("next_cursor", ""), service_).json();

    ASSERT_EQ(first["withdrawals"].size(), 2u);
    EXPECT_EQ(first["withdrawals"][0]["amount"], "50.00");
    ASSERT_EQ(rest["withdrawals"].size(), 1u);
    EXPECT_EQ(rest["withdrawals"][0]["amount"], "50.02");
    EXPECT_EQ(rest["next_cursor"], nullptr);
}

TEST_F(Operators, KeepAReviewedWithdrawalBackAndTellTheUser) {
    const std::string id = withdraw(bearer_, "50.00", "k1");

    const Json w = shown(id);

    EXPECT_EQ(w["status"], "pending");
    EXPECT_EQ(w["progress"], "in_review");
    EXPECT_EQ(w["progress_message"], "正在审核，资金已冻结，通过后自动提交微信");
    EXPECT_EQ(account("user:u1:held"), "50.00");
}

TEST_F(Operators, LetAWithdrawalGoByApprovingIt) {
    const std::string id = withdraw(bearer_, "50.00", "k1");

    const HttpAnswer approved = act(id, "approve", 1);

    EXPECT_EQ(approved.status, 200) << approved.text;
    EXPECT_EQ(approved.json()["state"], "held");
    EXPECT_TRUE(becomes(id, bearer_, "success"));
}

TEST_F(Operators, GiveTheMoneyBackByRejectingIt) {
    const std::string id = withdraw(bearer_, "50.00", "k1");

    EXPECT_EQ(act(id, "reject", 1).status, 200);

    const Json w = shown(id);
    EXPECT_EQ(w["status"], "failed");
    EXPECT_EQ(w["error_code"], "REJECTED");
    EXPECT_EQ(w["error_message"], "这笔提现没有通过审核，资金已退回可提现余额。如有疑问请联系客服。");
    EXPECT_EQ(account("user:u1:available"), "200.00");
}

TEST_F(Operators, CannotDecideAtAVersionThatIsNotTheLast) {
    const std::string id = withdraw(bearer_, "50.00", "k1");
    const std::string before = books();

    EXPECT_EQ(refusal(act(id, "approve", 2)), "409 conflict version");
    EXPECT_EQ(refusal(act(id, "reject", 0)), "409 conflict version");
    EXPECT_EQ(refusal(act(id, "cancel", 2)), "409 conflict version");
    EXPECT_EQ(books(), before);
}

TEST_F(Operators, CannotApproveTwice) {
    const std::string id = withdraw(bearer_, "50.00", "k1");
    ASSERT_EQ(act(id, "approve", 1).status, 200);

    EXPECT_EQ(refusal(act(id, "approve", 1)), "409 conflict version");
}

TEST_F(Operators, HaveToNameThemselvesTheirReasonAndTheVersion) {
    const std::string id = withdraw(bearer_, "50.00", "k1");
    const std::string before = books();
    struct {
        const char* body;
        const char* refusal;
    } const rows[] = {
        {R"({"reason":"seen","version":1})", "400 invalid_argument operator"},
        {R"({"operator":7,"reason":"seen","version":1})", "400 invalid_argument operator"},
        {R"({"operator":"li.na","version":1})", "400 invalid_argument reason"},
        {R"({"operator":"li.na","reason":"","version":1})", "400 invalid_argument reason"},
        {R"({"operator":"li.na","reason":"seen"})", "400 invalid_argument version"},
        {R"({"operator":"li.na","reason":"seen","version":"1"})", "400 invalid_argument version"},
        {R"({"operator":"li.na","reason":"seen","version":1,"x":1})", "400 malformed x"},
        {"", "400 malformed"},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.body);
        EXPECT_EQ(refusal(post(withdrawals_path + "/" + id + "/approve", row.body, service_)), row.refusal);
    }
    EXPECT_EQ(refusal(act("WD404", "approve", 1)), "404 unknown_withdrawal withdraw_id");
    EXPECT_EQ(books(), before);
}

TEST_F(Operators, AreRecordedWithWhatTheyDecided) {
    const std::string id = withdraw(bearer_, "50.00", "k1");
    ASSERT_EQ(act(id, "reject", 1).status, 200);

    const Json notes = get("/api/v1/operator/notes?kind=rejected", service_).json()["notes"];

    ASSERT_EQ(notes.size(), 1u);
    EXPECT_EQ(notes[0]["withdraw_id"], id);
    EXPECT_EQ(notes[0]["operator"], "li.na");
    EXPECT_EQ(notes[0]["text"], "seen");
    EXPECT_EQ(get("/api/v1/operator/notes/counts", service_).json()["counts"],
              Json({{"review_wanted", 1}, {"rejected", 1}}));
    EXPECT_EQ(refusal(get("/api/v1/operator/notes?kind=gossip", service_)), "400 invalid_argument kind");
}

TEST_F(Operators, AreLoggedWithWhatTheyDecided) {
    const std::string id = withdraw(bearer_, "50.00", "k1");
    ASSERT_EQ(act(id, "approve", 1).status, 200);

    EXPECT_NE(server_->output().find(R"({"event":"recorded","kind":"approved","withdraw_id":")" + id +
                                     R"(","operator":"li.na","text":"seen"})"),
              std::string::npos);
}

TEST_F(Operators, CancelAWithdrawalThatTheUserHasNotConfirmed) {
    set_mock(R"({"auto_confirm_ms":null})");
    const std::string id = withdraw(bearer_, "12.34", "k1");
    ASSERT_TRUE(wait_until([&] { return shown(id)["progress"] == "awaiting_confirmation"; }));

    const HttpAnswer answer = post(withdrawals_path + "/" + id + "/cancel",
                                   R"({"operator":"li.na","reason":"asked by phone"})", service_);

    EXPECT_EQ(answer.status, 202) << answer.text;
    EXPECT_TRUE(becomes(id, bearer_, "cancelled"));
    EXPECT_EQ(account("user:u1:available"), "200.00");
}

TEST_F(Operators, StopAndLetGoAChannelsSubmits) {
    ASSERT_EQ(turn(false).status, 200);
    const std::string id = withdraw(bearer_, "12.34", "k1");

    EXPECT_FALSE(
        wait_until([&] { return mock("GET", "/_mock/bills").json().size() > 0; }, std::chrono::seconds(2)));
    EXPECT_EQ(status(id, bearer_), "pending");
    ASSERT_EQ(turn(true).status, 200);

    EXPECT_TRUE(becomes(id, bearer_, "success"));
}

TEST_F(Operators, SeeHowAChannelIsSwitched) {
    const auto view = [&] { return get("/api/v1/operator/channels/wechat", service_).json(); };
    EXPECT_EQ(view(),
              Json({{"channel", "wechat"}, {"open", true}, {"operator", nullptr}, {"reason", nullptr}}));

    ASSERT_EQ(turn(false).status, 200);

    EXPECT_EQ(view(),
              Json({{"channel", "wechat"}, {"open", false}, {"operator", "li.na"}, {"reason", "drill"}}));
    EXPECT_EQ(refusal(post("/api/v1/operator/channels/wechat", R"({"operator":"li.na","reason":"drill"})",
                           service_)),
              "400 invalid_argument open");
}

TEST_F(Operators, SettleAParkedWithdrawalThatWasPaid) {
    const std::string id = parked_withdrawal();

    const HttpAnswer settled = act(id, "settle", look(id)["version"]);

    EXPECT_EQ(settled.status, 200) << settled.text;
    EXPECT_EQ(status(id, bearer_), "success");
    EXPECT_EQ(account("wechat:clearing"), "12.34");
}

TEST_F(Operators, ReleaseAParkedWithdrawalThatWasNot) {
    const std::string id = parked_withdrawal();

    const HttpAnswer released = act(id, "release", look(id)["version"]);

    EXPECT_EQ(released.status, 200) << released.text;
    EXPECT_EQ(status(id, bearer_), "failed");
    EXPECT_EQ(account("user:u1:available"), "200.00");
}

TEST_F(Operators, LetAParkedWithdrawalGoOn) {
    const std::string id = parked_withdrawal();

    const HttpAnswer resumed = act(id, "resume", look(id)["version"]);

    EXPECT_EQ(resumed.status, 200) << resumed.text;
    EXPECT_FALSE(resumed.json()["parked"].get<bool>());
    EXPECT_EQ(account("user:u1:held"), "12.34");
}

TEST_F(Operators, PutTheBooksRightOncePerReference) {
    const std::string id = withdraw(bearer_, "12.34", "k1");
    ASSERT_TRUE(becomes(id, bearer_, "success"));
    const auto correct = [&](const std::string& account, const std::string& amount) {
        return post("/api/v1/operator/corrections",
                    Json{{"operator", "li.na"},
                         {"reason", "fund bill, line 7"},
                         {"reference", "c1"},
                         {"withdraw_id", id},
                         {"account", account},
                         {"amount", amount}}
                        .dump(),
                    service_);
    };

    EXPECT_EQ(correct("wechat:clearing", "-12.34").status, 201);
    EXPECT_EQ(correct("wechat:clearing", "-12.34").json()["replayed"], true);

    EXPECT_EQ(refusal(correct("wechat:clearing", "-1.00")), "409 idempotency_mismatch amount");
    EXPECT_EQ(refusal(correct("user:u1:held", "1.00")), "403 not_allowed account");
    EXPECT_EQ(account("suspense"), "12.34");
    EXPECT_EQ(account("wechat:clearing"), "0.00");
    EXPECT_EQ(look(id)["corrections"].size(), 1u);
}

}  // namespace
}  // namespace tixian::test
