// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "mock/control_request.hpp"
#include "mock/live_bank.hpp"

namespace tixian::mock {

/// /_mock/bills, /_mock/balance and the user's confirm page. Thread-safe.
class BillControl {
 public:
    explicit BillControl(LiveBank& bank) : bank_(bank) {}

    /// Nothing when it is none of its endpoints.
    [[nodiscard]] std::optional<Answer> answer(const ControlRequest& request);

 private:
    [[nodiscard]] Answer page_of(const std::string& package);
    [[nodiscard]] Answer bills(const ControlRequest& request);
    [[nodiscard]] Answer bill(const ControlRequest& request, const std::string& out_bill_no);
    [[nodiscard]] Answer wait_for_bill(const ControlRequest& request, const std::string& out_bill_no);
    [[nodiscard]] Answer act_on_bill(const ControlRequest& request, const std::string& out_bill_no,
                                     const std::string& act);
    [[nodiscard]] Answer fail(const ControlRequest& request, const std::string& out_bill_no,
                              bool fails_receipt);
    [[nodiscard]] Answer set_balance(const ControlRequest& request);
    [[nodiscard]] Answer confirm_form(const std::string& body);

    LiveBank& bank_;
};

/// A bill as the control endpoints show it: everything.
[[nodiscard]] std::string bill_json(const bank::Bill& bill);

}  // namespace tixian::mock
