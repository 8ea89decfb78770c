// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tixian/clock.hpp"
#include "tixian/error.hpp"

struct evp_pkey_st;  // OpenSSL's EVP_PKEY

namespace tixian::mock {

/// A parsed RSA key, cheap to copy. May be shared by threads. The mock signs and verifies with code of its
/// own, so that a mistake of the library's cannot hide in both.
class RsaKey {
 public:
    [[nodiscard]] static Result<RsaKey> parse_private(std::string_view pem);
    [[nodiscard]] static Result<RsaKey> parse_public(std::string_view pem);
    [[nodiscard]] static Result<RsaKey> from_certificate(std::string_view pem);
    [[nodiscard]] static RsaKey generate();

    [[nodiscard]] std::string private_pem() const;  ///< PKCS#8
    [[nodiscard]] std::string public_pem() const;   ///< SPKI

    /// RSASSA-PKCS1-v1_5 with SHA-256, base64.
    [[nodiscard]] std::string sign(std::string_view message) const;
    [[nodiscard]] bool is_signature(std::string_view message, std::string_view signature_base64) const;

    /// RSAES-OAEP with SHA-1, base64.
    [[nodiscard]] std::string encrypt(std::string_view plain) const;
    [[nodiscard]] std::optional<std::string> decrypt(std::string_view cipher_base64) const;

    [[nodiscard]] bool is_same_public_key(const RsaKey& other) const;

    [[nodiscard]] evp_pkey_st* get() const { return key_.get(); }

 private:
    explicit RsaKey(evp_pkey_st* key);
    std::shared_ptr<evp_pkey_st> key_;
};

/// A self-signed certificate for ten years with a serial of 40 hex digits, as WeChat's merchant certificates
/// have.
/// Valid for five years, as WeChat's are.
constexpr Duration certificate_lifetime = std::chrono::hours(24 * 365 * 5);
[[nodiscard]] std::string make_certificate_pem(const RsaKey& key, std::string_view common_name);
/// The serial in upper-case hex.
[[nodiscard]] Result<std::string> certificate_serial(std::string_view pem);

/// AES-256-GCM; answers base64(ciphertext and tag). The key has 32 bytes, the nonce 12.
[[nodiscard]] std::string encrypt_aes_gcm(std::string_view key, std::string_view nonce,
                                          std::string_view plain, std::string_view associated_data);

/// `algorithm` is OpenSSL's name, like SHA256; lower-case hex.
[[nodiscard]] std::string hex_digest(const char* algorithm, std::string_view bytes);

/// Letters and digits from the cryptographic generator.
[[nodiscard]] std::string random_text(std::size_t length);
[[nodiscard]] std::string random_digits(std::size_t length);

}  // namespace tixian::mock
