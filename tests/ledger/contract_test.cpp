// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "make_ledgers.hpp"
#include "tixian/testing/ledger_contract.hpp"

namespace tixian::testing {
namespace {

INSTANTIATE_TEST_SUITE_P(Ledgers, LedgerContract,
                         ::testing::Values(LedgerFactory{"memory", make_memory},
                                           LedgerFactory{"sqlite", make_sqlite},
                                           LedgerFactory{"grouped_sqlite", make_grouped_sqlite}),
                         [](const auto& parameter) { return parameter.param.name; });

}  // namespace
}  // namespace tixian::testing
