// SPDX-License-Identifier: MIT
#include <atomic>
#include <thread>

#include "sandbox.hpp"

namespace tixian::test {
namespace {

using Variables = std::map<std::string, std::string>;

/// Limits and fees as users meet them: across requests, in the wallet, and in the refusals.
class Limits : public Sandbox {
 protected:
    /// Without workers nothing is paid, so that what is counted stays where it is.
    void start_with(const Variables& variables, int workers = 0) {
        start_server(workers, variables);
        bearer_ = user_token();
        deposit("u1", "100.00");
    }

    [[nodiscard]] HttpAnswer request(const std::string& amount, const std::string& key,
                                     const std::string& bearer = "") const {
        return post("/api/v1/wallet/withdraw", Json{{"amount", amount}}.dump(),
                    bearer.empty() ? bearer_ : bearer, key);
    }
    [[nodiscard]] Json wallet() const { return get("/api/v1/wallet", bearer_).json(); }

    std::string bearer_;
};

TEST_F(Limits, OfTheDaysAmountHoldAcrossRequests) {
    start_with({{"TIXIAN_WALLET_DAY_AMOUNT_MAX", "20.00"}});

    EXPECT_EQ(request("15.00", "k1").status, 201);
    EXPECT_EQ(refusal(request("5.01", "k2")), "422 limit_reached day_amount");
    EXPECT_EQ(request("5.00", "k2").status, 201);
}

TEST_F(Limits, OfTheDaysCountHoldAcrossRequests) {
    start_with({{"TIXIAN_WALLET_DAY_COUNT_MAX", "2"}});

    EXPECT_EQ(request("1.00", "k1").status, 201);
    EXPECT_EQ(request("1.00", "k2").status, 201);
    EXPECT_EQ(refusal(request("1.00", "k3")), "422 limit_reached day_count");
}

TEST_F(Limits, OfTheMonthHoldAcrossRequests) {
    start_with({{"TIXIAN_WALLET_MONTH_AMOUNT_MAX", "30.00"}});

    EXPECT_EQ(request("20.00", "k1").status, 201);
    EXPECT_EQ(refusal(request("20.00", "k2")), "422 limit_reached month_amount");
}

TEST_F(Limits, OfTheMerchantHoldAcrossUsers) {
    start_with({{"TIXIAN_WALLET_MERCHANT_DAY_MAX", "30.00"}});
    deposit("u2", "100.00");

    EXPECT_EQ(request("20.00", "k1").status, 201);
    EXPECT_EQ(refusal(request("20.00", "k1", user_token("u2"))), "422 limit_reached merchant_day");
}

TEST_F(Limits, KeepAnIntervalBetweenTwoWithdrawals) {
    start_with({{"TIXIAN_WALLET_MINIMUM_INTERVAL", "3600"}});

    EXPECT_EQ(request("1.00", "k1").status, 201);
    EXPECT_EQ(refusal(request("1.00", "k2")), "422 limit_reached minimum_interval");
}

TEST_F(Limits, AreGivenBackByAWithdrawalThatWasCancelled) {
    start_with({{"TIXIAN_WALLET_DAY_COUNT_MAX", "1"}});
    const std::string id = withdraw(bearer_, "10.00", "k1");

    EXPECT_EQ(post("/api/v1/wallet/withdraw/" + id + "/cancel", "", bearer_).status, 200);

    EXPECT_EQ(request("10.00", "k2").status, 201);
}

TEST_F(Limits, CannotBePassedByRequestsAtOnce) {
    start_with({{"TIXIAN_WALLET_DAY_AMOUNT_MAX", "30.00"}});
    std::vector<std::thread> clients;
    std::atomic<int> taken{0};
    for (int i = 0; i < 8; ++i)
        clients.emplace_back(
            [&, i] { taken += request("10.00", "k" + std::to_string(i)).status == 201 ? 1 : 0; });
    for (auto& client : clients) client.join();

    EXPECT_EQ(taken, 3);
    EXPECT_EQ(account("user:u1:held"), "30.00");
}

TEST_F(Limits, StandInTheWalletWithWhatTheyLeave) {
    start_with({{"TIXIAN_WALLET_DAY_AMOUNT_MAX", "50.00"},
                {"TIXIAN_WALLET_DAY_COUNT_MAX", "3"},
                {"TIXIAN_WALLET_MONTH_AMOUNT_MAX", "90.00"}});
    static_cast<void>(withdraw(bearer_, "10.00", "k1"));

    const Json view = wallet();

    EXPECT_EQ(view["available"], "90.00");
    EXPECT_EQ(view["withdrawable"], "40.00");
    EXPECT_EQ(view["bound_by"], "day_amount");
    EXPECT_EQ(view["bound_by_message"], "今日额度还剩 40.00 元，明天恢复");
    EXPECT_NE(view["more_at"].get<std::string>().find("T00:00:00+08:00"), std::string::npos);
    EXPECT_EQ(view["day_left"], "40.00");
    EXPECT_EQ(view["day_count_left"], 2);
    EXPECT_EQ(view["month_left"], "80.00");
    EXPECT_EQ(view["free_left"], nullptr);
}

TEST_F(Limits, ThatLeaveNothingSaySoInTheWallet) {
    start_with({{"TIXIAN_WALLET_MINIMUM_INTERVAL", "3600"}});
    static_cast<void>(withdraw(bearer_, "10.00", "k1"));

    const Json view = wallet();

    EXPECT_EQ(view["withdrawable"], "0.00");
    EXPECT_EQ(view["bound_by"], "minimum_interval");
    const std::string said = view["bound_by_message"];
    EXPECT_TRUE(std::regex_match(said, std::regex("两次提现间隔太短，请在 ..-.. ..:.. 后再提现"))) << said;
}

TEST_F(Limits, LeaveRoomForTheFee) {
    start_with({{"TIXIAN_FEE_FLAT", "0.50"}, {"TIXIAN_FEE_PARTS_PER_MILLION", "1000"}});

    const Json view = wallet();

    EXPECT_EQ(view["withdrawable"], "99.40");
    EXPECT_EQ(view["fee"], "0.60");
    EXPECT_EQ(view["bound_by"], "fee");
    EXPECT_EQ(view["bound_by_message"], "扣除手续费，最多可提现 99.40 元");
    EXPECT_EQ(view["more_at"], nullptr);
}

TEST_F(Limits, TellTheFeeOfAnAmountBeforeItIsAgreedTo) {
    start_with({{"TIXIAN_FEE_PARTS_PER_MILLION", "6000"}, {"TIXIAN_FEE_FREE_PER_MONTH", "5.00"}});

    EXPECT_EQ(get("/api/v1/wallet/fee?amount=15.00", bearer_).json(),
              Json({{"amount", "15.00"}, {"fee", "0.06"}, {"total", "15.06"}}));
    EXPECT_EQ(refusal(get("/api/v1/wallet/fee?amount=0.5", bearer_)), "422 amount_below_minimum amount");
    EXPECT_EQ(refusal(get("/api/v1/wallet/fee", bearer_)), "400 invalid_amount amount");
}

TEST_F(Limits, ChargeTheFeeWithTheAmount) {
    start_with({{"TIXIAN_FEE_FLAT", "0.50"}}, 2);
    const std::string id = withdraw(bearer_, "10.00", "k1");

    ASSERT_TRUE(becomes(id, bearer_, "success"));

    EXPECT_EQ(get("/api/v1/payment/withdraw/" + id, bearer_).json()["fee"], "0.50");
    EXPECT_EQ(account("fees"), "0.50");
    EXPECT_EQ(account("wechat:clearing"), "10.00");
    EXPECT_EQ(account("user:u1:available"), "89.50");
}

TEST_F(Limits, UseUpTheMonthsFreeQuotaFirst) {
    start_with({{"TIXIAN_FEE_FLAT", "0.50"}, {"TIXIAN_FEE_FREE_PER_MONTH", "12.00"}});

    EXPECT_EQ(request("10.00", "k1").json()["fee"], "0.00");
    EXPECT_EQ(wallet()["free_left"], "2.00");
    EXPECT_EQ(request("10.00", "k2").json()["fee"], "0.50");
    EXPECT_EQ(wallet()["free_left"], "0.00");
}

}  // namespace
}  // namespace tixian::test
