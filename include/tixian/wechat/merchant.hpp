// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "tixian/ids.hpp"
#include "tixian/wechat/scene.hpp"

namespace tixian::wechat {

/// One merchant's way to pay out, as configured.
struct Merchant {
    ChannelName channel;
    Mchid mchid;
    Appid appid;
    Scene scene;
    std::string remark = "提现";  ///< shown to the user where the order has none of its own
    std::string notify_url;       ///< empty: WeChat sends no notifications, and everything is queried
    /// WeChat leaves error answers unsigned (wechat_spec 4.3 leaves it open). Then an unsigned refusal stops
    /// the submits and proves nothing, and absence takes two queries (R4).
    bool unsigned_errors = false;
};

}  // namespace tixian::wechat
