// SPDX-License-Identifier: MIT
// What a merchant's settings do: several merchants, quotas, rates, horizons, users, the inner queue.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "bank_orders.hpp"

namespace tixian::bank {
namespace {

using std::chrono::hours, std::chrono::minutes;

TEST(WechatBank, KeepsBalancesOfMerchantsApart) {
    Bank bank(instant_terms());
    MerchantTerms poor;
    poor.balance = 500_fen;
    bank.add_merchant("1900000002", poor);

    EXPECT_TRUE(bank.create(order("A"), at(0)));
    EXPECT_EQ(bank.create(order("A", 1000_fen, "1900000002"), at(0)).error().code, "NOT_ENOUGH");

    EXPECT_EQ(bank.balance(mchid), 99000_fen);
    EXPECT_EQ(bank.balance("1900000002"), 500_fen);
}

TEST(WechatBank, ForgetsOneMerchantWithAllThatIsHis) {
    Bank bank(instant_terms());
    ASSERT_TRUE(bank.create(order("A"), at(0)));
    ASSERT_TRUE(bank.create(order("A", 1000_fen, "1900000002"), at(0)));
    ASSERT_TRUE(bank.fail(mchid, "A", "OPENID_INVALID", at(1)));

    bank.forget_merchant(mchid, bank.terms().merchant);

    EXPECT_FALSE(bank.query(mchid, "A", at(2)));
    EXPECT_TRUE(bank.query("1900000002", "A", at(2)));
    EXPECT_EQ(bank.bills().size(), 1U);
    EXPECT_TRUE(bank.due_notifications(at(3)).empty());
    EXPECT_TRUE(bank.fund_rows(mchid, day_of(at(0)), at(3)).empty());
}

TEST(WechatBank, RefusesWhatTheQuotasOfTheMerchantRefuse) {
    struct Row {
        const char* name;
        Quotas quotas;
        Timestamp second_at;
        bool is_refused;
    };
    const auto with = [](auto set) {
        Quotas quotas;
        set(quotas);
        return quotas;
    };
    const Row rows[] = {
        {"above one bill", with([](Quotas& q) { q.per_bill_max = 1999_fen; }), at(1), true},
        {"below one bill", with([](Quotas& q) { q.per_bill_min = 2001_fen; }), at(1), true},
        {"within the day", with([](Quotas& q) { q.per_day = 3000_fen; }), at(1), false},
        {"beyond the day", with([](Quotas& q) { q.per_day = 2999_fen; }), at(1), true},
        {"on the next day", with([](Quotas& q) { q.per_day = 2999_fen; }), at(0) + hours(24), false},
        {"beyond the month", with([](Quotas& q) { q.per_month = 2999_fen; }), at(0) + hours(24), true},
        {"in the next month", with([](Quotas& q) { q.per_month = 2999_fen; }), at(0) + hours(24 * 21), false},
    };
    for (const Row& row : rows) {
        SCOPED_TRACE(row.name);
        Terms automatic = instant_terms();
        automatic.auto_confirm_after = Duration(0);
        Bank bank(automatic);
        ASSERT_TRUE(bank.create(order("A", 1000_fen), at(0)));
        bank.set_quotas(mchid, row.quotas);

        const auto answer = bank.create(order("B", 2000_fen), row.second_at);

        ASSERT_EQ(!answer, row.is_refused);
        if (!answer) {
            EXPECT_EQ(answer.error().code, "INVALID_REQUEST");
        }
    }
}

TEST(WechatBank, GivesTheDayBackWhatWasNotPaid) {
    Bank bank(instant_terms());
    Quotas quotas;
    quotas.per_day = 1000_fen;
    bank.set_quotas(mchid, quotas);
    ASSERT_TRUE(bank.create(order("A", 1000_fen), at(0)));
    ASSERT_FALSE(bank.create(order("B", 10_fen), at(1)));

    ASSERT_TRUE(bank.cancel(mchid, "A", at(2)));

    EXPECT_TRUE(bank.create(order("B", 1000_fen), at(3)));
}

TEST(WechatBank, FailsABillBeyondTheUsersDay) {
    Bank bank(instant_terms());
    Quotas quotas;
    quotas.per_user_and_day = 1500_fen;
    bank.set_quotas(mchid, quotas);
    ASSERT_TRUE(bank.create(order("A", 1000_fen), at(0)));

    const auto second = bank.create(order("B", 1000_fen), at(1));

    ASSERT_TRUE(second);
    EXPECT_EQ(second->state, BillState::fail);
    EXPECT_EQ(second->fail_reason, "DAY_RECEIVED_QUOTA_EXCEED");
    EXPECT_EQ(bank.balance(mchid), 99000_fen);
}

TEST(WechatBank, AdmitsNoMoreThanTheRateInAnySlidingSecond) {
    Bank bank(instant_terms());
    for (std::int64_t i = 0; i < 20; ++i) EXPECT_FALSE(bank.admit(mchid, Endpoint::cancel, at(i * 10)));

    const auto refusal = bank.admit(mchid, Endpoint::cancel, at(999));
    ASSERT_TRUE(refusal);
    EXPECT_EQ(refusal->status, 429);
    EXPECT_EQ(refusal->code, "FREQUENCY_LIMIT_EXCEED");
    EXPECT_FALSE(bank.admit("1900000002", Endpoint::cancel, at(999))) << "another merchant";
    EXPECT_FALSE(bank.admit(mchid, Endpoint::query, at(999))) << "another endpoint";

    EXPECT_FALSE(bank.admit(mchid, Endpoint::cancel, at(1000)));
    EXPECT_TRUE(bank.admit(mchid, Endpoint::cancel, at(1000)));
}

TEST(WechatBank, ClosesLaterThanADayByADrawnLag) {
    Terms lagging = instant_terms();
    lagging.expire_lag_max = hours(1);
    Bank bank(lagging), same(lagging);
    for (const char* number : {"A", "B", "C"}) {
        ASSERT_TRUE(bank.create(order(number), at(0)));
        ASSERT_TRUE(same.create(order(number), at(0)));
    }

    bank.advance(at(0) + hours(25));
    same.advance(at(0) + hours(25));

    std::vector<Timestamp> closed;
    for (const Bill& bill : bank.bills()) {
        EXPECT_EQ(bill.fail_reason, "OVERDUE_CLOSE");
        EXPECT_GE(bill.updated_at, at(0) + hours(24));
        EXPECT_EQ(bill.updated_at, same.find(mchid, bill.order.out_bill_no)->updated_at) << "the same seed";
        closed.push_back(bill.updated_at);
    }
    EXPECT_NE(closed.front(), closed.back());
}

TEST(WechatBank, FindsNoBillOlderThanThirtyDays) {
    Bank bank(instant_terms());
    const std::string number = bank.create(order("A"), at(0))->transfer_bill_no;

    EXPECT_TRUE(bank.query(mchid, "A", at(0) + hours(24 * 30)));
    EXPECT_EQ(bank.query(mchid, "A", at(1) + hours(24 * 30)).error().code, "NOT_FOUND");
    EXPECT_FALSE(bank.query_by_transfer_bill_no(mchid, number, at(1) + hours(24 * 30)));
}

TEST(WechatBank, ExecutesFromTheInnerQueueWhenItsTimeComes) {
    Bank bank(instant_terms());
    bank.execute_later(order("A"), at(0) + minutes(5), at(0));

    EXPECT_EQ(bank.query(mchid, "A", at(0) + minutes(5) - Duration(1)).error().code, "NOT_FOUND");
    const auto bill = bank.query(mchid, "A", at(0) + minutes(6));

    ASSERT_TRUE(bill);
    EXPECT_EQ(bill->created_at, at(0) + minutes(5));
}

TEST(WechatBank, LeavesABillOfTheInnerQueueAsARetryMadeIt) {
    Bank bank(instant_terms());
    bank.execute_later(order("A"), at(0) + minutes(5), at(0));
    ASSERT_TRUE(bank.create(order("A"), at(0) + minutes(1)));

    bank.advance(at(0) + minutes(10));

    EXPECT_EQ(bank.bills().size(), 1U);
    EXPECT_EQ(bank.find(mchid, "A")->created_at, at(0) + minutes(1));
    EXPECT_EQ(bank.balance(mchid), 99000_fen);
}

TEST(WechatBank, CancelsAndTopsUpWhenTheirTimeComes) {
    Bank bank(instant_terms());
    const Money before = bank.balance(mchid);
    ASSERT_TRUE(bank.create(order("A"), at(0)));
    bank.execute_later(CancelOrder{mchid, "A"}, at(0) + minutes(5), at(0));
    bank.execute_later(Deposit{mchid, 700_fen}, at(0) + minutes(7), at(0));

    bank.advance(at(0) + hours(30));

    EXPECT_EQ(bank.find(mchid, "A")->state, BillState::cancelled);
    EXPECT_EQ(bank.find(mchid, "A")->updated_at, at(0) + minutes(5));
    EXPECT_EQ(bank.balance(mchid), checked_add(before, 700_fen));
    EXPECT_EQ(bank.fund_rows(mchid, day_of(at(0)), at(0) + hours(30)).back().at, at(0) + minutes(7));
}

TEST(WechatBank, KeepsTheFateOfABillThatIsNotThereYet) {
    Bank bank(instant_terms());
    bank.set_fate(mchid, "A", {std::nullopt, minutes(5), "ACCOUNT_FROZEN"}, at(0));
    ASSERT_TRUE(bank.create(order("A"), at(0) + minutes(1)));

    bank.advance(at(0) + minutes(6) - Duration(1));
    EXPECT_EQ(bank.find(mchid, "A")->state, BillState::wait_user_confirm);
    bank.advance(at(0) + hours(30));

    EXPECT_EQ(bank.find(mchid, "A")->fail_reason, "ACCOUNT_FROZEN");
    EXPECT_EQ(bank.find(mchid, "A")->updated_at, at(0) + minutes(6));
}

TEST(WechatBank, LetsNoFateFailABillThatHasEndedOrIsCanceling) {
    Terms terms = instant_terms();
    terms.cancel_after = minutes(10);
    Bank bank(terms);
    for (const char* number : {"paid", "cancelled"}) {
        bank.set_fate(mchid, number, {std::nullopt, minutes(5), "ACCOUNT_FROZEN"}, at(0));
    }
    ASSERT_TRUE(bank.confirm(bank.create(order("paid"), at(0))->package_info, at(1)));
    ASSERT_TRUE(bank.create(order("cancelled"), at(0)));
    ASSERT_TRUE(bank.cancel(mchid, "cancelled", at(0) + minutes(4)));

    bank.advance(at(0) + minutes(14) - Duration(1));
    EXPECT_EQ(bank.find(mchid, "cancelled")->state, BillState::canceling);
    bank.advance(at(0) + hours(30));

    EXPECT_EQ(bank.find(mchid, "paid")->state, BillState::success);
    EXPECT_EQ(bank.find(mchid, "cancelled")->state, BillState::cancelled);
}

TEST(WechatBank, ForgetsFatesWithTheirMerchant) {
    Bank bank(instant_terms());
    bank.set_fate(mchid, "A", {std::nullopt, minutes(5), "ACCOUNT_FROZEN"}, at(0));
    bank.forget_merchant(mchid, bank.terms().merchant);
    ASSERT_TRUE(bank.create(order("A"), at(0)));

    bank.advance(at(0) + minutes(6));

    EXPECT_EQ(bank.find(mchid, "A")->state, BillState::wait_user_confirm);
}

TEST(WechatBank, HandsOutAPostponedNotificationOnceMoreAndCountsItOnce) {
    Bank bank(instant_terms());
    Order told = order("A");
    told.notify_url = "http://localhost/notify";
    ASSERT_TRUE(bank.create(told, at(0)));
    ASSERT_TRUE(bank.cancel(mchid, "A", at(0)));
    const std::string id = bank.due_notifications(at(0)).at(0).id;

    EXPECT_TRUE(bank.postpone_notification(id, at(0) + minutes(5)));
    EXPECT_FALSE(bank.postpone_notification("unknown", at(0)));

    EXPECT_TRUE(bank.due_notifications(at(0) + minutes(5) - Duration(1)).empty());
    const auto again = bank.due_notifications(at(0) + minutes(5));
    ASSERT_EQ(again.size(), 1U);
    EXPECT_EQ(again[0].id, id);
    EXPECT_EQ(again[0].attempt, 1);
    bank.notification_answered(id, true, at(0) + minutes(6));
    EXPECT_FALSE(bank.next_notification_at());
}

TEST(WechatBank, LetsUsersDifferFromEachOther) {
    Terms automatic = instant_terms();
    automatic.auto_confirm_after = Duration(10);
    Bank bank(automatic);
    bank.set_user("oNever",
                  {.real_name = "", .fail_reason = "", .never_confirms = true, .confirms_after = {}}, at(0));
    bank.set_user("oBad", {"", "REAL_NAME_CHECK_FAIL", false, {}}, at(0));
    bank.set_user("oNamed", {"张三", "", false, {}}, at(0));
    const auto end_of = [&](const char* number, const char* openid, const char* name) {
        Order wanted = order(number);
        wanted.openid = openid;
        wanted.user_name = name;
        EXPECT_TRUE(bank.create(wanted, at(0)));
        bank.advance(at(100));
        const Bill bill = bank.find(mchid, number).value();
        return std::string(name_of(bill.state)) + bill.fail_reason;
    };

    EXPECT_EQ(end_of("A", "oUser", ""), "SUCCESS");
    EXPECT_EQ(end_of("B", "oNever", ""), "WAIT_USER_CONFIRM");
    EXPECT_EQ(end_of("C", "oBad", ""), "FAILREAL_NAME_CHECK_FAIL");
    EXPECT_EQ(end_of("D", "oNamed", "张三"), "SUCCESS");
    EXPECT_EQ(end_of("E", "oNamed", "李四"), "FAILNAME_NOT_CORRECT");
}

TEST(WechatBank, PaysWhenTheUsersConfirmCrossedTheCancel) {
    Terms slow = instant_terms();
    slow.cancel_after = Duration(100);
    Bank bank(slow);
    const std::string package = bank.create(order("A"), at(0))->package_info;
    ASSERT_TRUE(bank.cancel(mchid, "A", at(1)));

    EXPECT_EQ(bank.confirm_against_cancel(package, at(2))->state, BillState::canceling);

    bank.advance(at(200));
    EXPECT_EQ(bank.find(mchid, "A")->state, BillState::success);
    EXPECT_EQ(bank.balance(mchid), 99000_fen);
}

TEST(WechatBank, FollowsItsSwitches) {
    Bank bank(instant_terms());
    ASSERT_TRUE(bank.create(order("A"), at(0)));
    Order other = order("A");
    other.user_name = "张三";

    Behaviour changed = bank.behaviour();
    changed.already_exists = true;
    bank.set_behaviour(changed);
    EXPECT_EQ(bank.create(other, at(1)).error().code, "ALREADY_EXISTS");
    changed.compare_names = false;
    changed.cancelled_with_reason = changed.cancel_of_final_succeeds = true;
    bank.set_behaviour(changed);
    EXPECT_TRUE(bank.create(other, at(1)));
    EXPECT_EQ(bank.cancel(mchid, "A", at(2))->fail_reason, "MCH_CANCEL");
    EXPECT_TRUE(bank.cancel(mchid, "A", at(3)));
}

TEST(WechatBank, RefusesACancelOnceTheUserConfirmedWhenToldSo) {
    Terms slow = instant_terms();
    slow.transfer_after = Duration(100);
    slow.behaviour.cancel_while_transfering = false;
    Bank bank(slow);
    ASSERT_TRUE(bank.confirm(bank.create(order("A"), at(0))->package_info, at(1)));

    EXPECT_EQ(bank.cancel(mchid, "A", at(2)).error().code, "INVALID_REQUEST");
    EXPECT_EQ(bank.query(mchid, "A", at(200))->state, BillState::success);
}

TEST(WechatBank, KeepsTheDayUsedWhenToldSo) {
    Terms strict = instant_terms();
    strict.behaviour.quotas_come_back = false;
    strict.merchant.quotas.per_day = 1000_fen;
    Bank bank(strict);
    ASSERT_TRUE(bank.create(order("A", 1000_fen), at(0)));
    ASSERT_TRUE(bank.cancel(mchid, "A", at(1)));

    EXPECT_FALSE(bank.create(order("B", 10_fen), at(2)));
}

TEST(WechatBank, RefusesTheProductThatAMerchantDoesNotHave) {
    Bank bank(instant_terms());
    bank.set_products(mchid, false, false);

    EXPECT_EQ(bank.create(order("A"), at(0)).error().code, "NO_AUTH");
    EXPECT_EQ(bank.create_batch(batch_order("B"), at(0)).error().code, "NO_AUTH");
}

}  // namespace
}  // namespace tixian::bank
