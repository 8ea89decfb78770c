// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <span>
#include <stdexcept>
#include <string>
#include <variant>

#include "tixian/ledger.hpp"

namespace tixian::bench {

/// What is measured must have been done.
inline void require_applied(std::span<const Outcome> outcomes) {
    for (const Outcome& outcome : outcomes) {
        if (std::holds_alternative<Applied>(outcome)) continue;
        const auto* unknown = std::get_if<Unknown>(&outcome);
        throw std::runtime_error("the ledger refused a change" +
                                 (unknown != nullptr ? ": " + unknown->reason : std::string()));
    }
}

/// Commits in large batches: for what is not measured.
inline void commit_all(Ledger& ledger, std::span<const Change> changes) {
    constexpr std::size_t batch = 1024;
    while (!changes.empty()) {
        const auto some = changes.first(std::min(batch, changes.size()));
        require_applied(ledger.commit(some));
        changes = changes.subspan(some.size());
    }
}

}  // namespace tixian::bench
