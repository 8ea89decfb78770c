// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "mock/http.hpp"

namespace tixian::mock {

/// What may stand in the query of a control endpoint's address; `path` is below /_mock/.
[[nodiscard]] std::span<const std::string_view> known_parameters(std::string_view path);

/// A request with a misspelt parameter would be answered as if it had none, and a test would hold that cannot
/// fail: it is refused, by name. Nothing: there is none such.
[[nodiscard]] std::optional<Answer> refuse_unknown_parameters(const Request& request, std::string_view path);

}  // namespace tixian::mock
