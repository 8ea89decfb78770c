// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "tixian/error.hpp"
#include "tixian/ids.hpp"

namespace tixian {

/// Who decides, and why. Both are recorded for ever with what they decided. For a decision under R4 (e) the
/// reason names the evidence: the fund bill's line, WeChat's letter.
struct Person {
    OperatorId id;
    std::string reason;
    bool operator==(const Person&) const = default;
};

/// Refuses (`invalid_argument`) a decision without a name or without a reason of 1 to 1000 bytes.
[[nodiscard]] inline Result<void> check(const Person& person) {
    constexpr std::size_t reason_max = 1000;
    if (person.id.is_empty()) return refuse(ErrorCode::invalid_argument, "who decides this?", "operator");
    if (person.reason.empty() || person.reason.size() > reason_max)
        return refuse(ErrorCode::invalid_argument, "a reason of 1 to 1000 bytes is needed", "reason");
    return {};
}

}  // namespace tixian
