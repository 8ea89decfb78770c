// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "tixian/bill.hpp"
#include "tixian/wechat/json.hpp"

namespace tixian::wechat {

namespace detail {

template <class T>
Result<std::optional<T>> optional_id(const json::Value& object, const char* key) {
    const json::Value* member = object.find(key);
    if (member == nullptr || member->kind == json::Kind::null) return std::optional<T>{};
    if (member->kind != json::Kind::string) return refuse(ErrorCode::malformed, "must be a string", key);
    if (member->text.empty()) return std::optional<T>{};
    auto id = T::parse(member->text);
    if (!id) return refuse(ErrorCode::malformed, id.error().message, key);
    return std::optional<T>(std::move(*id));
}

inline Result<std::string> text_member(const json::Value& object, const char* key, bool required) {
    const json::Value* member = object.find(key);
    const bool is_absent = member == nullptr || member->kind == json::Kind::null;
    if (is_absent && !required) return std::string();
    if (is_absent || member->kind != json::Kind::string || (required && member->text.empty()))
        return refuse(ErrorCode::malformed, "must be a string", key);
    return member->text;
}

inline Result<std::optional<Money>> optional_amount(const json::Value& object, const char* key) {
    const json::Value* member = object.find(key);
    if (member == nullptr || member->kind == json::Kind::null) return std::optional<Money>{};
    const auto fen = object.integer(key);
    auto money = Money::from_fen(fen.value_or(Money::fen_max + 1));
    if (!money) return refuse(ErrorCode::malformed, "must be whole fen", key);
    return std::optional<Money>(*money);
}

// The query's reply says mch_id, other APIs mchid, and copies of the documents disagree (wechat_spec 1.3, 3).
inline Result<std::optional<Mchid>> either_mchid(const json::Value& object) {
    auto underscored = optional_id<Mchid>(object, "mch_id");
    if (!underscored) return underscored;
    auto plain = optional_id<Mchid>(object, "mchid");
    if (!plain) return plain;
    if (*underscored && *plain && **underscored != **plain)
        return refuse(ErrorCode::malformed, "mch_id and mchid differ", "mch_id");
    return *underscored ? underscored : plain;
}

}  // namespace detail

/// Reads a bill from a reply or from a decrypted notification (wechat_spec 1.2, 1.3, 3): number, WeChat's
/// number and state are required, the rest is taken where it stands. Refuses (`malformed`) a member of the
/// wrong type, naming it.
[[nodiscard]] inline Result<Report> parse_bill(const json::Value& bill) {
    Report report;
    auto id = detail::optional_id<WithdrawalId>(bill, "out_bill_no");
    if (!id) return tl::unexpected(id.error());
    if (!*id) return refuse(ErrorCode::malformed, "is missing", "out_bill_no");
    report.id = **id;

    auto number = detail::text_member(bill, "transfer_bill_no", true);
    auto state = detail::text_member(bill, "state", true);
    auto package_info = detail::text_member(bill, "package_info", false);
    auto fail_reason = detail::text_member(bill, "fail_reason", false);
    for (const auto* member : {&number, &state, &package_info, &fail_reason}) {
        if (!*member) return tl::unexpected(member->error());
    }
    report.transfer_bill_no = std::move(*number);
    report.raw_state = std::move(*state);
    report.state = parse_bill_state(report.raw_state);
    report.package_info = std::move(*package_info);
    report.fail_reason = std::move(*fail_reason);

    auto mchid = detail::either_mchid(bill);
    if (!mchid) return tl::unexpected(mchid.error());
    auto openid = detail::optional_id<Openid>(bill, "openid");
    if (!openid) return tl::unexpected(openid.error());
    auto amount = detail::optional_amount(bill, "transfer_amount");
    if (!amount) return tl::unexpected(amount.error());
    report.mchid = std::move(*mchid);
    report.openid = std::move(*openid);
    report.amount = *amount;
    return report;
}

}  // namespace tixian::wechat
