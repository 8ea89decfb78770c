// SPDX-License-Identifier: MIT
#include "tixian/wechat/certificates.hpp"

#include <gtest/gtest.h>

#include "tixian/wechat/key_refresh.hpp"
#include "wechat_side.hpp"

namespace tixian::wechat {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;

/// Answers with a list of certificates, signed with the key of one of them. The certificates' own dates are
/// those of the machine's clock, so that is the time here.
class CertificatesTest : public ::testing::Test {
 protected:
    static inline const Timestamp now =
        std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()) + 1min;

    [[nodiscard]] static Json listed(const std::string& pem, const std::string& serial = test::test_serial,
                                     const std::string& space = "") {
        return {{"serial_no" + space, serial},
                {"effective_time" + space, "2025-01-22T15:44:23+08:00"},
                {"expire_time" + space, "2030-01-22T15:44:23+08:00"},
                {"encrypt_certificate" + space, WechatSide::resource(pem, "certificate")}};
    }
    [[nodiscard]] static HttpResult respond(const Json& list, const test::TestKey& key = test::test_key(),
                                            const std::string& serial = test::test_serial) {
        return signed_response(200, Json{{"data", list}}.dump(), key, serial);
    }
    [[nodiscard]] static HttpResult signed_response(int status, const std::string& body,
                                                    const test::TestKey& key, const std::string& serial) {
        const std::string timestamp = std::to_string(to_millis(now) / 1000);
        HttpResponse response{status, {}, body};
        response.headers.add("Wechatpay-Timestamp", timestamp);
        response.headers.add("Wechatpay-Nonce", "n");
        response.headers.add("Wechatpay-Serial", serial);
        response.headers.add(
            "Wechatpay-Signature",
            base64_encode(test::private_key(key).sign_sha256(answer_message(timestamp, "n", body)).value()));
        response.headers.add("Request-ID", "08F2-9");
        return {response, now, {}};
    }
    [[nodiscard]] ApiResult<std::vector<Certificate>> read(const HttpResult& result) const {
        return read_certificates(result, keys_, key_);
    }

    KeyRing keys_;
    Apiv3Key key_ = Apiv3Key::parse(WechatSide::apiv3_key).value();
    const std::string pem_ = test::certificate_pem(test::test_key());
};

TEST_F(CertificatesTest, AreAskedForWithoutAnythingElse) {
    EXPECT_EQ(certificates_request().method, "GET");
    EXPECT_EQ(certificates_request().url, "/v3/certificates");
}

TEST_F(CertificatesTest, AreTrustedAtFirstBecauseTheyComeEncrypted) {
    const auto certificates = read(respond(Json::array({listed(pem_)}))).value();

    ASSERT_EQ(certificates.size(), 1U);
    EXPECT_EQ(certificates[0].serial, test::test_serial);
    EXPECT_TRUE(certificates[0].validity.holds(now));
    EXPECT_FALSE(certificates[0].validity.holds(now + 2h));
}

TEST_F(CertificatesTest, MayBeSignedWithAKeyThatIsKnownAlready) {
    keys_.add("PUB_KEY_ID_1", test::public_key(test::other_test_key()));

    EXPECT_TRUE(
        read(respond(Json::array({listed(pem_)}), test::other_test_key(), "PUB_KEY_ID_1")).has_value());
}

TEST_F(CertificatesTest, AreNotTakenFromAnAnswerThatTheyDoNotVerify) {
    EXPECT_EQ(read(respond(Json::array({listed(pem_)}), test::other_test_key())).error().code,
              "bad_signature");
    EXPECT_EQ(read(respond(Json::array({listed(pem_)}), test::test_key(), "STRANGER")).error().code,
              "unknown_serial");
}

TEST_F(CertificatesTest, AreReadThoughTheirNamesEndInASpace) {
    EXPECT_TRUE(read(respond(Json::array({listed(pem_, test::test_serial, " ")}))).has_value());
}

TEST_F(CertificatesTest, AreRefusedByNameWhenOneOfThemIsWrong) {
    Json no_time = listed(pem_), no_content = listed(pem_), wrong_key = listed(pem_);
    no_time.erase("expire_time");
    no_content.erase("encrypt_certificate");
    wrong_key["encrypt_certificate"] =
        WechatSide::resource(pem_, "certificate", "another key of 32 characters, so");
    struct {
        const char* name;
        Json item;
        const char* message;
    } const rows[] = {
        {"other serial", listed(pem_, "5DEA10EF"), "serial_no"},
        {"no certificate", listed("-----BEGIN NONSENSE-----"), "not a certificate"},
        {"no time", no_time, "expire_time"},
        {"no content", no_content, "encrypt_certificate"},
        {"wrong APIv3 key", wrong_key, "APIv3 key"},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        const auto refused = parse_certificates(
            json::parse(Json{{"data", Json::array({listed(pem_), row.item})}}.dump()).value(), key_, now);
        ASSERT_FALSE(refused.has_value());
        const std::string said = refused.error().field + " " + refused.error().message;
        EXPECT_NE(said.find(row.message), std::string::npos) << said;
        EXPECT_EQ(said.find("BEGIN NONSENSE"), std::string::npos);
    }
    for (const char* body : {"{}", R"({"data":[]})", R"({"data":1})"})
        EXPECT_EQ(parse_certificates(json::parse(body).value(), key_, now).error().field, "data");
}

TEST_F(CertificatesTest, AreRefusedWhenAllHaveEndedOrNotBegun) {
    const auto body = json::parse(Json{{"data", Json::array({listed(pem_)})}}.dump()).value();

    const auto ended = parse_certificates(body, key_, now + 2h);
    const auto early = parse_certificates(body, key_, now - 24h);

    EXPECT_EQ(ended.error().code, ErrorCode::invalid_key);
    EXPECT_NE(ended.error().message.find("ended on"), std::string::npos);
    EXPECT_NE(early.error().message.find("check the clock"), std::string::npos);
}

TEST_F(CertificatesTest, OfAMerchantWhoHasNoneSayWhatToUseInstead) {
    keys_.add("PUB_KEY_ID_1", test::public_key());
    const ApiError error =
        read(signed_response(404, R"({"code":"RESOURCE_NOT_EXISTS","message":"无可用的平台证书"})",
                             test::test_key(), "PUB_KEY_ID_1"))
            .error();

    EXPECT_EQ(error.code, "RESOURCE_NOT_EXISTS");
    EXPECT_NE(error.message.find("public key"), std::string::npos);
    EXPECT_NE(error.message.find("无可用的平台证书"), std::string::npos);
    EXPECT_EQ(error.request_id, "08F2-9");
}

TEST_F(CertificatesTest, JoinTheRingBesideThePublicKey) {
    keys_.add("PUB_KEY_ID_1", test::public_key(test::other_test_key()));
    add_certificates(keys_, read(respond(Json::array({listed(pem_)}))).value(), now);

    EXPECT_TRUE(keys_.find(test::test_serial, now));
    EXPECT_EQ(keys_.newest(now)->first, "PUB_KEY_ID_1");
    add_certificates(keys_, {}, now + 2h);
    EXPECT_FALSE(keys_.find(test::test_serial));
}

TEST_F(CertificatesTest, OfTheMerchantMakeASignerOnlyWithTheirKeyAndWhileTheyHold) {
    const PrivateKey key = test::private_key();
    const PemSigner signer = PemSigner::from_certificate(key, pem_, now).value();
    EXPECT_EQ(signer.serial(), test::test_serial);

    const auto foreign = PemSigner::from_certificate(test::private_key(test::other_test_key()), pem_, now);
    const auto ended = PemSigner::from_certificate(key, pem_, now + 2h);
    const auto none = PemSigner::from_certificate(key, "nothing", now);

    EXPECT_NE(foreign.error().message.find("does not belong"), std::string::npos);
    EXPECT_NE(ended.error().message.find("ended on"), std::string::npos);
    for (const auto& refused : {foreign, ended, none}) {
        EXPECT_EQ(refused.error().code, ErrorCode::invalid_key);
        EXPECT_EQ(refused.error().field, "certificate");
    }
}

class KeyRefreshTest : public ::testing::Test {
 protected:
    [[nodiscard]] bool begins(Duration after, std::optional<Timestamp> next_end = std::nullopt) {
        return refresh_.begin(start_ + after, next_end);
    }
    void succeed(Duration after) { refresh_.succeeded(start_ + after); }

    const Timestamp start_ = from_millis(1'700'000'000'000);
    KeyRefresh refresh_;
};

TEST_F(KeyRefreshTest, BeginsAtOnceAndThenEverySoOften) {
    EXPECT_TRUE(begins(0h));
    succeed(1s);
    EXPECT_FALSE(begins(9h));
    EXPECT_TRUE(begins(10h + 1s));
}

TEST_F(KeyRefreshTest, TellsOnlyOneOfManyToGo) {
    EXPECT_TRUE(begins(0h));
    EXPECT_FALSE(begins(0h));
    EXPECT_FALSE(begins(59s));
}

TEST_F(KeyRefreshTest, TriesAgainAfterAPauseWhenItFailed) {
    EXPECT_TRUE(begins(0h));
    EXPECT_TRUE(begins(1min));
    succeed(2min);
    EXPECT_FALSE(begins(3min));
}

TEST_F(KeyRefreshTest, GoesOnceForUnknownSerialsHoweverManyCome) {
    EXPECT_TRUE(begins(0h));
    succeed(0h);
    for (int i = 0; i < 1000; ++i) refresh_.note_unknown_serial();
    EXPECT_FALSE(begins(9min));
    EXPECT_TRUE(begins(10min));
    for (int i = 0; i < 1000; ++i) refresh_.note_unknown_serial();
    EXPECT_FALSE(begins(11min));
    succeed(12min);
    EXPECT_FALSE(begins(25min));
}

TEST_F(KeyRefreshTest, GoesOnceMoreBeforeACertificateEnds) {
    KeyRefresh rare{{.every = 24h * 30}};
    const Timestamp end = start_ + 24h * 20;
    EXPECT_TRUE(rare.begin(start_, end));
    rare.succeeded(start_);

    EXPECT_FALSE(rare.begin(start_ + 24h * 14, end));
    EXPECT_TRUE(rare.begin(start_ + 24h * 15, end));
    rare.succeeded(start_ + 24h * 15);
    EXPECT_FALSE(rare.begin(start_ + 24h * 16, end));
}

TEST_F(KeyRefreshTest, LeavesAMerchantWithoutCertificatesInPeace) {
    EXPECT_TRUE(begins(0h));
    refresh_.found_none();
    EXPECT_FALSE(begins(23h));
    EXPECT_TRUE(begins(24h));
}

TEST_F(KeyRefreshTest, AsksAMerchantWithoutCertificatesAgainWhenASerialIsUnknown) {
    EXPECT_TRUE(begins(0h));
    refresh_.found_none();
    refresh_.note_unknown_serial();
    EXPECT_FALSE(begins(9min));
    EXPECT_TRUE(begins(10min));
}

}  // namespace
}  // namespace tixian::wechat
