// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "tixian/clock.hpp"
#include "tixian/money.hpp"

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
    Duration accept_after{50};    ///< ACCEPTED to PROCESSING
    Duration lock_after{50};      ///< PROCESSING to WAIT_USER_CONFIRM, when the balance suffices
    Duration transfer_after{50};  ///< TRANSFERING to SUCCESS
    Duration cancel_after{50};    ///< CANCELING to CANCELLED
    std::optional<Duration> auto_confirm_after;  ///< none: only the user confirms
    Duration expire_after = std::chrono::hours(24);
    std::vector<Duration> notify_retries = wechat_notify_retries();
    bool refuse_create_without_balance = true;  ///< false: the bill is made and stays in PROCESSING
    Money balance;
    std::uint64_t seed = 1;               ///< of package_info and of event ids
    std::uint64_t bills_made_before = 0;  ///< where transfer_bill_no counts on, so that none comes twice
};

}  // namespace tixian::bank
