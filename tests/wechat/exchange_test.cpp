// SPDX-License-Identifier: MIT
#include "tixian/wechat/exchange.hpp"

#include <gtest/gtest.h>

#include "tixian/wechat/bill_query.hpp"
#include "tixian/wechat/bill_report.hpp"
#include "tixian/wechat/utf8.hpp"
#include "wechat_side.hpp"

namespace tixian::wechat {
namespace {

using namespace std::chrono_literals;

class ExchangeTest : public ::testing::Test {
 protected:
    static Result<std::string> read_word(const json::Value& body) {
        if (auto word = body.string("word")) return *word;
        return refuse(ErrorCode::malformed, "is missing", "word");
    }
    [[nodiscard]] ApiResult<std::string> read(const HttpResult& result) const {
        return exchange_.read(result, read_word);
    }
    [[nodiscard]] HttpRequest sign(const ApiRequest& request) const {
        return exchange_.sign(request, from_millis(1'554'208'460'999), MonotonicTime(7s)).value();
    }

    WechatSide wechat_;
    MerchantSide merchant_{wechat_.keys};
    Exchange exchange_{Mchid::parse("1900000001").value(), merchant_.signer, wechat_.keys, merchant_.random};
};

TEST_F(ExchangeTest, SignsARequestAndSaysWhichKeyWechatIsToAnswerWith) {
    const HttpRequest request = sign({"GET", "/v3/certificates", {}, {}});

    EXPECT_EQ(request.method, "GET");
    EXPECT_EQ(request.url, "/v3/certificates");
    EXPECT_EQ(request.send_deadline, MonotonicTime(7s));
    EXPECT_TRUE(request.headers.get("Authorization").starts_with("WECHATPAY2-SHA256-RSA2048 mchid=\"19000"));
    EXPECT_NE(request.headers.get("Authorization").find("timestamp=\"1554208460\""), std::string::npos);
    EXPECT_EQ(request.headers.get("Accept"), "application/json");
    EXPECT_EQ(request.headers.get("Content-Type"), "");
    EXPECT_EQ(request.headers.get("User-Agent"), "tixian/0.1");
    EXPECT_EQ(request.headers.get("Wechatpay-Serial"), WechatSide::serial);
}

TEST_F(ExchangeTest, NamesTheKeyThatMadeTheCiphertext) {
    const HttpRequest request = sign({"POST", "/v3/x", "{}", "PUB_KEY_ID_OLD"});

    EXPECT_EQ(request.headers.get("Wechatpay-Serial"), "PUB_KEY_ID_OLD");
    EXPECT_EQ(request.headers.get("Content-Type"), "application/json");
}

TEST_F(ExchangeTest, EncodesTheValuesOfAQuery) {
    EXPECT_EQ(with_query("/v3/bill", {{"bill_date", "2025-01-02"}, {"x", "a b/中"}}),
              "/v3/bill?bill_date=2025-01-02&x=a%20b%2F%E4%B8%AD");
    EXPECT_EQ(with_query("/v3/bill", {}), "/v3/bill");
}

TEST_F(ExchangeTest, ReadsASignedSuccess) {
    EXPECT_EQ(read(wechat_.respond(200, R"({"word":"yes"})")).value(), "yes");
    EXPECT_EQ(read(wechat_.respond(202, R"({"word":"later"})")).value(), "later");
}

TEST_F(ExchangeTest, RefusesASuccessThatIsNotSigned) {
    HttpResult result = wechat_.respond(200, R"({"word":"yes"})");
    std::get<HttpResponse>(result.outcome).headers = {};

    const ApiError error = read(result).error();

    EXPECT_EQ(name(error.kind), "unverified");
    EXPECT_EQ(error.signature, SignatureState::absent);
    EXPECT_EQ(error.code, "malformed");
    EXPECT_EQ(error.http_status, 200);
}

TEST_F(ExchangeTest, RefusesASuccessThatHasNotTheDocumentedForm) {
    for (const char* body : {"", "{}", "[1]", R"({"word":1})", R"({"word":"a","word":"b"})"}) {
        SCOPED_TRACE(body);
        const ApiError error = read(wechat_.respond(200, body)).error();
        EXPECT_EQ(name(error.kind), "unreadable");
        EXPECT_EQ(error.code, "malformed");
        EXPECT_EQ(error.request_id, "08F2-1");
    }
}

TEST_F(ExchangeTest, ReadsAnErrorWithAllThatSupportAsksFor) {
    HttpResult result = wechat_.respond(429, R"({"code":"FREQUENCY_LIMITED","message":"慢一点"})");
    std::get<HttpResponse>(result.outcome).headers.add("Retry-After", "7");

    const ApiError error = read(result).error();

    EXPECT_EQ(name(error.kind), "refused");
    EXPECT_EQ(error.signature, SignatureState::verified);
    EXPECT_EQ(error.http_status, 429);
    EXPECT_EQ(error.code, "FREQUENCY_LIMITED");
    EXPECT_EQ(error.message, "慢一点");
    EXPECT_EQ(error.request_id, "08F2-1");
    EXPECT_EQ(error.retry_after, Duration(7s));
    EXPECT_EQ(error.answered_at, std::chrono::floor<std::chrono::seconds>(wechat_.clock.now()));
}

TEST_F(ExchangeTest, SaysWhetherAnErrorIsUnsignedOrFalselySigned) {
    HttpResult result = wechat_.respond(400, R"({"code":"PARAM_ERROR","message":"m"})");
    auto& response = std::get<HttpResponse>(result.outcome);
    response.body = R"({"code":"PARAM_ERROR","message":"n"})";
    EXPECT_EQ(read(result).error().signature, SignatureState::wrong);
    response.headers = {};
    EXPECT_EQ(read(result).error().signature, SignatureState::absent);
}

TEST_F(ExchangeTest, TellsNotSentFromLost) {
    HttpResult result;
    result.outcome = TransportFailure::not_sent;
    EXPECT_EQ(name(read(result).error().kind), "not_sent");
    result.outcome = TransportFailure::lost;
    EXPECT_EQ(name(read(result).error().kind), "lost");
}

TEST_F(ExchangeTest, TakesADownloadWithoutASignature) {
    HttpResult result;
    result.outcome = HttpResponse{200, {}, "bytes"};
    EXPECT_EQ(read_download(result).value(), "bytes");
    result.outcome = HttpResponse{400, {}, R"({"code":"NO_STATEMENT_EXIST"})"};
    EXPECT_EQ(read_download(result).error().code, "NO_STATEMENT_EXIST");
    result.outcome = TransportFailure::lost;
    EXPECT_EQ(name(read_download(result).error().kind), "lost");
}

TEST_F(ExchangeTest, AsksForABillByEitherNumber) {
    const HttpRequest by_ours = sign(bill_query(WithdrawalId::parse("WD1").value()));
    const HttpRequest by_wechats =
        sign(bill_query(TransferBillNo::parse("1330007207748652509220033044174083").value()));
    const auto report = exchange_.read(
        wechat_.respond(200, R"({"mch_id":"1900000001","out_bill_no":"WD1","transfer_bill_no":"1330",)"
                             R"("state":"SUCCESS","transfer_amount":1234})"),
        parse_bill);

    EXPECT_EQ(by_ours.url, "/v3/fund-app/mch-transfer/transfer-bills/out-bill-no/WD1");
    EXPECT_EQ(by_wechats.url,
              "/v3/fund-app/mch-transfer/transfer-bills/transfer-bill-no/1330007207748652509220033044174083");
    EXPECT_EQ(by_wechats.method, "GET");
    EXPECT_EQ(report.value().state, BillState::success);
    for (const std::string& number :
         {std::string(), std::string("1/2"), std::string("1?x"), std::string(65, '1')})
        EXPECT_EQ(TransferBillNo::parse(number).error().field, "transfer_bill_no");
}

TEST(Utf8, CountsCharactersNotBytes) {
    EXPECT_EQ(utf8_characters(""), 0U);
    EXPECT_EQ(utf8_characters("a提é😀"), 4U);
    EXPECT_EQ(utf8_characters("\xC0\x80"), std::nullopt);
}

}  // namespace
}  // namespace tixian::wechat
