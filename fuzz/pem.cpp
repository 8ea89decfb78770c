// SPDX-License-Identifier: MIT
// Keys and certificates in PEM: read, or refused by name; OpenSSL's queue of errors is left alone.
#include <openssl/err.h>

#include "input.hpp"
#include "tixian/wechat/rsa_key.hpp"

namespace {

using namespace tixian;  // NOLINT: this is the program
using fuzz::require;

template <class T>
void check_refusal(const Result<T>& result) {
    require(result || (result.error().code == ErrorCode::invalid_key && !result.error().message.empty()),
            "a refusal has a name and says what to do");
}

void check_public(const Result<wechat::PublicKey>& key) {
    check_refusal(key);
    if (!key) return;
    require(key->plaintext_bytes_max() >= 214, "a short key is refused");
    require(!key->verify_sha256("message", std::string(256, '\1')), "no signature is made up");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input(data, size);
    const bool uses_private_key = input.line() == "sign";  // slow, so only where it is asked for
    const std::string_view pem = input.rest();

    const auto private_key = wechat::PrivateKey::from_pem(pem);
    check_refusal(private_key);
    if (private_key && uses_private_key) check_refusal(private_key->sign_sha256("message"));
    check_public(wechat::PublicKey::from_pem(pem));
    check_public(wechat::PublicKey::from_certificate_pem(pem));
    check_refusal(wechat::certificate_serial(pem));

    require(ERR_peek_error() == 0, "OpenSSL's queue of errors is left as it was");
    return 0;
}
