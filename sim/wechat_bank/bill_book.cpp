// SPDX-License-Identifier: MIT
#include "wechat_bank/bill_book.hpp"

#include <algorithm>

namespace tixian::bank {
namespace {

tl::unexpected<Refusal> state_forbids(BillState state) {
    return refused(400, "INVALID_REQUEST", "当前单据状态不支持该操作：" + std::string(name(state)));
}

// After the user confirmed, only the transfer itself decides.
bool can_expire(BillState state) {
    return state == BillState::accepted || state == BillState::processing ||
           state == BillState::wait_user_confirm;
}

bool can_fail(BillState state) { return !is_final(state) && state != BillState::canceling; }

bool is_same_order(const Core& core, const Order& a, const Order& b) {
    if (a == b) return true;
    if (core.terms.behaviour.compare_names) return false;
    Order renamed = b;
    renamed.user_name = a.user_name;
    return a == renamed;
}

}  // namespace

Answered<std::size_t> BillBook::create(Core& core, const Order& order, Timestamp now) {
    if (const auto found = find(order.mchid, order.out_bill_no)) {
        return re_enter(core, rows_[*found], order, now);
    }
    if (auto refusal = refusal_of_new(core, order, now)) return tl::unexpected<Refusal>(std::move(*refusal));

    const std::size_t index = rows_.size();
    Row& row = rows_.emplace_back();
    row.index = index;
    row.bill.order = order;
    row.bill.transfer_bill_no = make_transfer_bill_no(core.number(index));
    row.bill.package_info = make_package_info(core.terms.seed, core.number(index));
    row.bill.created_at = now;
    if (auto fate = fates_.extract(key_of(order.mchid, order.out_bill_no)))
        row.fate = std::move(fate.mapped());
    by_out_bill_no_[key_of(order.mchid, order.out_bill_no)] = index;
    by_transfer_bill_no_[row.bill.transfer_bill_no] = index;
    by_package_[row.bill.package_info] = index;
    core.merchant(order.mchid).count_created(order.amount, now);
    move(core, row, BillState::accepted, now, now + core.terms.accept_after);
    return index;
}

std::optional<Refusal> BillBook::refusal_of_new(Core& core, const Order& order, Timestamp now) const {
    const Merchant& merchant = core.merchant(order.mchid);
    if (!merchant.terms().has_transfers) {
        return Refusal{403, "NO_AUTH", "商户号未开通商家转账产品权限"};
    }
    const Quotas& quotas = merchant.terms().quotas;
    if (order.amount < quotas.per_bill_min || order.amount > quotas.per_bill_max) {
        return Refusal{400, "INVALID_REQUEST", "超过单笔转账上下限，核实产品设置是否准确"};
    }
    if (auto refusal = check_merchant_quotas(core, merchant, order.amount, now)) return refusal;
    if (core.terms.behaviour.not_enough_at_create && merchant.account().balance() < order.amount) {
        return not_enough().value();
    }
    return std::nullopt;
}

Answered<std::size_t> BillBook::re_enter(Core& core, Row& row, const Order& order, Timestamp now) {
    if (now - row.bill.created_at > core.terms.retry_horizon) {
        return refused(400, "INVALID_REQUEST", "对应单号已超出重试期，请查单确认后决定是否换单请求");
    }
    if (!is_same_order(core, row.bill.order, order)) {
        if (!core.terms.behaviour.already_exists) return number_taken();
        return refused(400, "ALREADY_EXISTS", "商户单号已存在");
    }
    const bool is_short_of_funds = row.bill.state == BillState::processing && !row.step_at;
    if (is_short_of_funds) {
        row.step_at = now + core.terms.lock_after;
        arm(core, row);
    }
    return row.index;
}

Answered<std::size_t> BillBook::query(const Core& core, const std::string& mchid,
                                      const std::string& out_bill_no, Timestamp now) const {
    const auto found = find(mchid, out_bill_no);
    if (!found || now - bill(*found).created_at > core.terms.query_horizon) return not_found();
    return *found;
}

Answered<std::size_t> BillBook::query_by_transfer_bill_no(const Core& core, const std::string& mchid,
                                                          const std::string& number, Timestamp now) const {
    const auto found = find_by_transfer_bill_no(mchid, number);
    if (!found || now - bill(*found).created_at > core.terms.query_horizon) return not_found();
    return *found;
}

std::optional<std::size_t> BillBook::find_by_transfer_bill_no(const std::string& mchid,
                                                              const std::string& number) const {
    const auto found = by_transfer_bill_no_.find(number);
    const bool is_his = found != by_transfer_bill_no_.end() && bill(found->second).order.mchid == mchid;
    return is_his ? std::optional(found->second) : std::nullopt;
}

Answered<std::size_t> BillBook::cancel(Core& core, const std::string& mchid, const std::string& out_bill_no,
                                       Timestamp now) {
    const auto found = find(mchid, out_bill_no);
    if (!found) return refused(400, "INVALID_REQUEST", "单号错误，请检查");
    Row& row = rows_[*found];
    if (is_final(row.bill.state)) {
        if (core.terms.behaviour.cancel_of_final_succeeds) return *found;
        return state_forbids(row.bill.state);
    }
    if (row.bill.state == BillState::canceling) return *found;
    const bool is_too_late = row.bill.state == BillState::transfering;
    if (is_too_late && !core.terms.behaviour.cancel_while_transfering) return state_forbids(row.bill.state);
    row.will_succeed = row.bill.state == BillState::wait_user_confirm && row.fate.confirmation &&
                       row.fate.confirmation->crosses_cancel;
    move(core, row, BillState::canceling, now, now + core.terms.cancel_after);
    return *found;
}

Answered<std::size_t> BillBook::by_package(const std::string& package_info) const {
    const auto found = by_package_.find(package_info);
    if (found == by_package_.end()) return not_found();
    return found->second;
}

Answered<std::size_t> BillBook::confirm(Core& core, const std::string& package_info, Timestamp now) {
    auto found = by_package(package_info);
    if (!found) return found;
    Row& row = rows_[*found];
    if (row.bill.state != BillState::wait_user_confirm) return state_forbids(row.bill.state);
    move(core, row, BillState::transfering, now, now + core.terms.transfer_after);
    return found;
}

Answered<std::size_t> BillBook::confirm_against_cancel(Core& core, const std::string& package_info,
                                                       Timestamp now) {
    auto found = by_package(package_info);
    if (!found) return found;
    Row& row = rows_[*found];
    const bool is_possible = row.bill.state == BillState::canceling && row.bill.is_funded;
    if (!is_possible) return confirm(core, package_info, now);
    row.will_succeed = true;
    return found;
}

Answered<std::size_t> BillBook::fail(Core& core, const std::string& mchid, const std::string& out_bill_no,
                                     const std::string& fail_reason, Timestamp now) {
    const auto found = find(mchid, out_bill_no);
    if (!found) return not_found();
    Row& row = rows_[*found];
    if (!can_fail(row.bill.state)) return state_forbids(row.bill.state);
    finish(core, row, BillState::fail, fail_reason, now);
    return *found;
}

void BillBook::step(Core& core, std::size_t index, Timestamp at) {
    Row& row = rows_[index];
    if (const auto failing = fails_at(row); failing && at >= *failing) {
        return finish(core, row, BillState::fail, row.fate.fail_reason, at);
    }
    if (can_expire(row.bill.state) && at >= expires_at(core, row)) {
        return finish(core, row, BillState::fail, "OVERDUE_CLOSE", at);
    }
    switch (row.bill.state) {
        case BillState::accepted:
            return move(core, row, BillState::processing, at, at + core.terms.lock_after);
        case BillState::processing:
            return lock_funds(core, row, at);
        case BillState::wait_user_confirm:
            return move(core, row, BillState::transfering, at, at + core.terms.transfer_after);
        case BillState::transfering:
            return finish(core, row, BillState::success, {}, at);
        case BillState::canceling:
            if (row.will_succeed) return finish(core, row, BillState::success, {}, at);
            return finish(core, row, BillState::cancelled,
                          core.terms.behaviour.cancelled_with_reason ? "MCH_CANCEL" : "", at);
        case BillState::success:
        case BillState::fail:
        case BillState::cancelled:
            row.step_at.reset();
            return arm(core, row);
    }
}

void BillBook::lock_funds(Core& core, Row& row, Timestamp at) {
    const Order& order = row.bill.order;
    Merchant& merchant = core.merchant(order.mchid);
    const std::string reason = core.fail_reason(order.openid, order.user_name);
    if (!reason.empty()) return finish(core, row, BillState::fail, reason, at);
    if (!merchant.is_within_user_day(order.openid, order.amount, at)) {
        return finish(core, row, BillState::fail, "DAY_RECEIVED_QUOTA_EXCEED", at);
    }
    if (!merchant.account().take(core.next_movement(), order.amount, MovementKind::bill, row.index, at)) {
        // It stays in PROCESSING: top up, then the same number again (wechat_spec 1.5).
        row.step_at.reset();
        return arm(core, row);
    }
    row.bill.is_funded = true;
    merchant.count_received(order.openid, order.amount, at);
    row.received_at = at;
    // Nobody is asked, and the create's own answer says SUCCESS (wechat_spec 1.7 L).
    if (!order.authorization_id.empty()) return move(core, row, BillState::transfering, at, at);
    move(core, row, BillState::wait_user_confirm, at, confirms_at(core, row, at));
}

std::optional<Timestamp> BillBook::confirms_at(const Core& core, const Row& row, Timestamp since) {
    const auto& confirmation = row.fate.confirmation;
    if (!confirmation) {
        const auto after = core.confirms_after(row.bill.order.openid);
        return after ? std::optional(since + *after) : std::nullopt;
    }
    if (confirmation->after) return since + *confirmation->after;
    if (confirmation->before_close) {
        return std::max(since, expires_at(core, row) - *confirmation->before_close);
    }
    return std::nullopt;
}

void BillBook::set_fate(Core& core, const std::string& mchid, const std::string& out_bill_no, Fate fate,
                        Timestamp now) {
    const auto found = find(mchid, out_bill_no);
    if (!found) {
        fates_[key_of(mchid, out_bill_no)] = std::move(fate);
        return;
    }
    Row& row = rows_[*found];
    row.fate = std::move(fate);
    if (row.bill.state == BillState::wait_user_confirm) {
        row.step_at = confirms_at(core, row, row.bill.updated_at);
        if (row.step_at) row.step_at = std::max(now, *row.step_at);
    }
    arm(core, row);
}

void BillBook::finish(Core& core, Row& row, BillState state, const std::string& fail_reason, Timestamp at) {
    Bill& ended = row.bill;
    if (state != BillState::success) {
        Merchant& merchant = core.merchant(ended.order.mchid);
        const bool comes_back = core.terms.behaviour.quotas_come_back;
        if (comes_back) merchant.uncount_created(ended.order.amount, ended.created_at);
        if (comes_back && row.received_at) {
            merchant.uncount_received(ended.order.openid, ended.order.amount, *row.received_at);
        }
        if (ended.is_funded) {
            merchant.account().put(core.next_movement(), ended.order.amount, MovementKind::bill_return,
                                   row.index, at);
        }
        ended.is_funded = false;
    }
    ended.fail_reason = fail_reason;
    move(core, row, state, at, std::nullopt);
    if (!ended.order.notify_url.empty()) core.notify(EventKind::bill_finished, row.index, at);
}

void BillBook::move(Core& core, Row& row, BillState state, Timestamp at, std::optional<Timestamp> step_at) {
    row.bill.state = state;
    row.bill.updated_at = at;
    row.step_at = step_at;
    arm(core, row);
}

void BillBook::arm(Core& core, Row& row) {
    std::optional<Timestamp> next = row.step_at;
    if (can_expire(row.bill.state)) {
        next = std::min(next.value_or(Timestamp::max()), expires_at(core, row));
    }
    if (const auto failing = fails_at(row)) next = std::min(next.value_or(Timestamp::max()), *failing);
    core.agenda.arm(Subject::bill, row.index, row.timer, next);
}

Timestamp BillBook::expires_at(const Core& core, const Row& row) {
    const auto lag_max = static_cast<std::uint64_t>(core.terms.expire_lag_max.count());
    const std::uint64_t lag =
        lag_max == 0 ? 0 : draw(core.terms.seed, core.number(row.index)) % (lag_max + 1);
    return row.bill.created_at + core.terms.expire_after + Duration(static_cast<std::int64_t>(lag));
}

std::optional<Timestamp> BillBook::fails_at(const Row& row) {
    if (!row.fate.fails_after || !can_fail(row.bill.state)) return std::nullopt;
    return row.bill.created_at + *row.fate.fails_after;
}

void BillBook::rearm_waiting(Core& core, Timestamp now) {
    for (Row& row : rows_) {
        if (row.is_forgotten || row.bill.state != BillState::wait_user_confirm) continue;
        row.step_at = confirms_at(core, row, row.bill.updated_at);
        if (row.step_at) row.step_at = std::max(now, *row.step_at);
        arm(core, row);
    }
}

void BillBook::notified(std::size_t index, int attempts, bool ok) {
    rows_[index].bill.notify_attempts = attempts;
    rows_[index].bill.is_notified = ok;
}

void BillBook::forget(Core& core, const std::string& mchid) {
    for (Row& row : rows_) {
        if (row.is_forgotten || row.bill.order.mchid != mchid) continue;
        core.agenda.arm(Subject::bill, row.index, row.timer, std::nullopt);
        by_out_bill_no_.erase(key_of(mchid, row.bill.order.out_bill_no));
        by_transfer_bill_no_.erase(row.bill.transfer_bill_no);
        by_package_.erase(row.bill.package_info);
        row.is_forgotten = true;
    }
    std::erase_if(fates_,
                  [his = key_of(mchid, "")](const auto& fate) { return fate.first.starts_with(his); });
}

std::optional<std::size_t> BillBook::find(const std::string& mchid, const std::string& out_bill_no) const {
    const auto found = by_out_bill_no_.find(key_of(mchid, out_bill_no));
    if (found == by_out_bill_no_.end()) return std::nullopt;
    return found->second;
}

}  // namespace tixian::bank
