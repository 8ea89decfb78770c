// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace tixian::detail {

/// The one name of each enumerator, in the order of their declaration: the same in SQL, JSON and logs.
template <class Enum, std::size_t N>
struct EnumText {
    std::array<std::string_view, N> names;

    [[nodiscard]] constexpr std::string_view name(Enum value) const {
        return names.at(static_cast<std::size_t>(value));
    }
    [[nodiscard]] constexpr std::optional<Enum> parse(std::string_view text) const {
        for (std::size_t i = 0; i < N; ++i) {
            if (names[i] == text) return static_cast<Enum>(i);
        }
        return std::nullopt;
    }
};

}  // namespace tixian::detail
