// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>
#include <unistd.h>

#include "tixian/memory/memory_ledger.hpp"
#include "tixian/sqlite/sqlite_ledger.hpp"
#include "tixian/threads/group_commit.hpp"

namespace tixian::testing {

inline std::unique_ptr<Ledger> make_memory() { return std::make_unique<MemoryLedger>(); }

inline std::unique_ptr<Ledger> make_sqlite() {
    static std::atomic<int> made = 0;
    const auto path = std::filesystem::path(::testing::TempDir()) /
                      ("contract-" + std::to_string(getpid()) + "-" + std::to_string(++made) + ".db");
    auto ledger = SqliteLedger::open(path);
    // The open file lives on without its name, and is gone with the ledger.
    std::filesystem::remove(path);
    return ledger ? std::move(*ledger) : nullptr;
}

/// Owns the ledger that a group commit borrows.
struct OwnedLedger {
    std::unique_ptr<Ledger> ledger;
};
struct GroupedLedger : private OwnedLedger, GroupCommit {
    explicit GroupedLedger(std::unique_ptr<Ledger> owned)
        : OwnedLedger{std::move(owned)}, GroupCommit(*OwnedLedger::ledger) {}
};

inline std::unique_ptr<Ledger> make_grouped_memory() {
    return std::make_unique<GroupedLedger>(make_memory());
}
inline std::unique_ptr<Ledger> make_grouped_sqlite() {
    return std::make_unique<GroupedLedger>(make_sqlite());
}

}  // namespace tixian::testing
