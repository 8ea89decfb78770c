// SPDX-License-Identifier: MIT
#include "http_errors.hpp"

#include <utility>

namespace tixian::server {
namespace {

int http_status(ErrorCode code) {
    switch (code) {
        case ErrorCode::invalid_argument:
        case ErrorCode::invalid_amount:
        case ErrorCode::malformed:
            return 400;
        case ErrorCode::stale:
        case ErrorCode::unknown_serial:
        case ErrorCode::bad_signature:
        case ErrorCode::bad_ciphertext:
        case ErrorCode::bad_hash:
            return 401;
        case ErrorCode::not_allowed:
            return 403;
        case ErrorCode::unknown_withdrawal:
        case ErrorCode::unknown_channel:
            return 404;
        case ErrorCode::idempotency_mismatch:
        case ErrorCode::already_final:
        case ErrorCode::conflict:
            return 409;
        case ErrorCode::amount_below_minimum:
        case ErrorCode::amount_above_maximum:
        case ErrorCode::insufficient_funds:
        case ErrorCode::limit_reached:
        case ErrorCode::channel_not_supported:
            return 422;
        case ErrorCode::commit_in_doubt:
        case ErrorCode::ledger_unavailable:
            return 503;
        case ErrorCode::ledger_damaged:
        case ErrorCode::invalid_key:
        case ErrorCode::unsafe_key_file:
            return 500;
    }
    return 500;
}

}  // namespace

tl::unexpected<Refusal> refuse_with(int status, std::string code, std::string message, std::string field) {
    return tl::unexpected<Refusal>(Refusal{status, std::move(code), std::move(message), std::move(field)});
}

tl::unexpected<Refusal> refuse_with(const Error& error) {
    const int status = http_status(error.code);
    // What is wrong inside is for the log, not for the caller.
    std::string message =
        status >= 500 ? "the ledger cannot answer now; ask again with the same key" : error.message;
    return refuse_with(status, std::string(name(error.code)), std::move(message), error.field);
}

}  // namespace tixian::server
