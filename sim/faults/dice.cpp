// SPDX-License-Identifier: MIT
#include "faults/dice.hpp"

#include <array>
#include <limits>

namespace tixian::faults {
namespace {

constexpr std::uint64_t finish(std::uint64_t value) {
    value += 0x9e3779b97f4a7c15ULL;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
    return value ^ (value >> 31);
}

// The upper half of the standard normal distribution in thousandths: the middles of 64 steps.
constexpr std::array<std::int16_t, 64> normal_quantiles = {
    10,   29,   49,   69,   88,   108,  128,  147,  167,  187,  207,  227,  247,  268,  288,  308,
    329,  350,  371,  392,  413,  434,  456,  478,  500,  522,  545,  568,  591,  614,  638,  662,
    687,  712,  737,  763,  790,  817,  844,  873,  902,  932,  962,  994,  1026, 1060, 1095, 1132,
    1170, 1209, 1251, 1295, 1342, 1392, 1445, 1503, 1567, 1637, 1717, 1810, 1921, 2064, 2266, 2660};

// e^(x / 10^6) in units of 2^-32, for |x| <= 10^7.
constexpr std::uint64_t exponential(std::int64_t x) {
    constexpr std::int64_t ln2 = 693'147;  // millionths
    std::int64_t whole = x / ln2;
    std::int64_t rest = x % ln2;
    if (rest < 0) {
        rest += ln2;
        --whole;
    }
    // 0 <= rest < ln 2: ten terms are more than these numbers can hold.
    constexpr std::uint64_t one = std::uint64_t{1} << 32;
    std::uint64_t term = one, sum = one;
    for (std::uint64_t i = 1; i <= 10; ++i) {
        term = term * static_cast<std::uint64_t>(rest) / 1'000'000 / i;
        sum += term;
    }
    return whole >= 0 ? sum << static_cast<unsigned>(whole) : sum >> static_cast<unsigned>(-whole);
}

}  // namespace

void Hash::add_byte(std::uint64_t byte) { state_ = (state_ ^ byte) * 0x100000001b3ULL; }

Hash& Hash::add(std::uint64_t value) {
    for (unsigned shift = 0; shift < 64; shift += 8) add_byte(value >> shift & 0xff);
    return *this;
}

Hash& Hash::add(std::string_view text) {
    add(std::uint64_t{text.size()});
    for (const char c : text) add_byte(static_cast<unsigned char>(c));
    return *this;
}

std::uint64_t Hash::value() const { return finish(state_); }

std::uint64_t roll(std::uint64_t dice, std::uint64_t index) { return finish(dice ^ finish(index)); }

std::int64_t draw_uniform(std::uint64_t dice, std::int64_t min, std::int64_t max) {
    if (max <= min) return min;
    const auto span = static_cast<std::uint64_t>(max) - static_cast<std::uint64_t>(min) + 1;
    if (span == 0) return static_cast<std::int64_t>(dice);
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(min) + dice % span);
}

std::int64_t draw_lognormal(std::uint64_t dice, std::int64_t median, std::int64_t sigma) {
    const std::int64_t quantile = normal_quantiles[dice >> 1 & 63];
    const std::int64_t z = (dice & 1) != 0 ? quantile : -quantile;
    const std::uint64_t factor = exponential(sigma * z);
    const auto whole = static_cast<std::uint64_t>(median);
    const std::uint64_t high = whole * (factor >> 32), low = whole * (factor & 0xffffffffU) >> 32;
    constexpr auto max = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    return static_cast<std::int64_t>(high + low < max ? high + low : max);
}

}  // namespace tixian::faults
