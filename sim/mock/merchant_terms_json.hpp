// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "wechat_bank/merchant.hpp"

namespace tixian::mock {

[[nodiscard]] nlohmann::json terms_json(const bank::MerchantTerms& terms);

/// Takes over what the object names of `balance_fen`, `quotas`, `rates` and `products`. Answers what is
/// wrong; empty: nothing.
[[nodiscard]] std::string take_terms(const nlohmann::json& body, bank::MerchantTerms& terms);

}  // namespace tixian::mock
