// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "tixian/clock.hpp"
#include "tixian/error.hpp"
#include "tixian/ids.hpp"
#include "tixian/signer.hpp"
#include "tixian/wechat/base64.hpp"

namespace tixian::wechat {

/// The only scheme spoken here; the variant with SM2 is not. wechat_spec 4.2.
inline constexpr std::string_view authorization_scheme = "WECHATPAY2-SHA256-RSA2048";

/// A nonce has at most this many letters and digits: wechat_spec 4.1.
inline constexpr std::size_t nonce_length_max = 32;

namespace detail {

inline std::string join(std::initializer_list<std::string_view> parts) {
    std::size_t size = 0;
    for (std::string_view part : parts) size += part.size();
    std::string text;
    text.reserve(size);
    for (std::string_view part : parts) text += part;
    return text;
}

/// A whole number as text, without a heap allocation.
class Digits {
 public:
    explicit Digits(std::int64_t number) : end_(std::to_chars(text_, text_ + sizeof text_, number).ptr) {}
    Digits(const Digits&) = delete;
    Digits& operator=(const Digits&) = delete;
    [[nodiscard]] std::string_view view() const { return {text_, static_cast<std::size_t>(end_ - text_)}; }

 private:
    char text_[20]{};
    char* end_;
};

constexpr bool is_nonce(std::string_view text) {
    return !text.empty() && text.size() <= nonce_length_max &&
           std::all_of(text.begin(), text.end(), tixian::detail::is_alphanumeric);
}
constexpr bool is_serial(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return tixian::detail::is_alphanumeric(c) || c == '_' || c == '-';
    });
}
constexpr bool is_one_word(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), tixian::detail::is_printable);
}

}  // namespace detail

/// What a request's signature covers: five lines, each with its line feed. The url is path and query exactly
/// as they are sent, the body exactly the bytes that are sent, empty for GET. wechat_spec 4.1.
[[nodiscard]] inline std::string request_message(std::string_view method, std::string_view url,
                                                 std::int64_t timestamp_seconds, std::string_view nonce,
                                                 std::string_view body) {
    return detail::join(
        {method, "\n", url, "\n", detail::Digits(timestamp_seconds).view(), "\n", nonce, "\n", body, "\n"});
}

/// What the signature of an answer or notification covers; the timestamp is the text of its header, the body
/// the raw bytes before any parsing. wechat_spec 4.3.
[[nodiscard]] inline std::string answer_message(std::string_view timestamp, std::string_view nonce,
                                                std::string_view body) {
    return detail::join({timestamp, "\n", nonce, "\n", body, "\n"});
}

/// The value of the Authorization header: wechat_spec 4.2. `signed_at` counts in whole seconds, rounded down;
/// it is the stored signing time, never a later one (R2). Refuses (`invalid_argument`) a method, url, nonce
/// or serial that would make the message or the header ambiguous, and whatever the signer refuses.
[[nodiscard]] inline Result<std::string> authorization(const Mchid& mchid, const Signer& signer,
                                                       std::string_view method, std::string_view url,
                                                       Timestamp signed_at, std::string_view nonce,
                                                       std::string_view body) {
    const auto refusal = [](std::string message, std::string field) {
        return refuse(ErrorCode::invalid_argument, std::move(message), std::move(field));
    };
    const std::string serial = signer.serial();
    if (mchid.is_empty()) return refusal("mchid is missing", "mchid");
    if (!detail::is_one_word(method)) return refusal("method must be a word such as POST", "method");
    if (!detail::is_one_word(url)) return refusal("url must be percent-encoded before it is signed", "url");
    if (!detail::is_nonce(nonce)) return refusal("nonce must be 1 to 32 letters or digits", "nonce");
    if (!detail::is_serial(serial))
        return refusal("serial must be the hex serial of the certificate", "serial");

    const std::int64_t seconds =
        std::chrono::floor<std::chrono::seconds>(signed_at).time_since_epoch().count();
    return signer.sign(request_message(method, url, seconds, nonce, body))
        .map([&](const std::string& signature) {
            return detail::join({authorization_scheme, " mchid=\"", mchid.text(), "\",nonce_str=\"", nonce,
                                 "\",signature=\"", base64_encode(signature), "\",timestamp=\"",
                                 detail::Digits(seconds).view(), "\",serial_no=\"", serial, "\""});
        });
}

}  // namespace tixian::wechat
