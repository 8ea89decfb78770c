// SPDX-License-Identifier: MIT
// Every OpenSSL call that can fail is made to fail, one at a time: each time the library refuses by name,
// leaks nothing (the address sanitizer sees it), and works again afterwards.
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <regex>

#include <gtest/gtest.h>
#include <openssl/err.h>

#include "failing_openssl.hpp"
#include "tixian/testing/seeded_random.hpp"
#include "tixian/wechat/aes_name_vault.hpp"
#include "tixian/wechat/certificate.hpp"
#include "tixian/wechat/download.hpp"
#include "wechat_side.hpp"

namespace tixian::wechat {
namespace {

using test::FailingOpenssl;

template <class T>
Result<void> outcome(const Result<T>& result) {
    if (result) return {};
    return tl::unexpected(result.error());
}

/// What the library does with OpenSSL, on keys that were made before.
class OpensslFailure : public ::testing::Test {
 protected:
    struct Scenario {
        const char* name;
        std::function<Result<void>()> run;
    };

    [[nodiscard]] std::vector<Scenario> scenarios() const {
        return {
            {"load a private key", [this] { return outcome(PrivateKey::from_pem(private_pem_)); }},
            {"load an encrypted private key",
             [this] { return outcome(PrivateKey::from_pem(encrypted_pem_, test::test_passphrase)); }},
            {"load a public key", [this] { return outcome(PublicKey::from_pem(public_pem_)); }},
            {"load a certificate",
             [this] { return outcome(PublicKey::from_certificate_pem(certificate_pem_)); }},
            {"read a certificate", [this] { return outcome(parse_certificate(certificate_pem_)); }},
            {"match a certificate with its key",
             [this] {
                 return outcome(PemSigner::from_certificate(private_key_, certificate_pem_, certified_at_));
             }},
            {"read a certificate's serial", [this] { return outcome(certificate_serial(certificate_pem_)); }},
            {"sign a request",
             [this] {
                 return outcome(authorization(mchid_, signer_, "GET", "/v3", wechat_.clock.now(), "n", ""));
             }},
            {"verify an answer",
             [this] { return outcome(verify(wechat_.keys, signature_, body_, wechat_.clock.now())); }},
            {"encrypt a name", [this] { return outcome(public_key_.encrypt_oaep("张三")); }},
            {"decrypt a name", [this] { return outcome(private_key_.decrypt_oaep(secret_name_)); }},
            {"encrypt a notification",
             [] { return outcome(encrypt_aes_gcm(WechatSide::apiv3_key, "wCq51qZv4Yfg", "a", "text")); }},
            {"decrypt a notification",
             [this] {
                 return outcome(decrypt_aes_gcm(WechatSide::apiv3_key, "wCq51qZv4Yfg", "a", sealed_));
             }},
            {"take up a key for names",
             [this] {
                 AesNameVault vault(random_);
                 return vault.add_key("K1", "0123456789abcdef0123456789abcdef");
             }},
            {"recognise a name again",
             [this] {
                 AesNameVault vault(random_);
                 return vault.add_key("K1", "0123456789abcdef0123456789abcdef").and_then([&] {
                     return outcome(vault.seal(UserId::parse("u1").value(), "张三"));
                 });
             }},
            {"check a file's hash", [] { return check_hash(download_of_abc(), "abc"); }},
            {"read a notification",
             [this] {
                 return outcome(
                     read_notification(headers_, body_, wechat_.keys, apiv3_key_, wechat_.clock.now()));
             }},
        };
    }

    static Download download_of_abc() {
        return {HashType::sha1, "a9993e364706816aba3e25717850c26c9cd0d89d", "https://a", "/b"};
    }

    mutable testing::SeededRandom random_{1};
    WechatSide wechat_;
    std::string private_pem_ = test::pkcs8_pem(test::test_key());
    std::string encrypted_pem_ = test::encrypted_pkcs8_pem(test::test_key());
    std::string public_pem_ = test::public_pem(test::test_key());
    std::string certificate_pem_ = test::certificate_pem(test::test_key());
    Timestamp certified_at_ = *parse_certificate(certificate_pem_)->validity.from;
    PrivateKey private_key_ = test::private_key();
    PublicKey public_key_ = test::public_key();
    PemSigner signer_{private_key_, test::test_serial};
    Mchid mchid_ = Mchid::parse("1900000001").value();
    std::string secret_name_ = public_key_.encrypt_oaep("张三").value();
    std::string sealed_ = encrypt_aes_gcm(WechatSide::apiv3_key, "wCq51qZv4Yfg", "a", "text").value();
    Apiv3Key apiv3_key_ = Apiv3Key::parse(WechatSide::apiv3_key).value();
    std::string body_ =
        WechatSide::envelope(R"({"out_bill_no":"W","transfer_bill_no":"1","state":"SUCCESS"})");
    Headers headers_ = wechat_.signature(body_);
    SignatureHeaders signature_ = signature_headers(headers_);
};

TEST_F(OpensslFailure, OfEachCallIsRefusedByNameAndForgotten) {
    int failures = 0;
    std::set<std::string> failed;
    for (const auto& [name, run] : scenarios()) {
        FailingOpenssl::count();
        ASSERT_TRUE(run().has_value()) << name;
        const auto calls = FailingOpenssl::calls();
        for (const auto& [function, times] : calls) {
            for (int nth = 1; nth <= times; ++nth, ++failures) {
                SCOPED_TRACE(std::string(name) + ", call " + std::to_string(nth) + " of " + function);
                FailingOpenssl::choose(function, nth);

                const Result<void> refused = run();

                FailingOpenssl::stop();
                ASSERT_FALSE(refused.has_value());
                EXPECT_FALSE(refused.error().message.empty());
                EXPECT_EQ(ERR_peek_error(), 0u);
                EXPECT_TRUE(run().has_value()) << "and works again";
            }
            failed.insert(function);
        }
    }
    FailingOpenssl::stop();
    failed.insert("RAND_bytes");  // below

    EXPECT_EQ(failed, FailingOpenssl::functions());
    EXPECT_GT(failures, 60);
}

TEST_F(OpensslFailure, OfTheGeneratorOfRandomNumbersEndsTheProcess) {
    SystemRandom random;

    EXPECT_DEATH(
        {
            FailingOpenssl::choose("RAND_bytes", 1);
            static_cast<void>(random.next());
        },
        "");
}

/// The list of functions above is complete: the headers call no other one that can fail.
TEST(OpensslFailureList, NamesEveryFunctionThatTheHeadersUse) {
    const std::set<std::string> cannot_fail{
        "BN_is_negative",     "ERR_pop_to_mark",      "ERR_set_mark",    "EVP_CIPHER_CTX_free",
        "EVP_aes_128_gcm",    "EVP_MD_CTX_set_flags", "EVP_aes_256_gcm", "EVP_sha1",
        "EVP_sha256",         "OPENSSL_cleanse",      "OPENSSL_free",    "X509_get0_serialNumber",
        "X509_get0_notAfter", "X509_get0_notBefore",
    };
    const std::regex call(
        R"(\b((?:ASN1|BIO|BN|ERR|EVP|OPENSSL|PEM|RAND|RSA|X509)_[A-Za-z0-9_]+|HMAC|SHA(?:1|256|512))\()");
    int checked = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(TIXIAN_WECHAT_HEADERS_DIR)) {
        if (!entry.is_regular_file()) continue;
        std::ifstream file(entry.path());
        const std::string text{std::istreambuf_iterator<char>(file), {}};
        for (auto it = std::sregex_iterator(text.begin(), text.end(), call); it != std::sregex_iterator();
             ++it) {
            const std::string function = (*it)[1];
            EXPECT_TRUE(cannot_fail.contains(function) || FailingOpenssl::functions().contains(function))
                << entry.path().filename() << " calls " << function << ", which no test makes fail";
            ++checked;
        }
    }
    EXPECT_GT(checked, 40);
}

}  // namespace
}  // namespace tixian::wechat
