// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tixian/bill.hpp"
#include "tixian/enum_text.hpp"
#include "tixian/error.hpp"
#include "tixian/ids.hpp"
#include "tixian/money.hpp"
#include "tixian/wechat/json.hpp"
#include "tixian/wechat/member_reader.hpp"
#include "tixian/wechat/notified_event.hpp"

// What the older API says of batches and their details (wechat_spec 2), and what that means for a withdrawal,
// which has a batch of its own: the batch and its one detail have the withdrawal's number (R1).

namespace tixian::wechat {

/// The state of a batch. It is not the payout's: that is its detail's. `unknown` is one that WeChat added
/// since.
enum class BatchState { unknown, wait_pay, accepted, processing, finished, closed };

/// The state of a detail, which is the payout's.
enum class DetailState { unknown, init, wait_pay, processing, success, fail };

namespace detail {
inline constexpr tixian::detail::EnumText<BatchState, 6> batch_state_text{
    {"UNKNOWN", "WAIT_PAY", "ACCEPTED", "PROCESSING", "FINISHED", "CLOSED"}};
inline constexpr tixian::detail::EnumText<DetailState, 6> detail_state_text{
    {"UNKNOWN", "INIT", "WAIT_PAY", "PROCESSING", "SUCCESS", "FAIL"}};

struct BatchIdKind {
    // wechat_spec 2: string(64).
    static constexpr std::string_view name = "batch_id", rule = "must be 1 to 64 letters or digits";
    static constexpr std::size_t length_max = 64;
    static constexpr bool is_allowed(char c) { return tixian::detail::is_alphanumeric(c); }
};
struct DetailIdKind : BatchIdKind {
    static constexpr std::string_view name = "detail_id";
};
}  // namespace detail

[[nodiscard]] constexpr std::string_view name(BatchState state) {
    return detail::batch_state_text.name(state);
}
[[nodiscard]] constexpr std::string_view name(DetailState state) {
    return detail::detail_state_text.name(state);
}

/// WeChat's numbers.
using BatchId = Id<detail::BatchIdKind>;
using DetailId = Id<detail::DetailIdKind>;

/// One line of a batch's list of details.
struct BatchDetail {
    DetailId id;
    WithdrawalId out_detail_no;
    DetailState state = DetailState::unknown;
    std::string raw_state;
    bool operator==(const BatchDetail&) const = default;
};

/// A batch, as WeChat answers a query or a create. What an answer leaves out is nullopt or empty.
struct Batch {
    WithdrawalId out_batch_no;
    BatchId id;
    BatchState state = BatchState::unknown;
    std::string raw_state;
    std::string close_reason;
    std::optional<Mchid> mchid;
    std::optional<Appid> appid;
    std::optional<Money> total_amount;
    std::optional<Money> success_amount;
    std::optional<Money> fail_amount;
    std::vector<BatchDetail> details;  ///< of this page, once the batch is FINISHED
};

namespace detail {

inline Result<Batch> read_batch_object(const json::Value& object, bool needs_state) {
    Batch batch;
    MemberReader members(object);
    batch.out_batch_no = members.required_id<WithdrawalId>("out_batch_no");
    batch.id = members.required_id<BatchId>("batch_id");
    batch.raw_state = members.text("batch_status", needs_state);
    batch.close_reason = members.text("close_reason", false);
    batch.mchid = members.mchid();
    batch.appid = members.id<Appid>("appid");
    batch.total_amount = members.optional_amount("total_amount");
    batch.success_amount = members.optional_amount("success_amount");
    batch.fail_amount = members.optional_amount("fail_amount");
    if (members.refusal()) return tl::unexpected(*members.refusal());
    batch.state = batch_state_text.parse(batch.raw_state).value_or(BatchState::unknown);
    return batch;
}

inline Result<BatchDetail> read_batch_detail(const json::Value& object) {
    BatchDetail line;
    MemberReader members(object);
    line.id = members.required_id<DetailId>("detail_id");
    line.out_detail_no = members.required_id<WithdrawalId>("out_detail_no");
    line.raw_state = members.text("detail_status");
    if (members.refusal()) return tl::unexpected(*members.refusal());
    line.state = detail_state_text.parse(line.raw_state).value_or(DetailState::unknown);
    return line;
}

}  // namespace detail

/// Reads the reply to a create, whose state may be missing.
[[nodiscard]] inline Result<Batch> parse_created_batch(const json::Value& answer) {
    return detail::read_batch_object(answer, false);
}

/// Reads the reply to a query of a batch.
[[nodiscard]] inline Result<Batch> parse_batch(const json::Value& answer) {
    const json::Value* object = answer.find("transfer_batch");
    if (object == nullptr || object->kind != json::Kind::object)
        return refuse(ErrorCode::malformed, "must be an object", "transfer_batch");
    auto batch = detail::read_batch_object(*object, true);
    if (!batch) return batch;
    const json::Value* list = answer.find("transfer_detail_list");
    if (list == nullptr || list->kind == json::Kind::null) return batch;
    if (list->kind != json::Kind::array)
        return refuse(ErrorCode::malformed, "must be an array", "transfer_detail_list");
    for (const json::Value& item : list->items) {
        auto line = detail::read_batch_detail(item);
        if (!line) return tl::unexpected(line.error());
        batch->details.push_back(std::move(*line));
    }
    return batch;
}

/// How far a payout is whose batch is in this state. FINISHED only says that every detail has ended, not how;
/// CLOSED, that none was paid.
[[nodiscard]] constexpr BillState bill_state(BatchState state) {
    switch (state) {
        case BatchState::unknown:
            return BillState::unknown;
        case BatchState::wait_pay:
        case BatchState::accepted:
            return BillState::accepted;
        case BatchState::processing:
            return BillState::processing;
        case BatchState::finished:
            return BillState::transfering;
        case BatchState::closed:
            return BillState::fail;
    }
    return BillState::unknown;
}

[[nodiscard]] constexpr BillState bill_state(DetailState state) {
    switch (state) {
        case DetailState::unknown:
            return BillState::unknown;
        case DetailState::init:
        case DetailState::wait_pay:
            return BillState::accepted;
        case DetailState::processing:
            return BillState::processing;
        case DetailState::success:
            return BillState::success;
        case DetailState::fail:
            return BillState::fail;
    }
    return BillState::unknown;
}

/// What a batch says of its withdrawal. It never says that the withdrawal was paid: it names the detail,
/// which is to be asked.
[[nodiscard]] inline Report report_of(const Batch& batch) {
    Report report;
    report.id = batch.out_batch_no;
    report.state = bill_state(batch.state);
    report.raw_state = batch.raw_state;
    report.wechat_batch_id = batch.id.text();
    report.mchid = batch.mchid;
    report.amount = batch.total_amount;
    // A batch that was closed and yet has paid contradicts itself: its detail tells.
    const bool has_paid = batch.success_amount && !batch.success_amount->is_zero();
    if (batch.state == BatchState::closed && has_paid) report.state = BillState::transfering;
    if (report.state == BillState::fail) report.fail_reason = batch.close_reason;
    const auto ours = std::find_if(batch.details.begin(), batch.details.end(), [&](const BatchDetail& line) {
        return line.out_detail_no == batch.out_batch_no;
    });
    if (ours != batch.details.end()) report.wechat_detail_id = ours->id.text();
    return report;
}

/// What a notification of a batch says of its withdrawal: that there is news, not which. So it only makes the
/// row due. Refuses (`malformed`) a batch whose number is none of ours.
[[nodiscard]] inline Result<Report> hint_of(const BatchSummary& batch) {
    const auto id = WithdrawalId::parse(batch.out_batch_no);
    if (!id) return refuse(ErrorCode::malformed, id.error().message, "out_batch_no");
    Report report;
    report.id = *id;
    report.state = BillState::unknown;
    report.raw_state = batch.batch_status;
    report.wechat_batch_id = batch.batch_id;
    report.mchid = batch.mchid;
    report.amount = batch.total_amount;
    return report;
}

/// Reads the reply to a query of a detail: the payout's own state, with amount, payee and reason. Refuses
/// (`malformed`) a detail of another batch than its own.
[[nodiscard]] inline Result<Report> parse_detail(const json::Value& answer) {
    Report report;
    detail::MemberReader members(answer);
    report.id = members.required_id<WithdrawalId>("out_detail_no");
    const auto out_batch_no = members.required_id<WithdrawalId>("out_batch_no");
    const auto batch_id = members.required_id<BatchId>("batch_id");
    const auto detail_id = members.required_id<DetailId>("detail_id");
    report.raw_state = members.text("detail_status");
    report.fail_reason = members.text("fail_reason", false);
    report.mchid = members.mchid();
    report.openid = members.id<Openid>("openid");
    report.amount = members.optional_amount("transfer_amount");
    if (members.refusal()) return tl::unexpected(*members.refusal());
    if (out_batch_no != report.id)
        return refuse(ErrorCode::malformed, "is another than out_detail_no", "out_batch_no");
    report.state =
        bill_state(detail::detail_state_text.parse(report.raw_state).value_or(DetailState::unknown));
    report.wechat_batch_id = batch_id.text();
    report.wechat_detail_id = detail_id.text();
    return report;
}

}  // namespace tixian::wechat
