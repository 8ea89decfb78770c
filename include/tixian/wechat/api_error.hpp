// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tixian/clock.hpp"
#include "tixian/enum_text.hpp"
#include "tixian/error.hpp"

namespace tixian::wechat {

enum class ApiErrorKind {
    not_sent,    ///< no byte left: a failed new connection, or a passed deadline
    lost,        ///< a time-out or a broken connection after something may have been sent
    refused,     ///< WeChat answered with an error; `http_status` and `code` say which
    unverified,  ///< a success whose signature does not hold: it says nothing (R13)
    unreadable,  ///< a verified success that has not the documented form
};

/// How an error answer was signed. WeChat's own clients do not look (wechat_spec 4.3).
enum class SignatureState { verified, absent, wrong };

namespace detail {
inline constexpr tixian::detail::EnumText<ApiErrorKind, 5> api_error_kind_text{
    {"not_sent", "lost", "refused", "unverified", "unreadable"}};
}
[[nodiscard]] constexpr std::string_view name(ApiErrorKind kind) {
    return detail::api_error_kind_text.name(kind);
}

/// Why a request brought no answer that counts. Of `message` nothing may depend: it is for people, and WeChat
/// changes it (wechat_spec 1.3).
struct ApiError {
    ApiErrorKind kind = ApiErrorKind::lost;
    SignatureState signature = SignatureState::absent;
    Timestamp answered_at{};  ///< by WeChat's clock, where the signature is verified
    int http_status = 0;
    std::string code;        ///< WeChat's, or the name() of our ErrorCode
    std::string message;     ///< names the field at fault where there is one
    std::string request_id;  ///< what WeChat's support asks for (wechat_spec 4.7)
    std::optional<Duration> retry_after;
};

template <class T>
using ApiResult = tl::expected<T, ApiError>;

}  // namespace tixian::wechat
