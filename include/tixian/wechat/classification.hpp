// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "tixian/call.hpp"
#include "tixian/wechat/http.hpp"

namespace tixian::wechat {

/// What an answer that is no report means for the call (R14). Message texts take no part: WeChat says of them
/// that they are for people and may change (wechat_spec 1.3).
struct AnswerClass {
    NoNewsKind kind = NoNewsKind::unknown;
    bool content_only = false;  ///< depends on the content alone (R4 d)
    bool not_found = false;     ///< only ever for a query
    /// Where it is written; empty: the table does not know it, so the kind is `unknown`.
    std::string_view source;
};

namespace detail {

using enum NoNewsKind;
using enum CallKind;

/// One line of the table: which answers to which call it is about, and what they mean. What is not set fits
/// everything.
struct AnswerRow {
    std::optional<CallKind> call;
    std::optional<TransportFailure> failure;
    int status_least, status_most;
    std::string_view code;
    AnswerClass meaning;
};

constexpr AnswerRow transport(TransportFailure failure, NoNewsKind kind, std::string_view source) {
    return {{}, failure, 0, 0, {}, {kind, false, false, source}};
}
constexpr AnswerRow any_code(int least, int most, NoNewsKind kind, std::string_view source) {
    return {{}, {}, least, most, {}, {kind, false, false, source}};
}
constexpr AnswerRow to(std::optional<CallKind> call, int status, std::string_view code, AnswerClass meaning) {
    return {call, {}, status, status, code, meaning};
}
/// Codes are classified before statuses (wechat_spec 5): of a 4xx only the code counts.
constexpr AnswerRow code(std::string_view code, NoNewsKind kind, std::string_view source) {
    return {{}, {}, 400, 499, code, {kind, false, false, source}};
}

/// The first row that fits decides.
inline constexpr std::array answer_table = std::to_array<AnswerRow>({
    transport(TransportFailure::not_sent, not_sent, "design R2: known by ourselves"),
    transport(TransportFailure::lost, lost, "wechat_spec 5: time-out or reset; R3"),
    // A 5xx says nothing of what was executed, whatever code it carries.
    any_code(500, 599, server_error, "wechat_spec 5, any 5xx; R3"),

    to(query, 404, "NOT_FOUND", {unknown, false, true, "wechat_spec 5, B and C; R5"}),
    to({}, 404, "NOT_FOUND", {unknown, false, false, "wechat_spec 5, B and C; to others it proves nothing"}),
    to({}, 404, "RESOURCE_NOT_EXISTS",
       {unknown, false, false, "wechat_spec 5: not of this API, so no proof"}),

    {submit, {}, 400, 499, "PARAM_ERROR", {refused, true, false, "wechat_spec 5, common, 400"}},
    code("PARAM_ERROR", refused, "wechat_spec 5, common, 400"),
    // Also says that the number is taken with other content, that the IP is not allowed, or that a limit is
    // passed; only the message could tell, and no message moves money. So: no more submits, and no fast
    // release.
    code("INVALID_REQUEST", refused, "wechat_spec 5, common, 400"),
    code("SIGN_ERROR", merchant_trouble, "wechat_spec 5, common, 401; R7"),
    // Of a 4xx its code is believed, but not that nothing was executed.
    code("SYSTEM_ERROR", server_error, "wechat_spec 5, common, 500"),
    code("NO_AUTH", merchant_trouble, "wechat_spec 5, A, 403; R7"),
    code("NOT_ENOUGH", merchant_trouble, "wechat_spec 5, A, 403; R7"),
    code("ALREADY_EXISTS", number_taken, "wechat_spec 5, A, 400 guessed"),
    code("USER_ERROR", merchant_trouble, "wechat_spec 5, FAQ: the merchant's account is restricted"),
    code("ACCOUNT_ERROR", merchant_trouble, "wechat_spec 2 and 5, 403"),
    code("ACCOUNTERROR", merchant_trouble, "wechat_spec 2 and 5, 403"),
    code("MCH_NOT_EXISTS", merchant_trouble, "wechat_spec 5, 400 or 401"),
    code("APPID_MCHID_NOT_MATCH", merchant_trouble, "wechat_spec 2 and 5, 400 or 401"),
    code("QUOTA_EXCEED", merchant_trouble, "wechat_spec 2, 429: the merchant's day quota; R7"),
    code("QUOTA_EXCEEDED", merchant_trouble, "wechat_spec 5, 429; R7"),
    code("FREQUENCY_LIMITED", throttled, "wechat_spec 2 and 5, 429: not taken in"),
    code("FREQUENCY_LIMIT", throttled, "wechat_spec 5, A, 429"),
    code("FREQUENCY_LIMIT_EXCEED", throttled, "wechat_spec 5, A, 429"),
    code("RATELIMIT_EXCEEDED", throttled, "wechat_spec 5, A, 429"),
    any_code(300, 399, unknown, "wechat_spec names no redirect, and none is followed"),
    any_code(429, 429, throttled, "wechat_spec 5, 429 any: not taken in"),
});

inline AnswerClass find_class(CallKind call, std::optional<TransportFailure> failure, int status,
                              std::string_view code) {
    const auto row = std::find_if(answer_table.begin(), answer_table.end(), [&](const AnswerRow& r) {
        return (!r.call || r.call == call) && r.failure == failure && r.status_least <= status &&
               status <= r.status_most && (r.code.empty() || r.code == code);
    });
    return row == answer_table.end() ? AnswerClass{} : row->meaning;
}

}  // namespace detail

/// Classifies a call that brought no response at all.
[[nodiscard]] inline AnswerClass classify(CallKind call, TransportFailure failure) {
    return detail::find_class(call, failure, 0, {});
}

/// Classifies an answer that is not 2xx. What the table does not know is `unknown`.
[[nodiscard]] inline AnswerClass classify(CallKind call, int status, std::string_view code) {
    return detail::find_class(call, std::nullopt, status, code);
}

}  // namespace tixian::wechat
