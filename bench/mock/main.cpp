// SPDX-License-Identifier: MIT
#include "mock/rows.hpp"
#include "program.hpp"

int main(int argc, char** argv) {
    using namespace tixian::bench;  // NOLINT: this is the program
    return run(
        argc, argv,
        {"tixian-bench-mock", "The mock: row P12 of the targets, and its start.", {}, [](Bench& bench) {
             measure_requests(bench);
             measure_start(bench);
         }});
}
