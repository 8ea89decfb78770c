// SPDX-License-Identifier: MIT
#include "sandbox.hpp"

namespace tixian::test {
namespace {

constexpr auto withdraw_path = "/api/v1/wallet/withdraw";

/// A server that takes real names, against a WeChat that checks them.
class RealNames : public Sandbox {
 protected:
    void SetUp() override {
        Sandbox::SetUp();
        const auto keys = folder_ / "name_keys";
        std::ofstream(keys) << "k1 " << std::string(64, 'a') << "\n";
        using std::filesystem::perms;
        std::filesystem::permissions(keys, perms::owner_read | perms::owner_write);
        start_server(2,
                     {{"TIXIAN_WECHAT_NAME_KEYS", keys.string()}, {"TIXIAN_WALLET_SINGLE_MAX", "5000.00"}});
        bearer_ = user_token();
        deposit("u1", "9000.00");
    }

    /// Every byte of ledger and logs.
    [[nodiscard]] std::string everything_kept() const {
        return books() + read_file(folder_ / "ledger.db") + read_file(folder_ / "ledger.db-wal") +
               read_file(folder_ / "server.log");
    }

    std::string bearer_;
};

TEST_F(RealNames, AreAskedForFrom2000YuanOn) {
    const HttpAnswer refused = post(withdraw_path, R"({"amount":"2000.00"})", bearer_, "k1");

    EXPECT_EQ(refusal(refused), "400 invalid_argument real_name");
    EXPECT_EQ(post(withdraw_path, R"({"amount":"1999.99"})", bearer_, "k2").status, 201);
}

TEST_F(RealNames, ReachWechatAndStayNowherePlain) {
    const std::string body = R"({"amount":"2500.00","real_name":"欧阳修"})";
    const HttpAnswer first = post(withdraw_path, body, bearer_, "k1");
    ASSERT_EQ(first.status, 201) << first.text;
    const std::string id = first.json()["withdraw_id"];

    ASSERT_TRUE(becomes(id, bearer_, "success"));

    EXPECT_EQ(bill(id)["user_name"], "欧阳修");
    EXPECT_EQ(everything_kept().find("欧阳修"), std::string::npos);
    EXPECT_EQ(first.text.find("欧阳修"), std::string::npos);
    EXPECT_EQ(books().find("k1:"), std::string::npos) << "a final row still holds the sealed name";
    EXPECT_EQ(post(withdraw_path, body, bearer_, "k1").status, 200);
    EXPECT_EQ(refusal(post(withdraw_path, R"({"amount":"2500.00","real_name":"欧阳询"})", bearer_, "k1")),
              "409 idempotency_mismatch real_name");
}

}  // namespace
}  // namespace tixian::test
