// SPDX-License-Identifier: MIT
#include "wechat_bank/bank.hpp"

#include <algorithm>

namespace tixian::bank {

// Times of zero happen within the call that leads to them.
template <class Act>
Answered<Bill> Bank::on_bill(Timestamp now, Act act) {
    advance(now);
    const Answered<std::size_t> index = act();
    if (!index) return tl::unexpected<Refusal>(index.error());
    advance(now);
    return bills_.bill(*index);
}

template <class Act>
Answered<Batch> Bank::on_batch(Timestamp now, Act act) {
    advance(now);
    const Answered<std::size_t> index = act();
    if (!index) return tl::unexpected<Refusal>(index.error());
    advance(now);
    return batches_.batch(*index);
}

template <class Act>
Answered<Authorization> Bank::on_authorization(Timestamp now, Act act) {
    advance(now);
    const Answered<std::size_t> index = act();
    if (!index) return tl::unexpected<Refusal>(index.error());
    advance(now);
    return authorizations_.authorization(*index);
}

Answered<Bill> Bank::create(const Order& order, Timestamp now) {
    return on_bill(now, [&] { return make_bill(order, now); });
}

Answered<std::size_t> Bank::make_bill(const Order& order, Timestamp now) {
    const bool is_new = !bills_.find(order.mchid, order.out_bill_no);
    if (is_new && !order.wish.out_authorization_no.empty()) {
        auto refusal = authorizations_.refusal_of_wish(order);
        if (refusal) return tl::unexpected<Refusal>(std::move(*refusal));
    }
    if (is_new && !order.authorization_id.empty()) {
        const auto found = authorizations_.find_by_id(order.mchid, order.authorization_id);
        const Authorization* given = found ? &authorizations_.authorization(*found) : nullptr;
        if (given == nullptr || given->state != AuthorizationState::taking_effect)
            return refused(400, "INVALID_REQUEST", "用户授权不存在或未生效");
        // An authorisation is of one user, scene and appid (wechat_spec 1.7).
        const bool is_of_this =
            given->order.transfer_scene_id == order.transfer_scene_id && given->order.appid == order.appid;
        if (!is_of_this) return refused(400, "INVALID_REQUEST", "转账场景或appid与用户授权不一致");
    }
    return bills_.create(core_, order, now);
}

Answered<Bill> Bank::query(const std::string& mchid, const std::string& out_bill_no, Timestamp now) {
    return on_bill(now, [&] { return bills_.query(core_, mchid, out_bill_no, now); });
}

Answered<Bill> Bank::query_by_transfer_bill_no(const std::string& mchid, const std::string& number,
                                               Timestamp now) {
    return on_bill(now, [&] { return bills_.query_by_transfer_bill_no(core_, mchid, number, now); });
}

Answered<Bill> Bank::cancel(const std::string& mchid, const std::string& out_bill_no, Timestamp now) {
    return on_bill(now, [&] { return bills_.cancel(core_, mchid, out_bill_no, now); });
}

void Bank::execute_later(Command command, Timestamp at, Timestamp now) {
    advance(now);
    Deferred& deferred = deferred_.emplace_back(Deferred{std::move(command), std::nullopt});
    core_.agenda.arm(Subject::deferred, deferred_.size() - 1, deferred.timer, at);
    advance(now);
}

Answered<Bill> Bank::find_by_package(const std::string& package_info, Timestamp now) {
    return on_bill(now, [&] { return bills_.by_package(package_info); });
}

Answered<Bill> Bank::confirm(const std::string& package_info, Timestamp now, bool grants) {
    return on_bill(now, [&] {
        auto index = bills_.confirm(core_, package_info, now);
        if (index && grants) {
            const Order& order = bills_.bill(*index).order;
            if (!order.wish.out_authorization_no.empty()) authorizations_.grant_wish(core_, order, now);
        }
        return index;
    });
}

Answered<Bill> Bank::confirm_against_cancel(const std::string& package_info, Timestamp now) {
    return on_bill(now, [&] { return bills_.confirm_against_cancel(core_, package_info, now); });
}

void Bank::set_fate(const std::string& mchid, const std::string& out_bill_no, Fate fate, Timestamp now) {
    advance(now);
    bills_.set_fate(core_, mchid, out_bill_no, std::move(fate), now);
    advance(now);
}

Answered<Bill> Bank::fail(const std::string& mchid, const std::string& out_bill_no,
                          const std::string& fail_reason, Timestamp now) {
    return on_bill(now, [&] { return bills_.fail(core_, mchid, out_bill_no, fail_reason, now); });
}

Answered<Batch> Bank::create_batch(const BatchOrder& order, Timestamp now) {
    return on_batch(now, [&] { return batches_.create(core_, order, now); });
}

Answered<Batch> Bank::query_batch(const std::string& mchid, const std::string& out_batch_no, Timestamp now) {
    return on_batch(now, [&] { return batches_.query(core_, mchid, out_batch_no, now); });
}

Answered<Batch> Bank::query_batch_by_id(const std::string& mchid, const std::string& batch_id,
                                        Timestamp now) {
    return on_batch(now, [&] { return batches_.query_by_batch_id(core_, mchid, batch_id, now); });
}

Answered<Batch> Bank::pay_batch(const std::string& mchid, const std::string& out_batch_no, Timestamp now) {
    return on_batch(now, [&] { return batches_.pay(core_, mchid, out_batch_no, now); });
}

Answered<Batch> Bank::close_batch(const std::string& mchid, const std::string& out_batch_no,
                                  const std::string& reason, Timestamp now) {
    return on_batch(now, [&] { return batches_.close(core_, mchid, out_batch_no, reason, now); });
}

Answered<Batch> Bank::fail_detail(const std::string& mchid, const std::string& out_batch_no,
                                  const std::string& out_detail_no, const std::string& fail_reason,
                                  Timestamp now) {
    return on_batch(now,
                    [&] { return batches_.fail_detail(mchid, out_batch_no, out_detail_no, fail_reason); });
}

Answered<Authorization> Bank::ask_authorization(const AuthorizationOrder& order, Timestamp now) {
    return on_authorization(now, [&] { return authorizations_.ask(core_, order, now); });
}

Answered<Authorization> Bank::query_authorization(const std::string& mchid,
                                                  const std::string& out_authorization_no, Timestamp now) {
    return on_authorization(now, [&] { return authorizations_.query(mchid, out_authorization_no); });
}

Answered<Authorization> Bank::find_authorization_by_id(const std::string& mchid,
                                                       const std::string& authorization_id, Timestamp now) {
    return on_authorization(now, [&]() -> Answered<std::size_t> {
        const auto found = authorizations_.find_by_id(mchid, authorization_id);
        if (!found) return not_found();
        return *found;
    });
}

Answered<Authorization> Bank::find_authorization_by_package(const std::string& package_info, Timestamp now) {
    return on_authorization(now, [&] { return authorizations_.by_package(package_info); });
}

Answered<Authorization> Bank::close_authorization(const std::string& mchid,
                                                  const std::string& out_authorization_no,
                                                  const std::string& reason, Timestamp now) {
    return on_authorization(
        now, [&] { return authorizations_.close(core_, mchid, out_authorization_no, reason, now); });
}

Answered<Authorization> Bank::confirm_authorization(const std::string& package_info, Timestamp now) {
    return on_authorization(now, [&] { return authorizations_.confirm(core_, package_info, now); });
}

void Bank::set_user(const std::string& openid, const User& user, Timestamp now) {
    advance(now);
    core_.users[openid] = user;
    bills_.rearm_waiting(core_, now);
    advance(now);
}

void Bank::set_auto_confirm(std::optional<Duration> after, Timestamp now) {
    advance(now);
    core_.terms.auto_confirm_after = after;
    bills_.rearm_waiting(core_, now);
    advance(now);
}

void Bank::advance(Timestamp now) {
    while (const auto due = core_.agenda.due(now)) step(*due);
}

void Bank::step(const Appointment& due) {
    switch (due.subject) {
        case Subject::deferred: {
            Deferred& deferred = deferred_[due.index];
            core_.agenda.arm(Subject::deferred, due.index, deferred.timer, std::nullopt);
            return execute(deferred.command, due.at);
        }
        case Subject::bill: {
            const bool waited = bills_.bill(due.index).state == BillState::wait_user_confirm;
            bills_.step(core_, due.index, due.at);
            const Bill& bill = bills_.bill(due.index);
            const bool grants = waited && bill.state == BillState::transfering &&
                                !bill.order.wish.out_authorization_no.empty();
            if (grants) authorizations_.grant_wish(core_, bill.order, due.at);
            return;
        }
        case Subject::batch:
            return batches_.step(core_, due.index, due.at);
        case Subject::authorization:
            return authorizations_.step(core_, due.index, due.at);
    }
}

void Bank::execute(const Command& command, Timestamp at) {
    if (const auto* order = std::get_if<Order>(&command)) static_cast<void>(make_bill(*order, at));
    if (const auto* batch = std::get_if<BatchOrder>(&command))
        static_cast<void>(batches_.create(core_, *batch, at));
    if (const auto* cancel = std::get_if<CancelOrder>(&command))
        static_cast<void>(bills_.cancel(core_, cancel->mchid, cancel->out_bill_no, at));
    if (const auto* deposit = std::get_if<Deposit>(&command)) {
        const auto sum = checked_add(balance(deposit->mchid), deposit->amount);
        if (sum) put_balance(deposit->mchid, *sum, at);
    }
}

std::vector<DueNotification> Bank::due_notifications(
    Timestamp now, std::size_t count_max, const std::function<bool(const std::string&)>& is_wanted) {
    advance(now);
    std::vector<DueNotification> due;
    const auto is_his = [&](const Notification& one) { return is_wanted(mchid_of(one)); };
    for (const Notification& notification : core_.notifications.take_due(now, count_max, is_his)) {
        due.push_back(due_of(notification));
    }
    return due;
}

const std::string& Bank::mchid_of(const Notification& notification) const {
    switch (notification.kind) {
        case EventKind::batch_finished:
        case EventKind::batch_closed:
            return batches_.batch(notification.subject).order.mchid;
        case EventKind::authorization_confirmed:
        case EventKind::authorization_closed:
            return authorizations_.authorization(notification.subject).order.mchid;
        case EventKind::bill_finished:
            break;
    }
    return bills_.bill(notification.subject).order.mchid;
}

DueNotification Bank::due_of(const Notification& notification) const {
    const auto tell = [&](const auto& subject) {
        return DueNotification{notification.id,     notification.attempts + 1, notification.kind,
                               subject.order.mchid, subject.order.notify_url,  subject};
    };
    switch (notification.kind) {
        case EventKind::batch_finished:
        case EventKind::batch_closed:
            return tell(batches_.batch(notification.subject));
        case EventKind::authorization_confirmed:
        case EventKind::authorization_closed:
            return tell(authorizations_.authorization(notification.subject));
        case EventKind::bill_finished:
            break;
    }
    return tell(bills_.bill(notification.subject));
}

void Bank::notification_answered(const std::string& id, bool ok, Timestamp now) {
    const auto answered = core_.notifications.answered(id, ok, now);
    if (!answered) return;
    if (answered->kind == EventKind::bill_finished) {
        bills_.notified(answered->subject, answered->attempts, ok);
    }
    if (answered->kind == EventKind::batch_finished || answered->kind == EventKind::batch_closed) {
        batches_.notified(answered->subject, answered->attempts, ok);
    }
}

void Bank::add_merchant(const std::string& mchid, const MerchantTerms& terms) {
    forget_merchant(mchid, terms);
}

void Bank::forget_merchant(const std::string& mchid, const MerchantTerms& terms) {
    core_.notifications.forget(
        [&](const Notification& notification) { return mchid_of(notification) == mchid; });
    bills_.forget(core_, mchid);
    batches_.forget(core_, mchid);
    authorizations_.forget(core_, mchid);
    receipts_.forget(mchid);
    for (std::size_t i = 0; i < deferred_.size(); ++i) {
        const bool is_his =
            std::visit([&](const auto& command) { return command.mchid == mchid; }, deferred_[i].command);
        if (is_his) core_.agenda.arm(Subject::deferred, i, deferred_[i].timer, std::nullopt);
    }
    core_.merchants.insert_or_assign(mchid, Merchant(terms));
}

std::optional<Refusal> Bank::admit(const std::string& mchid, Endpoint endpoint, Timestamp now) {
    if (core_.merchant(mchid).admit(endpoint, now)) return std::nullopt;
    return Refusal{429, std::string(row(endpoint).code), "频率超过限制，请降低频率后重试"};
}

void Bank::set_balance(const std::string& mchid, Money balance, Timestamp now) {
    advance(now);
    put_balance(mchid, balance, now);
    advance(now);
}

void Bank::put_balance(const std::string& mchid, Money balance, Timestamp now) {
    core_.merchant(mchid).account().set_balance(core_.next_movement(), balance, now);
    batches_.retry_funds(core_, mchid, now);
}

std::vector<FundRow> Bank::fund_rows(const std::string& mchid, Day day, Timestamp now) {
    advance(now);
    std::vector<FundRow> rows;
    for (const Movement& movement : core_.merchant(mchid).account().movements()) {
        if (day_of(movement.at) == day) rows.push_back(fund_row(mchid, movement));
    }
    return rows;
}

Money Bank::day_end_balance(const std::string& mchid, Day day, Timestamp now) {
    advance(now);
    const Merchant& merchant = core_.merchant(mchid);
    Money balance = merchant.terms().balance;
    for (const Movement& movement : merchant.account().movements()) {
        if (day_of(movement.at) <= day) balance = movement.balance;
    }
    return balance;
}

FundRow Bank::fund_row(const std::string& mchid, const Movement& movement) const {
    FundRow row;
    row.at = movement.at;
    row.flow_no = make_number("5010000", movement.number, 31);
    row.is_income = movement.is_income();
    row.amount = movement.amount;
    row.balance = movement.balance;
    row.applicant = mchid + "API";
    switch (movement.kind) {
        case MovementKind::deposit:
        case MovementKind::withdrawal:
            row.business = row.type = row.is_income ? "充值" : "提现";
            row.wechat_no = row.flow_no;
            row.applicant = mchid;
            break;
        case MovementKind::bill:
        case MovementKind::bill_return: {
            const Bill& bill = bills_.bill(movement.subject);
            row.business = "商家转账";
            row.type = row.is_income ? "商家转账退回" : "商家转账";
            row.wechat_no = bill.transfer_bill_no;
            row.remark = bill.order.remark;
            row.voucher = bill.order.out_bill_no;
            break;
        }
        case MovementKind::batch:
        case MovementKind::batch_return: {
            const Batch& batch = batches_.batch(movement.subject);
            row.business = "商家转账到零钱";
            row.type = row.is_income ? "商家转账到零钱退回" : "商家转账到零钱";
            row.wechat_no = batch.batch_id;
            row.remark = batch.order.batch_remark;
            row.voucher = batch.order.out_batch_no;
            break;
        }
    }
    return row;
}

std::optional<Bill> Bank::find(const std::string& mchid, const std::string& out_bill_no) const {
    const Bill* bill = bill_of(mchid, out_bill_no);
    return bill == nullptr ? std::nullopt : std::optional(*bill);
}

const Bill* Bank::bill_of(const std::string& mchid, const std::string& out_bill_no) const {
    const auto found = bills_.find(mchid, out_bill_no);
    return found ? &bills_.bill(*found) : nullptr;
}

const Bill* Bank::bill_by_transfer_bill_no(const std::string& mchid, const std::string& number) const {
    const auto found = bills_.find_by_transfer_bill_no(mchid, number);
    return found ? &bills_.bill(*found) : nullptr;
}

const Batch* Bank::batch_of(const std::string& mchid, const std::string& out_batch_no) const {
    const auto found = batches_.find(mchid, out_batch_no);
    return found ? &batches_.batch(*found) : nullptr;
}

const Batch* Bank::batch_by_id(const std::string& mchid, const std::string& batch_id) const {
    const auto found = batches_.find_by_id(mchid, batch_id);
    return found ? &batches_.batch(*found) : nullptr;
}

std::optional<Batch> Bank::find_batch(const std::string& mchid, const std::string& out_batch_no) const {
    const auto found = batches_.find(mchid, out_batch_no);
    if (!found) return std::nullopt;
    return batches_.batch(*found);
}

std::vector<Bill> Bank::bills() const {
    std::vector<Bill> bills;
    bills.reserve(bills_.size());
    for (std::size_t i = 0; i < bills_.size(); ++i) {
        if (!bills_.is_forgotten(i)) bills.push_back(bills_.bill(i));
    }
    return bills;
}

std::vector<Batch> Bank::batches() const {
    std::vector<Batch> batches;
    for (std::size_t i = 0; i < batches_.size(); ++i) {
        if (!batches_.is_forgotten(i)) batches.push_back(batches_.batch(i));
    }
    return batches;
}

std::vector<Authorization> Bank::authorizations() const {
    std::vector<Authorization> authorizations;
    for (std::size_t i = 0; i < authorizations_.size(); ++i) {
        if (!authorizations_.is_forgotten(i)) authorizations.push_back(authorizations_.authorization(i));
    }
    return authorizations;
}

}  // namespace tixian::bank
