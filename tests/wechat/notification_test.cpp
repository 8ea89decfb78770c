// SPDX-License-Identifier: MIT
#include "tixian/wechat/notification.hpp"

#include <cstdlib>
#include <fstream>
#include <functional>
#include <stdexcept>

#include <gtest/gtest.h>

#include "wechat_side.hpp"

namespace tixian::wechat {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;

constexpr auto plaintext =
    R"({"out_bill_no":"WD1","transfer_bill_no":"1330","state":"SUCCESS","mch_id":"1900000001",)"
    R"("transfer_amount":1234,"openid":"o-1","create_time":"2025-01-22T15:44:23+08:00",)"
    R"("update_time":"2025-01-22T15:44:29.120+08:00"})";

class NotificationTest : public ::testing::Test {
 protected:
    [[nodiscard]] Result<Notification> read(const Headers& headers, const std::string& body) const {
        return read_notification(headers, body, wechat_.keys, key_, wechat_.clock.now());
    }
    /// Signed by WeChat, whatever it says.
    [[nodiscard]] Result<Notification> read_signed(const std::string& body) const {
        return read(wechat_.signature(body), body);
    }
    [[nodiscard]] Result<Notification> read_event(const std::string& type, const std::string& content) const {
        return read_signed(WechatSide::envelope(content, WechatSide::apiv3_key, type));
    }
    template <class Event>
    [[nodiscard]] Event event(const std::string& type, const std::string& content) const {
        return std::get<Event>(read_event(type, content).value().event);
    }
    /// The signature's headers with one of them changed.
    [[nodiscard]] Headers with(const std::string& body, const std::string& name,
                               const std::string& value) const {
        Headers changed;
        changed.add(name, value);
        const Headers all = wechat_.signature(body);
        for (const auto& [key, text] : all.fields()) changed.add(key, text);
        return changed;
    }

    WechatSide wechat_;
    Apiv3Key key_ = Apiv3Key::parse(WechatSide::apiv3_key).value();
};

TEST_F(NotificationTest, IsVerifiedDecryptedAndRead) {
    const Notification notification = read_signed(WechatSide::envelope(plaintext)).value();

    EXPECT_EQ(notification.envelope.id, "EV-1");
    EXPECT_EQ(notification.envelope.event_type, "MCHTRANSFER.BILL.FINISHED");
    EXPECT_EQ(notification.envelope.summary, "商家转账单据终态通知");
    EXPECT_EQ(notification.envelope.original_type, "mch_payment");
    EXPECT_EQ(notification.envelope.content, plaintext);
    EXPECT_EQ(format_rfc3339(notification.envelope.create_time.value()), "2025-01-22T15:44:23+08:00");
    const Report report = std::get<BillFinished>(notification.event).report;
    EXPECT_EQ(report.id.text(), "WD1");
    EXPECT_EQ(report.state, BillState::success);
    EXPECT_EQ(report.amount, 1234_fen);
    EXPECT_EQ(report.openid->text(), "o-1");
    EXPECT_EQ(report.mchid->text(), "1900000001");
}

TEST_F(NotificationTest, OfABatchThatFinishedHasItsSums) {
    const auto e = event<BatchFinished>(
        "MCHTRANSFER.BATCH.FINISHED",
        R"({"mchid":"1900000001","out_batch_no":"WD1","batch_id":"1030","batch_status":"FINISHED","total_num":1,)"
        R"("total_amount":1234,"success_amount":1200,"success_num":1,"fail_amount":34,"fail_num":2,)"
        R"("update_time":"2025-01-22T15:44:29+08:00"})");

    EXPECT_EQ(e.batch.mchid.text(), "1900000001");
    EXPECT_EQ(e.batch.out_batch_no, "WD1");
    EXPECT_EQ(e.batch.batch_id, "1030");
    EXPECT_EQ(e.batch.batch_status, "FINISHED");
    EXPECT_EQ(e.batch.total_num, 1);
    EXPECT_EQ(e.batch.total_amount, 1234_fen);
    EXPECT_EQ(e.success_amount, 1200_fen);
    EXPECT_EQ(e.success_num, 1);
    EXPECT_EQ(e.fail_amount, 34_fen);
    EXPECT_EQ(e.fail_num, 2);
    EXPECT_EQ(format_rfc3339(e.batch.update_time.value()), "2025-01-22T15:44:29+08:00");
}

TEST_F(NotificationTest, OfABatchThatWasClosedHasTheReason) {
    const auto e = event<BatchClosed>(
        "MCHTRANSFER.BATCH.CLOSED",
        R"({"mchid":"1900000001","out_batch_no":"WD1","batch_id":"1030","batch_status":"CLOSED","total_num":1,)"
        R"("total_amount":1234,"close_reason":"OVERDUE_CLOSE","update_time":"2025-01-22T15:44:29+08:00"})");

    EXPECT_EQ(e.close_reason, "OVERDUE_CLOSE");
    EXPECT_EQ(e.batch.batch_status, "CLOSED");
}

TEST_F(NotificationTest, OfAnAuthorizationSaysWhoAllowedWhat) {
    const std::string content =
        R"({"out_authorization_no":"AU1","appid":"wx1","openid":"o-1","user_display_name":"张*",)"
        R"("authorization_id":"1234","state":"TAKING_EFFECT","authorize_time":"2025-01-22T15:44:29+08:00"})";
    const auto confirmed =
        event<AuthorizationConfirmed>("MCHTRANSFER.AUTHORIZATION.CONFIRMED", content).authorization;
    const auto closed = event<AuthorizationClosed>(
                            "MCHTRANSFER.AUTHORIZATION.CLOSED",
                            R"({"out_authorization_no":"AU1","state":"CLOSED","close_info":)"
                            R"({"close_time":"2025-01-22T15:44:29+08:00","close_reason":"USER_CLOSE"}})")
                            .authorization;

    EXPECT_EQ(confirmed.out_no.text(), "AU1");
    EXPECT_EQ(confirmed.id->text(), "1234");
    EXPECT_EQ(confirmed.appid->text(), "wx1");
    EXPECT_EQ(confirmed.openid->text(), "o-1");
    EXPECT_EQ(confirmed.user_display_name, "张*");
    EXPECT_EQ(confirmed.state, AuthorizationState::taking_effect);
    EXPECT_TRUE(confirmed.authorized_at.has_value());
    EXPECT_EQ(closed.state, AuthorizationState::closed);
    EXPECT_EQ(closed.close_reason, "USER_CLOSE");
}

TEST_F(NotificationTest, OfAKindThatIsNotKnownIsStillAnEnvelope) {
    const auto notification = read_event("MCHTRANSFER.SOMETHING.NEW", R"({"a":1})").value();

    EXPECT_TRUE(std::holds_alternative<UnknownEvent>(notification.event));
    EXPECT_EQ(notification.envelope.content, R"({"a":1})");
}

TEST_F(NotificationTest, NamesTheMemberThatIsNotAsDocumented) {
    const std::string batch =
        R"({"mchid":"1","out_batch_no":"WD1","batch_id":"1","batch_status":"FINISHED","total_num":1,)"
        R"("total_amount":1,"success_amount":1,"success_num":1,"fail_amount":0,"fail_num":0})";
    for (const char* member : {"mchid", "out_batch_no", "batch_id", "batch_status", "total_num",
                               "total_amount", "success_amount", "success_num", "fail_amount", "fail_num"}) {
        SCOPED_TRACE(member);
        Json missing = Json::parse(batch), wrong = missing;
        missing.erase(member);
        wrong[member] = Json::array();
        EXPECT_EQ(read_event("MCHTRANSFER.BATCH.FINISHED", missing.dump()).error().field, member);
        EXPECT_EQ(read_event("MCHTRANSFER.BATCH.FINISHED", wrong.dump()).error().field, member);
    }
    for (const char* member : {"out_authorization_no", "state"}) {
        Json missing{{"out_authorization_no", "AU1"}, {"state", "CLOSED"}};
        missing.erase(member);
        EXPECT_EQ(read_event("MCHTRANSFER.AUTHORIZATION.CLOSED", missing.dump()).error().field, member);
    }
}

/// One way in which a notification is wrong although its signature may hold.
struct Wrong {
    const char* name;
    std::function<void(Json& envelope)> change;
    ErrorCode code;
    const char* field;
};

TEST_F(NotificationTest, IsRefusedByNameWhenItsContentIsWrong) {
    const Wrong rows[] = {
        {"nonce of 13", [](Json& e) { e["resource"]["nonce"] = "fdasflkja484w"; }, ErrorCode::bad_ciphertext,
         "nonce"},
        {"nonce of 0", [](Json& e) { e["resource"]["nonce"] = ""; }, ErrorCode::bad_ciphertext, "nonce"},
        {"no nonce", [](Json& e) { e["resource"].erase("nonce"); }, ErrorCode::malformed, "nonce"},
        {"bad base64", [](Json& e) { e["resource"]["ciphertext"] = "AA=A"; }, ErrorCode::malformed,
         "ciphertext"},
        {"no ciphertext", [](Json& e) { e["resource"].erase("ciphertext"); }, ErrorCode::malformed,
         "ciphertext"},
        {"empty ciphertext", [](Json& e) { e["resource"]["ciphertext"] = ""; }, ErrorCode::bad_ciphertext,
         "ciphertext"},
        {"15 bytes of ciphertext",
         [](Json& e) { e["resource"]["ciphertext"] = base64_encode("123456789012345"); },
         ErrorCode::bad_ciphertext, "ciphertext"},
        {"other associated data", [](Json& e) { e["resource"]["associated_data"] = "x"; },
         ErrorCode::bad_ciphertext, "ciphertext"},
        {"another key",
         [](Json& e) {
             e["resource"] =
                 WechatSide::resource(plaintext, "mch_payment", "another key of 32 characters, so");
         },
         ErrorCode::bad_ciphertext, "ciphertext"},
        {"another algorithm", [](Json& e) { e["resource"]["algorithm"] = "AEAD_SM4_GCM"; },
         ErrorCode::malformed, "algorithm"},
        {"no resource", [](Json& e) { e.erase("resource"); }, ErrorCode::malformed, "resource"},
        {"resource as text", [](Json& e) { e["resource"] = "x"; }, ErrorCode::malformed, "resource"},
        {"no event type", [](Json& e) { e.erase("event_type"); }, ErrorCode::malformed, "event_type"},
        {"no time", [](Json& e) { e["create_time"] = "yesterday"; }, ErrorCode::malformed, "create_time"},
        {"content as list", [](Json& e) { e["resource"] = WechatSide::resource("[]", "mch_payment"); },
         ErrorCode::malformed, "out_bill_no"},
        {"content as words", [](Json& e) { e["resource"] = WechatSide::resource("hello", "mch_payment"); },
         ErrorCode::malformed, ""},
    };
    for (const Wrong& row : rows) {
        SCOPED_TRACE(row.name);
        Json envelope = Json::parse(WechatSide::envelope(plaintext));
        row.change(envelope);
        const auto refused = read_signed(envelope.dump());
        ASSERT_FALSE(refused.has_value());
        EXPECT_EQ(name(refused.error().code), name(row.code));
        EXPECT_EQ(refused.error().field, row.field);
    }
}

TEST_F(NotificationTest, IsRefusedByNameWhenItsJsonIsNoneOrPlaysTricks) {
    std::string doubled = WechatSide::envelope(plaintext);
    doubled.insert(1, R"("event_type":"MCHTRANSFER.BILL.FINISHED",)");

    EXPECT_EQ(read_signed("not json").error().message, "not valid JSON");
    EXPECT_EQ(read_signed("{}").error().field, "resource");
    EXPECT_EQ(read_signed(doubled).error().message, "a key is repeated in the JSON");
    EXPECT_EQ(read_signed(std::string(1000, '[')).error().message, "the JSON nests too deep");
    EXPECT_EQ(
        read_signed(WechatSide::envelope(R"({"out_bill_no":"WD1","out_bill_no":"WD2"})")).error().message,
        "a key is repeated in the JSON");
    EXPECT_EQ(read_signed(std::string(notification_bytes_max + 1, ' ')).error().field, "body");
}

TEST_F(NotificationTest, IsRefusedByNameWhenItIsNotWechats) {
    const std::string body = WechatSide::envelope(plaintext);
    const WechatSide stranger;
    struct {
        const char* header;
        std::string value;
        ErrorCode code;
    } const rows[] = {
        {"Wechatpay-Signature", "WECHATPAY/SIGNTEST/abc", ErrorCode::bad_signature},
        {"Wechatpay-Signature", "!", ErrorCode::bad_signature},
        {"Wechatpay-Signature", "", ErrorCode::malformed},
        {"Wechatpay-Signature", std::string(1025, 'A'), ErrorCode::malformed},
        {"Wechatpay-Serial", "5DEA10EF", ErrorCode::unknown_serial},
        {"Wechatpay-Serial", std::string(1025, 'A'), ErrorCode::malformed},
        {"Wechatpay-Nonce", std::string(1025, 'A'), ErrorCode::malformed},
        {"Wechatpay-Nonce", "another", ErrorCode::bad_signature},
        {"Wechatpay-Timestamp", "1e9", ErrorCode::stale},
        {"Wechatpay-Timestamp", std::string(9999, '1'), ErrorCode::stale},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.header + row.value.substr(0, 30));
        const Error error = read(with(body, row.header, row.value), body).error();
        EXPECT_EQ(name(error.code), name(row.code));
        const bool is_judged_by_signature = row.code == ErrorCode::bad_signature;
        EXPECT_EQ(error.field, is_judged_by_signature ? "Wechatpay-Signature" : row.header);
    }
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

TEST_F(NotificationTest, IsNotLookedIntoBeforeItsSignatureHolds) {
    const std::string tricks = std::string(1000, '[');
    const WechatSide stranger;

    EXPECT_EQ(read(stranger.signature(tricks), tricks).error().code, ErrorCode::bad_signature);
}

TEST(NotificationReply, IsNoContentOnceTheEventIsStored) {
    EXPECT_EQ(reply_stored().status, 204);
    EXPECT_EQ(reply_stored().body, "");
}

TEST(NotificationReply, MakesWechatNotifyAgainWhereItIsNotStored) {
    struct {
        ErrorCode code;
        int status;
    } constexpr rows[] = {{ErrorCode::bad_signature, 401},   {ErrorCode::unknown_serial, 401},
                          {ErrorCode::stale, 401},           {ErrorCode::malformed, 400},
                          {ErrorCode::bad_ciphertext, 400},  {ErrorCode::ledger_unavailable, 500},
                          {ErrorCode::commit_in_doubt, 500}, {ErrorCode::unknown_withdrawal, 400}};
    for (const auto& row : rows) {
        SCOPED_TRACE(name(row.code));
        const NotificationReply reply = reply_refused({row.code, "why \xff", ""});
        EXPECT_EQ(reply.status, row.status);
        EXPECT_EQ(Json::parse(reply.body).at("code"), "FAIL");
        const auto message = Json::parse(reply.body).at("message").get<std::string>();
        EXPECT_EQ(message.starts_with("why "), row.status != 500) << message;
    }
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

    const auto notification =
        read_notification(headers, entry.at("body").get<std::string>(), keys, apiv3_key, then);

    ASSERT_TRUE(notification.has_value()) << notification.error().message;
    const Report& report = std::get<BillFinished>(notification->event).report;
    EXPECT_EQ(report.id.text(), "plfk2020042013");
    EXPECT_EQ(report.state, BillState::success);
}

}  // namespace
}  // namespace tixian::wechat
