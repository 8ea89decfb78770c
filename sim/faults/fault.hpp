// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "tixian/clock.hpp"
#include "tixian/enum_text.hpp"

namespace tixian::faults {

/// What a fault can befall: a kind of call to WeChat, a notification on its way to the merchant, or the life
/// of a new bill (its user and its end).
enum class Endpoint {
    create,
    query,
    cancel,
    receipt,
    authorization,
    authorized_transfer,
    batch_create,
    batch_query,
    certificates,
    balance,
    fund_bill,
    download,
    other,
    notification,
    bill,
};
constexpr std::size_t endpoint_count = 15;

constexpr detail::EnumText<Endpoint, endpoint_count> endpoint_text{
    {"create", "query", "cancel", "receipt", "authorization", "authorized_transfer", "batch_create",
     "batch_query", "certificates", "balance", "fund_bill", "download", "other", "notification", "bill"}};

[[nodiscard]] constexpr std::string_view name(Endpoint endpoint) { return endpoint_text.name(endpoint); }

/// Transport faults happen between two programs, domain faults are WeChat's and the user's.
enum class Kind { transport, domain };
constexpr detail::EnumText<Kind, 2> kind_text{{"transport", "domain"}};
[[nodiscard]] constexpr std::string_view name(Kind kind) { return kind_text.name(kind); }

/// Everything that can go wrong, in the order of the catalogue; catalogue.hpp says what each one does.
enum class Fault {
    // transport
    latency_fixed,
    latency_uniform,
    latency_lognormal,
    timeout_before,
    timeout_after,
    reset_before,
    reset_during,
    reset_after,
    refused,
    truncated_body,
    dribbled_body,
    half_open,
    slow_headers,
    wrong_length,
    bad_json,
    wrong_content_type,
    gateway_error,
    // domain: answers
    answer_lost,
    error_though_executed,
    executed_later,
    error,
    rate_limited,
    not_enough,
    unknown_code,
    unknown_state,
    not_yet_visible,
    query_misses,
    // domain: signatures
    unsigned_answer,
    wrong_signature,
    probe_signature,
    stale_signature,
    unknown_serial,
    clock_skew,
    key_rotated,
    // domain: notifications
    notification_lost,
    notification_repeated,
    notification_late,
    notification_reordered,
    notification_contradicting,
    notification_forged,
    notification_wrong_key,
    // domain: the user, and the end of a bill
    user_confirms,
    user_never_confirms,
    user_confirms_at_last,
    user_confirms_while_cancelled,
    bill_fails,
};
constexpr std::size_t fault_count = 46;

/// A flag is a number that is 0 or 1, a duration a number of milliseconds.
enum class ParameterType { number, duration, flag, text };

/// A parameter of a fault with its bounds, which include both ends; of a text, `max` is its length in bytes.
struct ParameterRow {
    std::string_view name;
    ParameterType type = ParameterType::number;
    std::int64_t min = 0;
    std::int64_t max = 0;
    std::int64_t default_number = 0;
    std::string_view default_text;
};

/// One row of the catalogue. `certainty` is the mark of the fact sheet (O, S, 3, C or ?) where the row
/// repeats something that is told of WeChat, and `-` where it does not.
struct FaultRow {
    static constexpr std::size_t parameters_max = 4;

    Fault fault{};
    std::string_view name;
    Kind kind{};
    std::uint32_t endpoints = 0;  ///< bit n is the n-th Endpoint
    char certainty = '-';
    std::string_view sentence;
    std::array<ParameterRow, parameters_max> parameter_rows{};

    [[nodiscard]] constexpr bool applies_to(Endpoint endpoint) const {
        return (endpoints >> static_cast<unsigned>(endpoint) & 1U) != 0;
    }
    [[nodiscard]] constexpr std::span<const ParameterRow> parameters() const {
        std::size_t count = 0;
        while (count < parameters_max && !parameter_rows[count].name.empty()) ++count;
        return std::span(parameter_rows).first(count);
    }
};

}  // namespace tixian::faults
