// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "tixian/ids.hpp"
#include "tixian/money.hpp"
#include "tixian/wechat/scene.hpp"
#include "tixian/wechat/utf8.hpp"
#include "tixian/wechat/web_address.hpp"

namespace tixian::wechat {

/// What becomes of a real name where WeChat leaves it to the merchant: sent when there is one, never, or
/// always. With a name WeChat checks it, and a receipt becomes possible (wechat_spec 1.2).
enum class OptionalName { if_given, never, always };

/// When a real name goes along (wechat_spec 1.2). Below which amount it must not is known of sister pages
/// only, so both bounds are settings.
struct NameRule {
    Money required_from = 200000_fen;
    Money refused_below = 30_fen;
    OptionalName between = OptionalName::if_given;
};

/// What the user sees when the money is offered (wechat_spec 1.2, user_recv_style).
enum class UserRecvStyle { unset, confirm_page, red_packet };

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
    NameRule names{};
    UserRecvStyle user_recv_style = UserRecvStyle::unset;
    Money amount_min = 10_fen;  ///< wechat_spec 1.2, transfer_amount
    /// Lets `notify_url` be http on a loopback address, which only a mock can reach.
    bool loopback_notify_url = false;
};

/// wechat_spec 1.2.
inline constexpr std::size_t remark_characters_max = 32;
inline constexpr std::size_t notify_url_bytes_max = 256;
inline constexpr Money red_packet_max = 20000_fen;

/// Whether WeChat would call this address: public https, without a query string (wechat_spec 1.2). Of
/// loopback addresses only an http one passes, where `is_loopback_allowed`.
[[nodiscard]] inline Result<void> check_notify_url(std::string_view url, bool is_loopback_allowed) {
    const auto refusal = [](std::string message) {
        return refuse(ErrorCode::invalid_argument, std::move(message), "notify_url");
    };
    const auto address = parse_web_address(url);
    if (!address) return refusal("must be https:// with a host and without a user");
    if (address->is_tls ? is_loopback(*address) : !(is_loopback(*address) && is_loopback_allowed))
        return refusal("must begin with https:// and be reachable for WeChat");
    if (url.size() > notify_url_bytes_max) return refusal("must have at most 256 characters");
    if (url.find_first_of("?#") != std::string_view::npos) return refusal("must have no query string");
    for (const char c : url) {
        if (!tixian::detail::is_printable(c)) return refusal("must be percent-encoded");
    }
    return {};
}

/// Whether the configuration can pay out at all; call it at the start. Refuses (`invalid_argument`) naming
/// the field.
[[nodiscard]] inline Result<void> check(const Merchant& merchant) {
    const auto refusal = [](std::string message, std::string field) {
        return refuse(ErrorCode::invalid_argument, std::move(message), std::move(field));
    };
    if (merchant.channel.is_empty()) return refusal("the channel needs a name", "channel");
    if (merchant.mchid.is_empty()) return refusal("is missing", "mchid");
    if (merchant.appid.is_empty()) return refusal("is missing", "appid");
    if (auto sane = check(merchant.scene); !sane) return sane;
    const auto length = utf8_characters(merchant.remark);
    if (!length || *length == 0 || *length > remark_characters_max)
        return refusal("must be 1 to 32 characters", "transfer_remark");
    if (!merchant.notify_url.empty()) {
        if (auto sane = check_notify_url(merchant.notify_url, merchant.loopback_notify_url); !sane)
            return sane;
    }
    if (merchant.names.refused_below > merchant.names.required_from)
        return refusal("the bounds of the real name cross", "user_name");
    return {};
}

/// What somebody should look at twice before it pays out; empty when there is nothing.
[[nodiscard]] inline std::string warning(const Merchant& merchant) {
    const KnownScene* scene = find_scene(merchant.scene.id);
    if (merchant.user_recv_style == UserRecvStyle::red_packet && scene != nullptr &&
        scene->is_red_packet_refused)
        return "others report that scene " + merchant.scene.id + " takes no RED_PACKET";
    return scene_warning(merchant.scene);
}

}  // namespace tixian::wechat
