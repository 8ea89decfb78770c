// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string_view>

namespace tixian::faults {

/// Own numbers, so that they are the same on every machine and compiler: FNV-1a (64 bits) over fields, each
/// with its length before it, and splitmix64's finaliser over the result.
class Hash {
 public:
    Hash& add(std::uint64_t value);
    Hash& add(std::string_view text);
    [[nodiscard]] std::uint64_t value() const;

 private:
    void add_byte(std::uint64_t byte);
    std::uint64_t state_ = 0xcbf29ce484222325ULL;
};

/// The next of a row of numbers that begins with `dice`.
[[nodiscard]] std::uint64_t roll(std::uint64_t dice, std::uint64_t index);

/// Between `min` and `max`, both included; `min` when `max` is smaller.
[[nodiscard]] std::int64_t draw_uniform(std::uint64_t dice, std::int64_t min, std::int64_t max);

/// median * e^(sigma * z), with z standard normal in 128 steps of equal probability; `sigma` is in
/// thousandths, at most 3000; whole numbers all the way.
[[nodiscard]] std::int64_t draw_lognormal(std::uint64_t dice, std::int64_t median, std::int64_t sigma);

}  // namespace tixian::faults
