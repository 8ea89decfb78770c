// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "tixian/wechat/aes_gcm.hpp"
#include "tixian/wechat/base64.hpp"
#include "tixian/wechat/bill_report.hpp"
#include "tixian/wechat/http.hpp"
#include "tixian/wechat/json.hpp"
#include "tixian/wechat/key_ring.hpp"
#include "tixian/wechat/response.hpp"
#include "tixian/wechat/verification.hpp"

namespace tixian::wechat {

/// A notification's size is bounded before anything is done with it; a real one has about a kilobyte.
inline constexpr std::size_t notification_bytes_max = std::size_t{64} * 1024;

namespace detail {

inline Result<std::string> decrypt_resource(const json::Value& envelope, const Apiv3Key& key) {
    const json::Value* resource = envelope.find("resource");
    if (resource == nullptr || resource->kind != json::Kind::object)
        return refuse(ErrorCode::malformed, "is missing", "resource");
    if (resource->string("algorithm") != "AEAD_AES_256_GCM")
        return refuse(ErrorCode::malformed, "must be AEAD_AES_256_GCM", "algorithm");
    const auto ciphertext = resource->string("ciphertext");
    const auto nonce = resource->string("nonce");
    if (!ciphertext || !nonce)
        return refuse(ErrorCode::malformed, "ciphertext and nonce must be strings", "resource");
    // May be absent or empty (wechat_spec 3).
    const std::string associated_data = resource->string("associated_data").value_or("");
    return base64_decode(*ciphertext).and_then([&](const std::string& bytes) {
        return decrypt_aes_gcm(key.view(), *nonce, associated_data, bytes);
    });
}

}  // namespace detail

/// Verifies, decrypts and reads a `MCHTRANSFER.BILL.FINISHED` notification (wechat_spec 3). `body` is the raw
/// bytes as they came. Refuses by name; nothing of a refused one may be acted upon (R13). The signature is
/// checked before anything of the body is looked at.
[[nodiscard]] inline Result<Report> read_notification(const Headers& headers, std::string_view body,
                                                      const KeyRing& keys, const Apiv3Key& key,
                                                      Timestamp now) {
    if (body.size() > notification_bytes_max)
        return refuse(ErrorCode::malformed, "the notification is too large");
    if (auto verified = verify(keys, signature_headers(headers), body, now); !verified)
        return tl::unexpected(verified.error());

    auto envelope = json::parse(body);
    if (!envelope) return tl::unexpected(envelope.error());
    if (envelope->string("event_type") != "MCHTRANSFER.BILL.FINISHED")
        return refuse(ErrorCode::malformed, "only MCHTRANSFER.BILL.FINISHED is expected here", "event_type");
    return detail::decrypt_resource(*envelope, key)
        .and_then([](const std::string& plaintext) { return json::parse(plaintext); })
        .and_then(parse_bill);
}

}  // namespace tixian::wechat
