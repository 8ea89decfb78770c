// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <climits>
#include <cstddef>
#include <string>
#include <string_view>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "tixian/error.hpp"
#include "tixian/secret.hpp"

namespace tixian::wechat {

// AEAD_AES_256_GCM as wechat_spec 3, "Decrypt", has it.
inline constexpr std::size_t apiv3_key_bytes = 32;
inline constexpr std::size_t gcm_nonce_bytes = 12;
inline constexpr std::size_t gcm_tag_bytes = 16;

/// The merchant's symmetric key for notifications and certificates. Wiped when it goes; cannot be copied.
class Apiv3Key {
 public:
    /// Refuses (`invalid_key`) what is not exactly 32 bytes.
    [[nodiscard]] static Result<Apiv3Key> parse(std::string_view bytes) {
        if (bytes.size() != apiv3_key_bytes) {
            return refuse(
                ErrorCode::invalid_key,
                "APIv3 key must have exactly 32 bytes: copy it from WeChat Pay's site, without a line break",
                "apiv3_key");
        }
        return Apiv3Key(bytes);
    }

    /// Valid as long as this key is.
    [[nodiscard]] std::string_view view() const { return bytes_.view(); }

 private:
    explicit Apiv3Key(std::string_view bytes) : bytes_(bytes) {}

    Secret bytes_;
};

namespace detail {

/// One AES-GCM operation. After a step that failed the others do nothing, and OpenSSL's error queue is left
/// as it was.
class GcmOperation {
 public:
    enum class Direction : int { decrypt = 0, encrypt = 1 };

    GcmOperation(std::string_view key, std::string_view nonce, Direction direction) {
        ERR_set_mark();
        context_ = EVP_CIPHER_CTX_new();
        const EVP_CIPHER* const cipher = key.size() == 32 ? EVP_aes_256_gcm() : EVP_aes_128_gcm();
        is_good_ = context_ != nullptr && EVP_CipherInit_ex(context_, cipher, nullptr, octets(key),
                                                            octets(nonce), static_cast<int>(direction)) == 1;
    }
    ~GcmOperation() {
        EVP_CIPHER_CTX_free(context_);
        ERR_pop_to_mark();
    }
    GcmOperation(const GcmOperation&) = delete;
    GcmOperation& operator=(const GcmOperation&) = delete;

    /// Encrypts or decrypts into `out`, which has room for as much; a null `out` only authenticates.
    void update(std::string_view bytes, char* out) {
        int size = 0;
        if (!is_good_ || bytes.empty()) return;
        is_good_ = EVP_CipherUpdate(context_, reinterpret_cast<unsigned char*>(out), &size, octets(bytes),
                                    static_cast<int>(bytes.size())) == 1;
    }
    void expect_tag(std::string_view tag) {
        std::array<char, gcm_tag_bytes> copy{};
        tag.copy(copy.data(), copy.size());
        exchange_tag(EVP_CTRL_AEAD_SET_TAG, copy.data());
    }
    void read_tag(char* tag) { exchange_tag(EVP_CTRL_AEAD_GET_TAG, tag); }

    /// Decrypting, whether the tag is the expected one.
    [[nodiscard]] bool finish() {
        int size = 0;
        std::array<unsigned char, EVP_MAX_BLOCK_LENGTH> none{};
        is_good_ = is_good_ && EVP_CipherFinal_ex(context_, none.data(), &size) == 1;
        return is_good_;
    }
    [[nodiscard]] bool is_good() const { return is_good_; }

 private:
    static const unsigned char* octets(std::string_view bytes) {
        return reinterpret_cast<const unsigned char*>(bytes.data());
    }
    void exchange_tag(int command, char* tag) {
        is_good_ =
            is_good_ && EVP_CIPHER_CTX_ctrl(context_, command, static_cast<int>(gcm_tag_bytes), tag) == 1;
    }

    EVP_CIPHER_CTX* context_ = nullptr;
    bool is_good_ = false;
};

constexpr bool is_aes_key(std::string_view key) { return key.size() == 16 || key.size() == 32; }
constexpr bool fits_openssl(std::string_view bytes) { return bytes.size() <= std::size_t{INT_MAX}; }

}  // namespace detail

/// The plaintext of `sealed`, which is ciphertext and then 16 bytes of tag. The key has 32 bytes, as an APIv3
/// key has, or 16, as in the vectors of WeChat's own SDKs. Refuses (`bad_ciphertext`) a nonce that has not 12
/// bytes, what is shorter than a tag, and whatever was not sealed with this key, nonce and associated data;
/// (`invalid_key`) another key length. Nothing of a refused plaintext is given out or kept.
[[nodiscard]] inline Result<std::string> decrypt_aes_gcm(std::string_view key, std::string_view nonce,
                                                         std::string_view associated_data,
                                                         std::string_view sealed) {
    if (!detail::is_aes_key(key)) return refuse(ErrorCode::invalid_key, "AES key must have 32 bytes", "key");
    if (nonce.size() != gcm_nonce_bytes) {
        return refuse(ErrorCode::bad_ciphertext, "nonce must have 12 bytes", "nonce");
    }
    if (sealed.size() < gcm_tag_bytes || !detail::fits_openssl(sealed) ||
        !detail::fits_openssl(associated_data)) {
        return refuse(ErrorCode::bad_ciphertext,
                      "ciphertext must hold a tag of 16 bytes and stay below 2 GiB", "ciphertext");
    }
    const std::string_view ciphertext = sealed.substr(0, sealed.size() - gcm_tag_bytes);
    std::string plaintext(ciphertext.size(), '\0');

    detail::GcmOperation operation(key, nonce, detail::GcmOperation::Direction::decrypt);
    operation.update(associated_data, nullptr);
    operation.update(ciphertext, plaintext.data());
    operation.expect_tag(sealed.substr(ciphertext.size()));
    if (!operation.finish()) {
        OPENSSL_cleanse(plaintext.data(), plaintext.size());
        return refuse(ErrorCode::bad_ciphertext, "not encrypted with this APIv3 key, or changed on the way",
                      "ciphertext");
    }
    return plaintext;
}

/// The inverse of decrypt_aes_gcm: ciphertext and then the tag. A nonce must never be used twice with one
/// key. Refuses (`invalid_argument`) a nonce that has not 12 bytes, and (`invalid_key`) a key that has not 16
/// or 32.
[[nodiscard]] inline Result<std::string> encrypt_aes_gcm(std::string_view key, std::string_view nonce,
                                                         std::string_view associated_data,
                                                         std::string_view plaintext) {
    if (!detail::is_aes_key(key)) return refuse(ErrorCode::invalid_key, "AES key must have 32 bytes", "key");
    if (nonce.size() != gcm_nonce_bytes) {
        return refuse(ErrorCode::invalid_argument, "nonce must have 12 bytes", "nonce");
    }
    if (!detail::fits_openssl(plaintext) || !detail::fits_openssl(associated_data)) {
        return refuse(ErrorCode::invalid_argument, "plaintext must stay below 2 GiB", "plaintext");
    }
    std::string sealed(plaintext.size() + gcm_tag_bytes, '\0');

    detail::GcmOperation operation(key, nonce, detail::GcmOperation::Direction::encrypt);
    operation.update(associated_data, nullptr);
    operation.update(plaintext, sealed.data());
    const bool is_finished = operation.finish();
    operation.read_tag(sealed.data() + plaintext.size());
    if (!is_finished || !operation.is_good()) {
        return refuse(ErrorCode::invalid_key, "OpenSSL cannot encrypt with AES-GCM: check its providers",
                      "key");
    }
    return sealed;
}

}  // namespace tixian::wechat
