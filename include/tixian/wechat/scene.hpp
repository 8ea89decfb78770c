// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace tixian::wechat {

/// The transfer scene that the merchant was granted, and what it has to report of each payout
/// (wechat_spec 1.4). The defaults are those of second-hand recycling; WeChat checks that the rows are
/// exactly the scene's.
struct Scene {
    std::string id = "1010";
    std::string user_recv_perception = "二手回收货款";
    std::vector<std::pair<std::string, std::string>> report_infos{
        {"回收商品名称", "旧衣物"}};  ///< type, content
};

}  // namespace tixian::wechat
