// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "tixian/error.hpp"

namespace tixian::wechat {

/// Shorter keys are refused. WeChat's own are 2048 bits: wechat_spec 4.6.
inline constexpr int rsa_bits_min = 2048;

/// Longer PEM texts are refused unread.
inline constexpr std::size_t pem_bytes_max = std::size_t{64} * 1024;

namespace detail {

template <auto Free>
struct FreeWith {
    template <class T>
    void operator()(T* object) const {
        Free(object);
    }
};
using Bio = std::unique_ptr<BIO, FreeWith<BIO_free>>;
using BigNumber = std::unique_ptr<BIGNUM, FreeWith<BN_free>>;
using X509Certificate = std::unique_ptr<X509, FreeWith<X509_free>>;
using EvpKey = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using EvpKeyContext = std::unique_ptr<EVP_PKEY_CTX, FreeWith<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreeWith<EVP_MD_CTX_free>>;

/// Drops what OpenSSL queued meanwhile: an old entry would make the host's next SSL_get_error() lie.
class QuietErrors {
 public:
    QuietErrors() { ERR_set_mark(); }
    ~QuietErrors() { ERR_pop_to_mark(); }
    QuietErrors(const QuietErrors&) = delete;
    QuietErrors& operator=(const QuietErrors&) = delete;
};

inline const unsigned char* octets(std::string_view bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}
inline unsigned char* octets(std::string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

struct Passphrase {
    std::string_view text;
    bool was_asked = false;
};

/// Always given to OpenSSL, because without a callback it would prompt on the terminal.
inline int answer_passphrase(char* out, int capacity, int /*for_writing*/, void* context) {
    auto& passphrase = *static_cast<Passphrase*>(context);
    passphrase.was_asked = true;
    const std::size_t size = passphrase.text.size();
    if (size == 0 || capacity < 0 || size > static_cast<std::size_t>(capacity)) return -1;
    std::memcpy(out, passphrase.text.data(), size);
    return static_cast<int>(size);
}

/// Reads the PEM without copying it; null where there is nothing to read.
inline Bio pem_source(std::string_view pem) {
    if (pem.empty() || pem.size() > pem_bytes_max) return nullptr;
    return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

inline X509Certificate read_certificate(std::string_view pem) {
    const Bio source = pem_source(pem);
    Passphrase none;
    return X509Certificate(source ? PEM_read_bio_X509(source.get(), nullptr, answer_passphrase, &none)
                                  : nullptr);
}

/// A key that was parsed once, with a digest context that was initialised once: parsing costs four signatures
/// and initialising several microseconds, but both may be shared by threads that only copy from them.
struct RsaState {
    EvpKey key;
    DigestContext prepared;
    std::size_t bytes = 0;
};

using DigestInit = int (*)(EVP_MD_CTX*, EVP_PKEY_CTX**, const EVP_MD*, ENGINE*, EVP_PKEY*);

/// RSASSA-PKCS1-v1_5 with SHA-256: wechat_spec 4.2.
inline Result<std::shared_ptr<const RsaState>> accept_rsa(EvpKey key, DigestInit init,
                                                          std::string_view field) {
    if (!EVP_PKEY_is_a(key.get(), "RSA")) {
        return refuse(ErrorCode::invalid_key, "not an RSA key: use the RSA key that WeChat Pay's site issued",
                      std::string(field));
    }
    if (EVP_PKEY_get_bits(key.get()) < rsa_bits_min) {
        return refuse(ErrorCode::invalid_key,
                      "RSA key is shorter than 2048 bits: request a new one at WeChat Pay's site",
                      std::string(field));
    }
    DigestContext prepared(EVP_MD_CTX_new());
    EVP_PKEY_CTX* parameters = nullptr;  // owned by `prepared`
    const int bytes = EVP_PKEY_get_size(key.get());
    const bool is_ready = bytes > 0 && prepared &&
                          init(prepared.get(), &parameters, EVP_sha256(), nullptr, key.get()) == 1 &&
                          EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PADDING) == 1;
    if (!is_ready) {
        return refuse(ErrorCode::invalid_key,
                      "OpenSSL cannot use this key with RSA and SHA-256: check its providers",
                      std::string(field));
    }
    return std::make_shared<const RsaState>(
        RsaState{std::move(key), std::move(prepared), static_cast<std::size_t>(bytes)});
}

inline DigestContext copy_prepared(const RsaState& state) {
    DigestContext context(EVP_MD_CTX_new());
    if (!context || EVP_MD_CTX_copy_ex(context.get(), state.prepared.get()) != 1) return nullptr;
    EVP_MD_CTX_set_flags(context.get(), EVP_MD_CTX_FLAG_FINALISE);  // used once: final need not copy it again
    return context;
}

using CryptInit = int (*)(EVP_PKEY_CTX*);

/// RSAES-OAEP, SHA-1, MGF1 with SHA-1, empty label: wechat_spec 4.6.
inline EvpKeyContext oaep_context(const RsaState& state, CryptInit init) {
    EvpKeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, state.key.get(), nullptr));
    const bool is_ready = context && init(context.get()) == 1 &&
                          EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) == 1 &&
                          EVP_PKEY_CTX_set_rsa_oaep_md(context.get(), EVP_sha1()) == 1 &&
                          EVP_PKEY_CTX_set_rsa_mgf1_md(context.get(), EVP_sha1()) == 1;
    return is_ready ? std::move(context) : nullptr;
}

// OAEP with SHA-1 takes two digests and two bytes of each block: 214 bytes are left of 2048 bits,
// wechat_spec 4.6.
inline constexpr std::size_t oaep_overhead = 2 * 20 + 2;

}  // namespace detail

/// An RSA private key. Thread-safe; copies share the one parsed key, and there is no empty one.
class PrivateKey {
 public:
    /// Reads PKCS#8 or PKCS#1, encrypted or not; never prompts. Refuses (`invalid_key`) what is not an RSA
    /// key of at least 2048 bits, or is encrypted without the right passphrase.
    [[nodiscard]] static Result<PrivateKey> from_pem(std::string_view pem, std::string_view passphrase = {}) {
        const detail::QuietErrors quiet;
        detail::Passphrase answer{passphrase};
        const detail::Bio source = detail::pem_source(pem);
        detail::EvpKey key(
            source ? PEM_read_bio_PrivateKey(source.get(), nullptr, detail::answer_passphrase, &answer)
                   : nullptr);
        if (!key) return refuse(ErrorCode::invalid_key, why_unreadable(answer), "private_key");
        return detail::accept_rsa(std::move(key), EVP_DigestSignInit, "private_key").map([](auto&& state) {
            return PrivateKey(state);
        });
    }

    PrivateKey(const PrivateKey&) = default;  // and no move, which would leave an empty key behind
    PrivateKey& operator=(const PrivateKey&) = default;
    ~PrivateKey() = default;

    /// RSASSA-PKCS1-v1_5 with SHA-256; the raw signature, as long as the key.
    [[nodiscard]] Result<std::string> sign_sha256(std::string_view message) const {
        const detail::QuietErrors quiet;
        const detail::DigestContext context = detail::copy_prepared(*state_);
        std::string signature(state_->bytes, '\0');
        std::size_t size = signature.size();
        if (!context || EVP_DigestSign(context.get(), detail::octets(signature), &size,
                                       detail::octets(message), message.size()) != 1) {
            return refuse(ErrorCode::invalid_key,
                          "OpenSSL cannot sign with this key: check that it is undamaged", "private_key");
        }
        signature.resize(size);
        return signature;
    }

    /// Undoes PublicKey::encrypt_oaep. Refuses (`bad_ciphertext`) anything else, without saying why.
    [[nodiscard]] Result<std::string> decrypt_oaep(std::string_view ciphertext) const {
        const detail::QuietErrors quiet;
        const detail::EvpKeyContext context = detail::oaep_context(*state_, EVP_PKEY_decrypt_init);
        std::string plaintext(state_->bytes, '\0');
        std::size_t size = plaintext.size();
        if (!context || EVP_PKEY_decrypt(context.get(), detail::octets(plaintext), &size,
                                         detail::octets(ciphertext), ciphertext.size()) != 1) {
            OPENSSL_cleanse(plaintext.data(), plaintext.size());
            return refuse(ErrorCode::bad_ciphertext, "the field was not encrypted for this key");
        }
        plaintext.resize(size);
        return plaintext;
    }

 private:
    explicit PrivateKey(std::shared_ptr<const detail::RsaState> state) : state_(std::move(state)) {}

    static const char* why_unreadable(const detail::Passphrase& answer) {
        if (!answer.was_asked) return "not a private key in PEM: give the contents of apiclient_key.pem";
        if (answer.text.empty()) return "the private key is encrypted: give its passphrase";
        return "the private key does not open: check its passphrase, and that it is undamaged";
    }

    std::shared_ptr<const detail::RsaState> state_;
};

/// An RSA public key. Thread-safe; copies share the one parsed key, and there is no empty one.
class PublicKey {
 public:
    /// Reads SubjectPublicKeyInfo (`BEGIN PUBLIC KEY`), the form of the WeChat Pay public key. Refuses
    /// (`invalid_key`) what is not an RSA key of at least 2048 bits.
    [[nodiscard]] static Result<PublicKey> from_pem(std::string_view pem) {
        const detail::QuietErrors quiet;
        detail::Passphrase none;
        const detail::Bio source = detail::pem_source(pem);
        detail::EvpKey key(
            source ? PEM_read_bio_PUBKEY(source.get(), nullptr, detail::answer_passphrase, &none) : nullptr);
        if (!key) {
            return refuse(ErrorCode::invalid_key, "not a public key in PEM: give the contents of pub_key.pem",
                          "public_key");
        }
        return accept(std::move(key), "public_key");
    }

    /// The key of a certificate, such as a platform certificate. Its dates and issuer are not looked at:
    /// WeChat's certificates are trusted because they came encrypted with the APIv3 key (wechat_spec 4.4).
    [[nodiscard]] static Result<PublicKey> from_certificate_pem(std::string_view pem) {
        const detail::QuietErrors quiet;
        const detail::X509Certificate certificate = detail::read_certificate(pem);
        detail::EvpKey key(certificate ? X509_get_pubkey(certificate.get()) : nullptr);
        if (!key) {
            return refuse(ErrorCode::invalid_key,
                          "not a certificate in PEM: give a text with BEGIN CERTIFICATE", "certificate");
        }
        return accept(std::move(key), "certificate");
    }

    PublicKey(const PublicKey&) = default;  // and no move, which would leave an empty key behind
    PublicKey& operator=(const PublicKey&) = default;
    ~PublicKey() = default;

    /// Whether the raw signature is RSASSA-PKCS1-v1_5 with SHA-256 of exactly this message.
    [[nodiscard]] bool verify_sha256(std::string_view message, std::string_view signature) const {
        const detail::QuietErrors quiet;
        const detail::DigestContext context = detail::copy_prepared(*state_);
        return context && EVP_DigestVerify(context.get(), detail::octets(signature), signature.size(),
                                           detail::octets(message), message.size()) == 1;
    }

    /// The longest plaintext that encrypt_oaep takes, in bytes: 214 for 2048 bits.
    [[nodiscard]] std::size_t plaintext_bytes_max() const { return state_->bytes - detail::oaep_overhead; }

    /// RSAES-OAEP with SHA-1, for sensitive fields; raw bytes, different each time. Refuses
    /// (`invalid_argument`) an empty plaintext, whose field must be left out (wechat_spec 4.6), and one above
    /// plaintext_bytes_max().
    [[nodiscard]] Result<std::string> encrypt_oaep(std::string_view plaintext) const {
        if (plaintext.empty()) {
            return refuse(ErrorCode::invalid_argument, "nothing to encrypt: leave an empty field out",
                          "plaintext");
        }
        if (plaintext.size() > plaintext_bytes_max()) {
            return refuse(ErrorCode::invalid_argument,
                          "too long to encrypt: at most " + std::to_string(plaintext_bytes_max()) + " bytes",
                          "plaintext");
        }
        const detail::QuietErrors quiet;
        const detail::EvpKeyContext context = detail::oaep_context(*state_, EVP_PKEY_encrypt_init);
        std::string ciphertext(state_->bytes, '\0');
        std::size_t size = ciphertext.size();
        if (!context || EVP_PKEY_encrypt(context.get(), detail::octets(ciphertext), &size,
                                         detail::octets(plaintext), plaintext.size()) != 1) {
            return refuse(ErrorCode::invalid_key,
                          "OpenSSL cannot encrypt with this key: check that it is undamaged", "public_key");
        }
        ciphertext.resize(size);
        return ciphertext;
    }

 private:
    explicit PublicKey(std::shared_ptr<const detail::RsaState> state) : state_(std::move(state)) {}

    static Result<PublicKey> accept(detail::EvpKey key, std::string_view field) {
        return detail::accept_rsa(std::move(key), EVP_DigestVerifyInit, field).map([](auto&& state) {
            return PublicKey(state);
        });
    }

    std::shared_ptr<const detail::RsaState> state_;
};

/// The serial number of a certificate as WeChat writes it: upper-case hex, two digits a byte
/// (wechat_spec 4.2).
[[nodiscard]] inline Result<std::string> certificate_serial(std::string_view pem) {
    const detail::QuietErrors quiet;
    const detail::X509Certificate certificate = detail::read_certificate(pem);
    const detail::BigNumber number(
        certificate ? ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate.get()), nullptr) : nullptr);
    char* const hex = number && BN_is_negative(number.get()) == 0 ? BN_bn2hex(number.get()) : nullptr;
    if (hex == nullptr) {
        return refuse(ErrorCode::invalid_key, "not a certificate in PEM: give a text with BEGIN CERTIFICATE",
                      "certificate");
    }
    std::string serial(hex);
    OPENSSL_free(hex);
    return serial;
}

}  // namespace tixian::wechat
