// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "tixian/clock.hpp"

namespace tixian::bank {

enum class ReceiptState { generating, finished, failed };

[[nodiscard]] constexpr std::string_view name(ReceiptState state) {
    constexpr std::array<std::string_view, 3> names = {"GENERATING", "FINISHED", "FAILED"};
    return names[static_cast<std::size_t>(state)];
}

/// An electronic receipt (wechat_spec 1.8). Whose it is stands in `subject`: a bill's transfer_bill_no, a
/// batch's batch_id or a detail's detail_id.
struct Receipt {
    std::string mchid;
    std::string subject;
    ReceiptState state = ReceiptState::generating;
    Timestamp asked_at;
    Timestamp updated_at;
    std::string content;      ///< of the file; empty until it is finished
    std::string fail_reason;  ///< of one that failed
};

}  // namespace tixian::bank
