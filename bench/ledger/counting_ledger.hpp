// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

#include "tixian/forwarding_ledger.hpp"

namespace tixian::bench {

/// Counts the commits that reach a ledger.
class CountingLedger : public ForwardingLedger {
 public:
    using ForwardingLedger::ForwardingLedger;

    [[nodiscard]] std::int64_t commits() const { return commits_; }

    [[nodiscard]] std::vector<Outcome> commit(std::span<const Change> changes) override {
        ++commits_;
        return ledger().commit(changes);
    }

 private:
    std::atomic<std::int64_t> commits_ = 0;
};

}  // namespace tixian::bench
