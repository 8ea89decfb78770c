// SPDX-License-Identifier: MIT
#pragma once

#include <utility>

#include "tixian/call.hpp"
#include "tixian/channel.hpp"
#include "tixian/error.hpp"
#include "tixian/wechat/http.hpp"

namespace tixian::wechat {

/// One of WeChat's APIs to pay out, without I/O: a call becomes an HTTP request, an HTTP result becomes an
/// answer. Thread-safe.
class Transfers : public Channel {
 public:
    /// The request to send for this call, signed with the time that its intent was committed with (R2).
    /// Refuses a call that belongs to another merchant (R1), a call while no key of WeChat's is valid
    /// (`invalid_key`), or when the signer fails.
    [[nodiscard]] virtual Result<HttpRequest> request(const Call& call) const = 0;

    /// What the result means. Never fails: whatever cannot be verified or read is in doubt (R3, R13).
    [[nodiscard]] virtual Answer answer(const Call& call, const HttpResult& result) const = 0;

    /// The answer to a call that could not even be made into a request: no byte was sent.
    [[nodiscard]] static Answer not_sent(const Call& call, const Error& why) {
        NoNews news;
        news.kind = NoNewsKind::not_sent;
        news.verified = true;
        news.code = tixian::name(why.code);
        news.message = why.message;
        return {call.id, call.kind, call.number, std::move(news)};
    }
};

}  // namespace tixian::wechat
