// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "../classified.hpp"
#include "wechat_side.hpp"

namespace tixian::wechat {
namespace {

using namespace std::chrono_literals;

class TransferBillsTest : public ::testing::Test {
 protected:
    [[nodiscard]] Answer answer(CallKind kind, const HttpResult& result) const {
        return merchant_.transfers.answer(merchant_.call(kind), result);
    }
    [[nodiscard]] static NoNews no_news(const Answer& answer) {
        const auto* news = std::get_if<NoNews>(&answer.result);
        EXPECT_NE(news, nullptr);
        if (news != nullptr) expect_classified(answer.kind, *news);
        return news != nullptr ? *news : NoNews{};
    }

    WechatSide wechat_;
    MerchantSide merchant_{wechat_.keys};
};

TEST_F(TransferBillsTest, WritesTheSubmitAsTheSheetHasIt) {
    const Submission submission =
        merchant_.transfers.compose(MerchantSide::withdrawal(), MerchantSide::now).value();

    EXPECT_EQ(
        submission.body,
        R"({"appid":"wxf636efh567hg4356","out_bill_no":"WD20250101123456ABCDEF123456","transfer_scene_id":"1010",)"
        R"("openid":"o-1","transfer_amount":1234,"transfer_remark":"提现","notify_url":"https://pay.example.com/notify",)"
        R"("user_recv_perception":"二手回收货款",)"
        R"("transfer_scene_report_infos":[{"info_type":"回收商品名称","info_content":"旧衣物"}]})");
}

TEST_F(TransferBillsTest, SendsEachCallToItsPlace) {
    struct {
        CallKind kind;
        const char* method;
        const char* url;
    } constexpr rows[] = {
        {CallKind::submit, "POST", "/v3/fund-app/mch-transfer/transfer-bills"},
        {CallKind::query, "GET",
         "/v3/fund-app/mch-transfer/transfer-bills/out-bill-no/WD20250101123456ABCDEF123456"},
        {CallKind::cancel, "POST",
         "/v3/fund-app/mch-transfer/transfer-bills/out-bill-no/WD20250101123456ABCDEF123456/cancel"},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.url);
        const HttpRequest request = merchant_.transfers.request(merchant_.call(row.kind)).value();
        EXPECT_EQ(request.method, row.method);
        EXPECT_EQ(request.url, row.url);
        EXPECT_EQ(request.body.empty(), row.kind != CallKind::submit);
        EXPECT_EQ(request.headers.get("Wechatpay-Serial"), WechatSide::serial);
    }
}

TEST_F(TransferBillsTest, SignsWithTheStoredTimeNotWithNow) {
    const HttpRequest request = merchant_.transfers.request(merchant_.call(CallKind::submit)).value();

    EXPECT_NE(request.headers.get("Authorization").find("timestamp=\"1554208460\""), std::string::npos);
}

TEST_F(TransferBillsTest, RefusesACallOfAnotherMerchant) {
    Call call = merchant_.call(CallKind::query);
    call.destination.mchid = Mchid::parse("1900000002").value();

    const auto request = merchant_.transfers.request(call);

    ASSERT_FALSE(request.has_value());
    EXPECT_EQ(request.error().code, ErrorCode::not_allowed);
}

TEST_F(TransferBillsTest, AsksNothingWhileThereIsNoKeyToBelieveAnAnswerBy) {
    wechat_.keys.remove(WechatSide::serial);

    for (const CallKind kind : {CallKind::submit, CallKind::query, CallKind::cancel})
        EXPECT_EQ(merchant_.transfers.request(merchant_.call(kind)).error().code, ErrorCode::invalid_key);
}

TEST_F(TransferBillsTest, SaysWhyAnErrorAnswerIsNotBelieved) {
    const std::string body = R"({"code":"NOT_FOUND","message":"x"})";
    HttpResult unknown = wechat_.respond(404, body), stale = unknown, unsigned_one = unknown;
    std::get<HttpResponse>(unsigned_one.outcome).headers = {};
    stale.received_at += 301s;

    EXPECT_NE(no_news(answer(CallKind::query, stale)).message.find("300 seconds"), std::string::npos);
    EXPECT_NE(no_news(answer(CallKind::query, unsigned_one)).message.find("not signed"), std::string::npos);
    EXPECT_FALSE(wechat_.keys.take_missed());
    wechat_.keys.remove(WechatSide::serial);
    EXPECT_NE(no_news(answer(CallKind::query, unknown)).message.find("refresh the keys"), std::string::npos);
    EXPECT_TRUE(wechat_.keys.take_missed());
    EXPECT_FALSE(wechat_.keys.take_missed());
}

TEST_F(TransferBillsTest, RefusesAMerchantWhoseTextsCannotBeWritten) {
    Merchant gbk = MerchantSide::merchant(false);
    gbk.remark = "\xcc\xe1\xcf\xd6";
    const TransferBills transfers(gbk, merchant_.signer, wechat_.keys, merchant_.random);

    EXPECT_EQ(transfers.check(MerchantSide::withdrawal().order).error().field, "transfer_remark");
}

TEST_F(TransferBillsTest, RefusesARemarkOrAnAmountThatWechatWouldNotTake) {
    Order order = MerchantSide::withdrawal().order;
    order.remark = "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二";
    EXPECT_TRUE(merchant_.transfers.check(order).has_value());
    order.remark += "三";
    EXPECT_EQ(merchant_.transfers.check(order).error().field, "remark");
    order.remark = "\xff";
    EXPECT_EQ(merchant_.transfers.check(order).error().field, "remark");
    order.remark.clear();
    order.amount = 9_fen;
    EXPECT_EQ(merchant_.transfers.check(order).error().code, ErrorCode::amount_below_minimum);
    order.amount = 200000_fen;
    EXPECT_EQ(merchant_.transfers.check(order).error().field, "real_name");
}

TEST_F(TransferBillsTest, RefusesAmountsThatNeedANameWhereNamesAreNotSetUp) {
    const TransferBills nameless(MerchantSide::merchant(false), merchant_.signer, wechat_.keys,
                                 merchant_.random);
    Order order = MerchantSide::withdrawal().order;
    order.amount = 199999_fen;
    EXPECT_TRUE(nameless.check(order).has_value());
    order.amount = 200000_fen;
    EXPECT_EQ(nameless.check(order).error().code, ErrorCode::amount_above_maximum);
    EXPECT_EQ(nameless.check_name("张三").error().field, "real_name");
}

TEST_F(TransferBillsTest, EncryptsTheRealNameForWechatAndSaysWithWhichKey) {
    const Withdrawal w = merchant_.named_withdrawal(200000_fen);

    const Submission submission = merchant_.transfers.compose(w, MerchantSide::now).value();

    const auto body = nlohmann::json::parse(submission.body);
    EXPECT_EQ(wechat_.opened(body.at("user_name")), "张三");
    EXPECT_EQ(submission.key_serial, WechatSide::serial);
    EXPECT_EQ(submission.body.find("张三"), std::string::npos);
}

TEST_F(TransferBillsTest, WaitsForAKeyInsteadOfSendingANamePlain) {
    const KeyRing none;
    const TransferBills keyless(MerchantSide::merchant(false), merchant_.signer, none, merchant_.random,
                                &merchant_.vault);

    const auto refused = keyless.compose(merchant_.named_withdrawal(200000_fen), MerchantSide::now);

    EXPECT_EQ(refused.error().code, ErrorCode::invalid_key);
}

// R2: a retry sends the stored ciphertext while WeChat takes its key.
TEST_F(TransferBillsTest, KeepsTheStoredCiphertextWhileItsKeyIsInTheRing) {
    Withdrawal w = merchant_.named_withdrawal(200000_fen);
    w.submission = merchant_.transfers.compose(w, MerchantSide::now).value();
    wechat_.keys.add("PUB_KEY_ID_NEWER", test::public_key());

    EXPECT_EQ(merchant_.transfers.renew(w, MerchantSide::now).value(), std::nullopt);
}

TEST_F(TransferBillsTest, KeepsTheStoredCiphertextWhileNoKeyAtAllIsThere) {
    Withdrawal w = merchant_.named_withdrawal(200000_fen);
    w.submission = merchant_.transfers.compose(w, MerchantSide::now).value();
    wechat_.keys.remove(WechatSide::serial);

    EXPECT_EQ(merchant_.transfers.renew(w, MerchantSide::now).value(), std::nullopt);
}

TEST_F(TransferBillsTest, EncryptsTheSameContentAnewWhenTheKeyIsGone) {
    Withdrawal w = merchant_.named_withdrawal(200000_fen);
    w.submission = merchant_.transfers.compose(w, MerchantSide::now).value();
    wechat_.keys.remove(WechatSide::serial);
    wechat_.keys.add("PUB_KEY_ID_NEWER", test::public_key());

    const auto renewed = merchant_.transfers.renew(w, MerchantSide::now).value();

    ASSERT_TRUE(renewed.has_value());
    EXPECT_EQ(renewed->key_serial, "PUB_KEY_ID_NEWER");
    auto before = nlohmann::ordered_json::parse(w.submission.body);
    auto after = nlohmann::ordered_json::parse(renewed->body);
    const auto ciphertext = base64_decode(after.at("user_name").get<std::string>()).value();
    EXPECT_EQ(test::private_key().decrypt_oaep(ciphertext).value(), "张三");
    before["user_name"] = after["user_name"] = "";
    EXPECT_EQ(after.dump(), before.dump());
}

TEST_F(TransferBillsTest, ReadsTheReplyToASubmit) {
    const Answer a =
        answer(CallKind::submit,
               wechat_.respond(200, R"({"create_time":"2025-09-22T12:22:47+08:00",)"
                                    R"("out_bill_no":"WD20250101123456ABCDEF123456",)"
                                    R"("package_info":"ABBQO+oYAAAB=","state":"WAIT_USER_CONFIRM",)"
                                    R"("transfer_bill_no":"1330007207748652509220033044174083"})"));

    const auto& report = std::get<Report>(a.result);
    EXPECT_EQ(report.id.text(), "WD20250101123456ABCDEF123456");
    EXPECT_EQ(report.state, BillState::wait_user_confirm);
    EXPECT_EQ(report.package_info, "ABBQO+oYAAAB=");
    EXPECT_EQ(report.transfer_bill_no, "1330007207748652509220033044174083");
    EXPECT_FALSE(report.amount.has_value());
}

TEST_F(TransferBillsTest, ReadsTheReplyToAQueryWithEitherSpellingOfTheMerchant) {
    for (const char* key : {"mch_id", "mchid"}) {
        const Answer a = answer(
            CallKind::query,
            wechat_.respond(
                200, R"({")" + std::string(key) +
                         R"(":"1900000001","out_bill_no":"WD1",)"
                         R"("transfer_bill_no":"1330","appid":"wx1","state":"FAIL",)"
                         R"("transfer_amount":1234,"transfer_remark":"r","fail_reason":"OPENID_INVALID",)"
                         R"("openid":"o-1"})"));
        const auto& report = std::get<Report>(a.result);
        EXPECT_EQ(report.mchid->text(), "1900000001");
        EXPECT_EQ(report.amount, 1234_fen);
        EXPECT_EQ(report.openid->text(), "o-1");
        EXPECT_EQ(report.fail_reason, "OPENID_INVALID");
    }
}

TEST_F(TransferBillsTest, CallsAReplyThatCannotBeReadInDoubt) {
    for (const char* body :
         {"", "{}", "[]", "{\"out_bill_no\":1}", "{\"out_bill_no\":\"WD1\",\"out_bill_no\":\"WD2\"}",
          R"({"out_bill_no":"WD1","transfer_bill_no":"1","state":5})",
          R"({"out_bill_no":"WD1","transfer_bill_no":"1","state":"SUCCESS","transfer_amount":1.5})",
          R"({"out_bill_no":"WD1","transfer_bill_no":"1","state":"SUCCESS","transfer_amount":"12"})",
          R"({"out_bill_no":"WD1","transfer_bill_no":"1","state":"SUCCESS","mchid":"1","mch_id":"2"})",
          R"({"out_bill_no":"WD_1","transfer_bill_no":"1","state":"SUCCESS"})"}) {
        SCOPED_TRACE(body);
        EXPECT_EQ(no_news(answer(CallKind::query, wechat_.respond(200, body))).kind, NoNewsKind::unverified);
    }
}

// R13: nothing unverified moves money.
TEST_F(TransferBillsTest, CallsAnUnsignedOrFalselySignedReplyInDoubt) {
    const std::string body = R"({"out_bill_no":"WD1","transfer_bill_no":"1","state":"SUCCESS"})";
    HttpResult unsigned_reply = wechat_.respond(200, body);
    std::get<HttpResponse>(unsigned_reply.outcome).headers = {};
    HttpResult altered = wechat_.respond(200, body);
    std::get<HttpResponse>(altered.outcome).body =
        R"({"out_bill_no":"WD1","transfer_bill_no":"1","state":"FAIL"})";
    HttpResult stale = wechat_.respond(200, body);
    stale.received_at += 300s;

    EXPECT_EQ(no_news(answer(CallKind::query, unsigned_reply)).code, "malformed");
    EXPECT_EQ(no_news(answer(CallKind::query, altered)).code, "bad_signature");
    EXPECT_EQ(no_news(answer(CallKind::query, stale)).code, "stale");
}

TEST_F(TransferBillsTest, JudgesWhenAQueryBeganByWechatsClock) {
    HttpResult late = wechat_.respond(404, R"({"code":"NOT_FOUND","message":"记录不存在"})", 7s);
    const Timestamp signed_at = std::chrono::floor<std::chrono::seconds>(wechat_.clock.now());
    late.received_at += 4min;  // our clock runs ahead

    const Answer a = answer(CallKind::query, late);

    const auto& not_found = std::get<NotFound>(a.result);
    EXPECT_TRUE(not_found.verified);
    EXPECT_EQ(not_found.begun_at, signed_at - 7s);
}

TEST_F(TransferBillsTest, TakesNotFoundOnlyAsTheAnswerToAQuery) {
    const HttpResult result = wechat_.respond(404, R"({"code":"NOT_FOUND","message":""})");

    EXPECT_EQ(no_news(answer(CallKind::submit, result)).kind, NoNewsKind::unknown);
    EXPECT_EQ(no_news(answer(CallKind::cancel, result)).kind, NoNewsKind::unknown);
}

TEST_F(TransferBillsTest, ClassifiesErrorsByCodeThenStatus) {
    struct {
        int status;
        const char* code;
        NoNewsKind kind;
        bool content_only;
    } constexpr rows[] = {
        {400, "PARAM_ERROR", NoNewsKind::refused, true},
        {400, "INVALID_REQUEST", NoNewsKind::refused, false},
        {401, "SIGN_ERROR", NoNewsKind::merchant_trouble, false},
        {403, "NO_AUTH", NoNewsKind::merchant_trouble, false},
        {403, "NOT_ENOUGH", NoNewsKind::merchant_trouble, false},
        {400, "ALREADY_EXISTS", NoNewsKind::number_taken, false},
        {429, "QUOTA_EXCEEDED", NoNewsKind::merchant_trouble, false},
        {429, "FREQUENCY_LIMITED", NoNewsKind::throttled, false},
        {429, "SOMETHING_NEW", NoNewsKind::throttled, false},
        {500, "SYSTEM_ERROR", NoNewsKind::server_error, false},
        {502, "", NoNewsKind::server_error, false},
        {500, "NOT_ENOUGH", NoNewsKind::server_error, false},
        {400, "SOMETHING_NEW", NoNewsKind::unknown, false},
        {302, "", NoNewsKind::unknown, false},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(std::to_string(row.status) + row.code);
        const NoNews news = no_news(answer(
            CallKind::submit,
            wechat_.respond(row.status, R"({"code":")" + std::string(row.code) + R"(","message":"m"})")));
        EXPECT_EQ(name(news.kind), name(row.kind));
        EXPECT_EQ(news.content_only, row.content_only);
        EXPECT_TRUE(news.verified);
        EXPECT_EQ(news.request_id, "08F2-1");
    }
}

TEST_F(TransferBillsTest, BelievesNoErrorThatIsNotSignedUnlessWechatLeavesThemUnsigned) {
    HttpResult refused = wechat_.respond(400, R"({"code":"PARAM_ERROR","message":"m"})");
    std::get<HttpResponse>(refused.outcome).headers = {};
    const MerchantSide lenient(wechat_.keys, /*unsigned_errors=*/true);

    const NoNews strict_news = no_news(answer(CallKind::submit, refused));
    const NoNews lenient_news = no_news(lenient.transfers.answer(lenient.call(CallKind::submit), refused));

    EXPECT_EQ(strict_news.kind, NoNewsKind::unverified);
    EXPECT_FALSE(strict_news.verified);
    EXPECT_EQ(lenient_news.kind, NoNewsKind::refused);
    EXPECT_FALSE(lenient_news.verified);
}

TEST_F(TransferBillsTest, AFalselySignedErrorIsNotExcusedByTheSwitch) {
    HttpResult refused = wechat_.respond(400, R"({"code":"PARAM_ERROR","message":"m"})");
    std::get<HttpResponse>(refused.outcome).body = R"({"code":"PARAM_ERROR","message":"n"})";
    const MerchantSide lenient(wechat_.keys, true);

    EXPECT_EQ(no_news(lenient.transfers.answer(lenient.call(CallKind::submit), refused)).kind,
              NoNewsKind::unverified);
}

TEST_F(TransferBillsTest, RefusesARemarkThatIsNotUtf8SoThatItCanAlwaysBeWritten) {
    for (const char* remark :
         {"\xC0\x80", "\xED\xA0\x80", "\xF5\x80\x80\x80", "\xE0\x80\x80", "\x80", "\xE4\xB8"}) {
        Withdrawal w = MerchantSide::withdrawal();
        w.order.remark = remark;
        EXPECT_EQ(merchant_.transfers.check(w.order).error().field, "remark");
        EXPECT_FALSE(merchant_.transfers.compose(w, MerchantSide::now).has_value());
    }
}

TEST_F(TransferBillsTest, TakesACancelsOwnAnswerAsAcceptedOnly) {
    const Answer a = answer(
        CallKind::cancel,
        wechat_.respond(
            200, R"({"out_bill_no":"WD1","transfer_bill_no":"1","state":"CANCELLED","update_time":"t"})"));

    EXPECT_EQ(std::get<Report>(a.result).state, BillState::canceling);
}

TEST_F(TransferBillsTest, TakesAnEmptyOpenidAsNoneAtAll) {
    const Answer a =
        answer(CallKind::query,
               wechat_.respond(
                   200, R"({"out_bill_no":"WD1","transfer_bill_no":"1","state":"SUCCESS","openid":""})"));

    EXPECT_FALSE(std::get<Report>(a.result).openid.has_value());
}

TEST_F(TransferBillsTest, ReadsRetryAfter) {
    HttpResult throttled = wechat_.respond(429, R"({"code":"FREQUENCY_LIMITED","message":"m"})");
    std::get<HttpResponse>(throttled.outcome).headers.add("Retry-After", "7");

    EXPECT_EQ(no_news(answer(CallKind::submit, throttled)).retry_after, Duration(7s));
}

TEST_F(TransferBillsTest, TellsNotSentFromLost) {
    HttpResult result;
    result.outcome = TransportFailure::not_sent;
    EXPECT_EQ(no_news(answer(CallKind::submit, result)).kind, NoNewsKind::not_sent);
    EXPECT_TRUE(is_proof_of_refusal(no_news(answer(CallKind::submit, result))));
    result.outcome = TransportFailure::lost;
    EXPECT_EQ(no_news(answer(CallKind::submit, result)).kind, NoNewsKind::lost);
    EXPECT_FALSE(is_proof_of_refusal(no_news(answer(CallKind::submit, result))));
}

}  // namespace
}  // namespace tixian::wechat
