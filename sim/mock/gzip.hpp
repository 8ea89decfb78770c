// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace tixian::mock {

/// The bytes as a gzip file.
[[nodiscard]] std::string gzip(std::string_view bytes);

}  // namespace tixian::mock
