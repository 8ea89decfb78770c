// SPDX-License-Identifier: MIT
#include "tixian/wechat/rsa_key.hpp"

#include <atomic>
#include <cstddef>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>
#include <openssl/err.h>

#include "test_keys.hpp"

namespace tixian::wechat {
namespace {

using test::test_key;

static_assert(std::is_copy_constructible_v<PrivateKey> && std::is_copy_constructible_v<PublicKey>);
static_assert(!std::is_default_constructible_v<PrivateKey> && !std::is_default_constructible_v<PublicKey>);

template <class T>
void expect_refused(const Result<T>& result, ErrorCode code, std::string_view what_to_do) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, code);
    EXPECT_NE(result.error().message.find(what_to_do), std::string::npos) << result.error().message;
    EXPECT_EQ(ERR_peek_error(), 0U) << "an error was left in OpenSSL's queue";
}

void expect_opens(const std::string& pem, std::string_view passphrase = {}) {
    const Result<PrivateKey> key = PrivateKey::from_pem(pem, passphrase);
    ASSERT_TRUE(key) << key.error().message;
    EXPECT_TRUE(test::public_key().verify_sha256("message", key->sign_sha256("message").value()));
}

TEST(PrivateKey, OpensPkcs8) { expect_opens(test::pkcs8_pem(test_key())); }
TEST(PrivateKey, OpensPkcs1) { expect_opens(test::pkcs1_pem(test_key())); }
TEST(PrivateKey, OpensEncryptedPkcs8) {
    expect_opens(test::encrypted_pkcs8_pem(test_key()), test::test_passphrase);
}
TEST(PrivateKey, OpensEncryptedPkcs1) {
    expect_opens(test::encrypted_pkcs1_pem(test_key()), test::test_passphrase);
}
TEST(PrivateKey, IgnoresAPassphraseThatIsNotNeeded) {
    expect_opens(test::pkcs8_pem(test_key()), test::test_passphrase);
}

TEST(PrivateKey, AsksForThePassphraseInItsRefusalNotOnTheTerminal) {
    expect_refused(PrivateKey::from_pem(test::encrypted_pkcs8_pem(test_key())), ErrorCode::invalid_key,
                   "give its passphrase");
    expect_refused(PrivateKey::from_pem(test::encrypted_pkcs1_pem(test_key())), ErrorCode::invalid_key,
                   "give its passphrase");
}

TEST(PrivateKey, RefusesAWrongPassphraseWithoutRepeatingIt) {
    const Result<PrivateKey> key =
        PrivateKey::from_pem(test::encrypted_pkcs8_pem(test_key()), "battery staple");

    expect_refused(key, ErrorCode::invalid_key, "check its passphrase");
    EXPECT_EQ(key.error().message.find("battery"), std::string::npos);
}

TEST(PrivateKey, RefusesAPassphraseLongerThanOpensslTakes) {
    expect_refused(PrivateKey::from_pem(test::encrypted_pkcs8_pem(test_key()), std::string(100'000, 'x')),
                   ErrorCode::invalid_key, "check its passphrase");
}

TEST(PrivateKey, RefusesAnEllipticCurveKey) {
    expect_refused(PrivateKey::from_pem(test::pkcs8_pem(test::make_elliptic())), ErrorCode::invalid_key,
                   "use the RSA key");
}

TEST(PrivateKey, RefusesAnRsaKeyOfLessThan2048Bits) {
    expect_refused(PrivateKey::from_pem(test::pkcs8_pem(test::make_rsa(1024))), ErrorCode::invalid_key,
                   "request a new one");
}

TEST(PrivateKey, RefusesWhatIsNotAPrivateKey) {
    const std::string pem = test::pkcs8_pem(test_key());
    for (const std::string& text : {std::string(), std::string("no key"), pem.substr(0, pem.size() / 2),
                                    test::public_pem(test_key()), test::certificate_pem(test_key())}) {
        SCOPED_TRACE(text);
        expect_refused(PrivateKey::from_pem(text), ErrorCode::invalid_key,
                       "give the contents of apiclient_key.pem");
    }
}

TEST(PrivateKey, RefusesATextThatIsTooLongToBeAKey) {
    const std::string padded = std::string(pem_bytes_max, '\n') + test::pkcs8_pem(test_key());
    expect_refused(PrivateKey::from_pem(padded), ErrorCode::invalid_key, "not a private key");
}

TEST(PrivateKey, RefusesADamagedKeyWithoutRepeatingIt) {
    std::string pem = test::pkcs8_pem(test_key());
    pem[40] = pem[40] == 'A' ? 'B' : 'A';
    const Result<PrivateKey> key = PrivateKey::from_pem(pem);

    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().message.find(pem.substr(41, 8)), std::string::npos);
}

TEST(PublicKey, OpensASubjectPublicKeyInfo) {
    const PublicKey key = PublicKey::from_pem(test::public_pem(test_key())).value();
    EXPECT_TRUE(key.verify_sha256("message", test::private_key().sign_sha256("message").value()));
}

TEST(PublicKey, OpensACertificate) {
    const PublicKey key = PublicKey::from_certificate_pem(test::certificate_pem(test_key())).value();
    EXPECT_TRUE(key.verify_sha256("message", test::private_key().sign_sha256("message").value()));
}

TEST(PublicKey, RefusesWhatIsNotAPublicKey) {
    for (const std::string& text : {std::string(), std::string("no key"), test::certificate_pem(test_key()),
                                    test::pkcs8_pem(test_key())}) {
        SCOPED_TRACE(text);
        expect_refused(PublicKey::from_pem(text), ErrorCode::invalid_key, "give the contents of pub_key.pem");
    }
}

TEST(PublicKey, RefusesWhatIsNotACertificate) {
    for (const std::string& text : {std::string(), std::string("no key"), test::public_pem(test_key())}) {
        SCOPED_TRACE(text);
        expect_refused(PublicKey::from_certificate_pem(text), ErrorCode::invalid_key, "BEGIN CERTIFICATE");
    }
}

TEST(PublicKey, RefusesAnEllipticCurveKey) {
    const test::TestKey key = test::make_elliptic();
    expect_refused(PublicKey::from_pem(test::public_pem(key)), ErrorCode::invalid_key, "use the RSA key");
    expect_refused(PublicKey::from_certificate_pem(test::certificate_pem(key)), ErrorCode::invalid_key,
                   "use the RSA key");
}

TEST(PublicKey, RefusesAnRsaKeyOfLessThan2048Bits) {
    const test::TestKey key = test::make_rsa(1024);
    expect_refused(PublicKey::from_pem(test::public_pem(key)), ErrorCode::invalid_key, "request a new one");
    expect_refused(PublicKey::from_certificate_pem(test::certificate_pem(key)), ErrorCode::invalid_key,
                   "request a new one");
}

TEST(CertificateSerial, IsUpperCaseHexWithTwoDigitsAByte) {
    EXPECT_EQ(certificate_serial(test::certificate_pem(test_key())).value(), test::test_serial);
}

TEST(CertificateSerial, RefusesWhatIsNotACertificate) {
    expect_refused(certificate_serial("no certificate"), ErrorCode::invalid_key, "BEGIN CERTIFICATE");
    expect_refused(certificate_serial(""), ErrorCode::invalid_key, "BEGIN CERTIFICATE");
}

TEST(Signature, IsAsLongAsTheKeyAndTheSameEachTime) {
    const PrivateKey key = test::private_key();
    const std::string signature = key.sign_sha256("message").value();

    EXPECT_EQ(signature.size(), 256U);
    EXPECT_EQ(key.sign_sha256("message").value(), signature);
}

TEST(Signature, CoversTheEmptyMessage) {
    EXPECT_TRUE(test::public_key().verify_sha256("", test::private_key().sign_sha256("").value()));
}

TEST(Signature, IsRefusedForAnotherMessage) {
    const std::string signature = test::private_key().sign_sha256("message").value();

    EXPECT_FALSE(test::public_key().verify_sha256("Message", signature));
    EXPECT_FALSE(test::public_key().verify_sha256("message\n", signature));
    EXPECT_FALSE(test::public_key().verify_sha256("", signature));
}

TEST(Signature, IsRefusedForAnotherKey) {
    const std::string signature = test::private_key(test::other_test_key()).sign_sha256("message").value();
    EXPECT_FALSE(test::public_key().verify_sha256("message", signature));
}

TEST(Signature, IsRefusedWithAnyChangedBitOrLength) {
    const PublicKey key = test::public_key();
    const std::string signature = test::private_key().sign_sha256("message").value();
    for (std::size_t i = 0; i < signature.size(); ++i) {
        std::string changed = signature;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        EXPECT_FALSE(key.verify_sha256("message", changed)) << i;
    }
    EXPECT_FALSE(key.verify_sha256("message", signature.substr(1)));
    EXPECT_FALSE(key.verify_sha256("message", signature + '\0'));
    EXPECT_FALSE(key.verify_sha256("message", ""));
    EXPECT_EQ(ERR_peek_error(), 0U) << "an error was left in OpenSSL's queue";
}

TEST(Oaep, GivesThePlaintextBackFromOneByteToTheLongest) {
    const PublicKey key = test::public_key();
    EXPECT_EQ(key.plaintext_bytes_max(), 214U);
    for (const std::string& plaintext : {std::string("x"), std::string("张三"), std::string(214, 'x')}) {
        const std::string ciphertext = key.encrypt_oaep(plaintext).value();
        EXPECT_EQ(ciphertext.size(), 256U);
        EXPECT_EQ(test::private_key().decrypt_oaep(ciphertext).value(), plaintext);
    }
}

TEST(Oaep, MakesAnotherCiphertextEachTime) {
    EXPECT_NE(test::public_key().encrypt_oaep("张三").value(),
              test::public_key().encrypt_oaep("张三").value());
}

TEST(Oaep, RefusesAnEmptyPlaintext) {
    expect_refused(test::public_key().encrypt_oaep(""), ErrorCode::invalid_argument,
                   "leave an empty field out");
}

TEST(Oaep, RefusesAPlaintextThatDoesNotFitWithoutRepeatingIt) {
    const Result<std::string> ciphertext = test::public_key().encrypt_oaep(std::string(215, 'S'));

    expect_refused(ciphertext, ErrorCode::invalid_argument, "at most 214 bytes");
    EXPECT_EQ(ciphertext.error().message.find("SSS"), std::string::npos);
}

TEST(Oaep, RefusesACiphertextForAnotherKey) {
    const std::string ciphertext = test::public_key(test::other_test_key()).encrypt_oaep("张三").value();
    expect_refused(test::private_key().decrypt_oaep(ciphertext), ErrorCode::bad_ciphertext,
                   "not encrypted for this");
}

TEST(Oaep, RefusesAChangedCiphertextOrAnotherLength) {
    std::string changed = test::public_key().encrypt_oaep("张三").value();
    changed[200] = static_cast<char>(changed[200] ^ 1);
    for (const std::string& ciphertext :
         {changed, changed.substr(1), changed + "x", std::string(), std::string(256, '\xff')}) {
        expect_refused(test::private_key().decrypt_oaep(ciphertext), ErrorCode::bad_ciphertext,
                       "not encrypted");
    }
}

TEST(Keys, AreSharedByThreads) {
    const PrivateKey signing = test::private_key();
    const PublicKey verifying = test::public_key();
    std::atomic<int> verified = 0;

    std::vector<std::thread> threads;
    threads.reserve(4);
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&, signing_copy = signing, verifying_copy = verifying,
                              message = std::to_string(i)] {
            for (int turn = 0; turn < 20; ++turn) {
                verified +=
                    verifying_copy.verify_sha256(message, signing_copy.sign_sha256(message).value()) ? 1 : 0;
            }
        });
    }
    for (std::thread& thread : threads) thread.join();

    EXPECT_EQ(verified, 80);
}

}  // namespace
}  // namespace tixian::wechat
