// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace tixian {

/// Where ids and jitter come from. Thread-safe. Ids must be unguessable and unique, so a host gives it a
/// cryptographic generator; a simulator gives it a seed.
class Random {
 public:
    virtual ~Random() = default;
    [[nodiscard]] virtual std::uint64_t next() = 0;
};

}  // namespace tixian
