// SPDX-License-Identifier: MIT
// Whatever merchants, users and time do: no fen is lost or made, and the same acts give the same world.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include "bank_orders.hpp"

namespace tixian::bank {
namespace {

/// One thing that happens to the bank; `kind` chooses which.
struct Act {
    int kind = 0;
    int number = 0;
    int fen = 0;
    int wait_s = 0;
};

rc::Gen<Act> an_act() {
    return rc::gen::build<Act>(rc::gen::set(&Act::kind, rc::gen::inRange(0, 8)),
                               rc::gen::set(&Act::number, rc::gen::inRange(0, 6)),
                               rc::gen::set(&Act::fen, rc::gen::inRange(10, 60'000)),
                               rc::gen::set(&Act::wait_s, rc::gen::element(0, 1, 60, 3600, 80'000)));
}

void showValue(const Act& act, std::ostream& out) {  // NOLINT: RapidCheck's name
    out << act.kind << " on " << act.number << " with " << act.fen << " after " << act.wait_s << " s";
}

Terms some_terms() {
    Terms terms;
    terms.merchant.balance = 100000_fen;
    terms.merchant.quotas.per_user_and_day = 90000_fen;
    terms.expire_lag_max = std::chrono::hours(1);
    terms.behaviour.not_enough_at_create = false;
    return terms;
}

void perform(Bank& bank, const Act& act, Timestamp now) {
    const std::string number = "N" + std::to_string(act.number);
    const Money amount = Money::from_fen(act.fen).value();
    const auto bill = bank.find(mchid, number);
    switch (act.kind) {
        case 0:
            return static_cast<void>(bank.create(order(number, amount), now));
        case 1:
            return static_cast<void>(bank.cancel(mchid, number, now));
        case 2:
            if (bill) static_cast<void>(bank.confirm(bill->package_info, now));
            return;
        case 3:
            return static_cast<void>(bank.fail(mchid, number, "TRANSFER_RISK", now));
        case 4: {
            BatchOrder batch = batch_order(number);
            batch.details[1].amount = amount;
            return static_cast<void>(bank.create_batch(batch, now));
        }
        case 5:
            return static_cast<void>(bank.fail_detail(mchid, number, "D2", "ACCOUNT_FROZEN", now));
        case 6:
            return bank.execute_later(order(number, amount), now + std::chrono::minutes(act.number), now);
        default:
            if (bill) static_cast<void>(bank.confirm_against_cancel(bill->package_info, now));
            return;
    }
}

// The world after the acts and two more days: everything has ended.
Bank world_after(const std::vector<Act>& acts) {
    Bank bank(some_terms());
    Timestamp now = at(0);
    for (const Act& act : acts) {
        now += std::chrono::seconds(act.wait_s);
        perform(bank, act, now);
    }
    bank.advance(now + std::chrono::hours(48));
    return bank;
}

Money paid(const Bank& bank) {
    Money sum;
    for (const Bill& bill : bank.bills()) {
        if (bill.state == BillState::success) sum = checked_add(sum, bill.order.amount).value();
    }
    for (const Batch& batch : bank.batches()) {
        sum = checked_add(sum, batch.part(DetailState::success).amount).value();
    }
    return sum;
}

RC_GTEST_PROP(WechatBankProperty, EverythingEndsAndNoFenIsLostOrMade, ()) {
    Bank bank = world_after(*rc::gen::container<std::vector<Act>>(an_act()));

    for (const Bill& bill : bank.bills()) RC_ASSERT(is_final(bill.state));
    for (const Batch& batch : bank.batches()) RC_ASSERT(is_final(batch.state));
    RC_ASSERT(checked_add(bank.balance(mchid), paid(bank)).value() == some_terms().merchant.balance);
    RC_ASSERT(!bank.next_step_at());
}

RC_GTEST_PROP(WechatBankProperty, TheFundBillsLeadFromTheOpeningToTheBalance, ()) {
    Bank bank = world_after(*rc::gen::container<std::vector<Act>>(an_act()));
    Money balance = some_terms().merchant.balance;

    for (Day day = day_of(at(0)); day < day_of(at(0)) + std::chrono::days(400); day += std::chrono::days(1)) {
        for (const FundRow& row : bank.fund_rows(mchid, day, at(0))) {
            balance =
                (row.is_income ? checked_add(balance, row.amount) : checked_subtract(balance, row.amount))
                    .value();
            RC_ASSERT(row.balance == balance);
        }
    }
    RC_ASSERT(balance == bank.balance(mchid));
}

RC_GTEST_PROP(WechatBankProperty, TheSameActsGiveTheSameWorld, ()) {
    const auto acts = *rc::gen::container<std::vector<Act>>(an_act());
    const std::vector<Bill> first = world_after(acts).bills(), second = world_after(acts).bills();

    RC_ASSERT(first.size() == second.size());
    for (std::size_t i = 0; i < first.size(); ++i) {
        RC_ASSERT(first[i].transfer_bill_no == second[i].transfer_bill_no);
        RC_ASSERT(first[i].package_info == second[i].package_info);
        RC_ASSERT(first[i].state == second[i].state);
        RC_ASSERT(first[i].updated_at == second[i].updated_at);
    }
}

}  // namespace
}  // namespace tixian::bank
