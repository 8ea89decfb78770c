// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "tixian/clock.hpp"
#include "tixian/error.hpp"
#include "tixian/wechat/base64.hpp"
#include "tixian/wechat/key_ring.hpp"
#include "tixian/wechat/rsa_key.hpp"
#include "tixian/wechat/signing.hpp"

namespace tixian::wechat {

/// The four headers under which WeChat signs an answer or a notification; an absent one is empty.
/// wechat_spec 3.
struct SignatureHeaders {
    std::string timestamp;  ///< Wechatpay-Timestamp, seconds
    std::string nonce;      ///< Wechatpay-Nonce
    std::string serial;     ///< Wechatpay-Serial
    std::string signature;  ///< Wechatpay-Signature, base64
};

/// Longer headers are refused unread; a signature of 4096 bits has 684 characters.
inline constexpr std::size_t signature_header_bytes_max = 1024;

/// WeChat's clock and ours must differ by less than this: wechat_spec 3, "Timestamp window".
inline constexpr Duration clock_skew_max = std::chrono::seconds(300);

/// WeChat tests with false signatures whether a merchant verifies: wechat_spec 3, "Probe".
inline constexpr std::string_view probe_signature_prefix = "WECHATPAY/SIGNTEST/";

namespace detail {

/// Digits only, at most twelve, so that milliseconds cannot overflow.
inline std::optional<Timestamp> parse_seconds(std::string_view text) {
    constexpr std::size_t digits_max = 12;
    const bool is_plain = !text.empty() && text.size() <= digits_max &&
                          std::all_of(text.begin(), text.end(), [](char c) { return '0' <= c && c <= '9'; });
    if (!is_plain) return std::nullopt;
    std::int64_t seconds = 0;
    std::from_chars(text.data(), text.data() + text.size(), seconds);
    return Timestamp(std::chrono::seconds(seconds));
}

inline std::optional<Error> wrong_header(const SignatureHeaders& headers) {
    const auto missing = [](const char* name) {
        return Error{ErrorCode::malformed, std::string("header ") + name + " is missing", name};
    };
    for (const auto& [name, value] :
         {std::pair{"Wechatpay-Nonce", &headers.nonce}, std::pair{"Wechatpay-Serial", &headers.serial},
          std::pair{"Wechatpay-Signature", &headers.signature}}) {
        if (value->size() > signature_header_bytes_max)
            return Error{ErrorCode::malformed, std::string("header ") + name + " is too long", name};
    }
    if (headers.timestamp.empty()) return missing("Wechatpay-Timestamp");
    if (headers.nonce.empty()) return missing("Wechatpay-Nonce");
    if (headers.serial.empty()) return missing("Wechatpay-Serial");
    if (headers.signature.empty()) return missing("Wechatpay-Signature");
    return std::nullopt;
}

}  // namespace detail

/// Whether WeChat signed these raw body bytes, just now; answers WeChat's signed time. Refuses, cheapest
/// check first: `malformed` a missing or overlong header, `bad_signature` a probe, `stale` a time that is not
/// plain digits or 300 seconds or more from `now`, `unknown_serial` (refresh the keys, at a limited rate, and
/// ask once more), `bad_signature`. A refused answer says nothing about the money (R3, R13). Thread-safe.
[[nodiscard]] inline Result<Timestamp> verify(const KeyRing& keys, const SignatureHeaders& headers,
                                              std::string_view body, Timestamp now) {
    if (auto wrong = detail::wrong_header(headers)) return tl::unexpected<Error>(*wrong);
    if (headers.signature.starts_with(probe_signature_prefix)) {
        return refuse(ErrorCode::bad_signature, "WeChat's probe with a false signature",
                      "Wechatpay-Signature");
    }
    const std::optional<Timestamp> signed_at = detail::parse_seconds(headers.timestamp);
    if (!signed_at || *signed_at - now >= clock_skew_max || now - *signed_at >= clock_skew_max) {
        return refuse(ErrorCode::stale,
                      "signed 300 seconds or more from our clock: check the clock if it stays so",
                      "Wechatpay-Timestamp");
    }
    const std::optional<PublicKey> key = keys.find(headers.serial, now);
    if (!key) {
        return refuse(ErrorCode::unknown_serial,
                      "no valid key with the serial of this signature: refresh the keys", "Wechatpay-Serial");
    }
    const Result<std::string> signature = base64_decode(headers.signature);
    if (!signature ||
        !key->verify_sha256(answer_message(headers.timestamp, headers.nonce, body), *signature)) {
        return refuse(ErrorCode::bad_signature, "the signature is not WeChat's", "Wechatpay-Signature");
    }
    return *signed_at;
}

}  // namespace tixian::wechat
