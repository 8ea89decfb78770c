// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

#include "tixian/memory/memory_ledger.hpp"
#include "tixian/sqlite/sqlite_ledger.hpp"

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

}  // namespace tixian::testing
