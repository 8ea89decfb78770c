// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tixian/error.hpp"
#include "tixian/wechat/utf8.hpp"

namespace tixian::wechat {

/// The transfer scene that the merchant was granted, and what it has to report of each payout
/// (wechat_spec 1.4). The defaults are those of second-hand recycling.
struct Scene {
    std::string id = "1010";
    std::string user_recv_perception = "二手回收货款";  ///< what the user sees; empty: the scene's default
    std::vector<std::pair<std::string, std::string>> report_infos{
        {"回收商品名称", "旧衣物"}};  ///< type, content
};

/// Whether WeChat's own pages were seen to say it, or only others who say that they copied them.
enum class Certainty { official, reported };

/// What is known of a scene. WeChat has no central list of scenes and may grant others.
struct KnownScene {
    std::string_view id;
    std::string_view name;
    std::array<std::string_view, 3> info_types;   ///< all have to be reported; the rest is empty
    std::array<std::string_view, 4> perceptions;  ///< the first is the default; the rest is empty
    Certainty certainty = Certainty::official;
    bool is_red_packet_refused = false;  ///< reported only: wechat_spec 1.2, user_recv_style
};

/// wechat_spec 1.4.
inline constexpr std::array known_scenes = std::to_array<KnownScene>({
    {"1000", "现金营销", {"活动名称", "奖励说明"}, {"活动奖励", "现金奖励"}},
    {"1002", "行政补贴", {"补贴类型"}, {"行政补贴", "行政奖励"}},
    {"1004", "保险理赔", {"保险产品备案编号", "保险名称", "保险操作单号"}, {"保险理赔款"}},
    {"1005",
     "佣金报酬",
     {"岗位类型", "报酬说明"},
     {"劳务报酬", "报销款", "企业补贴", "开工利是"},
     Certainty::reported},
    {"1009", "采购货款", {"采购商品名称"}, {"货款"}, Certainty::reported},
    {"1010", "二手回收", {"回收商品名称"}, {"二手回收货款"}, Certainty::official, true},
    {"1011", "企业赔付", {"赔付原因"}, {"退款", "商家赔付"}},
    {"1013", "公益补助", {"公益活动名称", "公益活动备案编号"}, {"公益补助金"}, Certainty::reported},
});

/// nullptr for a scene of which nothing is known.
[[nodiscard]] constexpr const KnownScene* find_scene(std::string_view id) {
    for (const KnownScene& scene : known_scenes) {
        if (scene.id == id) return &scene;
    }
    return nullptr;
}

/// What somebody should look at twice, though it may well be right: what is known of others only does not
/// refuse anything. Empty when there is nothing.
[[nodiscard]] inline std::string scene_warning(const Scene& scene) {
    const KnownScene* known = find_scene(scene.id);
    if (known == nullptr)
        return "scene " + scene.id +
               " is not known here, so its report rows are not checked before WeChat does";
    if (known->certainty == Certainty::reported)
        return "what scene " + scene.id +
               " has to report is known from others only: compare it with the merchant platform";
    return {};
}

namespace detail {

/// wechat_spec 1.2, transfer_scene_report_infos.
inline constexpr std::size_t info_type_characters_max = 15;
inline constexpr std::size_t info_content_characters_max = 32;
inline constexpr std::size_t scene_id_characters_max = 36;

inline bool has_characters(std::string_view text, std::size_t most) {
    const auto count = utf8_characters(text);
    return count && 1 <= *count && *count <= most;
}

/// The names of a table's row, without the empty rest, joined for people.
template <std::size_t N>
std::string listed(const std::array<std::string_view, N>& names) {
    std::string list;
    for (const std::string_view name : names) {
        if (!name.empty()) list += (list.empty() ? "" : ", ") + std::string(name);
    }
    return list;
}

template <std::size_t N>
constexpr bool contains(const std::array<std::string_view, N>& names, std::string_view wanted) {
    return !wanted.empty() && std::find(names.begin(), names.end(), wanted) != names.end();
}

inline Result<void> check_report_infos(const Scene& scene, const KnownScene* known) {
    const auto refusal = [](std::string message) {
        return refuse(ErrorCode::invalid_argument, std::move(message), "transfer_scene_report_infos");
    };
    for (auto row = scene.report_infos.begin(); row != scene.report_infos.end(); ++row) {
        const auto& [type, content] = *row;
        if (!has_characters(type, info_type_characters_max) ||
            !has_characters(content, info_content_characters_max))
            return refusal("each row needs a type of 1 to 15 and a content of 1 to 32 characters");
        const bool is_repeated = std::any_of(scene.report_infos.begin(), row,
                                             [&](const auto& before) { return before.first == row->first; });
        if (is_repeated) return refusal("the row " + type + " stands there twice");
        if (known != nullptr && !contains(known->info_types, type))
            return refusal("scene " + scene.id + " reports " + listed(known->info_types) + ", not " + type);
    }
    const auto wanted = known == nullptr ? std::ptrdiff_t{1}
                                         : std::count_if(known->info_types.begin(), known->info_types.end(),
                                                         [](std::string_view type) { return !type.empty(); });
    if (known != nullptr && std::ssize(scene.report_infos) != wanted)
        return refusal("scene " + scene.id + " reports all of: " + listed(known->info_types));
    if (scene.report_infos.empty()) return refusal("a scene reports at least one row");
    return {};
}

}  // namespace detail

/// Whether WeChat would take the scene, as far as it is known: exactly the scene's rows, and one of its
/// perceptions (wechat_spec 1.2, 1.4). Refuses (`invalid_argument`) naming WeChat's field. A scene that is
/// not known from WeChat itself is only checked for its bounds: scene_warning().
[[nodiscard]] inline Result<void> check(const Scene& scene) {
    if (!detail::has_characters(scene.id, detail::scene_id_characters_max))
        return refuse(ErrorCode::invalid_argument, "must be 1 to 36 characters", "transfer_scene_id");
    const KnownScene* known = find_scene(scene.id);
    if (known != nullptr && known->certainty != Certainty::official) known = nullptr;
    const std::string& perception = scene.user_recv_perception;
    if (!perception.empty() && !utf8_characters(perception))
        return refuse(ErrorCode::invalid_argument, "must be UTF-8", "user_recv_perception");
    if (known != nullptr && !perception.empty() && !detail::contains(known->perceptions, perception))
        return refuse(ErrorCode::invalid_argument,
                      "scene " + scene.id + " shows one of: " + detail::listed(known->perceptions),
                      "user_recv_perception");
    return detail::check_report_infos(scene, known);
}

}  // namespace tixian::wechat
