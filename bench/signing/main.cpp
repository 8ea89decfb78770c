// SPDX-License-Identifier: MIT
#include "program.hpp"
#include "signing/rows.hpp"

int main(int argc, char** argv) {
    using namespace tixian::bench;  // NOLINT: this is the program
    return run(argc, argv,
               {"tixian-bench-signing",
                "Signing and verification: rows P1 and P2 of the targets.",
                {},
                [](Bench& bench) {
                    measure_requests(bench);
                    measure_notifications(bench);
                }});
}
