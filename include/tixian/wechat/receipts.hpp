// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "tixian/enum_text.hpp"
#include "tixian/error.hpp"
#include "tixian/ids.hpp"
#include "tixian/wechat/bill_query.hpp"
#include "tixian/wechat/bill_report.hpp"
#include "tixian/wechat/download.hpp"
#include "tixian/wechat/exchange.hpp"
#include "tixian/wechat/json.hpp"
#include "tixian/withdrawal.hpp"

namespace tixian::wechat {

/// How far WeChat is with a receipt (wechat_spec 1.8, and 2 for the older API). `unknown` is a state that
/// came since: never final, and kept raw beside it.
enum class ReceiptState { unknown, generating, finished, failed };

namespace detail {
inline constexpr tixian::detail::EnumText<ReceiptState, 4> receipt_state_text{
    {"UNKNOWN", "GENERATING", "FINISHED", "FAILED"}};
}
[[nodiscard]] constexpr std::string_view name(ReceiptState state) {
    return detail::receipt_state_text.name(state);
}

/// A receipt that was asked for. Once finished it holds for 90 days, its download for 10 minutes: then ask
/// again.
struct ElectronicReceipt {
    ReceiptState state = ReceiptState::unknown;
    std::string raw_state;
    std::string fail_reason;
    std::optional<Download> download;  ///< when finished; only a query names it for sure
    bool operator==(const ElectronicReceipt&) const = default;
};

/// WeChat makes receipts of what it has paid under the payee's real name, for 180 days (wechat_spec 1.8).
/// Refuses (`not_allowed`) a withdrawal that can have none, naming why.
[[nodiscard]] inline Result<void> check_receipt(const Withdrawal& withdrawal, Timestamp now) {
    constexpr std::chrono::days kept{180};
    if (withdrawal.state != State::succeeded)
        return refuse(ErrorCode::not_allowed, "only what was paid has a receipt", "state");
    // The name is the only ciphertext in a submit.
    if (withdrawal.submission.key_serial.empty())
        return refuse(ErrorCode::not_allowed, "WeChat makes a receipt only where the real name was sent",
                      "user_name");
    if (now > *withdrawal.completed_at + kept)
        return refuse(ErrorCode::not_allowed, "WeChat makes receipts for 180 days", "completed_at");
    return {};
}

namespace detail {

inline constexpr std::string_view receipts_path = "/v3/fund-app/mch-transfer/elecsign";

inline ApiRequest receipt_application(std::string_view by, const std::string& field,
                                      const std::string& number) {
    return {"POST", join({receipts_path, "/", by}), nlohmann::ordered_json{{field, number}}.dump(), {}};
}
inline ApiRequest receipt_query(std::string_view by, const std::string& number) {
    return {"GET", join({receipts_path, "/", by, "/", number}), {}, {}};
}

/// What follows the state in both APIs' answers.
inline Result<ElectronicReceipt> finish_receipt(const json::Value& answer, ElectronicReceipt receipt) {
    const json::Value* url = answer.find("download_url");
    const bool has_download = url != nullptr && url->kind != json::Kind::null && !url->text.empty();
    if (receipt.state != ReceiptState::finished || !has_download) return receipt;
    return parse_download(answer).map([&](Download download) {
        receipt.download = std::move(download);
        return std::move(receipt);
    });
}

}  // namespace detail

/// Asks WeChat to make a receipt (wechat_spec 1.1 E and G; 20 a second).
[[nodiscard]] inline ApiRequest receipt_application(const WithdrawalId& id) {
    return detail::receipt_application("out-bill-no", "out_bill_no", id.text());
}
[[nodiscard]] inline ApiRequest receipt_application(const TransferBillNo& number) {
    return detail::receipt_application("transfer-bill-no", "transfer_bill_no", number.text());
}

/// Asks how far it is (wechat_spec 1.1 F and G); at least two minutes apart.
[[nodiscard]] inline ApiRequest receipt_query(const WithdrawalId& id) {
    return detail::receipt_query("out-bill-no", id.text());
}
[[nodiscard]] inline ApiRequest receipt_query(const TransferBillNo& number) {
    return detail::receipt_query("transfer-bill-no", number.text());
}

/// Reads the answer to either. Refuses (`malformed`) what is not of the documented form, and a receipt whose
/// hash is SM3 (`not_allowed`).
[[nodiscard]] inline Result<ElectronicReceipt> parse_receipt(const json::Value& answer) {
    auto state = detail::text_member(answer, "state", true);
    if (!state) return tl::unexpected(state.error());
    auto fail_reason = detail::text_member(answer, "fail_reason", false);
    if (!fail_reason) return tl::unexpected(fail_reason.error());
    ElectronicReceipt receipt;
    receipt.state = detail::receipt_state_text.parse(*state).value_or(ReceiptState::unknown);
    receipt.raw_state = std::move(*state);
    receipt.fail_reason = std::move(*fail_reason);
    return detail::finish_receipt(answer, std::move(receipt));
}

}  // namespace tixian::wechat
