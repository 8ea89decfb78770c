// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "mock/switches.hpp"

#include "wechat_bank/bank.hpp"

namespace tixian::mock {

/// The plain text of what a notification tells (wechat_spec 3).
[[nodiscard]] std::string notification_plain(const bank::DueNotification& notification,
                                             const Switches& switches);
/// The envelope around its encryption.
[[nodiscard]] std::string notification_body(const bank::DueNotification& notification,
                                            const std::string& apiv3_key, const Switches& switches);

}  // namespace tixian::mock
