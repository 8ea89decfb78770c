// SPDX-License-Identifier: MIT
#include "wechat_bank/bank.hpp"

#include <algorithm>

#include "wechat_bank/token.hpp"

namespace tixian::bank {
namespace {

tl::unexpected<Refusal> refuse(int status, std::string code, std::string message) {
    return tl::unexpected<Refusal>(Refusal{status, std::move(code), std::move(message)});
}

// The texts are WeChat's own (wechat_spec 1.2, 1.3), except where it is not known what they are.
tl::unexpected<Refusal> not_found() { return refuse(404, "NOT_FOUND", "记录不存在"); }
tl::unexpected<Refusal> state_forbids(BillState state) {
    return refuse(400, "INVALID_REQUEST", "当前单据状态不支持该操作：" + std::string(name(state)));
}

// After the user confirmed, only the transfer itself decides.
bool can_expire(BillState state) {
    return state == BillState::accepted || state == BillState::processing ||
           state == BillState::wait_user_confirm;
}

std::string key_of(const std::string& mchid, const std::string& out_bill_no) {
    return mchid + '/' + out_bill_no;
}

}  // namespace

Bank::Bank(Terms terms) : terms_(std::move(terms)), notifications_(terms_.notify_retries) {}

Answered<Bill> Bank::create(const Order& order, Timestamp now) {
    advance(now);
    if (Row* row = row_of(order.mchid, order.out_bill_no)) return re_enter(*row, order, now);
    if (terms_.refuse_create_without_balance && terms_.balance < order.amount) {
        return refuse(403, "NOT_ENOUGH", "商户运营账户资金不足，请充值后原单重试");
    }

    const std::size_t index = rows_.size();
    Row& row = rows_.emplace_back();
    row.bill.order = order;
    const std::uint64_t number = terms_.bills_made_before + index + 1;
    row.bill.transfer_bill_no = make_transfer_bill_no(number);
    row.bill.package_info = make_package_info(terms_.seed, number);
    row.bill.created_at = now;
    by_out_bill_no_[key_of(order.mchid, order.out_bill_no)] = index;
    by_transfer_bill_no_[row.bill.transfer_bill_no] = index;
    by_package_[row.bill.package_info] = index;
    move(row, BillState::accepted, now, now + terms_.accept_after);

    advance(now);  // times of zero happen within this call
    return row.bill;
}

Answered<Bill> Bank::re_enter(Row& row, const Order& order, Timestamp now) {
    if (row.bill.order != order) {
        return refuse(400, "INVALID_REQUEST", "单号已存在但信息不一致，请查单后比较确认");
    }
    const bool is_short_of_funds = row.bill.state == BillState::processing && !row.step_at;
    if (is_short_of_funds) {
        row.step_at = now + terms_.lock_after;
        arm(row);
        advance(now);
    }
    return row.bill;
}

Answered<Bill> Bank::query(const std::string& mchid, const std::string& out_bill_no, Timestamp now) {
    advance(now);
    const Row* row = row_of(mchid, out_bill_no);
    if (row == nullptr) return not_found();
    return row->bill;
}

Answered<Bill> Bank::query_by_transfer_bill_no(const std::string& mchid, const std::string& number,
                                               Timestamp now) {
    advance(now);
    const auto found = by_transfer_bill_no_.find(number);
    if (found == by_transfer_bill_no_.end()) return not_found();
    const Bill& bill = rows_[found->second].bill;
    if (bill.order.mchid != mchid) return not_found();
    return bill;
}

Answered<Bill> Bank::cancel(const std::string& mchid, const std::string& out_bill_no, Timestamp now) {
    advance(now);
    Row* row = row_of(mchid, out_bill_no);
    if (row == nullptr) return refuse(400, "INVALID_REQUEST", "单号错误，请检查");
    if (is_final(row->bill.state)) return state_forbids(row->bill.state);
    if (row->bill.state == BillState::canceling) return row->bill;
    move(*row, BillState::canceling, now, now + terms_.cancel_after);
    advance(now);
    return row->bill;
}

Answered<Bill> Bank::find_by_package(const std::string& package_info, Timestamp now) {
    advance(now);
    const auto found = by_package_.find(package_info);
    if (found == by_package_.end()) return not_found();
    return rows_[found->second].bill;
}

Answered<Bill> Bank::confirm(const std::string& package_info, Timestamp now) {
    advance(now);
    const auto found = by_package_.find(package_info);
    if (found == by_package_.end()) return not_found();
    Row& row = rows_[found->second];
    if (row.bill.state != BillState::wait_user_confirm) return state_forbids(row.bill.state);
    move(row, BillState::transfering, now, now + terms_.transfer_after);
    advance(now);
    return row.bill;
}

Answered<Bill> Bank::fail(const std::string& mchid, const std::string& out_bill_no,
                          const std::string& fail_reason, Timestamp now) {
    advance(now);
    Row* row = row_of(mchid, out_bill_no);
    if (row == nullptr) return not_found();
    if (is_final(row->bill.state) || row->bill.state == BillState::canceling) {
        return state_forbids(row->bill.state);
    }
    finish(*row, BillState::fail, fail_reason, now);
    return row->bill;
}

void Bank::advance(Timestamp now) {
    while (!timers_.empty() && timers_.begin()->first <= now) {
        const auto [at, index] = *timers_.begin();
        step(rows_[index], at);
    }
}

std::optional<Timestamp> Bank::next_step_at() const {
    if (timers_.empty()) return std::nullopt;
    return timers_.begin()->first;
}

void Bank::step(Row& row, Timestamp at) {
    if (can_expire(row.bill.state) && at >= expires_at(row)) {
        return finish(row, BillState::fail, "OVERDUE_CLOSE", at);
    }
    switch (row.bill.state) {
        case BillState::accepted:
            return move(row, BillState::processing, at, at + terms_.lock_after);
        case BillState::processing:
            return lock_funds(row, at);
        case BillState::wait_user_confirm:
            return move(row, BillState::transfering, at, at + terms_.transfer_after);
        case BillState::transfering:
            return finish(row, BillState::success, {}, at);
        case BillState::canceling:
            return finish(row, BillState::cancelled, {}, at);
        case BillState::success:
        case BillState::fail:
        case BillState::cancelled:
            row.step_at.reset();
            return arm(row);
    }
}

void Bank::lock_funds(Row& row, Timestamp at) {
    const auto rest = checked_subtract(terms_.balance, row.bill.order.amount);
    if (!rest || rest->is_negative()) {
        // It stays in PROCESSING: top up, then the same number again (wechat_spec 1.5).
        row.step_at.reset();
        return arm(row);
    }
    terms_.balance = *rest;
    row.bill.is_funded = true;
    std::optional<Timestamp> confirm_at;
    if (terms_.auto_confirm_after) confirm_at = at + *terms_.auto_confirm_after;
    move(row, BillState::wait_user_confirm, at, confirm_at);
}

void Bank::finish(Row& row, BillState state, std::string fail_reason, Timestamp at) {
    if (state != BillState::success && row.bill.is_funded) {
        terms_.balance = checked_add(terms_.balance, row.bill.order.amount).value_or(terms_.balance);
        row.bill.is_funded = false;
    }
    row.bill.fail_reason = std::move(fail_reason);
    move(row, state, at, std::nullopt);
    if (!row.bill.order.notify_url.empty()) {
        const std::size_t index = index_of(row);
        notifications_.add(make_event_id(terms_.seed, terms_.bills_made_before + index + 1), index, at);
    }
}

void Bank::move(Row& row, BillState state, Timestamp at, std::optional<Timestamp> step_at) {
    row.bill.state = state;
    row.bill.updated_at = at;
    row.step_at = step_at;
    arm(row);
}

void Bank::arm(Row& row) {
    const std::size_t index = index_of(row);
    if (row.timer) timers_.erase({*row.timer, index});
    row.timer = row.step_at;
    if (can_expire(row.bill.state))
        row.timer = std::min(row.timer.value_or(Timestamp::max()), expires_at(row));
    if (row.timer) timers_.insert({*row.timer, index});
}

std::vector<DueNotification> Bank::due_notifications(Timestamp now, std::size_t count_max) {
    advance(now);
    std::vector<DueNotification> due;
    for (const Notification& notification : notifications_.take_due(now, count_max)) {
        due.push_back({notification.id, notification.attempts + 1, rows_[notification.bill].bill});
    }
    return due;
}

void Bank::notification_answered(const std::string& id, bool ok, Timestamp now) {
    const auto notification = notifications_.answered(id, ok, now);
    if (!notification) return;
    Bill& bill = rows_[notification->bill].bill;
    bill.notify_attempts = notification->attempts;
    bill.is_notified = ok;
}

void Bank::set_auto_confirm(std::optional<Duration> after, Timestamp now) {
    advance(now);
    terms_.auto_confirm_after = after;
    for (Row& row : rows_) {
        if (row.bill.state != BillState::wait_user_confirm) continue;
        row.step_at.reset();
        if (after) row.step_at = std::max(now, row.bill.updated_at + *after);
        arm(row);
    }
    advance(now);
}

std::optional<Bill> Bank::find(const std::string& mchid, const std::string& out_bill_no) const {
    const auto found = by_out_bill_no_.find(key_of(mchid, out_bill_no));
    if (found == by_out_bill_no_.end()) return std::nullopt;
    return rows_[found->second].bill;
}

std::vector<Bill> Bank::bills() const {
    std::vector<Bill> bills;
    bills.reserve(rows_.size());
    for (const Row& row : rows_) bills.push_back(row.bill);
    return bills;
}

Bank::Row* Bank::row_of(const std::string& mchid, const std::string& out_bill_no) {
    const auto found = by_out_bill_no_.find(key_of(mchid, out_bill_no));
    return found == by_out_bill_no_.end() ? nullptr : &rows_[found->second];
}

std::size_t Bank::index_of(const Row& row) const {
    // The number carries the index, so that a row needs no second copy of it.
    return by_transfer_bill_no_.at(row.bill.transfer_bill_no);
}

Timestamp Bank::expires_at(const Row& row) const { return row.bill.created_at + terms_.expire_after; }

}  // namespace tixian::bank
