// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "tixian/bill.hpp"
#include "tixian/clock.hpp"
#include "tixian/enum_text.hpp"
#include "tixian/ids.hpp"
#include "tixian/money.hpp"

namespace tixian {

enum class CallKind { submit, query, cancel };

namespace detail {
inline constexpr EnumText<CallKind, 3> call_kind_text{{"submit", "query", "cancel"}};
}
[[nodiscard]] constexpr std::string_view name(CallKind kind) { return detail::call_kind_text.name(kind); }

/// Where a withdrawal goes, fixed by its first submit for ever (R1).
struct Destination {
    std::string api;
    Mchid mchid;
    Appid appid;
    bool operator==(const Destination&) const = default;
};

/// The exact content of a submit, fixed by the first one and sent again byte for byte (R2). `key_serial`
/// names the key that made the ciphertext inside `body`; empty when there is none.
struct Submission {
    std::string body;
    std::string key_serial;
    bool operator==(const Submission&) const = default;
};

/// One call to make: its intent is committed already. A value; whoever holds it performs it at most once.
struct Call {
    WithdrawalId id;
    ChannelName channel;
    CallKind kind{};
    std::int64_t number = 0;  ///< the withdrawal's calls are counted from 1; the answer names the same number
    Destination destination;
    Submission submission;  ///< only for a submit
    std::string
        wechat_detail_id;   ///< the older API's, once it is known: from then on a query asks for the detail
    Timestamp signed_at{};  ///< the time to put into the signature, whenever it is sent (R2)
    Timestamp send_by{};    ///< no byte leaves after this; as wall time, for records
    MonotonicTime
        send_deadline{};  ///< the same moment on the monotonic clock, which is what the sender checks
};

/// Whether a byte of a call may still leave (R2). Asked right before the first one does.
[[nodiscard]] constexpr bool may_still_be_sent(MonotonicTime send_deadline, MonotonicTime now) {
    return now < send_deadline;
}

/// Why an answer says nothing about the bill. It drives delay, alarm and wording; it never moves money.
enum class NoNewsKind {
    not_sent,          ///< no byte left: a failed new connection, or `send_by` had passed
    lost,              ///< a time-out or a broken connection after something may have been sent
    server_error,      ///< 5xx
    unverified,        ///< an answer whose signature, time or form does not hold
    unknown,           ///< a code that the table does not know
    throttled,         ///< 429
    merchant_trouble,  ///< balance, permission, quota, key: somebody at the merchant has to act (R7)
    refused,           ///< this request was refused for what it says
    number_taken,      ///< a bill with this number exists
};

namespace detail {
inline constexpr EnumText<NoNewsKind, 9> no_news_text{{"not_sent", "lost", "server_error", "unverified",
                                                       "unknown", "throttled", "merchant_trouble", "refused",
                                                       "number_taken"}};
}
[[nodiscard]] constexpr std::string_view name(NoNewsKind kind) { return detail::no_news_text.name(kind); }

struct NoNews {
    NoNewsKind kind = NoNewsKind::unknown;
    bool verified = false;  ///< signed by WeChat, or (not_sent) known by ourselves
    bool content_only =
        false;  ///< the refusal depends on the content alone, so a repetition cannot succeed (R4 d)
    Timestamp answered_at{};  ///< by WeChat's clock, where verified
    int http_status = 0;
    std::string code;
    std::string message;
    std::string request_id;
    std::optional<Duration> retry_after;
};

/// Answers a query: between `begun_at` and the answer there was a moment at which no such bill was visible.
struct NotFound {
    Timestamp begun_at{};  ///< by WeChat's clock: signed time minus the monotonic duration of the call
    bool verified = false;
};

/// What came back from one call.
struct Answer {
    WithdrawalId id;
    CallKind kind{};
    std::int64_t number = 0;
    std::variant<Report, NotFound, NoNews> result;
};

/// Whether this answer proves that the submit was not taken in, which is what shortens its share of the doubt
/// (R4). An unverified one proves nothing, except what we know ourselves: that no byte was sent.
[[nodiscard]] inline bool is_proof_of_refusal(const NoNews& news) {
    switch (news.kind) {
        case NoNewsKind::not_sent:
        case NoNewsKind::throttled:
        case NoNewsKind::merchant_trouble:
        case NoNewsKind::refused:
            return news.verified;
        case NoNewsKind::lost:
        case NoNewsKind::server_error:
        case NoNewsKind::unverified:
        case NoNewsKind::unknown:
        case NoNewsKind::number_taken:
            return false;
    }
    return false;
}

}  // namespace tixian
