// SPDX-License-Identifier: MIT
#include "faults/duration.hpp"

#include <array>
#include <charconv>
#include <cstdint>

namespace tixian::faults {
namespace {

struct Unit {
    std::string_view name;
    std::int64_t millis;
};
constexpr std::array<Unit, 5> units = {
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}}};

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
    constexpr std::int64_t millis_max = 315'360'000'000;
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc() || count < 0) return std::nullopt;
    const std::string_view unit_name = text.substr(static_cast<std::size_t>(end - text.data()));
    for (const Unit& unit : units) {
        if (unit.name != unit_name) continue;
        if (count > millis_max / unit.millis) return std::nullopt;
        return Duration(count * unit.millis);
    }
    return std::nullopt;
}

std::string duration_text(Duration duration) {
    const std::int64_t millis = duration.count();
    if (millis == 0) return "0s";
    for (const Unit& unit : units) {
        if (millis % unit.millis == 0) return std::to_string(millis / unit.millis) + std::string(unit.name);
    }
    return {};
}

}  // namespace tixian::faults
