// SPDX-License-Identifier: MIT
#pragma once

#include <stdexcept>
#include <string>

#include "mock/scenario_options.hpp"
#include "mock_client.hpp"

namespace tixian::mock {

/// A quick mock's options with a scenario that must be right.
inline Options quick_options_of(const std::string& toml) {
    Options options = MockAndMerchant::quick_options();
    const auto taken = faults::parse_scenario(toml).and_then(
        [&](faults::Scenario scenario) { return take_scenario(std::move(scenario), options); });
    if (!taken) throw std::invalid_argument(taken.error().message);
    return options;
}

}  // namespace tixian::mock
