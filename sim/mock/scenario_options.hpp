// SPDX-License-Identifier: MIT
#pragma once

#include "faults/scenario.hpp"
#include "mock/server.hpp"
#include "tixian/error.hpp"

namespace tixian::mock {

/// Takes the scenario over into the options. Refuses a merchant beyond the one that the mock has.
[[nodiscard]] Result<void> take_scenario(faults::Scenario scenario, Options& options);

}  // namespace tixian::mock
