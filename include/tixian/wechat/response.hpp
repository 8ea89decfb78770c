// SPDX-License-Identifier: MIT
#pragma once

#include <charconv>
#include <chrono>
#include <optional>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>
#include <variant>

#include "tixian/clock.hpp"
#include "tixian/error.hpp"
#include "tixian/wechat/api_error.hpp"
#include "tixian/wechat/http.hpp"
#include "tixian/wechat/json.hpp"
#include "tixian/wechat/key_ring.hpp"
#include "tixian/wechat/verification.hpp"

namespace tixian::wechat {

/// A success that WeChat has signed.
struct VerifiedResponse {
    int http_status = 0;  ///< 2xx
    std::string body;
    Timestamp signed_at{};  ///< by WeChat's clock
    std::string request_id;
};

[[nodiscard]] inline SignatureHeaders signature_headers(const Headers& headers) {
    return {headers.get("Wechatpay-Timestamp"), headers.get("Wechatpay-Nonce"),
            headers.get("Wechatpay-Serial"), headers.get("Wechatpay-Signature")};
}

namespace detail {

constexpr bool is_success(int status) { return 200 <= status && status <= 299; }

/// Retry-After in seconds; a date is not read, the back-off serves as well.
inline std::optional<Duration> retry_after(const Headers& headers) {
    const std::string text = headers.get("Retry-After");
    int seconds = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (text.empty() || code != std::errc() || end != text.data() + text.size() || seconds < 0)
        return std::nullopt;
    return Duration(std::chrono::seconds(seconds));
}

inline ApiError error_of(const HttpResponse& response, ApiErrorKind kind) {
    ApiError error;
    error.kind = kind;
    error.http_status = response.status;
    error.request_id = response.headers.get("Request-ID");
    error.retry_after = retry_after(response.headers);
    return error;
}

inline ApiError with_reason(ApiError error, const Error& why) {
    error.code = tixian::name(why.code);
    error.message = why.field.empty() ? why.message : why.field + " " + why.message;
    return error;
}

inline ApiError error_of(TransportFailure failure) {
    ApiError error;
    error.kind = failure == TransportFailure::not_sent ? ApiErrorKind::not_sent : ApiErrorKind::lost;
    return error;
}

/// WeChat's error body: `{"code","message","detail"}` (wechat_spec 4.7). One that cannot be read leaves both
/// empty.
inline ApiError refusal_of(const HttpResponse& response) {
    ApiError error = error_of(response, ApiErrorKind::refused);
    if (const auto body = json::parse(response.body)) {
        error.code = body->string("code").value_or("");
        error.message = body->string("message").value_or("");
    }
    return error;
}

inline ApiResult<VerifiedResponse> read_response(const KeyRing& keys, const HttpResponse& response,
                                                 Timestamp received_at) {
    const SignatureHeaders headers = signature_headers(response.headers);
    const auto signed_at = verify(keys, headers, response.body, received_at);
    if (is_success(response.status) && signed_at)
        return VerifiedResponse{response.status, response.body, *signed_at,
                                response.headers.get("Request-ID")};

    ApiError error = is_success(response.status)
                         ? with_reason(error_of(response, ApiErrorKind::unverified), signed_at.error())
                         : refusal_of(response);
    // A wrong clock or a missing key must not look like errors that WeChat leaves unsigned.
    if (!is_success(response.status) && !signed_at)
        error.message += headers.signature.empty() ? " (not signed)"
                                                   : " (not believed: " + signed_at.error().message + ")";
    error.signature = signed_at                   ? SignatureState::verified
                      : headers.signature.empty() ? SignatureState::absent
                                                  : SignatureState::wrong;
    if (signed_at) error.answered_at = *signed_at;
    return tl::unexpected(std::move(error));
}

}  // namespace detail

/// A success counts only when WeChat has signed it, just now; one that is not signed is taken as forged
/// (wechat_spec 4.3). Errors are read whether they are signed or not, and say so. Thread-safe.
[[nodiscard]] inline ApiResult<VerifiedResponse> read_response(const KeyRing& keys,
                                                               const HttpResult& result) {
    if (const auto* response = std::get_if<HttpResponse>(&result.outcome))
        return detail::read_response(keys, *response, result.received_at);
    return tl::unexpected(detail::error_of(std::get<TransportFailure>(result.outcome)));
}

/// The same, and then what `parse` makes of the body's JSON: a function from json::Value to a Result. What it
/// refuses is `unreadable`.
template <class Parse>
[[nodiscard]] auto read_answer(const KeyRing& keys, const HttpResult& result, const Parse& parse)
    -> ApiResult<typename std::invoke_result_t<Parse, const json::Value&>::value_type> {
    auto response = read_response(keys, result);
    if (!response) return tl::unexpected(std::move(response.error()));
    auto answer = json::parse(response->body).and_then([&](const json::Value& body) { return parse(body); });
    if (answer) return std::move(*answer);
    ApiError error = detail::with_reason(
        detail::error_of(std::get<HttpResponse>(result.outcome), ApiErrorKind::unreadable), answer.error());
    error.signature = SignatureState::verified;
    error.answered_at = response->signed_at;
    return tl::unexpected(std::move(error));
}

/// The bytes of a file. WeChat does not sign downloads (wechat_spec 4.3): they count only after their hash,
/// which a signed answer gave, was compared.
[[nodiscard]] inline ApiResult<std::string> read_download(const HttpResult& result) {
    const auto* response = std::get_if<HttpResponse>(&result.outcome);
    if (response == nullptr)
        return tl::unexpected(detail::error_of(std::get<TransportFailure>(result.outcome)));
    if (!detail::is_success(response->status)) return tl::unexpected(detail::refusal_of(*response));
    return response->body;
}

}  // namespace tixian::wechat
