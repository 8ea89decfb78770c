// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "input.hpp"
#include "plain_key.hpp"
#include "tixian/wechat/aes_gcm.hpp"
#include "tixian/wechat/base64.hpp"
#include "tixian/wechat/bill_report.hpp"
#include "tixian/wechat/http.hpp"
#include "tixian/wechat/key_ring.hpp"
#include "tixian/wechat/signing.hpp"
#include "tixian/wechat/verification.hpp"

namespace tixian::fuzz {

inline constexpr std::string_view apiv3_key = "0123456789abcdef0123456789ABCDEF";
inline constexpr Timestamp now = from_millis(1'735'689'600'000);
inline constexpr std::string_view now_text = "1735689600";
inline constexpr std::string_view nonce = "593BEC0C930BF1AFEB40B4A08C8FB242";

/// A 2048-bit key of which nobody has the other half: what was not signed cannot pass for signed.
inline constexpr std::string_view nobodys_serial = "PUB_KEY_ID_00";

inline const wechat::KeyRing& keys() {
    static const wechat::KeyRing& ring = []() -> const wechat::KeyRing& {
        static wechat::KeyRing made;
        EVP_PKEY* key = EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048});
        BIO* out = BIO_new(BIO_s_mem());
        PEM_write_bio_PUBKEY(out, key);
        char* text = nullptr;
        const long size = BIO_get_mem_data(out, &text);
        made.add(std::string(nobodys_serial),
                 wechat::PublicKey::from_pem({text, static_cast<std::size_t>(size)}).value());
        BIO_free(out);
        EVP_PKEY_free(key);
        made.add(PlainSigner().serial(), wechat::PublicKey::from_pem(PlainSigner::public_pem()).value());
        return made;
    }();
    return ring;
}

/// The headers with which WeChat would sign this body.
inline wechat::SignatureHeaders sign(std::string_view body) {
    const PlainSigner signer;
    return {std::string(now_text), std::string(nonce), signer.serial(),
            wechat::base64_encode(signer.sign(wechat::answer_message(now_text, nonce, body)).value())};
}

inline wechat::Headers headers(const wechat::SignatureHeaders& signature) {
    wechat::Headers made;
    made.add("Wechatpay-Timestamp", signature.timestamp);
    made.add("Wechatpay-Nonce", signature.nonce);
    made.add("Wechatpay-Serial", signature.serial);
    made.add("Wechatpay-Signature", signature.signature);
    return made;
}

inline bool is_same(const Report& a, const Report& b) {
    return a.id == b.id && a.state == b.state && a.raw_state == b.raw_state &&
           a.transfer_bill_no == b.transfer_bill_no && a.package_info == b.package_info &&
           a.fail_reason == b.fail_reason && a.mchid == b.mchid && a.openid == b.openid &&
           a.amount == b.amount;
}

}  // namespace tixian::fuzz
