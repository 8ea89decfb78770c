// SPDX-License-Identifier: MIT
#include "mock/crypto.hpp"

#include <array>
#include <stdexcept>
#include <vector>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "mock/text.hpp"

namespace tixian::mock {
namespace {

template <auto Free>
struct Freed {
    template <class T>
    void operator()(T* object) const {
        Free(object);
    }
};
using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, Freed<EVP_CIPHER_CTX_free>>;
using BigNumber = std::unique_ptr<BIGNUM, Freed<BN_free>>;

// For what fails only when the process is out of memory or the generator is broken.
void must(bool ok) {
    if (!ok) throw std::runtime_error("OpenSSL failed");
}

const unsigned char* bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

Bio reader(std::string_view text) { return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

std::string content(const Bio& bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

// Never asks on the terminal.
int no_password(char*, int, int, void*) { return 0; }

Certificate parse_certificate(std::string_view pem) {
    return Certificate(PEM_read_bio_X509(reader(pem).get(), nullptr, no_password, nullptr));
}

// One RSA-OAEP operation, with SHA-1 for both the hash and the mask (wechat_spec 4.6).
KeyContext oaep_context(EVP_PKEY* key, int (*init)(EVP_PKEY_CTX*)) {
    KeyContext context(EVP_PKEY_CTX_new(key, nullptr));
    must(context && init(context.get()) == 1);
    must(EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) == 1);
    must(EVP_PKEY_CTX_set_rsa_oaep_md(context.get(), EVP_sha1()) == 1);
    must(EVP_PKEY_CTX_set_rsa_mgf1_md(context.get(), EVP_sha1()) == 1);
    return context;
}

Result<RsaKey> not_rsa(const char* what) {
    return refuse(ErrorCode::invalid_key, std::string(what) + " is not a PEM RSA key of 2048 bits or more");
}

bool is_good(EVP_PKEY* key) {
    return key != nullptr && EVP_PKEY_is_a(key, "RSA") && EVP_PKEY_get_bits(key) >= 2048;
}

// Many at a time, because each call of the generator costs as much as a thousand bytes of it.
class RandomBytes {
 public:
    unsigned char next() {
        if (left_ == 0) {
            must(RAND_bytes(drawn_.data(), static_cast<int>(drawn_.size())) == 1);
            left_ = drawn_.size();
        }
        return drawn_[--left_];
    }

 private:
    std::array<unsigned char, 1024> drawn_{};
    std::size_t left_ = 0;
};

std::string random_from(std::string_view alphabet, std::size_t length) {
    thread_local RandomBytes bytes;
    // Bytes at or above the last whole multiple are thrown away, so that each character is equally likely.
    const auto limit = static_cast<unsigned char>(256 / alphabet.size() * alphabet.size() - 1);
    std::string text;
    text.reserve(length);
    while (text.size() < length) {
        const unsigned char value = bytes.next();
        if (value <= limit) text += alphabet[value % alphabet.size()];
    }
    return text;
}

}  // namespace

RsaKey::RsaKey(evp_pkey_st* key) : key_(key, EVP_PKEY_free) {}

Result<RsaKey> RsaKey::parse_private(std::string_view pem) {
    RsaKey key(PEM_read_bio_PrivateKey(reader(pem).get(), nullptr, no_password, nullptr));
    if (!is_good(key.get())) return not_rsa("the private key");
    return key;
}

Result<RsaKey> RsaKey::parse_public(std::string_view pem) {
    RsaKey key(PEM_read_bio_PUBKEY(reader(pem).get(), nullptr, no_password, nullptr));
    if (!is_good(key.get())) return not_rsa("the public key");
    return key;
}

Result<RsaKey> RsaKey::from_certificate(std::string_view pem) {
    const Certificate certificate = parse_certificate(pem);
    RsaKey key(certificate ? X509_get_pubkey(certificate.get()) : nullptr);
    if (!is_good(key.get())) return not_rsa("the certificate's key");
    return key;
}

RsaKey RsaKey::generate() {
    RsaKey key(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t(2048)));
    must(key.get() != nullptr);
    return key;
}

std::string RsaKey::private_pem() const {
    const Bio bio(BIO_new(BIO_s_mem()));
    must(PEM_write_bio_PKCS8PrivateKey(bio.get(), get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
    return content(bio);
}

std::string RsaKey::public_pem() const {
    const Bio bio(BIO_new(BIO_s_mem()));
    must(PEM_write_bio_PUBKEY(bio.get(), get()) == 1);
    return content(bio);
}

std::string RsaKey::sign(std::string_view message) const {
    const DigestContext context(EVP_MD_CTX_new());
    must(context && EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, get()) == 1);
    std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(get())), '\0');
    std::size_t size = signature.size();
    must(EVP_DigestSign(context.get(), bytes(signature), &size, bytes(message), message.size()) == 1);
    signature.resize(size);
    return base64(signature);
}

bool RsaKey::is_signature(std::string_view message, std::string_view signature_base64) const {
    const auto signature = parse_base64(signature_base64);
    if (!signature) return false;
    const DigestContext context(EVP_MD_CTX_new());
    must(context && EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, get()) == 1);
    return EVP_DigestVerify(context.get(), bytes(*signature), signature->size(), bytes(message),
                            message.size()) == 1;
}

std::string RsaKey::encrypt(std::string_view plain) const {
    const KeyContext context = oaep_context(get(), EVP_PKEY_encrypt_init);
    std::string cipher(static_cast<std::size_t>(EVP_PKEY_get_size(get())), '\0');
    std::size_t size = cipher.size();
    must(EVP_PKEY_encrypt(context.get(), bytes(cipher), &size, bytes(plain), plain.size()) == 1);
    cipher.resize(size);
    return base64(cipher);
}

std::optional<std::string> RsaKey::decrypt(std::string_view cipher_base64) const {
    const auto cipher = parse_base64(cipher_base64);
    if (!cipher) return std::nullopt;
    const KeyContext context = oaep_context(get(), EVP_PKEY_decrypt_init);
    std::string plain(static_cast<std::size_t>(EVP_PKEY_get_size(get())), '\0');
    std::size_t size = plain.size();
    if (EVP_PKEY_decrypt(context.get(), bytes(plain), &size, bytes(*cipher), cipher->size()) != 1)
        return std::nullopt;
    plain.resize(size);
    return plain;
}

bool RsaKey::is_same_public_key(const RsaKey& other) const { return EVP_PKEY_eq(get(), other.get()) == 1; }

std::string make_certificate_pem(const RsaKey& key, std::string_view common_name) {
    const Certificate certificate(X509_new());
    must(certificate && X509_set_version(certificate.get(), X509_VERSION_3) == 1);

    std::array<unsigned char, 20> serial{};
    must(RAND_bytes(serial.data(), static_cast<int>(serial.size())) == 1);
    serial[0] = static_cast<unsigned char>(
        0x10 + serial[0] % 0x60);  // positive, and 40 digits without a zero in front
    const BigNumber number(BN_bin2bn(serial.data(), static_cast<int>(serial.size()), nullptr));
    must(number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate.get())) != nullptr);

    constexpr long lifetime = std::chrono::duration_cast<std::chrono::seconds>(certificate_lifetime).count();
    must(X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0) != nullptr);
    must(X509_gmtime_adj(X509_getm_notAfter(certificate.get()), lifetime) != nullptr);
    X509_NAME* subject = X509_get_subject_name(certificate.get());
    must(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, bytes(common_name),
                                    static_cast<int>(common_name.size()), -1, 0) == 1);
    must(X509_set_issuer_name(certificate.get(), subject) == 1);
    must(X509_set_pubkey(certificate.get(), key.get()) == 1);
    must(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0);

    const Bio bio(BIO_new(BIO_s_mem()));
    must(PEM_write_bio_X509(bio.get(), certificate.get()) == 1);
    return content(bio);
}

Result<std::string> certificate_serial(std::string_view pem) {
    const Certificate certificate = parse_certificate(pem);
    if (!certificate) return refuse(ErrorCode::invalid_key, "not a PEM certificate");
    const BigNumber number(ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate.get()), nullptr));
    must(number != nullptr);
    char* hex = BN_bn2hex(number.get());
    must(hex != nullptr);
    std::string text = hex;
    OPENSSL_free(hex);
    return text;
}

std::string encrypt_aes_gcm(std::string_view key, std::string_view nonce, std::string_view plain,
                            std::string_view associated_data) {
    must(key.size() == 32 && nonce.size() == 12);
    constexpr std::size_t tag_size = 16;
    const CipherContext context(EVP_CIPHER_CTX_new());
    must(context &&
         EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes(key), bytes(nonce)) == 1);
    int size = 0;
    must(EVP_EncryptUpdate(context.get(), nullptr, &size, bytes(associated_data),
                           static_cast<int>(associated_data.size())) == 1);
    std::string cipher(plain.size() + tag_size, '\0');
    must(EVP_EncryptUpdate(context.get(), bytes(cipher), &size, bytes(plain),
                           static_cast<int>(plain.size())) == 1);
    must(EVP_EncryptFinal_ex(context.get(), bytes(cipher) + size, &size) == 1);
    must(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, static_cast<int>(tag_size),
                             cipher.data() + plain.size()) == 1);
    return base64(cipher);
}

std::string hex_digest(const char* algorithm, std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    std::size_t size = 0;
    must(EVP_Q_digest(nullptr, algorithm, nullptr, text.data(), text.size(), digest.data(), &size) == 1);
    std::string hex;
    for (std::size_t i = 0; i < size; ++i) {
        hex += "0123456789abcdef"[digest[i] >> 4];
        hex += "0123456789abcdef"[digest[i] & 15];
    }
    return hex;
}

std::string random_text(std::size_t length) {
    return random_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", length);
}
std::string random_digits(std::size_t length) { return random_from("0123456789", length); }

}  // namespace tixian::mock
