// SPDX-License-Identifier: MIT
#include "tixian/wechat/fund_bill_file.hpp"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "bill_text.hpp"
#include "tixian/wechat/fund_bill_request.hpp"
#include "wechat_side.hpp"

namespace tixian::wechat {
namespace {

using test::bill_text;
using test::flow_line;
using test::gzip;

std::string hex_of(HashType type, std::string_view content) {
    Digest digest(type);
    digest.update(content);
    return digest.finish();
}

Download download_of(std::string_view text) {
    return {HashType::sha1, hex_of(HashType::sha1, text), "https://api.mch.weixin.qq.com",
            "/v3/billdownload/file"};
}

/// What comes of a file that is fed in pieces of this size.
std::string outcome_of(const Download& download, const std::string& packed, std::size_t size = 1000,
                       std::size_t bytes_max = 1000 * 1000) {
    FundBillFile file(download, [](const FundFlow&) {}, bytes_max);
    for (std::size_t at = 0; at < packed.size(); at += size) {
        if (auto fed = file.feed(std::string_view(packed).substr(at, size)); !fed)
            return std::string(name(fed.error().code)) + " " + fed.error().message;
    }
    const auto summary = file.finish();
    if (!summary) return std::string(name(summary.error().code)) + " " + summary.error().message;
    return std::to_string(summary->count) + " flows";
}

class FundBillFileTest : public ::testing::Test {
 protected:
    std::string text_ = bill_text({flow_line("支出", "1.00")}, "`1,`0,`0.00,`1,`1.00");
};

TEST(Digest, GivesTheKnownHashes) {
    EXPECT_EQ(hex_of(HashType::sha1, "abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
    EXPECT_EQ(hex_of(HashType::sha256, "abc"),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_TRUE(is_same_hex("aB09", "Ab09"));
    EXPECT_FALSE(is_same_hex("aB09", "Ab08"));
    EXPECT_FALSE(is_same_hex("ab", "abcd"));
    EXPECT_FALSE(is_same_hex("", ""));
}

TEST_F(FundBillFileTest, UnpacksHashesAndParses) {
    EXPECT_EQ(outcome_of(download_of(text_), gzip(text_)), "1 flows");
}

TEST_F(FundBillFileTest, TakesTheHashInCapitals) {
    Download download = download_of(text_);
    for (char& c : download.hash_value) c = 'a' <= c && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;

    EXPECT_EQ(outcome_of(download, gzip(text_)), "1 flows");
}

TEST_F(FundBillFileTest, TakesOneGzipMemberAfterAnother) {
    const std::string packed = gzip(text_.substr(0, 100)) + gzip(text_.substr(100));

    EXPECT_EQ(outcome_of(download_of(text_), packed), "1 flows");
    EXPECT_EQ(outcome_of(download_of(text_), packed, 1), "1 flows");
}

TEST_F(FundBillFileTest, RefusesAnotherContentThanWechatNamed) {
    EXPECT_EQ(outcome_of(download_of(text_ + " "), gzip(text_)),
              "bad_hash the file is not the one that WeChat named: fetch it again");
}

TEST_F(FundBillFileTest, RefusesWhatIsNoGzipOrDamagedOrCutOff) {
    const std::string packed = gzip(text_);
    std::string damaged = packed;
    damaged[damaged.size() - 6] = static_cast<char>(damaged[damaged.size() - 6] ^ 1);  // its checksum

    EXPECT_EQ(outcome_of(download_of(text_), text_), "malformed the content is not gzip, or is damaged");
    EXPECT_EQ(outcome_of(download_of(text_), damaged), "malformed the content is not gzip, or is damaged");
    EXPECT_EQ(outcome_of(download_of(text_), packed + "more"),
              "malformed the content is not gzip, or is damaged");
    EXPECT_EQ(outcome_of(download_of(text_), packed.substr(0, packed.size() - 1)),
              "malformed the gzip content was cut off");
    EXPECT_EQ(outcome_of(download_of(text_), ""), "malformed the gzip content was cut off");
}

TEST(Gunzip, StopsAtTheBoundHoweverWellTheContentIsPacked) {
    const std::string packed = gzip(std::string(10'000'000, 'x'));
    std::size_t given = 0;
    const auto count = [&given](std::string_view piece) -> Result<void> {
        given += piece.size();
        return {};
    };

    Gunzip bounded(1'000'000, count);
    EXPECT_EQ(bounded.feed(packed).error().message, "the content unpacks to more than is allowed");
    EXPECT_LE(given, 1'000'000U);
    EXPECT_FALSE(bounded.feed(packed).has_value());
    EXPECT_FALSE(bounded.finish().has_value());

    given = 0;
    Gunzip exact(10'000'000, count);
    EXPECT_TRUE(exact.feed(packed).has_value());
    EXPECT_TRUE(exact.finish().has_value());
    EXPECT_EQ(given, 10'000'000U);
}

TEST(Gunzip, EndsWithItsSinksRefusal) {
    Gunzip gunzip(100,
                  [](std::string_view) -> Result<void> { return refuse(ErrorCode::malformed, "no more"); });

    EXPECT_EQ(gunzip.feed(gzip("text")).error().message, "no more");
    EXPECT_FALSE(gunzip.finish().has_value());
}

RC_GTEST_PROP(FundBillFile, PiecesOfAnySizeGiveTheSame, ()) {
    const std::string text = test::any_bill();
    std::string packed = gzip(text);
    if (*rc::gen::arbitrary<bool>())
        packed[*rc::gen::inRange<std::size_t>(0, packed.size())] = *rc::gen::arbitrary<char>();
    const auto size = *rc::gen::inRange<std::size_t>(1, 60);

    RC_ASSERT(outcome_of(download_of(text), packed, size) ==
              outcome_of(download_of(text), packed, packed.size()));
}

TEST(FundBillRequest, IsTheOneOfTheSheet) {
    constexpr struct {
        FundAccount account;
        const char* url;
    } rows[] = {
        {FundAccount::basic, "/v3/bill/fundflowbill?bill_date=2025-01-22&account_type=BASIC&tar_type=GZIP"},
        {FundAccount::operation,
         "/v3/bill/fundflowbill?bill_date=2025-01-22&account_type=OPERATION&tar_type=GZIP"},
        {FundAccount::fees, "/v3/bill/fundflowbill?bill_date=2025-01-22&account_type=FEES&tar_type=GZIP"},
    };
    for (const auto& row : rows) {
        const ApiRequest request = fund_bill_request({"2025-01-22", row.account}).value();
        EXPECT_EQ(request.method, "GET");
        EXPECT_EQ(request.url, row.url);
        EXPECT_EQ(request.body, "");
    }
    EXPECT_EQ(FundBillName{}.account, FundAccount::operation);
}

TEST(FundBillRequest, RefusesWhatIsNoDate) {
    for (const char* date : {"", "2025-1-22", "2025-02-30", "20250122", "2025-01-22T", "2025-01-22&x=1"}) {
        SCOPED_TRACE(date);
        EXPECT_EQ(fund_bill_request({date}).error().field, "bill_date");
        EXPECT_EQ(fund_bill_ready_at(date).error().code, ErrorCode::invalid_argument);
    }
}

TEST(FundBillRequest, IsReadyAtTenTheNextMorningInBeijing) {
    EXPECT_EQ(fund_bill_ready_at("2025-01-31").value(), parse_rfc3339("2025-02-01T10:00:00+08:00").value());
}

class DownloadTest : public ::testing::Test {
 protected:
    [[nodiscard]] ApiResult<Download> read(const std::string& body) const {
        return exchange_.read(wechat_.respond(200, body), parse_download);
    }
    static std::string body(const std::string& type, const std::string& hash, const std::string& url) {
        return nlohmann::json{{"hash_type", type}, {"hash_value", hash}, {"download_url", url}}.dump();
    }

    WechatSide wechat_;
    MerchantSide merchant_{wechat_.keys};
    Exchange exchange_{Mchid::parse("1900000001").value(), merchant_.signer, wechat_.keys, merchant_.random};
    const std::string sha1_ = "79bb0f45fc4c42234a918000b2668d689e2bde04";
    const std::string sha256_ = hex_of(HashType::sha256, "x");
    const std::string url_ = "https://api.mch.weixin.qq.com/v3/billdownload/file?token=xxx&tartype=gzip";
};

TEST_F(DownloadTest, ReadsWhereTheFileIsAndItsHash) {
    const Download download = read(body("SHA1", sha1_, url_)).value();

    EXPECT_EQ(download, (Download{HashType::sha1, sha1_, "https://api.mch.weixin.qq.com",
                                  "/v3/billdownload/file?token=xxx&tartype=gzip"}));
    EXPECT_EQ(read(body("SHA256", sha256_, url_)).value().hash_type, HashType::sha256);
    EXPECT_EQ(read(body("SHA1", sha1_, "http://127.0.0.1:8080/f#x")).value().target, "/f");
}

TEST_F(DownloadTest, RefusesSm3ByName) {
    const ApiError error = read(body("SM3", sha256_, url_)).error();

    EXPECT_EQ(error.code, "not_allowed");
    EXPECT_EQ(error.message, "hash_type SM3 is not supported");
}

TEST_F(DownloadTest, RefusesWhatIsNotOfTheDocumentedFormNamingTheField) {
    const struct {
        std::string body;
        const char* message;
    } rows[] = {
        {body("MD5", sha1_, url_), "hash_type must be SHA1 or SHA256"},
        {body("", sha1_, url_), "hash_type must be a string"},
        {body("SHA1", sha256_, url_), "hash_value must be the hash in hex"},
        {body("SHA1", "x" + sha1_.substr(1), url_), "hash_value must be the hash in hex"},
        {body("SHA1", sha1_, ""), "download_url must be a string"},
        {body("SHA1", sha1_, "/v3/file"), "download_url must be a URL of at most 3000 characters"},
        {body("SHA1", sha1_, "ftp://h/v3"), "download_url must be a URL of at most 3000 characters"},
        {body("SHA1", sha1_, "https:///v3"), "download_url must be a URL of at most 3000 characters"},
        {body("SHA1", sha1_, "https://h"), "download_url must be a URL of at most 3000 characters"},
        {body("SHA1", sha1_, "https://a@b/v3"), "download_url must be a URL of at most 3000 characters"},
        {body("SHA1", sha1_, "https://h/a b"), "download_url must be a URL of at most 3000 characters"},
        {body("SHA1", sha1_, "https://h/" + std::string(3000, 'x')),
         "download_url must be a URL of at most 3000 characters"},
        {"{}", "hash_type must be a string"},
    };
    for (const auto& row : rows) EXPECT_EQ(read(row.body).error().message, row.message) << row.body;
}

TEST_F(DownloadTest, IsSignedLikeAnyOtherRequest) {
    const Download download = read(body("SHA1", sha1_, url_)).value();
    const HttpRequest request = exchange_.sign(download_request(download), {}, {}).value();

    EXPECT_EQ(request.method, "GET");
    EXPECT_EQ(request.url, "/v3/billdownload/file?token=xxx&tartype=gzip");
    EXPECT_TRUE(request.headers.get("Authorization").starts_with("WECHATPAY2-SHA256-RSA2048 "));
}

TEST_F(DownloadTest, CountsOnlyWithItsHash) {
    const Download download{HashType::sha256, sha256_, "", ""};

    EXPECT_TRUE(check_hash(download, "x").has_value());
    EXPECT_EQ(check_hash(download, "y").error().code, ErrorCode::bad_hash);
}

TEST_F(DownloadTest, TellsADayWithoutMovementsFromABillThatIsNotReadyYet) {
    const auto missing = [&](int status, const char* code, bool is_signed, bool unsigned_errors) {
        HttpResult result =
            wechat_.respond(status, R"({"code":")" + std::string(code) + R"(","message":"m"})");
        if (!is_signed) std::get<HttpResponse>(result.outcome).headers = {};
        return missing_bill(exchange_.read(result, parse_download).error(), unsigned_errors);
    };

    EXPECT_EQ(missing(400, "NO_STATEMENT_EXIST", true, false), MissingBill::no_movements);
    EXPECT_EQ(missing(400, "STATEMENT_CREATING", true, false), MissingBill::being_made);
    EXPECT_EQ(missing(400, "PARAM_ERROR", true, false), MissingBill::unknown);
    EXPECT_EQ(missing(400, "NO_STATEMENT_EXIST", false, false), MissingBill::unknown);
    EXPECT_EQ(missing(400, "NO_STATEMENT_EXIST", false, true), MissingBill::no_movements);
    EXPECT_EQ(missing(200, "NO_STATEMENT_EXIST", true, true), MissingBill::unknown);
}

class BalanceTest : public DownloadTest {};

TEST_F(BalanceTest, IsAskedForAndReadAsTheSheetHasIt) {
    EXPECT_EQ(balance_request(FundAccount::operation).url, "/v3/merchant/fund/balance/OPERATION");
    const auto balance = [&](const char* body) {
        return exchange_.read(wechat_.respond(200, body), parse_balance);
    };

    EXPECT_EQ(balance(R"({"available_amount":100,"pending_amount":7})").value(),
              (FundBalance{100_fen, 7_fen}));
    EXPECT_EQ(balance(R"({"available_amount":0})").value(), (FundBalance{0_fen, std::nullopt}));
    EXPECT_EQ(balance("{}").error().message, "available_amount is missing");
    EXPECT_EQ(balance(R"({"available_amount":1.5})").error().message, "available_amount must be whole fen");
    EXPECT_EQ(balance(R"({"available_amount":"1"})").error().message, "available_amount must be whole fen");
    EXPECT_EQ(balance(R"({"available_amount":1,"pending_amount":[]})").error().message,
              "pending_amount must be whole fen");
}

}  // namespace
}  // namespace tixian::wechat
