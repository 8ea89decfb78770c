// SPDX-License-Identifier: MIT
#pragma once

#include "bench.hpp"

namespace tixian::bench {

/// P1: signing requests, in one thread and on all cores, against OpenSSL's signing alone.
void measure_requests(Bench& bench);

/// P2: verifying, decrypting and reading one notification, against what OpenSSL and nlohmann_json alone need.
void measure_notifications(Bench& bench);

}  // namespace tixian::bench
