// SPDX-License-Identifier: MIT
#pragma once

#include "faults/scenario.hpp"
#include "mock/server.hpp"
#include "tixian/error.hpp"

namespace tixian::mock {

/// `terms` with what the scenario says of this merchant.
[[nodiscard]] bank::MerchantTerms terms_of(const faults::Merchant& merchant, bank::MerchantTerms terms);

/// Takes the scenario over into the options. Refuses (`invalid_argument`) switches that are none, and quotas
/// that cross those of the options, naming the key.
[[nodiscard]] Result<void> take_scenario(faults::Scenario scenario, Options& options);

}  // namespace tixian::mock
