// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "mock/control_request.hpp"
#include "mock/live_bank.hpp"

namespace tixian::mock {

/// /_mock/batches and /_mock/authorizations: to look at them, and to act as payer or user. Thread-safe.
class ProductControl {
 public:
    explicit ProductControl(LiveBank& bank) : bank_(bank) {}

    /// Nothing when it is none of its endpoints.
    [[nodiscard]] std::optional<Answer> answer(const ControlRequest& request);

 private:
    [[nodiscard]] Answer batches(const ControlRequest& request);
    [[nodiscard]] Answer act_on_batch(const ControlRequest& request, const std::string& out_batch_no,
                                      const std::string& act);
    [[nodiscard]] Answer authorizations(const ControlRequest& request);
    [[nodiscard]] Answer act_on_authorization(const ControlRequest& request, const std::string& number,
                                              const std::string& act);

    LiveBank& bank_;
};

}  // namespace tixian::mock
