// SPDX-License-Identifier: MIT
#include <filesystem>

#include "tixian/memory/memory_ledger.hpp"
#include "tixian/sqlite/sqlite_ledger.hpp"
#include "tixian/testing/ledger_contract.hpp"

namespace tixian::testing {
namespace {

std::unique_ptr<Ledger> make_memory() { return std::make_unique<MemoryLedger>(); }

std::unique_ptr<Ledger> make_sqlite() {
    static int made = 0;
    const auto path = std::filesystem::path(::testing::TempDir()) /
                      ("contract-" + std::to_string(getpid()) + "-" + std::to_string(++made) + ".db");
    auto ledger = SqliteLedger::open(path);
    // The open file lives on without its name, and is gone with the ledger.
    std::filesystem::remove(path);
    return ledger ? std::move(*ledger) : nullptr;
}

INSTANTIATE_TEST_SUITE_P(Ledgers, LedgerContract,
                         ::testing::Values(LedgerFactory{"memory", make_memory},
                                           LedgerFactory{"sqlite", make_sqlite}),
                         [](const auto& parameter) { return parameter.param.name; });

}  // namespace
}  // namespace tixian::testing
