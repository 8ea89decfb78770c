// SPDX-License-Identifier: MIT
// The list of platform certificates: read as what it is, or refused by name; and never from who lacks the
// APIv3 key.
#include "tixian/wechat/certificates.hpp"

#include "wechat_side.hpp"

namespace {

using namespace tixian;  // NOLINT: this is the program
using fuzz::Input;
using fuzz::require;

wechat::ApiResult<std::vector<wechat::Certificate>> read(const std::string& body) {
    static const auto key = wechat::Apiv3Key::parse(fuzz::apiv3_key).value();
    const wechat::HttpResponse response{200, fuzz::headers(fuzz::sign(body)), body};
    return wechat::read_certificates({response, fuzz::now, Duration(50)}, fuzz::keys(), key);
}

/// What WeChat would list: this serial, and this text encrypted.
std::string list_of(std::string_view serial, std::string_view pem) {
    constexpr std::string_view gcm_nonce = "wCq51qZv4Yfg";
    const std::string sealed =
        wechat::encrypt_aes_gcm(fuzz::apiv3_key, gcm_nonce, "certificate", pem).value();
    return R"({"data":[{"serial_no":")" + std::string(serial) +
           R"(","effective_time":"2025-01-01T00:00:00+08:00","expire_time":"2030-01-01T00:00:00+08:00",)"
           R"("encrypt_certificate":{"algorithm":"AEAD_AES_256_GCM","nonce":")" +
           std::string(gcm_nonce) + R"(","associated_data":"certificate","ciphertext":")" +
           wechat::base64_encode(sealed) + R"("}}]})";
}

/// Any text as a certificate, encrypted with the right key.
void read_sealed(std::string_view pem) {
    const auto certificate = wechat::parse_certificate(pem);
    const auto list = read(list_of(certificate ? certificate->serial : "00", pem));
    const bool is_good = certificate && wechat::check_validity(*certificate, fuzz::now);
    require(list.has_value() == is_good, "a listed certificate is read as what it is");
    require(!list || (list->size() == 1 && list->front().serial == certificate->serial),
            "and nothing else is");
    if (certificate) require(!read(list_of(certificate->serial + "0", pem)), "the serial must be its own");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    if (input.line() == "sealed") {
        read_sealed(input.rest());
    } else {
        const auto list = read(std::string(input.rest()));
        require(!list, "nobody without the APIv3 key lists a certificate");
        require(!list.error().message.empty() || !list.error().code.empty(), "a refusal has a name");
    }
    return 0;
}
