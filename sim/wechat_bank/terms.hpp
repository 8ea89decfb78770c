// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "tixian/clock.hpp"

#include "wechat_bank/behaviour.hpp"
#include "wechat_bank/merchant.hpp"

namespace tixian::bank {

/// wechat_spec section 3: 15 retries after the first attempt, 24 h 4 min in all.
[[nodiscard]] inline std::vector<Duration> wechat_notify_retries() {
    using std::chrono::hours, std::chrono::minutes, std::chrono::seconds;
    return {seconds(15), seconds(15), seconds(30), minutes(3),  minutes(10),
            minutes(20), minutes(30), minutes(30), minutes(30), minutes(60),
            hours(3),    hours(3),    hours(3),    hours(6),    hours(6)};
}

/// How the bank behaves. A time of zero makes the step happen within the call that leads to it.
struct Terms {
    Duration accept_after{50};    ///< ACCEPTED to PROCESSING; of a batch, too
    Duration lock_after{50};      ///< PROCESSING to WAIT_USER_CONFIRM, when the balance suffices
    Duration transfer_after{50};  ///< TRANSFERING to SUCCESS; of a batch: PROCESSING to FINISHED
    Duration cancel_after{50};    ///< CANCELING to CANCELLED
    Duration receipt_after{50};   ///< a receipt's GENERATING to FINISHED
    std::optional<Duration> auto_confirm_after;  ///< none: only the user confirms; of authorisations, too
    Duration expire_after = std::chrono::hours(24);
    Duration expire_lag_max{0};  ///< the close comes later by up to this, drawn for each bill [O, C]
    Duration query_horizon = std::chrono::hours(24 * 30);     ///< older bills are not found [O]
    Duration retry_horizon = std::chrono::hours(24 * 31);     ///< older numbers are no longer re-entered [C]
    Duration receipt_horizon = std::chrono::hours(24 * 180);  ///< bills older than this get no receipt [O]
    Duration receipt_valid = std::chrono::hours(24 * 90);     ///< then it has to be asked for again [O]
    bool batches_wait_for_pay = false;  ///< a batch waits in WAIT_PAY until the payer confirms
    std::vector<Duration> notify_retries = wechat_notify_retries();
    Behaviour behaviour;
    MerchantTerms merchant;               ///< of merchants that were not added otherwise
    std::uint64_t seed = 1;               ///< of package_info, event ids, and lags
    std::uint64_t bills_made_before = 0;  ///< where WeChat's numbers count on, so that none comes twice
};

}  // namespace tixian::bank
