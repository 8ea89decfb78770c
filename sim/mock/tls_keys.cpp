// SPDX-License-Identifier: MIT
#include "mock/tls_keys.hpp"

#include <memory>
#include <string>

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "mock/crypto.hpp"
#include "mock/key_files.hpp"

namespace tixian::mock {
namespace {

namespace fs = std::filesystem;

template <auto Free>
struct Freed {
    template <class T>
    void operator()(T* object) const {
        Free(object);
    }
};
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using Store = std::unique_ptr<PKCS12, Freed<PKCS12_free>>;

void free_bags(STACK_OF(PKCS12_SAFEBAG) * bags) { sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free); }
void free_safes(STACK_OF(PKCS7) * safes) { sk_PKCS7_pop_free(safes, PKCS7_free); }
using Bags = std::unique_ptr<STACK_OF(PKCS12_SAFEBAG), Freed<free_bags>>;
using Safes = std::unique_ptr<STACK_OF(PKCS7), Freed<free_safes>>;

std::string content(const Bio& bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

bool add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
    if (extension == nullptr) return false;
    const bool ok = X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return ok;
}

// Not yet signed; the issuer may be itself.
Certificate new_certificate(const RsaKey& key, const char* name, X509* issuer) {
    Certificate certificate(X509_new());
    constexpr long ten_years = 10L * 365 * 24 * 3600, an_hour = 3600;
    unsigned char serial[16];
    if (!certificate || RAND_bytes(serial, sizeof serial) != 1) return nullptr;
    serial[0] = static_cast<unsigned char>((serial[0] & 0x7f) | 0x40);
    BIGNUM* number = BN_bin2bn(serial, sizeof serial, nullptr);
    X509_set_version(certificate.get(), X509_VERSION_3);
    BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate.get()));
    BN_free(number);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -an_hour);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), ten_years);
    X509_NAME* subject = X509_get_subject_name(certificate.get());
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(name), -1,
                               -1, 0);
    X509_set_issuer_name(certificate.get(), issuer == nullptr ? subject : X509_get_subject_name(issuer));
    X509_set_pubkey(certificate.get(), key.get());
    return certificate;
}

Certificate make_authority(const RsaKey& key) {
    Certificate authority = new_certificate(key, "tixian-mock test authority", nullptr);
    if (!authority) return nullptr;
    const bool ok =
        add_extension(authority.get(), authority.get(), NID_basic_constraints,
                      "critical,CA:TRUE,pathlen:0") &&
        add_extension(authority.get(), authority.get(), NID_key_usage, "critical,keyCertSign,cRLSign") &&
        add_extension(authority.get(), authority.get(), NID_subject_key_identifier, "hash");
    if (!ok || X509_sign(authority.get(), key.get(), EVP_sha256()) <= 0) return nullptr;
    return authority;
}

Certificate make_server(const RsaKey& key, const RsaKey& authority_key, X509* authority) {
    Certificate server = new_certificate(key, "tixian-mock", authority);
    if (!server) return nullptr;
    std::string names = "DNS:localhost,IP:127.0.0.1,IP:::1";
    for (const std::string_view host : wechat_hosts) names += ",DNS:" + std::string(host);
    const bool ok =
        add_extension(server.get(), authority, NID_basic_constraints, "critical,CA:FALSE") &&
        add_extension(server.get(), authority, NID_key_usage, "critical,digitalSignature,keyEncipherment") &&
        add_extension(server.get(), authority, NID_ext_key_usage, "serverAuth") &&
        add_extension(server.get(), authority, NID_authority_key_identifier, "keyid") &&
        add_extension(server.get(), authority, NID_subject_alt_name, names);
    if (!ok || X509_sign(server.get(), authority_key.get(), EVP_sha256()) <= 0) return nullptr;
    return server;
}

std::string pem_of(X509* certificate) {
    const Bio bio(BIO_new(BIO_s_mem()));
    if (PEM_write_bio_X509(bio.get(), certificate) != 1) return {};
    return content(bio);
}

// Java takes a certificate without a key for trusted only with an attribute of its own: trustedKeyUsage.
std::string trust_store_of(X509* authority) {
    PKCS12_SAFEBAG* bag = PKCS12_SAFEBAG_create_cert(authority);
    const Bags bags(sk_PKCS12_SAFEBAG_new_null());
    if (bag == nullptr || sk_PKCS12_SAFEBAG_push(bags.get(), bag) <= 0) return {};
    const auto* any = reinterpret_cast<const unsigned char*>(OBJ_nid2obj(NID_anyExtendedKeyUsage));
    STACK_OF(PKCS7)* raw = nullptr;
    const bool ok =
        PKCS12_add_friendlyname_utf8(bag, "tixian-mock", -1) == 1 &&
        PKCS12_add1_attr_by_txt(bag, "2.16.840.1.113894.746875.1.1", V_ASN1_OBJECT, any, -1) == 1 &&
        PKCS12_add_safe(&raw, bags.get(), -1, 0, nullptr) == 1;
    const Safes safes(raw);
    if (!ok) return {};
    const Store store(PKCS12_add_safes(safes.get(), 0));
    constexpr int iterations = 10000;
    if (!store || PKCS12_set_mac(store.get(), "changeit", -1, nullptr, 0, iterations, EVP_sha256()) != 1) {
        return {};
    }
    const Bio bio(BIO_new(BIO_s_mem()));
    if (i2d_PKCS12_bio(bio.get(), store.get()) != 1) return {};
    return content(bio);
}

bool all_exist(const TlsFiles& files) {
    std::error_code error;
    for (const fs::path& path : {files.ca_pem, files.ca_p12, files.certificate_pem, files.key_pem}) {
        if (!fs::exists(path, error)) return false;
    }
    return true;
}

}  // namespace

TlsFiles tls_files(const fs::path& directory) {
    return {directory / "tls_ca.pem", directory / "tls_ca.p12", directory / "tls_cert.pem",
            directory / "tls_key.pem"};
}

Result<TlsFiles> load_or_make_tls(const fs::path& directory) {
    const TlsFiles files = tls_files(directory);
    if (all_exist(files)) return files;
    const RsaKey authority_key = RsaKey::generate(), server_key = RsaKey::generate();
    const Certificate authority = make_authority(authority_key);
    const Certificate server =
        authority ? make_server(server_key, authority_key, authority.get()) : Certificate();
    const std::string store = authority ? trust_store_of(authority.get()) : std::string();
    if (!server || store.empty()) {
        return refuse(ErrorCode::invalid_key, "OpenSSL could not make the TLS certificates");
    }
    // The trust store is last: who finds all four finds them whole.
    const bool ok = replace_file(files.key_pem, server_key.private_pem(), Privacy::secret) &&
                    replace_file(files.certificate_pem, pem_of(server.get()), Privacy::open) &&
                    replace_file(files.ca_pem, pem_of(authority.get()), Privacy::open) &&
                    replace_file(files.ca_p12, store, Privacy::open);
    if (!ok) {
        return refuse(ErrorCode::invalid_key, "cannot write TLS certificates into " + directory.string());
    }
    return files;
}

}  // namespace tixian::mock
