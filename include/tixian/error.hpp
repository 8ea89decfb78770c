// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

namespace tixian {

/// Every reason for which tixian refuses. The name() of a code is stable: it may stand in APIs, logs and
/// alarms.
enum class ErrorCode {
    invalid_argument,
    invalid_amount,
    amount_below_minimum,
    amount_above_maximum,
    insufficient_funds,
    limit_reached,
    idempotency_mismatch,
    unknown_withdrawal,
    unknown_channel,
    channel_not_supported,
    already_final,
    not_allowed,
    conflict,
    commit_in_doubt,
    ledger_unavailable,
    ledger_damaged,
    malformed,
    stale,
    unknown_serial,
    bad_signature,
    bad_ciphertext,
    bad_hash,
    invalid_key,
    unsafe_key_file,
};

[[nodiscard]] constexpr std::string_view name(ErrorCode code) {
    switch (code) {
        case ErrorCode::invalid_argument:
            return "invalid_argument";
        case ErrorCode::invalid_amount:
            return "invalid_amount";
        case ErrorCode::amount_below_minimum:
            return "amount_below_minimum";
        case ErrorCode::amount_above_maximum:
            return "amount_above_maximum";
        case ErrorCode::insufficient_funds:
            return "insufficient_funds";
        case ErrorCode::limit_reached:
            return "limit_reached";
        case ErrorCode::idempotency_mismatch:
            return "idempotency_mismatch";
        case ErrorCode::unknown_withdrawal:
            return "unknown_withdrawal";
        case ErrorCode::unknown_channel:
            return "unknown_channel";
        case ErrorCode::channel_not_supported:
            return "channel_not_supported";
        case ErrorCode::already_final:
            return "already_final";
        case ErrorCode::not_allowed:
            return "not_allowed";
        case ErrorCode::conflict:
            return "conflict";
        case ErrorCode::commit_in_doubt:
            return "commit_in_doubt";
        case ErrorCode::ledger_unavailable:
            return "ledger_unavailable";
        case ErrorCode::ledger_damaged:
            return "ledger_damaged";
        case ErrorCode::malformed:
            return "malformed";
        case ErrorCode::stale:
            return "stale";
        case ErrorCode::unknown_serial:
            return "unknown_serial";
        case ErrorCode::bad_signature:
            return "bad_signature";
        case ErrorCode::bad_ciphertext:
            return "bad_ciphertext";
        case ErrorCode::bad_hash:
            return "bad_hash";
        case ErrorCode::invalid_key:
            return "invalid_key";
        case ErrorCode::unsafe_key_file:
            return "unsafe_key_file";
    }
    return "unknown";
}

/// A refusal. `message` is for people and never holds a secret; `field` names the input at fault, or is
/// empty.
struct Error {
    ErrorCode code{};
    std::string message;
    std::string field;
};

template <class T>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> refuse(ErrorCode code, std::string message,
                                                  std::string field = {}) {
    return tl::unexpected<Error>(Error{code, std::move(message), std::move(field)});
}

}  // namespace tixian
