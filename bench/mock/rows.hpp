// SPDX-License-Identifier: MIT
#pragma once

#include "bench.hpp"

namespace tixian::bench {

/// P12: requests a second at 64 connections, signatures off and on, against an echo of the same sizes.
void measure_requests(Bench& bench);

/// P12.start: from starting the program to its ready line, with keys that are there.
void measure_start(Bench& bench);

}  // namespace tixian::bench
