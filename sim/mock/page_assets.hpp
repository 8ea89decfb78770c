// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string_view>

namespace tixian::mock {

/// A file of sim/mock/ui, or openapi.yaml, as it is in the program.
struct Asset {
    std::string_view name;
    std::string_view bytes;
};
[[nodiscard]] std::span<const Asset> assets();

}  // namespace tixian::mock
