// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "tixian/call.hpp"

namespace tixian::wechat {

/// What an error answer means for the call (R14). Message texts take no part: WeChat says of them that they
/// are for people and may change (wechat_spec 1.3).
struct AnswerClass {
    NoNewsKind kind = NoNewsKind::unknown;
    bool content_only = false;  ///< depends on the content alone (R4 d)
    bool not_found = false;     ///< only ever for a query
};

namespace detail {

struct CodeRow {
    std::string_view code;
    NoNewsKind kind;
    bool content_only;
    std::string_view source;
};

using enum NoNewsKind;

/// Error codes in the order of the sheet; classified by code first, by status second (wechat_spec 5).
inline constexpr std::array code_table = std::to_array<CodeRow>({
    {"PARAM_ERROR", refused, true, "wechat_spec 5, common, 400"},
    // Also says that the number is taken with other content, that the IP is not allowed, or that a limit is
    // passed; only the message could tell, and no message moves money. So: no more submits, and no fast
    // release.
    {"INVALID_REQUEST", refused, false, "wechat_spec 5, common, 400"},
    {"SIGN_ERROR", merchant_trouble, false, "wechat_spec 5, common, 401; R7"},
    {"SYSTEM_ERROR", server_error, false, "wechat_spec 5, common, 500"},
    {"NO_AUTH", merchant_trouble, false, "wechat_spec 5, A, 403; R7"},
    {"NOT_ENOUGH", merchant_trouble, false, "wechat_spec 5, A, 403; R7"},
    {"ALREADY_EXISTS", number_taken, false, "wechat_spec 5, A, 400 guessed"},
    {"USER_ERROR", merchant_trouble, false, "wechat_spec 5, FAQ: the merchant's account is restricted"},
    {"ACCOUNT_ERROR", merchant_trouble, false, "wechat_spec 2 and 5, 403"},
    {"ACCOUNTERROR", merchant_trouble, false, "wechat_spec 2 and 5, 403"},
    {"MCH_NOT_EXISTS", merchant_trouble, false, "wechat_spec 5, 400 or 401"},
    {"APPID_MCHID_NOT_MATCH", merchant_trouble, false, "wechat_spec 2 and 5, 400 or 401"},
    {"QUOTA_EXCEED", merchant_trouble, false, "wechat_spec 2, 429: the merchant's day quota; R7"},
    {"QUOTA_EXCEEDED", merchant_trouble, false, "wechat_spec 5, 429; R7"},
    {"FREQUENCY_LIMITED", throttled, false, "wechat_spec 2 and 5, 429: not taken in"},
    {"FREQUENCY_LIMIT", throttled, false, "wechat_spec 5, A, 429"},
    {"FREQUENCY_LIMIT_EXCEED", throttled, false, "wechat_spec 5, A, 429"},
    {"RATELIMIT_EXCEEDED", throttled, false, "wechat_spec 5, A, 429"},
});

}  // namespace detail

/// Classifies an answer that is not 2xx. What the table does not know is `unknown`; any other 429 is
/// throttled, any 5xx a server error.
[[nodiscard]] inline AnswerClass classify(CallKind call, int status, std::string_view code) {
    if (call == CallKind::query && status == 404 && code == "NOT_FOUND")
        return {NoNewsKind::unknown, false, true};
    // A 5xx says nothing of what was executed, whatever code it carries.
    if (status >= 500) return {NoNewsKind::server_error};
    const auto row =
        std::find_if(detail::code_table.begin(), detail::code_table.end(),
                     [code](const detail::CodeRow& candidate) { return candidate.code == code; });
    if (row != detail::code_table.end()) return {row->kind, row->content_only && call == CallKind::submit};
    if (status == 429) return {NoNewsKind::throttled};
    return {NoNewsKind::unknown};
}

}  // namespace tixian::wechat
