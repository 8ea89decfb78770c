// SPDX-License-Identifier: MIT
// Known answers that tixian did not make: the project's own vectors (made with the openssl program, see
// own_vectors.json), and, where TIXIAN_VECTORS names it, the shared file of vectors from WeChat's own SDKs.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tixian/wechat/aes_gcm.hpp"
#include "tixian/wechat/fund_bill.hpp"
#include "tixian/wechat/pem_signer.hpp"
#include "tixian/wechat/signing.hpp"
#include "tixian/wechat/verification.hpp"

namespace tixian::wechat {
namespace {

using Json = nlohmann::json;

std::string read_text(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    EXPECT_TRUE(file) << path << " cannot be read";
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string text(const Json& object, const char* member) { return object.at(member).get<std::string>(); }

/// The file has numbers and texts; both are seconds.
std::int64_t seconds(const Json& object) {
    const Json& timestamp = object.at("timestamp");
    return timestamp.is_string() ? std::stoll(timestamp.get<std::string>()) : timestamp.get<std::int64_t>();
}

/// The parts of an Authorization header; their order is free.
std::set<std::string> authorization_parts(const std::string& header) {
    std::set<std::string> parts;
    const std::size_t space = header.find(' ');
    parts.insert(header.substr(0, space));
    for (std::size_t begin = space + 1; begin < header.size();) {
        const std::size_t end = std::min(header.find(',', begin), header.size());
        parts.insert(header.substr(begin, end - begin));
        begin = end + 1;
    }
    return parts;
}

Result<std::string> open(const Json& encrypted, std::string_view key) {
    const std::string context = encrypted.value("associated_data", "");
    return base64_decode(text(encrypted, "ciphertext")).and_then([&](const std::string& sealed) {
        return decrypt_aes_gcm(key, text(encrypted, "nonce"), context, sealed);
    });
}

SignatureHeaders signature_headers(const Json& headers) {
    return {text(headers, "Wechatpay-Timestamp"), text(headers, "Wechatpay-Nonce"),
            text(headers, "Wechatpay-Serial"), text(headers, "Wechatpay-Signature")};
}
Timestamp signing_time(const Json& headers) {
    return Timestamp(std::chrono::seconds(std::stoll(text(headers, "Wechatpay-Timestamp"))));
}

class OwnVectors : public ::testing::Test {
 protected:
    static std::string file(const char* name) {
        return read_text(std::string(TIXIAN_TEST_VECTORS_DIR "/") + name);
    }

    const Json vectors_ = Json::parse(file("own_vectors.json"));
    const PrivateKey private_key_ = PrivateKey::from_pem(file("test_private_key.pem")).value();
    const PublicKey public_key_ = PublicKey::from_pem(file("test_public_key.pem")).value();
};

TEST_F(OwnVectors, RequestIsSignedAsByOpenssl) {
    const Json& request = vectors_.at("request");
    const PemSigner signer(private_key_, certificate_serial(file("test_certificate.pem")).value());

    EXPECT_EQ(request_message(text(request, "method"), text(request, "url"), seconds(request),
                              text(request, "nonce"), text(request, "body")),
              text(request, "message"));
    EXPECT_EQ(authorization(Mchid::parse(text(request, "mchid")).value(), signer, text(request, "method"),
                            text(request, "url"), Timestamp(std::chrono::seconds(seconds(request))),
                            text(request, "nonce"), text(request, "body"))
                  .value(),
              text(request, "authorization"));
}

TEST_F(OwnVectors, AnswerSignedByOpensslIsVerified) {
    const Json& answer = vectors_.at("answer");
    KeyRing keys;
    keys.add("OWN", PublicKey::from_certificate_pem(file("test_certificate.pem")).value());
    const SignatureHeaders headers{text(answer, "timestamp"), text(answer, "nonce"), "OWN",
                                   text(answer, "signature")};
    const Timestamp now(std::chrono::seconds(seconds(answer)));

    EXPECT_EQ(answer_message(headers.timestamp, headers.nonce, text(answer, "body")),
              text(answer, "message"));
    EXPECT_EQ(verify(keys, headers, text(answer, "body"), now).value(), now);
    EXPECT_EQ(verify(keys, headers, text(answer, "body") + " ", now).error().code, ErrorCode::bad_signature);
    EXPECT_TRUE(public_key_.verify_sha256(text(answer, "message"), base64_decode(headers.signature).value()));
}

TEST_F(OwnVectors, CertificateHasTheSerialThatOpensslPrints) {
    EXPECT_EQ(certificate_serial(file("test_certificate.pem")).value(), text(vectors_, "certificate_serial"));
}

TEST_F(OwnVectors, FieldEncryptedByOpensslIsDecrypted) {
    const Json& oaep = vectors_.at("oaep");
    EXPECT_EQ(private_key_.decrypt_oaep(base64_decode(text(oaep, "ciphertext")).value()).value(),
              text(oaep, "plaintext"));
}

TEST_F(OwnVectors, ResourceSealedByPythonIsOpenedAndSealedAlike) {
    const Json& aes = vectors_.at("aes_gcm");
    const Apiv3Key key = Apiv3Key::parse(text(aes, "key")).value();

    EXPECT_EQ(open(aes, key.view()).value(), text(aes, "plaintext"));
    EXPECT_EQ(base64_encode(encrypt_aes_gcm(key.view(), text(aes, "nonce"), text(aes, "associated_data"),
                                            text(aes, "plaintext"))
                                .value()),
              text(aes, "ciphertext"));
}

class SharedVectors : public ::testing::Test {
 protected:
    void SetUp() override {
        const char* const path = std::getenv("TIXIAN_VECTORS");
        if (path == nullptr || *path == '\0') {
            std::cerr
                << "SKIPPED: TIXIAN_VECTORS is not set, so the vectors of WeChat's SDKs are NOT checked\n";
            GTEST_SKIP() << "set TIXIAN_VECTORS to the path of wechat_vectors.json";
        }
        file_ = Json::parse(read_text(path));
    }

    const Json& vector(std::string_view id) const {
        for (const Json& entry : file_.at("vectors")) {
            if (entry.at("id") == id) return entry;
        }
        ADD_FAILURE() << "no vector " << id;
        static const Json none;
        return none;
    }

    PrivateKey go_key() const {
        return PrivateKey::from_pem(text(vector("go-rsa-sha256-sign"), "private_key_pkcs8_pem")).value();
    }
    PublicKey java_platform_key() const {
        return PublicKey::from_certificate_pem(text(vector("java-rsa-verify"), "wechatpay_certificate_pem"))
            .value();
    }

    void expect_signed_request(const char* id) const {
        SCOPED_TRACE(id);
        const Json& entry = vector(id);
        const Timestamp signed_at(std::chrono::seconds(seconds(entry)));
        const Json& sdk = vector("go-rsa-sha256-sign");
        const PemSigner signer(go_key(), text(sdk, "certificate_serial"));
        const std::string message =
            request_message(text(entry, "method"), text(entry, "canonical_url"), seconds(entry),
                            text(entry, "nonce_str"), text(entry, "body"));
        const std::string header = authorization(Mchid::parse(text(sdk, "mchid")).value(), signer,
                                                 text(entry, "method"), text(entry, "canonical_url"),
                                                 signed_at, text(entry, "nonce_str"), text(entry, "body"))
                                       .value();

        EXPECT_EQ(message, text(entry, "message"));
        EXPECT_EQ(base64_encode(signer.sign(message).value()), text(entry, "signature_base64"));
        EXPECT_EQ(authorization_parts(header), authorization_parts(text(entry, "authorization")));
    }

    /// The first certificate in the body of an answer to /v3/certificates, decrypted.
    static Result<std::string> first_certificate(const Json& entry) {
        const Json body = Json::parse(text(entry, "response_body"));
        return open(body.at("data").at(0).at("encrypt_certificate"), text(entry, "apiv3_key"));
    }
    static std::string first_serial(const Json& entry) {
        return text(Json::parse(text(entry, "response_body")).at("data").at(0), "serial_no");
    }

    void expect_notification(const Json& entry, const PublicKey& key) const {
        KeyRing keys;
        keys.add(text(entry.at("headers"), "Wechatpay-Serial"), key);
        const SignatureHeaders headers = signature_headers(entry.at("headers"));
        const Timestamp now = signing_time(entry.at("headers"));
        const std::string body = text(entry, "body");

        EXPECT_EQ(verify(keys, headers, body, now).value(), now);
        EXPECT_EQ(verify(keys, headers, body + "\n", now).error().code, ErrorCode::bad_signature);
        EXPECT_EQ(verify(keys, headers, Json::parse(body).dump(2), now).error().code,
                  ErrorCode::bad_signature);
        EXPECT_EQ(verify(keys, headers, body, now + clock_skew_max).error().code, ErrorCode::stale);
        EXPECT_EQ(verify(KeyRing(), headers, body, now).error().code, ErrorCode::unknown_serial);
        EXPECT_EQ(open(Json::parse(body).at("resource"), text(entry, "apiv3_key")).value(),
                  text(entry, "plaintext"));
    }

    Json file_;
};

TEST_F(SharedVectors, GoRsaSha256Sign) {
    const Json& entry = vector("go-rsa-sha256-sign");
    const std::string message = text(entry, "message");
    const std::string signature = go_key().sign_sha256(message).value();

    EXPECT_EQ(base64_encode(signature), text(entry, "signature_base64"));
    EXPECT_TRUE(
        PublicKey::from_pem(text(entry, "public_key_spki_pem")).value().verify_sha256(message, signature));
    const std::string certificate = text(entry, "certificate_pem");
    EXPECT_TRUE(PublicKey::from_certificate_pem(certificate).value().verify_sha256(message, signature));
    EXPECT_FALSE(PublicKey::from_certificate_pem(certificate).value().verify_sha256("wrong", signature));
    EXPECT_EQ(certificate_serial(certificate).value(), text(entry, "certificate_serial"));
}

TEST_F(SharedVectors, GoCanonicalAuthorization) {
    const Json& entry = vector("go-canonical-authorization");
    const Json& inputs = entry.at("inputs");
    for (const Json& row : entry.at("cases")) {
        EXPECT_EQ(request_message(text(row, "method"), text(row, "canonical_url"), seconds(inputs),
                                  text(inputs, "nonce_str"), text(row, "body")),
                  text(row, "message"));
    }
}

TEST_F(SharedVectors, DerivedRequestSign) {
    for (const char* id : {"derived-request-sign-a", "derived-request-sign-b", "derived-request-sign-c",
                           "derived-request-sign-d"}) {
        expect_signed_request(id);
    }
}

TEST_F(SharedVectors, JavaCanonicalGetQuery) {
    const Json& entry = vector("java-canonical-get-query");
    const std::string uri = text(entry, "uri");
    const std::string url = uri.substr(uri.find("/v3/"));
    EXPECT_EQ(request_message("GET", url, seconds(entry), text(entry, "nonce_str"), ""),
              text(entry, "message"));
}

TEST_F(SharedVectors, DocSignErrorBodyCountsTheMessageThatWeMake) {
    const Json body = Json::parse(text(vector("doc-sign-error-body"), "body"));
    const Json& information = body.at("detail").at("sign_information");
    const std::string message = request_message(text(information, "method"), text(information, "url"),
                                                1680144553, "vDit3y4Fmv45dem0CSmKbBK4tUHRR8Dj", "");

    EXPECT_EQ(message, text(information, "truncated_sign_message"));
    EXPECT_EQ(message.size(), information.at("sign_message_length").get<std::size_t>());
}

/// One AES-GCM vector, with some members replaced by those of `changes`.
Result<std::string> open_vector(Json entry, const Json& changes = Json::object()) {
    entry.update(changes);
    return base64_decode(text(entry, "ciphertext_base64")).and_then([&](const std::string& sealed) {
        return decrypt_aes_gcm(text(entry, "key_utf8"), text(entry, "nonce_utf8"),
                               text(entry, "associated_data_utf8"), sealed);
    });
}

TEST_F(SharedVectors, GoAesGcm128) {
    const Json& entry = vector("go-aes-gcm-128");
    EXPECT_EQ(open_vector(entry).value(), text(entry, "plaintext"));

    const Json& negative = entry.at("negative");
    ASSERT_EQ(negative.size(), 4U);
    EXPECT_EQ(open_vector(entry, negative.at(0)).error().code, ErrorCode::malformed);
    EXPECT_EQ(open_vector(entry, negative.at(1)).error().code, ErrorCode::bad_ciphertext);
    EXPECT_EQ(open_vector(entry, negative.at(2)).error().code, ErrorCode::invalid_key);
    EXPECT_EQ(open_vector(entry, negative.at(3)).error().code, ErrorCode::bad_ciphertext);
    EXPECT_EQ(Apiv3Key::parse(text(entry, "key_utf8")).error().code, ErrorCode::invalid_key);
}

TEST_F(SharedVectors, JavaAes256Gcm) {
    const Json& entry = vector("java-aes-256-gcm");
    EXPECT_EQ(open_vector(entry).value(), text(entry, "plaintext"));

    const Json& negative = entry.at("negative");
    ASSERT_EQ(negative.size(), 3U);
    EXPECT_EQ(open_vector(entry, negative.at(0)).error().code, ErrorCode::bad_ciphertext);
    EXPECT_EQ(open_vector(entry, negative.at(1)).error().code, ErrorCode::bad_ciphertext);
    const Json zeros = {{"ciphertext_base64", base64_encode(std::string(128, '\0'))}};
    EXPECT_EQ(open_vector(entry, zeros).error().code, ErrorCode::bad_ciphertext);
}

TEST_F(SharedVectors, JavaCertificatesResponse) {
    const Json& entry = vector("java-certificates-response");
    const std::string certificate = first_certificate(entry).value();

    EXPECT_EQ(certificate, text(entry, "decrypted_certificate_pem"));
    EXPECT_EQ(certificate_serial(certificate).value(), text(entry, "expected_serial"));
    EXPECT_EQ(first_serial(entry), text(entry, "expected_serial"));
    EXPECT_TRUE(PublicKey::from_certificate_pem(certificate));
}

TEST_F(SharedVectors, GoMockCertificateServer) {
    const Json& entry = vector("go-mock-certificate-server");
    const std::string certificate = first_certificate(entry).value();
    const PrivateKey platform = PrivateKey::from_pem(text(entry, "wechatpay_private_key_pem")).value();
    const std::string message = answer_message("1624523846", "NONCE", text(entry, "response_body"));

    EXPECT_EQ(certificate, text(entry, "decrypted_certificate_pem"));
    EXPECT_EQ(certificate_serial(certificate).value(), first_serial(entry));
    EXPECT_TRUE(PublicKey::from_certificate_pem(certificate)
                    .value()
                    .verify_sha256(message, platform.sign_sha256(message).value()));
    EXPECT_TRUE(PrivateKey::from_pem(text(entry, "merchant_private_key_pem")));
    EXPECT_EQ(certificate_serial(text(entry, "wechatpay_certificate_pem")).value(), first_serial(entry));
}

TEST_F(SharedVectors, JavaRsaVerify) {
    const Json& entry = vector("java-rsa-verify");
    const std::string message = text(entry, "message");
    const std::string signature = base64_decode(text(entry, "signature_base64")).value();
    const PublicKey merchant =
        PublicKey::from_certificate_pem(text(entry, "merchant_certificate_pem")).value();
    const PrivateKey merchant_key = PrivateKey::from_pem(text(entry, "merchant_private_key_pem")).value();

    EXPECT_TRUE(merchant.verify_sha256(message, signature));
    EXPECT_EQ(merchant_key.sign_sha256(message).value(), signature);
    EXPECT_FALSE(java_platform_key().verify_sha256(message, signature));
    EXPECT_EQ(certificate_serial(text(entry, "merchant_certificate_pem")).value(),
              text(entry, "merchant_serial"));
    EXPECT_EQ(certificate_serial(text(entry, "wechatpay_certificate_pem")).value(),
              text(entry, "wechatpay_serial"));

    const PrivateKey platform = PrivateKey::from_pem(text(entry, "wechatpay_private_key_pem")).value();
    const std::string by_platform = platform.sign_sha256(message).value();
    EXPECT_TRUE(java_platform_key().verify_sha256(message, by_platform));
    EXPECT_TRUE(PublicKey::from_pem(text(entry, "wechatpay_public_key_pem"))
                    .value()
                    .verify_sha256(message, by_platform));
}

TEST_F(SharedVectors, JavaOaepDecrypt) {
    const Json& entry = vector("java-oaep-decrypt");
    const PrivateKey key =
        PrivateKey::from_pem(text(vector("java-rsa-verify"), "merchant_private_key_pem")).value();

    EXPECT_EQ(key.decrypt_oaep(base64_decode(text(entry, "ciphertext_base64")).value()).value(),
              text(entry, "plaintext"));
    for (const Json& negative : entry.at("negative")) {
        const std::string ciphertext = base64_decode(text(negative, "ciphertext_base64")).value();
        EXPECT_EQ(key.decrypt_oaep(ciphertext).error().code, ErrorCode::bad_ciphertext);
    }
}

TEST_F(SharedVectors, GoOaepDecrypt) {
    const Json& entry = vector("go-oaep-decrypt");
    EXPECT_EQ(go_key().decrypt_oaep(base64_decode(text(entry, "ciphertext_base64")).value()).value(),
              text(entry, "plaintext"));
}

TEST_F(SharedVectors, GoNotifySample) {
    const Json& entry = vector("go-notify-sample");
    expect_notification(entry,
                        PublicKey::from_certificate_pem(text(entry, "wechatpay_certificate_pem")).value());
}

TEST_F(SharedVectors, DerivedTransferNotify) {
    expect_notification(vector("derived-transfer-notify"), java_platform_key());
}

TEST_F(SharedVectors, JavaNotifySampleIsNotOpenedByTheKeyOfItsFakeCipher) {
    const Json resource = Json::parse(text(vector("java-notify-sample"), "body")).at("resource");
    const Json& go = vector("go-notify-sample");

    EXPECT_EQ(open(resource, "4EYG13V2Uz15h0JrAd8tk5k35Vlfn8c5").error().code, ErrorCode::bad_ciphertext);
    EXPECT_EQ(open(resource, text(go, "apiv3_key")).value(), text(go, "plaintext"));
}

TEST_F(SharedVectors, AxiosKeys) {
    const Json& entry = vector("axios-keys");
    const PrivateKey merchant_key = PrivateKey::from_pem(text(entry, "merchant_private_key_pem")).value();
    const std::string merchant = text(entry, "merchant_certificate_pem");
    const std::string platform = text(entry, "wechatpay_certificate_pem");

    EXPECT_EQ(certificate_serial(merchant).value(), "898DBAD30F416EC7");
    EXPECT_EQ(certificate_serial(platform).value(), "BE2A2344B984167B");
    EXPECT_TRUE(PublicKey::from_certificate_pem(platform));
    EXPECT_TRUE(PublicKey::from_certificate_pem(merchant).value().verify_sha256(
        "message", merchant_key.sign_sha256("message").value()));
}

TEST_F(SharedVectors, DocSigntestHeadersAreRefusedAsAProbe) {
    const Json& headers = vector("doc-signtest-headers").at("headers");
    KeyRing keys;
    keys.add(text(headers, "Wechatpay-Serial"), java_platform_key());
    const Result<Timestamp> result = verify(keys, signature_headers(headers), "{}", signing_time(headers));

    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::bad_signature);
    EXPECT_NE(result.error().message.find("probe"), std::string::npos);
}

TEST_F(SharedVectors, DocTransferNotifyEnvelopeWithoutItsCiphertextIsRefused) {
    const Json resource = Json::parse(text(vector("doc-transfer-notify-envelope"), "body")).at("resource");
    EXPECT_EQ(open(resource, "a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb").error().code, ErrorCode::malformed);
}

TEST_F(SharedVectors, DocFundflowSampleReadsItsRowAndMissesTheOthers) {
    std::vector<FundFlow> flows;
    FundBillParser parser([&flows](const FundFlow& flow) { flows.push_back(flow); });

    const auto fed = parser.feed(text(vector("doc-fundflow-sample"), "text"));

    ASSERT_EQ(flows.size(), 1U);
    EXPECT_EQ(flows[0].amount, 2_fen);
    EXPECT_EQ(flows[0].voucher_no, "REF4200000068201801293084726067");
    EXPECT_EQ(fed.error().message, "line 4, 资金流水总笔数: does not agree with the rows");
}

TEST_F(SharedVectors, PhpTradebillIsNoFundBill) {
    std::string text;
    for (const Json& line : vector("php-tradebill-csv").at("first_3_lines"))
        text += line.get<std::string>() + "\r\n";

    EXPECT_EQ(parse_fund_bill(text).error().field, "booked_at");
}

TEST_F(SharedVectors, AreAllCoveredHere) {
    const std::set<std::string> expected = {"go-rsa-sha256-sign",
                                            "go-canonical-authorization",
                                            "derived-request-sign-a",
                                            "derived-request-sign-b",
                                            "derived-request-sign-c",
                                            "derived-request-sign-d",
                                            "java-canonical-get-query",
                                            "go-aes-gcm-128",
                                            "java-aes-256-gcm",
                                            "java-certificates-response",
                                            "java-rsa-verify",
                                            "java-oaep-decrypt",
                                            "go-oaep-decrypt",
                                            "go-mock-certificate-server",
                                            "go-notify-sample",
                                            "java-notify-sample",
                                            "axios-keys",
                                            "doc-signtest-headers",
                                            "doc-sign-error-body",
                                            "doc-transfer-notify-envelope",
                                            "derived-transfer-notify",
                                            "php-tradebill-csv",
                                            "doc-fundflow-sample"};
    std::set<std::string> found;
    for (const Json& entry : file_.at("vectors")) found.insert(text(entry, "id"));

    EXPECT_EQ(found, expected);
}

}  // namespace
}  // namespace tixian::wechat
