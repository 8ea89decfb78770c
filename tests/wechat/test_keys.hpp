// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "tixian/wechat/rsa_key.hpp"

/// Keys that are made when a test asks for them, at most once a process, and never stored.
namespace tixian::test {

inline constexpr const char* test_passphrase = "correct horse";
inline constexpr const char* test_serial = "0BADC0FFEE0DDF00D5";

using TestKey = std::shared_ptr<EVP_PKEY>;

inline TestKey make_rsa(std::size_t bits) {
    return {EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", bits), EVP_PKEY_free};
}
inline TestKey make_elliptic() { return {EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"), EVP_PKEY_free}; }

/// The text that `write` puts into a BIO; aborts where it fails.
template <class Write>
std::string pem_text(Write write) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
    if (write(out.get()) != 1) std::abort();
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

inline std::string pkcs8_pem(const TestKey& key) {
    return pem_text([&](BIO* out) {
        return PEM_write_bio_PKCS8PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
}
inline std::string encrypted_pkcs8_pem(const TestKey& key) {
    const std::string_view pass = test_passphrase;
    return pem_text([&](BIO* out) {
        return PEM_write_bio_PKCS8PrivateKey(out, key.get(), EVP_aes_256_cbc(), pass.data(),
                                             static_cast<int>(pass.size()), nullptr, nullptr);
    });
}
inline std::string pkcs1_pem(const TestKey& key) {
    return pem_text([&](BIO* out) {
        return PEM_write_bio_PrivateKey_traditional(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
}
inline std::string encrypted_pkcs1_pem(const TestKey& key) {
    std::string pass = test_passphrase;
    return pem_text([&](BIO* out) {
        return PEM_write_bio_PrivateKey_traditional(out, key.get(), EVP_aes_256_cbc(),
                                                    reinterpret_cast<unsigned char*>(pass.data()),
                                                    static_cast<int>(pass.size()), nullptr, nullptr);
    });
}
inline std::string public_pem(const TestKey& key) {
    return pem_text([&](BIO* out) { return PEM_write_bio_PUBKEY(out, key.get()); });
}

/// Self-signed, valid for an hour, with test_serial.
inline std::string certificate_pem(const TestKey& key) {
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), X509_free);
    BIGNUM* number = nullptr;
    BN_hex2bn(&number, test_serial);
    BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate.get()));
    BN_free(number);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
    X509_set_pubkey(certificate.get(), key.get());
    X509_sign(certificate.get(), key.get(), EVP_sha256());
    return pem_text([&](BIO* out) { return PEM_write_bio_X509(out, certificate.get()); });
}

/// Stands for WeChat's key, or the merchant's where only one is needed.
inline const TestKey& test_key() {
    static const TestKey key = make_rsa(2048);
    return key;
}
/// Stands for somebody else's key.
inline const TestKey& other_test_key() {
    static const TestKey key = make_rsa(2048);
    return key;
}

inline wechat::PrivateKey private_key(const TestKey& key = test_key()) {
    return wechat::PrivateKey::from_pem(pkcs8_pem(key)).value();
}
inline wechat::PublicKey public_key(const TestKey& key = test_key()) {
    return wechat::PublicKey::from_pem(public_pem(key)).value();
}

}  // namespace tixian::test
