// SPDX-License-Identifier: MIT
#include "failing_openssl.hpp"

#include <ctime>

#include <dlfcn.h>
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

namespace tixian::test {
namespace {

struct State {
    bool is_active = false;
    std::string function;
    int nth = 0;
    std::map<std::string, int> calls;
};
State& state() {
    static State one;
    return one;
}
std::set<std::string>& registered() {
    static std::set<std::string> names;
    return names;
}
bool enlist(const char* function) { return registered().insert(function).second; }

/// OpenSSL's own calls come by here as well; only those from headers, which are in this program, count.
bool is_in_this_program(const void* address) {
    Dl_info caller{}, here{};
    return dladdr(address, &caller) != 0 && dladdr(reinterpret_cast<const void*>(&enlist), &here) != 0 &&
           caller.dli_fbase == here.dli_fbase;
}

bool is_to_fail(const char* function, const void* caller) {
    State& now = state();
    if (!now.is_active || !is_in_this_program(caller)) return false;
    return ++now.calls[function] == now.nth && now.function == function;
}

template <class Function>
Function* next(const char* name) {
    return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

}  // namespace

void FailingOpenssl::choose(const std::string& function, int nth) { state() = {true, function, nth, {}}; }
void FailingOpenssl::stop() { state().is_active = false; }
const std::map<std::string, int>& FailingOpenssl::calls() { return state().calls; }
const std::set<std::string>& FailingOpenssl::functions() { return registered(); }

}  // namespace tixian::test

// Stands before OpenSSL's own function, which only dlsym() finds then.
#define TIXIAN_FAILING(result, function, failure, parameters, arguments)                     \
    extern "C" result function parameters {                                                  \
        static const auto real = tixian::test::next<result parameters>(#function);           \
        const bool fails = tixian::test::is_to_fail(#function, __builtin_return_address(0)); \
        return fails ? (failure) : real arguments;                                           \
    }                                                                                        \
    static const bool is_enlisted_##function = tixian::test::enlist(#function);

TIXIAN_FAILING(BIO*, BIO_new_mem_buf, nullptr, (const void* data, int size), (data, size))
TIXIAN_FAILING(BIGNUM*, ASN1_INTEGER_to_BN, nullptr, (const ASN1_INTEGER* number, BIGNUM* out), (number, out))
TIXIAN_FAILING(int, ASN1_TIME_to_tm, 0, (const ASN1_TIME* time, std::tm* out), (time, out))
TIXIAN_FAILING(char*, BN_bn2hex, nullptr, (const BIGNUM* number), (number))
TIXIAN_FAILING(EVP_CIPHER_CTX*, EVP_CIPHER_CTX_new, nullptr, (), ())
TIXIAN_FAILING(int, EVP_CipherInit_ex, 0,
               (EVP_CIPHER_CTX * context, const EVP_CIPHER* cipher, ENGINE* engine, const unsigned char* key,
                const unsigned char* nonce, int direction),
               (context, cipher, engine, key, nonce, direction))
TIXIAN_FAILING(int, EVP_CipherUpdate, 0,
               (EVP_CIPHER_CTX * context, unsigned char* out, int* out_size, const unsigned char* in,
                int size),
               (context, out, out_size, in, size))
TIXIAN_FAILING(int, EVP_CIPHER_CTX_ctrl, 0, (EVP_CIPHER_CTX * context, int command, int size, void* data),
               (context, command, size, data))
TIXIAN_FAILING(int, EVP_CipherFinal_ex, 0, (EVP_CIPHER_CTX * context, unsigned char* out, int* size),
               (context, out, size))
TIXIAN_FAILING(EVP_MD_CTX*, EVP_MD_CTX_new, nullptr, (), ())
TIXIAN_FAILING(int, EVP_MD_CTX_copy_ex, 0, (EVP_MD_CTX * out, const EVP_MD_CTX* in), (out, in))
TIXIAN_FAILING(unsigned char*, HMAC, nullptr,
               (const EVP_MD* digest, const void* key, int key_size, const unsigned char* bytes,
                std::size_t size, unsigned char* out, unsigned int* out_size),
               (digest, key, key_size, bytes, size, out, out_size))
TIXIAN_FAILING(int, EVP_DigestInit_ex, 0, (EVP_MD_CTX * context, const EVP_MD* digest, ENGINE* engine),
               (context, digest, engine))
TIXIAN_FAILING(int, EVP_DigestUpdate, 0, (EVP_MD_CTX * context, const void* bytes, std::size_t size),
               (context, bytes, size))
TIXIAN_FAILING(int, EVP_DigestFinal_ex, 0, (EVP_MD_CTX * context, unsigned char* out, unsigned* size),
               (context, out, size))
TIXIAN_FAILING(int, EVP_DigestSignInit, 0,
               (EVP_MD_CTX * context, EVP_PKEY_CTX** parameters, const EVP_MD* digest, ENGINE* engine,
                EVP_PKEY* key),
               (context, parameters, digest, engine, key))
TIXIAN_FAILING(int, EVP_DigestVerifyInit, 0,
               (EVP_MD_CTX * context, EVP_PKEY_CTX** parameters, const EVP_MD* digest, ENGINE* engine,
                EVP_PKEY* key),
               (context, parameters, digest, engine, key))
TIXIAN_FAILING(int, EVP_DigestSign, 0,
               (EVP_MD_CTX * context, unsigned char* signature, std::size_t* signature_size,
                const unsigned char* message, std::size_t size),
               (context, signature, signature_size, message, size))
TIXIAN_FAILING(int, EVP_DigestVerify, -1,
               (EVP_MD_CTX * context, const unsigned char* signature, std::size_t signature_size,
                const unsigned char* message, std::size_t size),
               (context, signature, signature_size, message, size))
TIXIAN_FAILING(int, EVP_PKEY_is_a, 0, (const EVP_PKEY* key, const char* name), (key, name))
TIXIAN_FAILING(int, EVP_PKEY_get_bits, 0, (const EVP_PKEY* key), (key))
TIXIAN_FAILING(int, EVP_PKEY_get_size, 0, (const EVP_PKEY* key), (key))
TIXIAN_FAILING(EVP_PKEY_CTX*, EVP_PKEY_CTX_new_from_pkey, nullptr,
               (OSSL_LIB_CTX * library, EVP_PKEY* key, const char* properties), (library, key, properties))
TIXIAN_FAILING(int, EVP_PKEY_CTX_set_rsa_padding, 0, (EVP_PKEY_CTX * context, int padding),
               (context, padding))
TIXIAN_FAILING(int, EVP_PKEY_CTX_set_rsa_oaep_md, 0, (EVP_PKEY_CTX * context, const EVP_MD* digest),
               (context, digest))
TIXIAN_FAILING(int, EVP_PKEY_CTX_set_rsa_mgf1_md, 0, (EVP_PKEY_CTX * context, const EVP_MD* digest),
               (context, digest))
TIXIAN_FAILING(int, EVP_PKEY_encrypt_init, 0, (EVP_PKEY_CTX * context), (context))
TIXIAN_FAILING(int, EVP_PKEY_decrypt_init, 0, (EVP_PKEY_CTX * context), (context))
TIXIAN_FAILING(int, EVP_PKEY_encrypt, 0,
               (EVP_PKEY_CTX * context, unsigned char* out, std::size_t* out_size, const unsigned char* in,
                std::size_t size),
               (context, out, out_size, in, size))
TIXIAN_FAILING(int, EVP_PKEY_decrypt, 0,
               (EVP_PKEY_CTX * context, unsigned char* out, std::size_t* out_size, const unsigned char* in,
                std::size_t size),
               (context, out, out_size, in, size))
TIXIAN_FAILING(X509*, PEM_read_bio_X509, nullptr,
               (BIO * source, X509** out, pem_password_cb* passphrase, void* context),
               (source, out, passphrase, context))
TIXIAN_FAILING(EVP_PKEY*, PEM_read_bio_PrivateKey, nullptr,
               (BIO * source, EVP_PKEY** out, pem_password_cb* passphrase, void* context),
               (source, out, passphrase, context))
TIXIAN_FAILING(EVP_PKEY*, PEM_read_bio_PUBKEY, nullptr,
               (BIO * source, EVP_PKEY** out, pem_password_cb* passphrase, void* context),
               (source, out, passphrase, context))
TIXIAN_FAILING(EVP_PKEY*, X509_get_pubkey, nullptr, (X509 * certificate), (certificate))
TIXIAN_FAILING(int, RAND_bytes, 0, (unsigned char* out, int size), (out, size))
