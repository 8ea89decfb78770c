// SPDX-License-Identifier: MIT
#include <cstddef>
#include <string>

#include "ledger/memory_subject.hpp"
#include "ledger/rows.hpp"
#include "ledger/sqlite_subject.hpp"
#include "program.hpp"

namespace {

using namespace tixian::bench;  // NOLINT: this is the program

void measure(Bench& bench, std::size_t finals) {
    MemorySubject memory;
    measure_one_core(bench, memory);
    measure_one_merchant_alone(bench, memory, "P6.memory");

    SqliteSubject sqlite(bench.folder());
    require_same_rows(bench, sqlite);
    measure_clients(bench, sqlite, "P4", true);
    measure_one_merchant_with_clients(bench, sqlite, "P6.sqlite");
    measure_claims(bench, sqlite, "P9.sqlite", finals);
}

/// A server's rows: `word` is its part of their ids.
void measure(Bench& bench, ServerSubject server, const std::string& word, std::size_t finals) {
    require_same_rows(bench, server);
    measure_clients(bench, server, "P5." + word, false);
    measure_against_plain_service(bench, server, "P5." + word);
    measure_one_merchant_with_clients(bench, server, "P6." + word);
    measure_one_merchant_in_processes(bench, server, "P6." + word + "_processes");
    measure_claims(bench, server, "P9." + word, finals);
}

}  // namespace

int main(int argc, char** argv) {
    std::size_t finals = 0;
    std::string postgres, mariadb;
    return run(
        argc, argv,
        {"tixian-bench-ledger", "The ledgers: rows P3 to P6 and P9 of the targets.",
         [&](CLI::App& app) {
             app.add_option("--rows", finals, "Final withdrawals of P9 [1,000,000; with --full 10,000,000]")
                 ->check(CLI::Range(std::size_t{10'000}, std::size_t{100'000'000}));
             app.add_option("--postgres", postgres, "Address of a PostgreSQL; makes schemas bench_…")
                 ->envname("TIXIAN_POSTGRES");
             app.add_option("--mariadb", mariadb, "Address of a MariaDB; makes databases bench_…")
                 ->envname("TIXIAN_MYSQL");
         },
         [&](Bench& bench) {
             const std::size_t usual = bench.is_full() ? 10'000'000 : bench.size(1'000'000);
             measure(bench, finals != 0 ? finals : usual);
             if (!postgres.empty())
                 measure(bench, ServerSubject(postgres_at(postgres)), "postgres",
                         finals != 0 ? finals : usual);
             if (!mariadb.empty())
                 measure(bench, ServerSubject(mariadb_at(mariadb)), "mariadb", finals != 0 ? finals : usual);
         }});
}
