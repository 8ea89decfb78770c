// SPDX-License-Identifier: MIT
#include "tixian/wechat/signing.hpp"

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "test_keys.hpp"
#include "tixian/wechat/nonce.hpp"
#include "tixian/wechat/pem_signer.hpp"

namespace tixian::wechat {
namespace {

/// Shows what it is asked to sign.
class EchoSigner final : public Signer {
 public:
    explicit EchoSigner(std::string serial = "0123456789ABC") : serial_(std::move(serial)) {}
    [[nodiscard]] Result<std::string> sign(std::string_view message) const override {
        return std::string(message);
    }
    [[nodiscard]] std::string serial() const override { return serial_; }

 private:
    std::string serial_;
};

class FailingSigner final : public Signer {
 public:
    [[nodiscard]] Result<std::string> sign(std::string_view) const override {
        return refuse(ErrorCode::invalid_key, "the HSM is away");
    }
    [[nodiscard]] std::string serial() const override { return "0123456789ABC"; }
};

class ConstantRandom final : public Random {
 public:
    explicit ConstantRandom(std::uint64_t bits) : bits_(bits) {}
    [[nodiscard]] std::uint64_t next() override { return bits_; }

 private:
    std::uint64_t bits_;
};

const Mchid mchid = Mchid::parse("1900000001").value();
constexpr Timestamp signed_at = from_millis(1554208460'000);

TEST(RequestMessage, HasFiveLinesEachWithItsLineFeed) {
    EXPECT_EQ(request_message("POST", "/v3/x?a=1&b=%20", 1554208460, "NONCE", R"({"a":1})"),
              "POST\n/v3/x?a=1&b=%20\n1554208460\nNONCE\n{\"a\":1}\n");
}

TEST(RequestMessage, EndsWithAnEmptyLineWhereThereIsNoBody) {
    EXPECT_EQ(request_message("GET", "/v3/x", 1, "NONCE", ""), "GET\n/v3/x\n1\nNONCE\n\n");
}

TEST(RequestMessage, AddsItsOwnLineFeedToABodyThatEndsInOne) {
    EXPECT_EQ(request_message("POST", "/v3/x", 1, "NONCE", "body\n"), "POST\n/v3/x\n1\nNONCE\nbody\n\n");
}

TEST(AnswerMessage, HasThreeLinesEachWithItsLineFeed) {
    EXPECT_EQ(answer_message("1554208460", "NONCE", R"({"a":1})"), "1554208460\nNONCE\n{\"a\":1}\n");
    EXPECT_EQ(answer_message("1554208460", "NONCE", ""), "1554208460\nNONCE\n\n");
}

TEST(Authorization, ShowsTheSignatureAndWhatItWasMadeWith) {
    const std::string header =
        authorization(mchid, EchoSigner(), "POST", "/v3/x", signed_at, "A1B2C3D4E5F6G7", "{}").value();

    EXPECT_EQ(header,
              "WECHATPAY2-SHA256-RSA2048 mchid=\"1900000001\",nonce_str=\"A1B2C3D4E5F6G7\",signature=\"" +
                  base64_encode("POST\n/v3/x\n1554208460\nA1B2C3D4E5F6G7\n{}\n") +
                  "\",timestamp=\"1554208460\",serial_no=\"0123456789ABC\"");
}

TEST(Authorization, CountsWholeSecondsRoundedDown) {
    const std::string header =
        authorization(mchid, EchoSigner(), "GET", "/v3/x", signed_at + Duration(999), "N", "").value();
    EXPECT_NE(header.find("timestamp=\"1554208460\""), std::string::npos) << header;
}

TEST(Authorization, PassesOnTheRefusalOfTheSigner) {
    const Result<std::string> header =
        authorization(mchid, FailingSigner(), "GET", "/v3/x", signed_at, "N", "");

    ASSERT_FALSE(header);
    EXPECT_EQ(header.error().message, "the HSM is away");
}

struct Ambiguous {
    std::string_view field;
    std::string_view method = "GET";
    std::string_view url = "/v3/x";
    std::string_view nonce = "NONCE";
    std::string_view serial = "ABC";
};

constexpr Ambiguous ambiguous[] = {
    {.field = "method", .method = ""},
    {.field = "method", .method = "GET\n/v3/y"},
    {.field = "url", .url = ""},
    {.field = "url", .url = "/v3/x y"},
    {.field = "url", .url = "/v3/x\n1"},
    {.field = "url", .url = "/v3/提现"},
    {.field = "nonce", .nonce = ""},
    {.field = "nonce", .nonce = "A\nB"},
    {.field = "nonce", .nonce = "A\",mchid=\"2"},
    {.field = "nonce", .nonce = "123456789012345678901234567890123"},
    {.field = "serial", .serial = ""},
    {.field = "serial", .serial = "AB\""},
    {.field = "serial", .serial = "AB\r\nX-Header: y"},
};

TEST(Authorization, RefusesWhatWouldMakeItAmbiguous) {
    for (const Ambiguous& row : ambiguous) {
        const Result<std::string> header = authorization(mchid, EchoSigner(std::string(row.serial)),
                                                         row.method, row.url, signed_at, row.nonce, "");
        ASSERT_FALSE(header) << *header;
        EXPECT_EQ(header.error().code, ErrorCode::invalid_argument);
        EXPECT_EQ(header.error().field, row.field);
    }
}

TEST(Authorization, RefusesAMissingMchid) {
    const Result<std::string> header =
        authorization(Mchid(), EchoSigner(), "GET", "/v3/x", signed_at, "N", "");

    ASSERT_FALSE(header);
    EXPECT_EQ(header.error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(header.error().field, "mchid");
}

TEST(PemSigner, SignsWithItsKeyUnderItsSerial) {
    const PemSigner signer(test::private_key(), "0BADC0FFEE");

    EXPECT_EQ(signer.serial(), "0BADC0FFEE");
    EXPECT_TRUE(test::public_key().verify_sha256("message", signer.sign("message").value()));
}

TEST(Nonce, Has32LettersOrDigitsWhateverTheRandomBits) {
    for (std::uint64_t bits : {std::uint64_t{0}, ~std::uint64_t{0}, std::uint64_t{0x0123456789abcdef}}) {
        ConstantRandom random(bits);
        const std::string nonce = make_nonce(random);
        EXPECT_EQ(nonce.size(), 32U);
        EXPECT_TRUE(detail::is_nonce(nonce)) << nonce;
    }
}

TEST(Nonce, UsesEveryLetterAndIsNotRepeated) {
    SystemRandom random;
    std::set<std::string> nonces;
    std::set<char> letters;
    for (int i = 0; i < 1000; ++i) {
        const std::string nonce = make_nonce(random);
        letters.insert(nonce.begin(), nonce.end());
        nonces.insert(nonce);
    }
    EXPECT_EQ(nonces.size(), 1000U);
    EXPECT_EQ(letters.size(), 62U);
}

TEST(SystemRandom, IsSharedByThreads) {
    SystemRandom random;
    std::vector<std::set<std::uint64_t>> drawn(4);
    std::vector<std::thread> threads;
    threads.reserve(drawn.size());
    for (std::set<std::uint64_t>& mine : drawn) {
        threads.emplace_back([&random, &mine] {
            for (int i = 0; i < 500; ++i) mine.insert(random.next());
        });
    }
    for (std::thread& thread : threads) thread.join();

    std::set<std::uint64_t> all;
    for (const std::set<std::uint64_t>& one : drawn) all.insert(one.begin(), one.end());
    EXPECT_EQ(all.size(), 2000U);
}

}  // namespace
}  // namespace tixian::wechat
