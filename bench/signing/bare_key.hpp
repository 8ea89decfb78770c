// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

namespace tixian::bench {

/// What OpenSSL cannot fail at here ends the program.
inline void must(bool is_done) {
    if (!is_done) throw std::runtime_error("OpenSSL failed");
}

inline const unsigned char* octets(std::string_view bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}
inline unsigned char* octets(std::string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

/// An RSA key of 2048 bits as OpenSSL has it, for the reference; its texts give the library the same key.
class BareKey {
 public:
    BareKey() : key_(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048}), EVP_PKEY_free) {
        must(key_ != nullptr);
    }

    [[nodiscard]] EVP_PKEY* get() const { return key_.get(); }
    [[nodiscard]] std::string private_pem() const {
        return text([this](BIO* out) {
            return PEM_write_bio_PKCS8PrivateKey(out, get(), nullptr, nullptr, 0, nullptr, nullptr);
        });
    }
    [[nodiscard]] std::string public_pem() const {
        return text([this](BIO* out) { return PEM_write_bio_PUBKEY(out, get()); });
    }

 private:
    template <class Write>
    static std::string text(const Write& write) {
        const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
        must(write(out.get()) == 1);
        char* data = nullptr;
        const long size = BIO_get_mem_data(out.get(), &data);
        return {data, static_cast<std::size_t>(size)};
    }

    std::shared_ptr<EVP_PKEY> key_;
};

using BareContext = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;
inline BareContext bare_context() { return {EVP_MD_CTX_new(), EVP_MD_CTX_free}; }

}  // namespace tixian::bench
