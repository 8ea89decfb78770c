// SPDX-License-Identifier: MIT
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "tixian/clock.hpp"
#include "tixian/money.hpp"

#include "wechat_bank/bank.hpp"

namespace tixian::bank {
namespace {

using std::chrono::hours, std::chrono::seconds;

constexpr const char* mchid = "1900000001";

constexpr Timestamp at(std::int64_t millis) { return from_millis(1'800'000'000'000 + millis); }

Order order(const std::string& number, Money amount = 1000_fen) {
    Order order;
    order.mchid = mchid;
    order.out_bill_no = number;
    order.openid = "oUser";
    order.amount = amount;
    order.notify_url = "http://127.0.0.1/notify";
    return order;
}

// 10 ms for each step, so that a test can stop between any two.
Terms terms(Money balance = 100000_fen) {
    Terms terms;
    terms.accept_after = terms.lock_after = terms.transfer_after = terms.cancel_after = Duration(10);
    terms.merchant.balance = balance;
    return terms;
}

std::string state_at(Bank& bank, const std::string& number, std::int64_t millis) {
    const auto bill = bank.query(mchid, number, at(millis));
    return bill ? std::string(name(bill->state)) : bill.error().code;
}

// A bank with bill A in `state`; it is there at 100 ms at the latest, and stays there until then.
Bank bank_with_bill_in(BillState state) {
    Terms slow = terms();
    const auto after = [state](BillState left) { return left == state ? Duration(hours(1)) : Duration(0); };
    slow.accept_after = after(BillState::accepted);
    slow.lock_after = after(BillState::processing);
    slow.transfer_after = after(BillState::transfering);
    slow.cancel_after = after(BillState::canceling);
    Bank bank(slow);
    const Bill bill = bank.create(order("A"), at(0)).value();
    const bool is_confirmed = state == BillState::transfering || state == BillState::success;
    const bool is_cancelled = state == BillState::canceling || state == BillState::cancelled;
    if (is_confirmed) {
        EXPECT_TRUE(bank.confirm(bill.package_info, at(1)));
    }
    if (is_cancelled) {
        EXPECT_TRUE(bank.cancel(mchid, "A", at(1)));
    }
    if (state == BillState::fail) {
        EXPECT_TRUE(bank.fail(mchid, "A", "OPENID_INVALID", at(1)));
    }
    EXPECT_EQ(name(bank.find(mchid, "A")->state), name(state));
    return bank;
}

constexpr BillState all_states[] = {
    BillState::accepted, BillState::processing, BillState::wait_user_confirm, BillState::transfering,
    BillState::success,  BillState::fail,       BillState::canceling,         BillState::cancelled};

TEST(WechatBank, MovesABillThroughAllStatesOnTime) {
    Terms automatic = terms();
    automatic.auto_confirm_after = Duration(10);
    Bank bank(automatic);
    ASSERT_TRUE(bank.create(order("A"), at(0)));

    EXPECT_EQ(state_at(bank, "A", 9), "ACCEPTED");
    EXPECT_EQ(state_at(bank, "A", 10), "PROCESSING");
    EXPECT_EQ(state_at(bank, "A", 20), "WAIT_USER_CONFIRM");
    EXPECT_EQ(state_at(bank, "A", 30), "TRANSFERING");
    EXPECT_EQ(state_at(bank, "A", 40), "SUCCESS");
}

TEST(WechatBank, DatesEachStepByWhenItWasDueNotByWhenItWasAsked) {
    Bank bank(terms());
    ASSERT_TRUE(bank.create(order("A"), at(0)));

    EXPECT_EQ(bank.query(mchid, "A", at(5000))->updated_at, at(20));
}

TEST(WechatBank, StepsWithoutDelayHappenWithinTheCreate) {
    Terms instant = terms();
    instant.accept_after = instant.lock_after = Duration(0);
    Bank bank(instant);

    EXPECT_EQ(bank.create(order("A"), at(0))->state, BillState::wait_user_confirm);
}

TEST(WechatBank, WaitsForTheUserWhenNothingConfirmsByItself) {
    Bank bank(terms());
    ASSERT_TRUE(bank.create(order("A"), at(0)));

    EXPECT_EQ(state_at(bank, "A", 3600'000), "WAIT_USER_CONFIRM");
}

TEST(WechatBank, AnswersReEntryWithTheSamePackageInfo) {
    Bank bank(terms());
    const Bill first = bank.create(order("A"), at(0)).value();

    const Bill again = bank.create(order("A"), at(100)).value();

    EXPECT_EQ(again.package_info, first.package_info);
    EXPECT_EQ(again.transfer_bill_no, first.transfer_bill_no);
    EXPECT_EQ(again.created_at, first.created_at);
    EXPECT_EQ(again.state, BillState::wait_user_confirm);
    EXPECT_EQ(bank.bills().size(), 1U);
}

TEST(WechatBank, AnswersReEntryInEveryStateWithoutChangingIt) {
    for (const BillState state : all_states) {
        SCOPED_TRACE(name(state));
        Bank bank = bank_with_bill_in(state);

        const auto again = bank.create(order("A"), at(2));

        ASSERT_TRUE(again);
        EXPECT_EQ(name(again->state), name(state));
    }
}

TEST(WechatBank, RefusesOtherContentUnderTheSameNumber) {
    const auto changed = [](auto change) {
        Order other = order("A");
        change(other);
        return other;
    };
    const std::vector<Order> others = {changed([](Order& o) { o.amount = 1001_fen; }),
                                       changed([](Order& o) { o.openid = "oOther"; }),
                                       changed([](Order& o) { o.remark = "x"; }),
                                       changed([](Order& o) { o.user_name = "张三"; }),
                                       changed([](Order& o) { o.notify_url = "http://127.0.0.1/other"; }),
                                       changed([](Order& o) { o.reports = {{"回收商品名称", "手机"}}; })};
    Bank bank(terms());
    ASSERT_TRUE(bank.create(order("A"), at(0)));

    for (const Order& other : others) {
        const auto answer = bank.create(other, at(1));
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error().status, 400);
        EXPECT_EQ(answer.error().message, "单号已存在但信息不一致，请查单后比较确认");
    }
    EXPECT_EQ(bank.find(mchid, "A")->order, order("A"));
}

TEST(WechatBank, KeepsTheNumbersOfTwoMerchantsApart) {
    Bank bank(terms());
    Order other = order("A", 70_fen);
    other.mchid = "1900000002";
    ASSERT_TRUE(bank.create(order("A"), at(0)));

    ASSERT_TRUE(bank.create(other, at(0)));

    EXPECT_EQ(bank.find(mchid, "A")->order.amount, 1000_fen);
    EXPECT_FALSE(
        bank.query_by_transfer_bill_no(mchid, bank.find("1900000002", "A")->transfer_bill_no, at(1)));
}

TEST(WechatBank, FindsABillByWechatsOwnNumber) {
    Bank bank(terms());
    const Bill bill = bank.create(order("A"), at(0)).value();

    EXPECT_EQ(bank.query_by_transfer_bill_no(mchid, bill.transfer_bill_no, at(1))->order.out_bill_no, "A");
    EXPECT_EQ(bill.transfer_bill_no.size(), 34U);
    EXPECT_TRUE(bill.transfer_bill_no.starts_with("1330007"));
}

TEST(WechatBank, GivesPackagesThatAClientMustEncode) {
    Bank bank(terms());
    const std::string package = bank.create(order("A"), at(0))->package_info;

    for (const char c : {'+', '/', '='}) EXPECT_NE(package.find(c), std::string::npos);
    EXPECT_NE(package, bank.create(order("B"), at(0))->package_info);
}

TEST(WechatBank, AnswersNotFoundToQueriesOfUnknownBills) {
    Bank bank(terms());

    const auto answer = bank.query(mchid, "A", at(0));

    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().status, 404);
    EXPECT_EQ(answer.error().code, "NOT_FOUND");
    EXPECT_EQ(answer.error().message, "记录不存在");
}

TEST(WechatBank, RefusesToCancelUnknownAndFinalBills) {
    Bank bank(terms());
    EXPECT_EQ(bank.cancel(mchid, "X", at(0)).error().message, "单号错误，请检查");

    for (const BillState state : {BillState::success, BillState::fail, BillState::cancelled}) {
        SCOPED_TRACE(name(state));
        Bank other = bank_with_bill_in(state);
        const auto answer = other.cancel(mchid, "A", at(2));
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error().status, 400);
        EXPECT_EQ(answer.error().code, "INVALID_REQUEST");
    }
}

TEST(WechatBank, CancelsFromEveryStateThatIsNotFinal) {
    for (const BillState state :
         {BillState::accepted, BillState::processing, BillState::wait_user_confirm, BillState::transfering}) {
        SCOPED_TRACE(name(state));
        Bank bank = bank_with_bill_in(state);

        ASSERT_TRUE(bank.cancel(mchid, "A", at(2)));

        EXPECT_EQ(state_at(bank, "A", 2), "CANCELLED");
        EXPECT_EQ(bank.balance(mchid), 100000_fen);
    }
}

TEST(WechatBank, AnswersARepeatedCancelAsTheFirst) {
    Bank bank(terms());
    ASSERT_TRUE(bank.create(order("A"), at(0)));
    EXPECT_EQ(bank.cancel(mchid, "A", at(1))->state, BillState::canceling);

    EXPECT_EQ(bank.cancel(mchid, "A", at(5))->state, BillState::canceling);

    EXPECT_EQ(bank.query(mchid, "A", at(11))->updated_at, at(11));
}

TEST(WechatBank, LetsTheFirstOfConfirmAndCancelWin) {
    Bank confirmed(terms()), cancelled(terms());
    const std::string package = confirmed.create(order("A"), at(0))->package_info;
    ASSERT_TRUE(cancelled.create(order("A"), at(0)));

    ASSERT_TRUE(confirmed.confirm(package, at(30)));
    EXPECT_FALSE(confirmed.cancel(mchid, "A", at(40)));
    EXPECT_EQ(state_at(confirmed, "A", 100), "SUCCESS");

    ASSERT_TRUE(cancelled.cancel(mchid, "A", at(30)));
    EXPECT_FALSE(cancelled.confirm(package, at(31)));
    EXPECT_EQ(state_at(cancelled, "A", 100), "CANCELLED");
}

TEST(WechatBank, ConfirmsOnlyWhileTheUserIsWaitedFor) {
    for (const BillState state : all_states) {
        if (state == BillState::wait_user_confirm) continue;
        SCOPED_TRACE(name(state));
        Bank bank = bank_with_bill_in(state);

        EXPECT_FALSE(bank.confirm(bank.find(mchid, "A")->package_info, at(2)));
        EXPECT_EQ(name(bank.find(mchid, "A")->state), name(state));
    }
}

TEST(WechatBank, FailsWithTheGivenReasonAndGivesTheMoneyBack) {
    Bank bank(terms());
    ASSERT_TRUE(bank.create(order("A"), at(0)));
    bank.advance(at(20));
    ASSERT_EQ(bank.balance(mchid), 99000_fen);

    const auto bill = bank.fail(mchid, "A", "REAL_NAME_CHECK_FAIL", at(21));

    EXPECT_EQ(bill->state, BillState::fail);
    EXPECT_EQ(bill->fail_reason, "REAL_NAME_CHECK_FAIL");
    EXPECT_EQ(bank.balance(mchid), 100000_fen);
}

TEST(WechatBank, NeverChangesAFinalState) {
    for (const BillState state : {BillState::success, BillState::fail, BillState::cancelled}) {
        SCOPED_TRACE(name(state));
        Bank bank = bank_with_bill_in(state);
        const Money balance = bank.balance(mchid);

        EXPECT_FALSE(bank.fail(mchid, "A", "OTHER_FAIL_REASON_TYPE", at(2)));
        bank.advance(at(1000L * 3600 * 1000));

        EXPECT_EQ(name(bank.find(mchid, "A")->state), name(state));
        EXPECT_EQ(bank.balance(mchid), balance);
    }
}

TEST(WechatBank, ClosesWhatIsNotConfirmedWithinADay) {
    constexpr std::int64_t day = 24LL * 3600 * 1000;
    Bank bank(terms());
    ASSERT_TRUE(bank.create(order("A"), at(0)));
    EXPECT_EQ(state_at(bank, "A", day - 1), "WAIT_USER_CONFIRM");

    EXPECT_EQ(state_at(bank, "A", day), "FAIL");

    EXPECT_EQ(bank.find(mchid, "A")->fail_reason, "OVERDUE_CLOSE");
    EXPECT_EQ(bank.balance(mchid), 100000_fen);
}

TEST(WechatBank, DoesNotCloseATransferThatTheUserConfirmed) {
    Terms slow = terms();
    slow.transfer_after = hours(48);
    Bank bank(slow);
    const std::string package = bank.create(order("A"), at(0))->package_info;
    ASSERT_TRUE(bank.confirm(package, at(100)));

    bank.advance(at(0) + hours(30));

    EXPECT_EQ(bank.find(mchid, "A")->state, BillState::transfering);
}

TEST(WechatBank, RefusesACreateThatTheBalanceDoesNotCover) {
    Bank bank(terms(999_fen));

    const auto answer = bank.create(order("A"), at(0));

    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().status, 403);
    EXPECT_EQ(answer.error().code, "NOT_ENOUGH");
    EXPECT_TRUE(bank.bills().empty());
}

TEST(WechatBank, TakesExactlyTheWholeBalance) {
    Bank bank(terms(1000_fen));
    ASSERT_TRUE(bank.create(order("A"), at(0)));

    EXPECT_EQ(state_at(bank, "A", 20), "WAIT_USER_CONFIRM");
    EXPECT_EQ(bank.balance(mchid), 0_fen);
}

TEST(WechatBank, StaysInProcessingUntilTopUpAndReEntry) {
    Bank bank(terms(1500_fen));
    ASSERT_TRUE(bank.create(order("A"), at(0)));
    ASSERT_TRUE(bank.create(order("B"), at(1)));  // both are covered now; together they are not
    EXPECT_EQ(state_at(bank, "B", 100), "PROCESSING");

    bank.set_balance(mchid, 1500_fen, at(100));
    EXPECT_EQ(state_at(bank, "B", 200), "PROCESSING");
    ASSERT_TRUE(bank.create(order("B"), at(200)));

    EXPECT_EQ(state_at(bank, "B", 210), "WAIT_USER_CONFIRM");
    EXPECT_EQ(bank.balance(mchid), 500_fen);
}

TEST(WechatBank, MakesPoorBillsWhenToldSoAndClosesThemAfterADay) {
    Terms lenient = terms(0_fen);
    lenient.behaviour.not_enough_at_create = false;
    Bank bank(lenient);
    ASSERT_TRUE(bank.create(order("A"), at(0)));
    EXPECT_EQ(state_at(bank, "A", 100), "PROCESSING");

    bank.advance(at(0) + hours(24));

    EXPECT_EQ(bank.find(mchid, "A")->fail_reason, "OVERDUE_CLOSE");
    EXPECT_EQ(bank.balance(mchid), 0_fen);
}

TEST(WechatBank, SwitchingAutoConfirmOnMovesWhatWaitsAlready) {
    Bank bank(terms());
    ASSERT_TRUE(bank.create(order("A"), at(0)));
    bank.advance(at(100));

    bank.set_auto_confirm(Duration(0), at(100));

    EXPECT_EQ(state_at(bank, "A", 100), "TRANSFERING");
}

TEST(WechatBank, SwitchingAutoConfirmOffLeavesBillsWaiting) {
    Terms automatic = terms();
    automatic.auto_confirm_after = Duration(1000);
    Bank bank(automatic);
    ASSERT_TRUE(bank.create(order("A"), at(0)));
    bank.advance(at(100));

    bank.set_auto_confirm(std::nullopt, at(100));

    EXPECT_EQ(state_at(bank, "A", 5000), "WAIT_USER_CONFIRM");
}

TEST(WechatBank, NotifiesOfEachFinalStateAndOfNothingElse) {
    for (const BillState state : all_states) {
        SCOPED_TRACE(name(state));
        Bank bank = bank_with_bill_in(state);

        const auto due = bank.due_notifications(at(2));

        ASSERT_EQ(due.size(), is_final(state) ? 1U : 0U);
        if (!due.empty()) {
            EXPECT_EQ(name(due[0].bill()->state), name(state));
            EXPECT_EQ(due[0].id.size(), 36U);
        }
    }
}

TEST(WechatBank, SendsNoNotificationWithoutANotifyUrl) {
    Bank bank(terms());
    Order silent = order("A");
    silent.notify_url.clear();
    ASSERT_TRUE(bank.create(silent, at(0)));
    ASSERT_TRUE(bank.cancel(mchid, "A", at(1)));

    EXPECT_TRUE(bank.due_notifications(at(100)).empty());
    EXPECT_FALSE(bank.next_notification_at());
}

TEST(WechatBank, RepeatsANotificationOnTheTableAndThenGivesUp) {
    Terms impatient = terms();
    impatient.notify_retries = {seconds(15), seconds(30)};
    Bank bank(impatient);
    ASSERT_TRUE(bank.create(order("A"), at(0)));
    ASSERT_TRUE(bank.fail(mchid, "A", "OPENID_INVALID", at(0)));

    const std::int64_t due_at[] = {0, 15'000, 45'000};
    for (const std::int64_t millis : due_at) {
        SCOPED_TRACE(millis);
        EXPECT_TRUE(bank.due_notifications(at(millis - 1)).empty());
        const auto due = bank.due_notifications(at(millis));
        ASSERT_EQ(due.size(), 1U);
        EXPECT_TRUE(bank.due_notifications(at(millis)).empty()) << "it is in flight";
        bank.notification_answered(due[0].id, false, at(millis));
    }

    EXPECT_FALSE(bank.next_notification_at());
    EXPECT_EQ(bank.find(mchid, "A")->notify_attempts, 3);
    EXPECT_FALSE(bank.find(mchid, "A")->is_notified);
}

TEST(WechatBank, StopsNotifyingOnceAnswered) {
    Bank bank(terms());
    ASSERT_TRUE(bank.create(order("A"), at(0)));
    ASSERT_TRUE(bank.fail(mchid, "A", "OPENID_INVALID", at(0)));
    const auto due = bank.due_notifications(at(0));

    bank.notification_answered(due.at(0).id, true, at(1));
    bank.notification_answered(due.at(0).id, false, at(2));

    EXPECT_FALSE(bank.next_notification_at());
    EXPECT_TRUE(bank.find(mchid, "A")->is_notified);
    EXPECT_EQ(bank.find(mchid, "A")->notify_attempts, 1);
}

TEST(WechatBank, RetriesForADayAndFourMinutesByDefault) {
    Duration total{0};
    for (const Duration retry : wechat_notify_retries()) total += retry;

    EXPECT_EQ(wechat_notify_retries().size(), 15U);
    EXPECT_EQ(total, hours(24) + std::chrono::minutes(4));
}

TEST(WechatBank, LosesNoFenWhateverEndsABill) {
    Terms automatic = terms(10000_fen);
    Bank bank(automatic);
    for (const char* number : {"A", "B", "C", "D"}) ASSERT_TRUE(bank.create(order(number), at(0)));
    bank.advance(at(50));
    ASSERT_TRUE(bank.confirm(bank.find(mchid, "A")->package_info, at(50)));
    ASSERT_TRUE(bank.cancel(mchid, "B", at(50)));
    ASSERT_TRUE(bank.fail(mchid, "C", "TRANSFER_RISK", at(50)));

    bank.advance(at(0) + hours(25));

    EXPECT_EQ(bank.balance(mchid), 9000_fen);  // only A was paid
}

}  // namespace
}  // namespace tixian::bank
