// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "tixian/error.hpp"
#include "tixian/wechat/base64.hpp"
#include "tixian/wechat/merchant.hpp"
#include "tixian/wechat/rsa_key.hpp"
#include "tixian/wechat/utf8.hpp"
#include "tixian/withdrawal.hpp"

// The content of a create request (wechat_spec 1.2): what WeChat would take, and how it is written.
namespace tixian::wechat {

/// What OAEP leaves of a key of 2048 bits (wechat_spec 4.6).
inline constexpr std::size_t user_name_bytes_max = 214;

/// Whether this order's real name goes along. `required` also when the order has none.
enum class NameUse { left_out, sent, required };

[[nodiscard]] inline NameUse name_use(const NameRule& rule, const Order& order) {
    if (order.amount >= rule.required_from) return NameUse::required;
    if (order.amount < rule.refused_below || rule.between == OptionalName::never) return NameUse::left_out;
    if (rule.between == OptionalName::always) return NameUse::required;
    return order.real_name.is_empty() ? NameUse::left_out : NameUse::sent;
}

/// Refuses (`invalid_argument`) a plain name that could not be sent.
[[nodiscard]] inline Result<void> check_user_name(std::string_view name) {
    const auto refusal = [](std::string message) {
        return refuse(ErrorCode::invalid_argument, std::move(message), "real_name");
    };
    if (name.empty() || !utf8_characters(name)) return refusal("the real name must be UTF-8");
    if (name.size() > user_name_bytes_max) return refusal("the real name must have at most 214 bytes");
    for (const char c : name) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7F) return refusal("the real name must not hold control characters");
    }
    return {};
}

/// Refuses an order that WeChat would not take from this merchant, naming the order's field.
[[nodiscard]] inline Result<void> check_order(const Merchant& merchant, const Order& order) {
    const auto length = utf8_characters(order.remark);
    if (!length || *length > remark_characters_max)
        return refuse(ErrorCode::invalid_argument, "remark must be UTF-8 of at most 32 characters", "remark");
    if (order.amount < merchant.amount_min)
        return refuse(ErrorCode::amount_below_minimum,
                      "WeChat pays out " + merchant.amount_min.yuan() + " yuan or more", "amount");
    if (merchant.user_recv_style == UserRecvStyle::red_packet && order.amount > red_packet_max)
        return refuse(ErrorCode::amount_above_maximum, "a red packet holds at most 200.00 yuan", "amount");
    if (name_use(merchant.names, order) == NameUse::required && order.real_name.is_empty())
        return refuse(ErrorCode::invalid_argument,
                      order.amount >= merchant.names.required_from
                          ? "WeChat asks for the payee's real name from " +
                                merchant.names.required_from.yuan() + " yuan on"
                          : "this merchant asks for the payee's real name",
                      "real_name");
    return {};
}

/// The name as WeChat takes it (wechat_spec 4.6). OAEP is random: no two texts are the same.
[[nodiscard]] inline Result<std::string> encrypt_user_name(const PublicKey& key, std::string_view name) {
    return key.encrypt_oaep(name).map([](const std::string& bytes) { return base64_encode(bytes); });
}

/// The JSON of a create request; `user_name` is the encrypted one, or empty.
[[nodiscard]] inline std::string create_body(const Merchant& merchant, const Withdrawal& w,
                                             const std::string& user_name) {
    nlohmann::ordered_json infos = nlohmann::ordered_json::array();
    for (const auto& [type, content] : merchant.scene.report_infos)
        infos.push_back({{"info_type", type}, {"info_content", content}});

    nlohmann::ordered_json body{
        {"appid", merchant.appid.text()},
        {"out_bill_no", w.id.text()},
        {"transfer_scene_id", merchant.scene.id},
        {"openid", w.order.openid.text()},
    };
    if (!user_name.empty()) body["user_name"] = user_name;
    body["transfer_amount"] = w.order.amount.fen();
    body["transfer_remark"] = w.order.remark.empty() ? merchant.remark : w.order.remark;
    if (!merchant.notify_url.empty()) body["notify_url"] = merchant.notify_url;
    if (!merchant.scene.user_recv_perception.empty())
        body["user_recv_perception"] = merchant.scene.user_recv_perception;
    body["transfer_scene_report_infos"] = std::move(infos);
    if (merchant.user_recv_style != UserRecvStyle::unset)
        body["user_recv_style"] = {
            {"type", merchant.user_recv_style == UserRecvStyle::red_packet ? "RED_PACKET" : "CONFIRM_PAGE"}};
    return body.dump();
}

/// The same request with another ciphertext of the same name; nullopt when `body` is no such request with a
/// name.
[[nodiscard]] inline std::optional<std::string> with_user_name(const std::string& body,
                                                               const std::string& user_name) {
    auto request = nlohmann::ordered_json::parse(body, nullptr, false);
    if (!request.is_object() || !request.contains("user_name")) return std::nullopt;
    request["user_name"] = user_name;
    return request.dump();
}

}  // namespace tixian::wechat
