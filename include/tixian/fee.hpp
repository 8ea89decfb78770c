// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

#include "tixian/enum_text.hpp"
#include "tixian/money.hpp"

namespace tixian {

/// What becomes of a fraction of a fen.
enum class Rounding { half_up, up, down };

namespace detail {
inline constexpr EnumText<Rounding, 3> rounding_text{{"half_up", "up", "down"}};
}
[[nodiscard]] constexpr std::string_view name(Rounding rounding) {
    return detail::rounding_text.name(rounding);
}

/// What a withdrawal costs its user, on top of the amount: a flat part and a share, within bounds.
struct Fee {
    Money flat{};
    std::int64_t parts_per_million = 0;  ///< of the amount: 6000 are 0.6 %
    Rounding rounding = Rounding::half_up;
    Money minimum{};
    std::optional<Money> maximum{};
    /// So much a month goes free; only what is over it is charged.
    Money free_per_month{};
    bool operator==(const Fee&) const = default;
};

namespace detail {

constexpr std::int64_t million = 1'000'000;

/// fen * parts / 10^6 without overflow: both factors are split at the million, so no product passes 10^15.
[[nodiscard]] constexpr std::int64_t share_of(std::int64_t fen, std::int64_t parts, Rounding rounding) {
    const std::int64_t rest = fen % million * parts;
    const std::int64_t add = rounding == Rounding::up        ? million - 1
                             : rounding == Rounding::half_up ? million / 2
                                                             : 0;
    return fen / million * parts + (rest + add) / million;
}

}  // namespace detail

/// The fee on an amount of which `free` goes free; zero when nothing is left to charge. Terms within bounds
/// (check(Terms)) cannot make it overflow.
[[nodiscard]] inline Money fee_on(const Fee& fee, Money amount, Money free = {}) {
    if (free >= amount) return {};
    const std::int64_t charged = amount.fen() - free.fen();
    const std::int64_t share = detail::share_of(charged, fee.parts_per_million, fee.rounding);
    const Money sum = Money::from_fen(fee.flat.fen() + share).value();
    const Money bounded = std::max(sum, fee.minimum);
    return fee.maximum ? std::min(bounded, *fee.maximum) : bounded;
}

}  // namespace tixian
