// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace tixian::bench {

/// How often this process has asked the system to bring a file to its disk, by whatever library.
[[nodiscard]] std::int64_t fsyncs();

}  // namespace tixian::bench
