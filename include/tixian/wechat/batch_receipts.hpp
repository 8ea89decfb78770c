// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "tixian/enum_text.hpp"
#include "tixian/error.hpp"
#include "tixian/ids.hpp"
#include "tixian/wechat/exchange.hpp"
#include "tixian/wechat/json.hpp"
#include "tixian/wechat/receipts.hpp"

namespace tixian::wechat {

/// What a receipt of the older API is about (wechat_spec 2).
enum class ReceiptSubject { batch_transfer, transfer_to_pocket, transfer_to_bank };

namespace detail {
inline constexpr tixian::detail::EnumText<ReceiptSubject, 3> receipt_subject_text{
    {"BATCH_TRANSFER", "TRANSFER_TO_POCKET", "TRANSFER_TO_BANK"}};
inline constexpr std::string_view batch_receipts_path = "/v3/transfer/bill-receipt";
inline constexpr std::string_view detail_receipts_path = "/v3/transfer-detail/electronic-receipts";
}  // namespace detail
[[nodiscard]] constexpr std::string_view name(ReceiptSubject subject) {
    return detail::receipt_subject_text.name(subject);
}

// The older API's receipts (wechat_spec 2; 20 a second): of a whole batch, which has the withdrawal's number,
// and of its one detail, which has it, too.

[[nodiscard]] inline ApiRequest batch_receipt_application(const WithdrawalId& id) {
    return {"POST",
            std::string(detail::batch_receipts_path),
            nlohmann::ordered_json{{"out_batch_no", id.text()}}.dump(),
            {}};
}

[[nodiscard]] inline ApiRequest batch_receipt_query(const WithdrawalId& id) {
    return {"GET", detail::join({detail::batch_receipts_path, "/", id.text()}), {}, {}};
}

[[nodiscard]] inline ApiRequest detail_receipt_application(
    const WithdrawalId& id, ReceiptSubject subject = ReceiptSubject::batch_transfer) {
    const nlohmann::ordered_json body{
        {"accept_type", name(subject)}, {"out_batch_no", id.text()}, {"out_detail_no", id.text()}};
    return {"POST", std::string(detail::detail_receipts_path), body.dump(), {}};
}

[[nodiscard]] inline ApiRequest detail_receipt_query(
    const WithdrawalId& id, ReceiptSubject subject = ReceiptSubject::batch_transfer) {
    return {"GET",
            with_query(
                detail::detail_receipts_path,
                {{"accept_type", name(subject)}, {"out_batch_no", id.text()}, {"out_detail_no", id.text()}}),
            {},
            {}};
}

/// Reads the answer to any of them: `signature_status` is ACCEPTED while WeChat makes it. Refuses as
/// parse_receipt() does.
[[nodiscard]] inline Result<ElectronicReceipt> parse_batch_receipt(const json::Value& answer) {
    auto status = detail::text_member(answer, "signature_status", true);
    if (!status) return tl::unexpected(status.error());
    ElectronicReceipt receipt;
    receipt.state = *status == "ACCEPTED"   ? ReceiptState::generating
                    : *status == "FINISHED" ? ReceiptState::finished
                                            : ReceiptState::unknown;
    receipt.raw_state = std::move(*status);
    return detail::finish_receipt(answer, std::move(receipt));
}

}  // namespace tixian::wechat
