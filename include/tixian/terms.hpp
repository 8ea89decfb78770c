// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <string>

#include "tixian/error.hpp"
#include "tixian/money.hpp"

namespace tixian {

/// What the host allows per withdrawal (R9).
struct Terms {
    Money minimum = 100_fen;
    Money single_max = 20000_fen;
};

/// Refuses an amount that is not positive, under the minimum, or over the single maximum; the bounds are
/// allowed.
[[nodiscard]] inline Result<void> check_amount(const Terms& terms, Money amount) {
    if (!amount.is_positive())
        return refuse(ErrorCode::invalid_amount, "amount must be greater than zero", "amount");
    if (amount < terms.minimum)
        return refuse(ErrorCode::amount_below_minimum, "the minimum is " + terms.minimum.yuan() + " yuan",
                      "amount");
    if (amount > terms.single_max)
        return refuse(ErrorCode::amount_above_maximum,
                      "the maximum of one withdrawal is " + terms.single_max.yuan() + " yuan", "amount");
    return {};
}

/// The most that one withdrawal can take from this balance now; zero when not even the minimum is there.
[[nodiscard]] inline Money max_withdrawable(const Terms& terms, Money available) {
    const Money most = std::min(available, terms.single_max);
    return most < terms.minimum ? Money() : most;
}

}  // namespace tixian
