// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tixian/clock.hpp"
#include "tixian/money.hpp"

#include "wechat_bank/refusal.hpp"

namespace tixian::bank {

/// WeChat's own states, with its spelling (wechat_spec 1.5).
enum class BillState {
    accepted,
    processing,
    wait_user_confirm,
    transfering,
    success,
    fail,
    canceling,
    cancelled
};

constexpr std::array<std::string_view, 8> state_names = {"ACCEPTED",    "PROCESSING", "WAIT_USER_CONFIRM",
                                                         "TRANSFERING", "SUCCESS",    "FAIL",
                                                         "CANCELING",   "CANCELLED"};

[[nodiscard]] constexpr std::string_view name(BillState state) {
    return state_names[static_cast<std::size_t>(state)];
}

[[nodiscard]] constexpr std::optional<BillState> parse_state(std::string_view text) {
    for (std::size_t i = 0; i < state_names.size(); ++i) {
        if (state_names[i] == text) return static_cast<BillState>(i);
    }
    return std::nullopt;
}

[[nodiscard]] constexpr bool is_final(BillState state) {
    return state == BillState::success || state == BillState::fail || state == BillState::cancelled;
}

/// Only in these may the user's confirm page be opened, so only in these does a create answer carry
/// package_info.
[[nodiscard]] constexpr bool is_confirm_page_open(BillState state) {
    return state == BillState::wait_user_confirm || state == BillState::transfering;
}

struct ReportRow {
    std::string info_type;
    std::string info_content;
    bool operator==(const ReportRow&) const = default;
};

/// A no-confirm authorisation that the user is asked for together with the money (wechat_spec 1.7 H).
struct AuthorizationWish {
    std::string out_authorization_no;  ///< empty: none is asked for
    std::string user_display_name;
    std::string notify_url;
    bool operator==(const AuthorizationWish&) const = default;
};

/// What the merchant asked for. A re-entry must repeat all of it; `user_name` is the plain name, because its
/// ciphertext differs each time.
struct Order {
    std::string mchid;
    std::string out_bill_no;
    std::string appid;
    std::string transfer_scene_id;
    std::string openid;
    std::string user_name;
    Money amount;
    std::string remark;
    std::string notify_url;
    std::string perception;
    std::string recv_style;
    std::vector<ReportRow> reports;
    AuthorizationWish wish;
    std::string authorization_id;  ///< paid under this authorisation: no confirm (wechat_spec 1.7 L)
    bool operator==(const Order&) const = default;
};

/// When the user of one bill takes the money by himself, other than all others do; with nothing set: never.
struct Confirmation {
    std::optional<Duration> after;         ///< the page could be opened
    std::optional<Duration> before_close;  ///< so long before the bill would close
    bool crosses_cancel = false;           ///< in the moment of the cancel, and is the first
};

/// What is decided of one bill apart from all others, perhaps before it is made.
struct Fate {
    std::optional<Confirmation> confirmation;  ///< none: as this user does with all bills
    std::optional<Duration> fails_after;       ///< its creation, unless it has ended or is CANCELING by then
    std::string fail_reason;
};

/// A cancel as the merchant asks for it.
struct CancelOrder {
    std::string mchid;
    std::string out_bill_no;
};

struct Bill {
    Order order;
    std::string transfer_bill_no;
    std::string package_info;
    BillState state = BillState::accepted;
    std::string fail_reason;
    Timestamp created_at;
    Timestamp updated_at;
    bool is_funded = false;  ///< the amount has left the merchant's balance
    int notify_attempts = 0;
    bool is_notified = false;
};

}  // namespace tixian::bank
