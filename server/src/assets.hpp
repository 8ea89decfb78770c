// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string_view>

namespace tixian::server {

/// One file of the pages, embedded into the binary.
struct Asset {
    std::string_view name;
    std::string_view bytes;
};

[[nodiscard]] std::span<const Asset> assets();

}  // namespace tixian::server
