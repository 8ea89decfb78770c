// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cstdint>

#include "tixian/random.hpp"

namespace tixian::testing {

/// The same numbers for the same seed on every machine (SplitMix64). Thread-safe.
class SeededRandom : public Random {
 public:
    explicit SeededRandom(std::uint64_t seed) : state_(seed) {}

    [[nodiscard]] std::uint64_t next() override {
        std::uint64_t z = state_.fetch_add(0x9E3779B97F4A7C15u) + 0x9E3779B97F4A7C15u;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
        return z ^ (z >> 31);
    }

 private:
    std::atomic<std::uint64_t> state_;
};

}  // namespace tixian::testing
