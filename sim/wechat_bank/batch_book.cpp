// SPDX-License-Identifier: MIT
#include "wechat_bank/batch_book.hpp"

#include <algorithm>

namespace tixian::bank {
namespace {

// Below it a detail is accepted first and then fails (wechat_spec 2, [C]).
constexpr Money amount_min = 10_fen;

bool can_close(BatchState state) { return state == BatchState::wait_pay || state == BatchState::accepted; }

tl::unexpected<Refusal> wrong_state(const Batch& batch) {
    return refused(400, "INVALID_REQUEST", "当前批次状态不支持该操作：" + std::string(name(batch.state)));
}

}  // namespace

Answered<std::size_t> BatchBook::create(Core& core, const BatchOrder& order, Timestamp now) {
    if (const auto found = find(order.mchid, order.out_batch_no)) {
        Row& row = rows_[*found];
        if (now - row.batch.created_at > core.terms.retry_horizon) {
            return refused(400, "INVALID_REQUEST", "对应单号已超出重试期，请查单确认后决定是否换单请求");
        }
        if (row.batch.order != order) return number_taken();
        const bool is_short_of_funds = row.batch.state == BatchState::accepted && !row.step_at;
        if (is_short_of_funds) {
            row.step_at = now;
            arm(core, row);
        }
        return *found;
    }
    if (auto refusal = refusal_of_new(core, order, now)) return tl::unexpected<Refusal>(std::move(*refusal));

    const std::size_t index = rows_.size();
    Row& row = rows_.emplace_back();
    row.index = index;
    row.batch.order = order;
    row.batch.batch_id = make_number("1030000", core.number(index), 34);
    row.batch.created_at = now;
    for (std::size_t i = 0; i < order.details.size(); ++i) {
        Detail& detail = row.batch.details.emplace_back();
        detail.detail_id = make_number("1040000", core.number(details_made_++), 34);
        detail.updated_at = now;
    }
    by_out_batch_no_[key_of(order.mchid, order.out_batch_no)] = index;
    by_batch_id_[row.batch.batch_id] = index;
    core.merchant(order.mchid).count_created(order.total().value_or(Money()), now);
    if (core.terms.batches_wait_for_pay) {
        move(core, row, BatchState::wait_pay, now, std::nullopt);
    } else {
        move(core, row, BatchState::accepted, now, now + core.terms.accept_after);
    }
    return index;
}

std::optional<Refusal> BatchBook::refusal_of_new(Core& core, const BatchOrder& order, Timestamp now) const {
    const Merchant& merchant = core.merchant(order.mchid);
    if (!merchant.terms().has_batches) {
        return Refusal{403, "NO_AUTH",
                       "当前商户号接入升级版本功能，暂不支持使用升级前功能，请参考升级版本的接口文档"};
    }
    const auto total = order.total();
    if (!total) return Refusal{400, "PARAM_ERROR", "转账总金额超出范围"};
    if (auto refusal = check_merchant_quotas(core, merchant, *total, now)) return refusal;
    if (core.terms.behaviour.not_enough_at_create && merchant.account().balance() < *total) {
        return not_enough().value();
    }
    return std::nullopt;
}

Answered<std::size_t> BatchBook::query(const Core& core, const std::string& mchid,
                                       const std::string& out_batch_no, Timestamp now) const {
    const auto found = find(mchid, out_batch_no);
    if (!found || now - batch(*found).created_at > core.terms.query_horizon) return not_found();
    return *found;
}

Answered<std::size_t> BatchBook::query_by_batch_id(const Core& core, const std::string& mchid,
                                                   const std::string& batch_id, Timestamp now) const {
    const auto found = find_by_id(mchid, batch_id);
    if (!found || now - batch(*found).created_at > core.terms.query_horizon) return not_found();
    return *found;
}

std::optional<std::size_t> BatchBook::find_by_id(const std::string& mchid,
                                                 const std::string& batch_id) const {
    const auto found = by_batch_id_.find(batch_id);
    const bool is_his = found != by_batch_id_.end() && batch(found->second).order.mchid == mchid;
    return is_his ? std::optional(found->second) : std::nullopt;
}

Answered<std::size_t> BatchBook::pay(Core& core, const std::string& mchid, const std::string& out_batch_no,
                                     Timestamp now) {
    const auto found = find(mchid, out_batch_no);
    if (!found) return not_found();
    Row& row = rows_[*found];
    if (row.batch.state != BatchState::wait_pay) return wrong_state(row.batch);
    move(core, row, BatchState::accepted, now, now + core.terms.accept_after);
    return *found;
}

Answered<std::size_t> BatchBook::close(Core& core, const std::string& mchid, const std::string& out_batch_no,
                                       const std::string& reason, Timestamp now) {
    const auto found = find(mchid, out_batch_no);
    if (!found) return not_found();
    Row& row = rows_[*found];
    if (!can_close(row.batch.state)) return wrong_state(row.batch);
    close(core, row, reason, now);
    return *found;
}

Answered<std::size_t> BatchBook::fail_detail(const std::string& mchid, const std::string& out_batch_no,
                                             const std::string& out_detail_no,
                                             const std::string& fail_reason) {
    const auto found = find(mchid, out_batch_no);
    if (!found) return not_found();
    Row& row = rows_[*found];
    const auto& details = row.batch.order.details;
    const bool is_there = std::any_of(details.begin(), details.end(), [&](const DetailOrder& detail) {
        return detail.out_detail_no == out_detail_no;
    });
    if (!is_there) return not_found();
    if (is_final(row.batch.state)) return wrong_state(row.batch);
    doom_detail(mchid, out_batch_no, out_detail_no, fail_reason);
    return *found;
}

void BatchBook::doom_detail(const std::string& mchid, const std::string& out_batch_no,
                            const std::string& out_detail_no, const std::string& fail_reason) {
    doomed_[key_of(key_of(mchid, out_batch_no), out_detail_no)] = fail_reason;
}

void BatchBook::step(Core& core, std::size_t index, Timestamp at) {
    Row& row = rows_[index];
    if (can_close(row.batch.state) && at >= row.batch.created_at + core.terms.expire_after) {
        return close(core, row, "OVERDUE_CLOSE", at);
    }
    if (row.batch.state == BatchState::accepted) return lock_funds(core, row, at);
    if (row.batch.state == BatchState::processing) return pay_details(core, row, at);
    row.step_at.reset();
    arm(core, row);
}

void BatchBook::lock_funds(Core& core, Row& row, Timestamp at) {
    Account& account = core.merchant(row.batch.order.mchid).account();
    const Money total = row.batch.order.total().value_or(Money());
    if (!account.take(core.next_movement(), total, MovementKind::batch, row.index, at)) {
        // More than 30 minutes in ACCEPTED: maybe no balance (wechat_spec 2).
        row.step_at.reset();
        return arm(core, row);
    }
    row.batch.is_funded = true;
    for (Detail& detail : row.batch.details) {
        detail.state = DetailState::processing;
        detail.updated_at = at;
    }
    move(core, row, BatchState::processing, at, at + core.terms.transfer_after);
}

std::string BatchBook::fail_reason(const Core& core, const Row& row, const DetailOrder& detail,
                                   Timestamp at) const {
    const BatchOrder& order = row.batch.order;
    const auto doomed = doomed_.find(key_of(key_of(order.mchid, order.out_batch_no), detail.out_detail_no));
    if (doomed != doomed_.end()) {
        return doomed->second;
    }
    if (detail.amount < amount_min) return "TRANSFER_QUOTA_EXCEED";
    std::string reason = core.fail_reason(detail.openid, detail.user_name);
    if (!reason.empty()) return reason;
    const Merchant& merchant = core.merchants.at(row.batch.order.mchid);
    if (detail.amount > merchant.terms().quotas.per_bill_max) return "TRANSFER_QUOTA_EXCEED";
    const bool is_within = merchant.is_within_user_day(detail.openid, detail.amount, at);
    return is_within ? "" : "DAY_RECEIVED_QUOTA_EXCEED";
}

void BatchBook::pay_details(Core& core, Row& row, Timestamp at) {
    Batch& paid = row.batch;
    Merchant& merchant = core.merchant(paid.order.mchid);
    for (std::size_t i = 0; i < paid.details.size(); ++i) {
        const DetailOrder& order = paid.order.details[i];
        Detail& detail = paid.details[i];
        detail.fail_reason = fail_reason(core, row, order, at);
        detail.state = detail.fail_reason.empty() ? DetailState::success : DetailState::fail;
        detail.updated_at = at;
        if (detail.state == DetailState::success) merchant.count_received(order.openid, order.amount, at);
    }
    const Money failed = paid.part(DetailState::fail).amount;
    merchant.account().put(core.next_movement(), failed, MovementKind::batch_return, row.index, at);
    if (core.terms.behaviour.quotas_come_back) merchant.uncount_created(failed, paid.created_at);
    move(core, row, BatchState::finished, at, std::nullopt);
    if (!paid.order.notify_url.empty()) core.notify(EventKind::batch_finished, row.index, at);
}

void BatchBook::close(Core& core, Row& row, const std::string& reason, Timestamp at) {
    Batch& closed = row.batch;
    closed.close_reason = reason;
    for (Detail& detail : closed.details) {
        detail.state = DetailState::fail;
        detail.fail_reason = reason;
        detail.updated_at = at;
    }
    if (core.terms.behaviour.quotas_come_back) {
        core.merchant(closed.order.mchid)
            .uncount_created(closed.order.total().value_or(Money()), closed.created_at);
    }
    move(core, row, BatchState::closed, at, std::nullopt);
    if (!closed.order.notify_url.empty()) core.notify(EventKind::batch_closed, row.index, at);
}

void BatchBook::move(Core& core, Row& row, BatchState state, Timestamp at, std::optional<Timestamp> step_at) {
    row.batch.state = state;
    row.batch.updated_at = at;
    row.step_at = step_at;
    if (state == BatchState::wait_pay) {
        for (Detail& detail : row.batch.details) detail.state = DetailState::wait_pay;
    }
    arm(core, row);
}

void BatchBook::arm(Core& core, Row& row) {
    std::optional<Timestamp> next = row.step_at;
    if (can_close(row.batch.state)) {
        const Timestamp expires_at = row.batch.created_at + core.terms.expire_after;
        next = std::min(next.value_or(Timestamp::max()), expires_at);
    }
    core.agenda.arm(Subject::batch, row.index, row.timer, next);
}

void BatchBook::retry_funds(Core& core, const std::string& mchid, Timestamp now) {
    for (Row& row : rows_) {
        const bool waits = !row.is_forgotten && row.batch.order.mchid == mchid &&
                           row.batch.state == BatchState::accepted && !row.step_at;
        if (!waits) continue;
        row.step_at = now;
        arm(core, row);
    }
}

void BatchBook::notified(std::size_t index, int attempts, bool ok) {
    rows_[index].batch.notify_attempts = attempts;
    rows_[index].batch.is_notified = ok;
}

void BatchBook::forget(Core& core, const std::string& mchid) {
    std::erase_if(doomed_, [&](const auto& entry) { return entry.first.starts_with(key_of(mchid, "")); });
    for (Row& row : rows_) {
        if (row.is_forgotten || row.batch.order.mchid != mchid) continue;
        core.agenda.arm(Subject::batch, row.index, row.timer, std::nullopt);
        by_out_batch_no_.erase(key_of(mchid, row.batch.order.out_batch_no));
        by_batch_id_.erase(row.batch.batch_id);
        row.is_forgotten = true;
    }
}

std::optional<std::size_t> BatchBook::find(const std::string& mchid, const std::string& out_batch_no) const {
    const auto found = by_out_batch_no_.find(key_of(mchid, out_batch_no));
    if (found == by_out_batch_no_.end()) return std::nullopt;
    return found->second;
}

}  // namespace tixian::bank
