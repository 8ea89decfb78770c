// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <string_view>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include "tixian/signer.hpp"

namespace tixian::fuzz {

/// A key whose public exponent is 1: the padded digest is its own signature, so signing costs a digest
/// instead of a third of a millisecond. Anybody can sign with it, and it goes through the same verification
/// as any other key; so a fuzzer reaches what lies behind the signature at full speed.
class PlainSigner final : public Signer {
 public:
    [[nodiscard]] Result<std::string> sign(std::string_view message) const override {
        // EMSA-PKCS1-v1_5 with SHA-256, RFC 8017, 9.2.
        static constexpr std::string_view digest_info{
            "\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20", 19};
        std::array<unsigned char, 32> digest{};
        if (EVP_Digest(message.data(), message.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1)
            std::abort();
        std::string block(bytes - 3 - digest_info.size() - digest.size(), '\xff');
        block = std::string("\0\1", 2) + block + '\0';
        block += digest_info;
        block.append(reinterpret_cast<const char*>(digest.data()), digest.size());
        return block;
    }
    [[nodiscard]] std::string serial() const override { return "PUB_KEY_ID_01"; }

    /// The key to verify with: modulus 2^2048 - 1, exponent 1.
    [[nodiscard]] static std::string public_pem() {
        BIGNUM* modulus = BN_new();
        BIGNUM* exponent = BN_new();
        const std::string all_ones(bytes, '\xff');
        BN_bin2bn(reinterpret_cast<const unsigned char*>(all_ones.data()), int{bytes}, modulus);
        BN_one(exponent);
        OSSL_PARAM_BLD* builder = OSSL_PARAM_BLD_new();
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, modulus);
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, exponent);
        OSSL_PARAM* parameters = OSSL_PARAM_BLD_to_param(builder);
        EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr);
        EVP_PKEY* key = nullptr;
        if (EVP_PKEY_fromdata_init(context) != 1 ||
            EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
            std::abort();
        const std::string pem = pem_of(key);
        EVP_PKEY_free(key);
        EVP_PKEY_CTX_free(context);
        OSSL_PARAM_free(parameters);
        OSSL_PARAM_BLD_free(builder);
        BN_free(exponent);
        BN_free(modulus);
        return pem;
    }

 private:
    static constexpr int bytes = 256;

    static std::string pem_of(EVP_PKEY* key) {
        BIO* out = BIO_new(BIO_s_mem());
        if (PEM_write_bio_PUBKEY(out, key) != 1) std::abort();
        char* text = nullptr;
        const long size = BIO_get_mem_data(out, &text);
        std::string pem(text, static_cast<std::size_t>(size));
        BIO_free(out);
        return pem;
    }
};

}  // namespace tixian::fuzz
