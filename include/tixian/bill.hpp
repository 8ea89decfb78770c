// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tixian/enum_text.hpp"
#include "tixian/ids.hpp"
#include "tixian/money.hpp"

namespace tixian {

/// WeChat's own state of a bill (wechat_spec 1.5), in the order in which a bill moves. `unknown` is a state
/// that WeChat added since: never final, and kept raw beside it.
enum class BillState {
    none,
    unknown,
    accepted,
    processing,
    wait_user_confirm,
    transfering,  // sic: WeChat spells it with one R
    canceling,
    success,
    fail,
    cancelled,
};

namespace detail {
inline constexpr EnumText<BillState, 10> bill_state_text{{"", "UNKNOWN", "ACCEPTED", "PROCESSING",
                                                          "WAIT_USER_CONFIRM", "TRANSFERING", "CANCELING",
                                                          "SUCCESS", "FAIL", "CANCELLED"}};
}

[[nodiscard]] constexpr std::string_view name(BillState state) { return detail::bill_state_text.name(state); }

/// What WeChat's text means; a text that is not in the sheet is `unknown`.
[[nodiscard]] constexpr BillState parse_bill_state(std::string_view text) {
    const auto state = detail::bill_state_text.parse(text);
    return state && *state != BillState::none ? *state : BillState::unknown;
}

[[nodiscard]] constexpr bool is_final(BillState state) { return state >= BillState::success; }

/// How far a bill is (R6): facts only move to a higher rank; the three final states share the last one.
[[nodiscard]] constexpr int rank(BillState state) {
    return is_final(state) ? static_cast<int>(BillState::success) : static_cast<int>(state);
}

/// A verified statement of WeChat about one bill: the same type from a submit's answer, a query or a
/// notification. It is a fact: it holds whenever it arrives, in any order, any number of times. What the
/// statement leaves out is nullopt or empty (a submit's answer names neither mchid, openid nor amount).
struct Report {
    WithdrawalId id;
    BillState state = BillState::unknown;
    std::string raw_state;
    std::string transfer_bill_no;
    std::string wechat_batch_id;   ///< the older API's number of the batch
    std::string wechat_detail_id;  ///< and of its one detail, which has the payout's state
    std::string package_info;
    std::string fail_reason;
    std::optional<Mchid> mchid;
    std::optional<Openid> openid;
    std::optional<Money> amount;
};

}  // namespace tixian
