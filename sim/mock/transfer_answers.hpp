// SPDX-License-Identifier: MIT
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "mock/crypto.hpp"
#include "mock/switches.hpp"

#include "wechat_bank/bill.hpp"

namespace tixian::mock {

/// The answer of a create: with package_info only while the confirm page can be opened (wechat_spec 1.2).
[[nodiscard]] nlohmann::json created(const bank::Bill& bill, const Switches& switches);
/// The answer of a query; a name goes back encrypted to the merchant's certificate (wechat_spec 1.3).
[[nodiscard]] nlohmann::json queried(const bank::Bill& bill, const RsaKey& merchant_certificate,
                                     const Switches& switches);
/// The answer of a cancel: accepted only (wechat_spec 1.3 D).
[[nodiscard]] nlohmann::json cancelled(const bank::Bill& bill, const Switches& switches);

}  // namespace tixian::mock
