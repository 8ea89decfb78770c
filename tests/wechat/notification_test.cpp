// SPDX-License-Identifier: MIT
#include <fstream>

#include <gtest/gtest.h>

#include "wechat_side.hpp"

namespace tixian::wechat {
namespace {

using namespace std::chrono_literals;

constexpr auto plaintext =
    R"({"out_bill_no":"WD1","transfer_bill_no":"1330","state":"SUCCESS","mch_id":"1900000001",)"
    R"("transfer_amount":1234,"openid":"o-1","create_time":"2025-01-22T15:44:23+08:00",)"
    R"("update_time":"2025-01-22T15:44:29.120+08:00"})";

class NotificationTest : public ::testing::Test {
 protected:
    [[nodiscard]] Result<Report> read(const Headers& headers, const std::string& body) const {
        return read_notification(headers, body, wechat_.keys, key_, wechat_.clock.now());
    }
    /// Signed by WeChat, whatever it says.
    [[nodiscard]] Result<Report> read_signed(const std::string& body) const {
        return read(wechat_.signature(body), body);
    }

    WechatSide wechat_;
    Apiv3Key key_ = Apiv3Key::parse(WechatSide::apiv3_key).value();
};

TEST_F(NotificationTest, IsVerifiedDecryptedAndRead) {
    const Report report = read_signed(WechatSide::envelope(plaintext)).value();

    EXPECT_EQ(report.id.text(), "WD1");
    EXPECT_EQ(report.state, BillState::success);
    EXPECT_EQ(report.amount, 1234_fen);
    EXPECT_EQ(report.openid->text(), "o-1");
    EXPECT_EQ(report.mchid->text(), "1900000001");
}

TEST_F(NotificationTest, IsRefusedByNameWhenItIsNotWechats) {
    const std::string body = WechatSide::envelope(plaintext);
    const WechatSide stranger;

    EXPECT_EQ(read({}, body).error().code, ErrorCode::malformed);
    EXPECT_EQ(read(stranger.signature(body), body).error().code, ErrorCode::bad_signature);
    EXPECT_EQ(read(wechat_.signature(body), body + " ").error().code, ErrorCode::bad_signature);
}

TEST_F(NotificationTest, IsRefusedOutsideTheTimeWindow) {
    const std::string body = WechatSide::envelope(plaintext);
    const Headers headers = wechat_.signature(body);
    wechat_.clock.advance(300s);

    EXPECT_EQ(read(headers, body).error().code, ErrorCode::stale);
}

TEST_F(NotificationTest, IsRefusedByNameWhenItsContentIsWrong) {
    std::string doubled = WechatSide::envelope(plaintext);
    doubled.insert(1, R"("event_type":"MCHTRANSFER.BILL.FINISHED",)");
    std::string other_event = WechatSide::envelope(plaintext);
    other_event.replace(other_event.find("BILL.FINISHED"), 13, "BILL.SOMEHOW.");

    EXPECT_EQ(read_signed(WechatSide::envelope(plaintext, "another key of 32 characters, so")).error().code,
              ErrorCode::bad_ciphertext);
    EXPECT_EQ(read_signed("not json").error().code, ErrorCode::malformed);
    EXPECT_EQ(read_signed("{}").error().field, "event_type");
    EXPECT_EQ(read_signed(doubled).error().code, ErrorCode::malformed);
    EXPECT_EQ(read_signed(other_event).error().field, "event_type");
    EXPECT_EQ(read_signed(WechatSide::envelope("[]")).error().field, "out_bill_no");
    EXPECT_EQ(read_signed(std::string(70000, ' ')).error().code, ErrorCode::malformed);
    EXPECT_EQ(read_signed(std::string(1000, '[')).error().code, ErrorCode::malformed);
}

TEST_F(NotificationTest, TheSharedDerivedOneIsReadWhenTheVectorsAreGiven) {
    const char* path = std::getenv("TIXIAN_VECTORS");
    if (path == nullptr)
        GTEST_SKIP() << "TIXIAN_VECTORS does not name wechat_vectors.json, so it was NOT checked";
    const auto file = nlohmann::json::parse(std::ifstream(path));
    const auto find = [&](const std::string& id) {
        for (const auto& entry : file.at("vectors"))
            if (entry.at("id") == id) return entry;
        throw std::runtime_error(id);
    };
    const auto entry = find("derived-transfer-notify");
    KeyRing keys;
    keys.add(entry.at("headers").at("Wechatpay-Serial"),
             PublicKey::from_pem(find("java-rsa-verify").at("wechatpay_public_key_pem").get<std::string>())
                 .value());
    Headers headers;
    for (const auto& [name, value] : entry.at("headers").items()) headers.add(name, value);
    const auto apiv3_key = Apiv3Key::parse(entry.at("apiv3_key").get<std::string>()).value();
    const Timestamp then = from_millis(1'554'208'460'000);

    const auto report =
        read_notification(headers, entry.at("body").get<std::string>(), keys, apiv3_key, then);

    ASSERT_TRUE(report.has_value()) << report.error().message;
    EXPECT_EQ(report->id.text(), "plfk2020042013");
    EXPECT_EQ(report->state, BillState::success);
}

}  // namespace
}  // namespace tixian::wechat
