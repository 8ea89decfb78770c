// SPDX-License-Identifier: MIT
#include "tixian/testing/ledger_contract.hpp"

#include "make_databases.hpp"
#include "tixian/testing/ledger_linearizability.hpp"
#include "tixian/testing/ledger_properties.hpp"

namespace tixian::testing {

INSTANTIATE_TEST_SUITE_P(Databases, LedgerContract,
                         ::testing::Values(LedgerFactory{"postgres", make_postgres},
                                           LedgerFactory{"mariadb", make_mariadb}),
                         [](const auto& named) { return named.param.name; });

TEST(PostgresLedger, DoesAsTheModelSays) { check_ledger_against_model(make_postgres, 12, 60); }
TEST(MysqlLedger, DoesAsTheModelSays) { check_ledger_against_model(make_mariadb, 12, 60); }

TEST(PostgresLedger, IsLinearizable) {
    LinearizabilityOptions options;
    options.rounds = 25;
    check_ledger_is_linearizable(make_postgres, options);
}
TEST(MysqlLedger, IsLinearizable) {
    LinearizabilityOptions options;
    options.rounds = 25;
    check_ledger_is_linearizable(make_mariadb, options);
}

}  // namespace tixian::testing
