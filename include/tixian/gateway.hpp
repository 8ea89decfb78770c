// SPDX-License-Identifier: MIT
#pragma once

#include "tixian/call.hpp"

namespace tixian {

/// Carries one call out, for callers that may block. Thread-safe.
class Gateway {
 public:
    virtual ~Gateway() = default;

    /// Sends at most once, and no byte after the call's `send_deadline` (R2). Answers `not_sent` only when no
    /// byte of the request can have left; whatever else goes wrong is in doubt (R3). Never throws for a
    /// failure of the network, and takes less time than the policy's lease.
    [[nodiscard]] virtual Answer perform(const Call& call) = 0;
};

}  // namespace tixian
