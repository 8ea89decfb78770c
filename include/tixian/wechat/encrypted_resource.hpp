// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <utility>

#include "tixian/error.hpp"
#include "tixian/wechat/aes_gcm.hpp"
#include "tixian/wechat/base64.hpp"
#include "tixian/wechat/json.hpp"

namespace tixian::wechat {

/// The plaintext of what WeChat encrypts with the APIv3 key, in notifications and in the list of
/// certificates:
/// `{algorithm, ciphertext, associated_data, nonce}` (wechat_spec 3, 4.4). Refuses by name: `malformed` what
/// is no such object, `bad_ciphertext` what does not open.
[[nodiscard]] inline Result<std::string> decrypt_resource(const json::Value& resource, const Apiv3Key& key) {
    if (resource.string("algorithm") != "AEAD_AES_256_GCM")
        return refuse(ErrorCode::malformed, "must be AEAD_AES_256_GCM", "algorithm");
    const auto ciphertext = resource.string("ciphertext");
    const auto nonce = resource.string("nonce");
    if (!ciphertext) return refuse(ErrorCode::malformed, "must be a string", "ciphertext");
    if (!nonce) return refuse(ErrorCode::malformed, "must be a string", "nonce");
    const auto bytes = base64_decode(*ciphertext);
    if (!bytes) return refuse(ErrorCode::malformed, "is not canonical base64", "ciphertext");
    // May be absent or empty (wechat_spec 3).
    return decrypt_aes_gcm(key.view(), *nonce, resource.string("associated_data").value_or(""), *bytes);
}

}  // namespace tixian::wechat
