// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "tixian/enum_text.hpp"

namespace tixian::sim {

/// Everything that can go wrong between us and WeChat, inside our own processes and ledger, and with people.
/// WeChat's own are called as in sim/faults.
enum class Mishap {
    // the network
    request_lost,
    request_delayed,
    request_too_late,
    request_repeated,
    not_connected,
    answer_lost,
    answer_delayed,
    requests_cut,
    answers_cut,
    // WeChat
    executed_later,
    server_error,
    error_though_executed,
    rate_limited,
    quota_refused,
    content_refused,
    unknown_code,
    refused_by_proxy,
    wrong_signature,
    not_yet_visible,
    query_misses,
    bill_forgotten,
    state_lags,
    bill_fails,
    not_enough,
    notification_lost,
    notification_late,
    notification_repeated,
    notification_contradicting,
    notification_forged,
    key_rotated,
    // our processes
    crash_before_sending,
    crash_after_answer,
    crash_in_commit,
    pause_before_sending,
    pause_before_recording,
    two_workers,
    clock_skewed,
    clock_stepped,
    // the ledger
    commit_lost_before,
    commit_lost_after,
    commit_lands_later,
    commit_conflicts,
    another_comes_between,
    read_fails,
    ledger_down,
    // people
    user_never_confirms,
    user_confirms_late,
    user_cancels,
    user_cancels_meanwhile,
    request_sent_again,
    request_changed,
    operator_late,
    operator_rejects,
    operator_looks_at_old,
    operator_cancels,
    channel_stopped,
};
constexpr std::size_t mishap_count = 56;

constexpr detail::EnumText<Mishap, mishap_count> mishap_text{{"request_lost",
                                                              "request_delayed",
                                                              "request_too_late",
                                                              "request_repeated",
                                                              "not_connected",
                                                              "answer_lost",
                                                              "answer_delayed",
                                                              "requests_cut",
                                                              "answers_cut",
                                                              "executed_later",
                                                              "server_error",
                                                              "error_though_executed",
                                                              "rate_limited",
                                                              "quota_refused",
                                                              "content_refused",
                                                              "unknown_code",
                                                              "refused_by_proxy",
                                                              "wrong_signature",
                                                              "not_yet_visible",
                                                              "query_misses",
                                                              "bill_forgotten",
                                                              "state_lags",
                                                              "bill_fails",
                                                              "not_enough",
                                                              "notification_lost",
                                                              "notification_late",
                                                              "notification_repeated",
                                                              "notification_contradicting",
                                                              "notification_forged",
                                                              "key_rotated",
                                                              "crash_before_sending",
                                                              "crash_after_answer",
                                                              "crash_in_commit",
                                                              "pause_before_sending",
                                                              "pause_before_recording",
                                                              "two_workers",
                                                              "clock_skewed",
                                                              "clock_stepped",
                                                              "commit_lost_before",
                                                              "commit_lost_after",
                                                              "commit_lands_later",
                                                              "commit_conflicts",
                                                              "another_comes_between",
                                                              "read_fails",
                                                              "ledger_down",
                                                              "user_never_confirms",
                                                              "user_confirms_late",
                                                              "user_cancels",
                                                              "user_cancels_meanwhile",
                                                              "request_sent_again",
                                                              "request_changed",
                                                              "operator_late",
                                                              "operator_rejects",
                                                              "operator_looks_at_old",
                                                              "operator_cancels",
                                                              "channel_stopped"}};
[[nodiscard]] constexpr std::string_view name(Mishap mishap) { return mishap_text.name(mishap); }

/// Which mishaps are the world's own ways, and not faults that end with the first phase.
[[nodiscard]] constexpr bool is_of_people(Mishap m) {
    return m >= Mishap::user_never_confirms && m <= Mishap::user_cancels_meanwhile;
}

/// What is decided beside the mishaps: how much, how long, who. A site below mishap_count is that mishap.
enum class Site : std::uint8_t {
    first = mishap_count,
    order_amount,
    order_user,
    order_at,
    order_openid,
    deposit_amount,
    length,  ///< of the mishap that just struck, on the same subject and turn
    worker,
    worker_delay,
    network_delay,
    answer_delay,
    confirm_after,
    cancel_after,
    operator_after,
    window_at,
    window_length,
    skew,
    repeat_after,
    fail_reason,
};
constexpr std::size_t site_count = static_cast<std::size_t>(Site::fail_reason) + 1;

// A mishap's site is its number, which has no name of its own.
// NOLINTNEXTLINE(clang-analyzer-optin.core.EnumCastOutOfRange)
[[nodiscard]] constexpr Site site_of(Mishap mishap) { return static_cast<Site>(mishap); }
constexpr detail::EnumText<Site, site_count - mishap_count - 1> other_site_text{
    {"order_amount", "order_user", "order_at", "order_openid", "deposit_amount", "length", "worker",
     "worker_delay", "network_delay", "answer_delay", "confirm_after", "cancel_after", "operator_after",
     "window_at", "window_length", "skew", "repeat_after", "fail_reason"}};
[[nodiscard]] constexpr std::string_view name(Site site) {
    const auto i = static_cast<std::size_t>(site);
    return i < mishap_count ? mishap_text.names[i] : other_site_text.names[i - mishap_count - 1];
}
[[nodiscard]] constexpr std::optional<Site> parse_site(std::string_view text) {
    for (std::size_t i = 0; i < site_count; ++i) {
        const auto site = static_cast<Site>(i);  // NOLINT(clang-analyzer-optin.core.EnumCastOutOfRange)
        if (i != mishap_count && name(site) == text) return site;
    }
    return std::nullopt;
}

}  // namespace tixian::sim
