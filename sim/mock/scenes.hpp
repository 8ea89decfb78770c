// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <string_view>
#include <vector>

namespace tixian::mock {

/// One transfer scene: all of `info_types` must be reported, and the perception, if sent, is one of
/// `perceptions`; the first is shown when none is sent.
struct Scene {
    std::string_view id;
    std::vector<std::string_view> info_types;
    std::vector<std::string_view> perceptions;
    bool allows_red_packet = true;
};

/// The scene with this id, or null. Source: wechat_spec 1.4.
[[nodiscard]] inline const Scene* find_scene(std::string_view id) {
    static const std::array<Scene, 8> scenes = {{
        {"1000", {"活动名称", "奖励说明"}, {"活动奖励", "现金奖励"}},
        {"1002", {"补贴类型"}, {"行政补贴", "行政奖励"}},
        {"1004", {"保险产品备案编号", "保险名称", "保险操作单号"}, {"保险理赔款"}},
        {"1005", {"岗位类型", "报酬说明"}, {"劳务报酬", "报销款", "企业补贴", "开工利是"}},
        {"1009", {"采购商品名称"}, {"货款"}},
        {"1010", {"回收商品名称"}, {"二手回收货款"}, false},
        {"1011", {"赔付原因"}, {"退款", "商家赔付"}},
        {"1013", {"公益活动名称", "公益活动备案编号"}, {"公益补助金"}},
    }};
    for (const Scene& scene : scenes) {
        if (scene.id == id) return &scene;
    }
    return nullptr;
}

}  // namespace tixian::mock
