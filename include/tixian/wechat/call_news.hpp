// SPDX-License-Identifier: MIT
#pragma once

#include <utility>
#include <variant>

#include "tixian/call.hpp"
#include "tixian/wechat/api_error.hpp"
#include "tixian/wechat/classification.hpp"
#include "tixian/wechat/http.hpp"

namespace tixian::wechat {

/// What a call's answer says of the withdrawal: Answer::result.
using CallNews = std::variant<Report, NotFound, NoNews>;

namespace detail {

inline NoNews no_news(const ApiError& error, NoNewsKind kind) {
    NoNews news;
    news.kind = kind;
    news.verified = error.signature == SignatureState::verified;
    news.http_status = error.http_status;
    news.code = error.code;
    news.message = error.message;
    news.request_id = error.request_id;
    news.retry_after = error.retry_after;
    return news;
}

inline CallNews refusal_news(CallKind call, const ApiError& error, const HttpResult& result,
                             bool unsigned_errors) {
    const AnswerClass meaning = classify(call, error.http_status, error.code);
    const bool is_verified = error.signature == SignatureState::verified;
    // An error answer with a false signature is no better than none; one without any is, where WeChat does
    // so.
    if (!is_verified && !(error.signature == SignatureState::absent && unsigned_errors)) {
        const bool is_server_error = meaning.kind == NoNewsKind::server_error;
        return no_news(error, is_server_error ? NoNewsKind::server_error : NoNewsKind::unverified);
    }
    if (meaning.not_found) {
        const Timestamp ended = is_verified ? error.answered_at : result.received_at;
        return NotFound{ended - result.elapsed, is_verified};
    }
    NoNews news = no_news(error, meaning.kind);
    news.content_only = meaning.content_only;
    news.answered_at = error.answered_at;
    return news;
}

}  // namespace detail

/// What a call that brought no report means for the withdrawal (R3, R14). Never fails: what is not known is
/// in doubt.
[[nodiscard]] inline CallNews news_of(CallKind call, const ApiError& error, const HttpResult& result,
                                      bool unsigned_errors) {
    switch (error.kind) {
        case ApiErrorKind::not_sent: {
            NoNews news = detail::no_news(error, classify(call, TransportFailure::not_sent).kind);
            news.verified = true;  // we know it ourselves
            return news;
        }
        case ApiErrorKind::lost:
            return detail::no_news(error, classify(call, TransportFailure::lost).kind);
        case ApiErrorKind::refused:
            return detail::refusal_news(call, error, result, unsigned_errors);
        case ApiErrorKind::unverified:
        case ApiErrorKind::unreadable:
            break;
    }
    NoNews unread = detail::no_news(error, NoNewsKind::unverified);
    unread.verified = false;  // signed or not, it states nothing
    return unread;
}

}  // namespace tixian::wechat
