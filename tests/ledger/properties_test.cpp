// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "make_ledgers.hpp"
#include "tixian/testing/ledger_properties.hpp"

namespace tixian::testing {
namespace {

TEST(LedgerProperties, MemoryDoesAsTheModelSays) { check_ledger_against_model(make_memory, 100, 60); }

TEST(LedgerProperties, SqliteDoesAsTheModelSays) { check_ledger_against_model(make_sqlite, 12, 60); }

TEST(LedgerProperties, AGroupCommitDoesAsTheModelSays) {
    check_ledger_against_model(make_grouped_memory, 25, 60);
}

}  // namespace
}  // namespace tixian::testing
