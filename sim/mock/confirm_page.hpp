// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include "mock/http.hpp"

#include "wechat_bank/authorization.hpp"
#include "wechat_bank/bill.hpp"

namespace tixian::mock {

/// What WeChat's own confirm page is to the user: amount, remark, and 「确认收款」. Without a bill it says
/// that the package is not valid. A plain form without scripts, so that any browser and any test can use it.
[[nodiscard]] Answer confirm_page(const std::optional<bank::Bill>& bill);
/// The same for an authorisation to be paid without confirming: 「同意授权」.
[[nodiscard]] Answer confirm_page(const bank::Authorization& authorization);

}  // namespace tixian::mock
