// SPDX-License-Identifier: MIT
#include "tixian/wechat/aes_gcm.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>

#include <gtest/gtest.h>
#include <openssl/err.h>

namespace tixian::wechat {
namespace {

static_assert(!std::is_copy_constructible_v<Apiv3Key>);
static_assert(std::is_move_constructible_v<Apiv3Key>);

constexpr std::string_view key = "0123456789abcdef0123456789ABCDEF";
constexpr std::string_view nonce = "twelve bytes";
constexpr std::string_view context = "mch_payment";

std::string seal(std::string_view plaintext) {
    return encrypt_aes_gcm(key, nonce, context, plaintext).value();
}

void expect_refused(const Result<std::string>& result, ErrorCode code) {
    ASSERT_FALSE(result);
    EXPECT_EQ(name(result.error().code), name(code));
    EXPECT_EQ(result.error().message.find("0123456789abcdef"), std::string::npos);
    EXPECT_EQ(ERR_peek_error(), 0U) << "an error was left in OpenSSL's queue";
}

TEST(Apiv3Key, HasExactly32Bytes) {
    EXPECT_EQ(Apiv3Key::parse(key).value().view(), key);
    for (std::size_t size : {0U, 16U, 31U, 33U}) {
        const Result<Apiv3Key> parsed = Apiv3Key::parse(std::string(size, 'k'));
        ASSERT_FALSE(parsed);
        EXPECT_EQ(parsed.error().code, ErrorCode::invalid_key);
        EXPECT_EQ(parsed.error().message.find("kkk"), std::string::npos);
    }
}

TEST(AesGcm, GivesThePlaintextBack) {
    for (const std::string& plaintext :
         {std::string(), std::string("x"), std::string("提现"), std::string(100'000, 'x')}) {
        const std::string sealed = seal(plaintext);
        EXPECT_EQ(sealed.size(), plaintext.size() + 16);
        EXPECT_EQ(decrypt_aes_gcm(key, nonce, context, sealed).value(), plaintext);
    }
}

TEST(AesGcm, WorksWithoutAssociatedData) {
    const std::string sealed = encrypt_aes_gcm(key, nonce, "", "plaintext").value();
    EXPECT_EQ(decrypt_aes_gcm(key, nonce, "", sealed).value(), "plaintext");
    expect_refused(decrypt_aes_gcm(key, nonce, context, sealed), ErrorCode::bad_ciphertext);
}

TEST(AesGcm, TakesAKeyOf16Bytes) {
    const std::string sealed = encrypt_aes_gcm(key.substr(0, 16), nonce, context, "plaintext").value();
    EXPECT_EQ(decrypt_aes_gcm(key.substr(0, 16), nonce, context, sealed).value(), "plaintext");
}

TEST(AesGcm, RefusesAKeyOfAnotherLength) {
    for (std::size_t size : {0U, 15U, 17U, 24U, 31U}) {
        expect_refused(decrypt_aes_gcm(key.substr(0, size), nonce, context, seal("x")),
                       ErrorCode::invalid_key);
        expect_refused(encrypt_aes_gcm(key.substr(0, size), nonce, context, "x"), ErrorCode::invalid_key);
    }
}

TEST(AesGcm, RefusesANonceOfAnotherLength) {
    for (std::string_view other : {"", "eleven byte", "twelve bytes, and more", "fdasflkja484w"}) {
        expect_refused(decrypt_aes_gcm(key, other, context, seal("x")), ErrorCode::bad_ciphertext);
        expect_refused(encrypt_aes_gcm(key, other, context, "x"), ErrorCode::invalid_argument);
    }
}

TEST(AesGcm, RefusesWhatIsShorterThanATag) {
    for (std::size_t size = 0; size < gcm_tag_bytes; ++size) {
        expect_refused(decrypt_aes_gcm(key, nonce, context, std::string(size, 'x')),
                       ErrorCode::bad_ciphertext);
    }
}

TEST(AesGcm, RefusesAnyChangedByteOfCiphertextOrTag) {
    const std::string sealed = seal("plaintext");
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        std::string changed = sealed;
        changed[i] = static_cast<char>(changed[i] ^ 0x80);
        expect_refused(decrypt_aes_gcm(key, nonce, context, changed), ErrorCode::bad_ciphertext);
    }
}

TEST(AesGcm, RefusesATruncatedOrLongerCiphertext) {
    const std::string sealed = seal("plaintext");
    expect_refused(decrypt_aes_gcm(key, nonce, context, sealed.substr(1)), ErrorCode::bad_ciphertext);
    expect_refused(decrypt_aes_gcm(key, nonce, context, sealed.substr(0, sealed.size() - 1)),
                   ErrorCode::bad_ciphertext);
    expect_refused(decrypt_aes_gcm(key, nonce, context, sealed + '\0'), ErrorCode::bad_ciphertext);
}

TEST(AesGcm, RefusesAnotherKeyNonceOrAssociatedData) {
    const std::string sealed = seal("plaintext");
    expect_refused(decrypt_aes_gcm(std::string(32, 'k'), nonce, context, sealed), ErrorCode::bad_ciphertext);
    expect_refused(decrypt_aes_gcm(key.substr(0, 16), nonce, context, sealed), ErrorCode::bad_ciphertext);
    expect_refused(decrypt_aes_gcm(key, "Twelve bytes", context, sealed), ErrorCode::bad_ciphertext);
    expect_refused(decrypt_aes_gcm(key, nonce, "", sealed), ErrorCode::bad_ciphertext);
}

}  // namespace
}  // namespace tixian::wechat
