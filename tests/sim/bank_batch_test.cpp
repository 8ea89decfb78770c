// SPDX-License-Identifier: MIT
// The bank's other products: batches, authorisations, receipts, and the bill of the account.
#include <string>

#include <gtest/gtest.h>

#include "bank_orders.hpp"

namespace tixian::bank {
namespace {

using std::chrono::hours;

Terms stepwise_terms() {
    Terms terms = instant_terms(1000_fen);
    terms.accept_after = terms.transfer_after = Duration(10);
    return terms;
}

TEST(WechatBankBatch, MovesABatchThroughItsStatesOnTime) {
    Bank bank(stepwise_terms());
    EXPECT_EQ(bank.create_batch(batch_order("B"), at(0))->state, BatchState::accepted);
    EXPECT_EQ(bank.balance(mchid), 1000_fen);

    EXPECT_EQ(bank.query_batch(mchid, "B", at(10))->state, BatchState::processing);
    EXPECT_EQ(bank.balance(mchid), 400_fen);
    const Batch done = bank.query_batch(mchid, "B", at(20)).value();

    EXPECT_EQ(done.state, BatchState::finished);
    EXPECT_EQ(done.part(DetailState::success).count, 3U);
    EXPECT_EQ(done.part(DetailState::success).amount, 600_fen);
    EXPECT_EQ(bank.query_batch_by_id(mchid, done.batch_id, at(20))->order.out_batch_no, "B");
}

TEST(WechatBankBatch, EndsEachDetailForItself) {
    Bank bank(stepwise_terms());
    bank.set_user("oUser2", {"", "ACCOUNT_FROZEN", false, {}}, at(0));
    BatchOrder order = batch_order("B");
    order.details.push_back({"D4", "oUser4", "", 1_fen, "below the floor"});
    ASSERT_TRUE(bank.create_batch(order, at(0)));
    ASSERT_TRUE(bank.fail_detail(mchid, "B", "D3", "TRANSFER_RISK", at(1)));

    const Batch done = bank.query_batch(mchid, "B", at(20)).value();

    EXPECT_EQ(done.details[0].fail_reason, "");
    EXPECT_EQ(done.details[1].fail_reason, "ACCOUNT_FROZEN");
    EXPECT_EQ(done.details[2].fail_reason, "TRANSFER_RISK");
    EXPECT_EQ(done.details[3].fail_reason, "TRANSFER_QUOTA_EXCEED");
    EXPECT_EQ(bank.balance(mchid), 900_fen);
}

TEST(WechatBankBatch, AnswersReEntryAndRefusesOtherContent) {
    Bank bank(stepwise_terms());
    const std::string id = bank.create_batch(batch_order("B"), at(0))->batch_id;
    BatchOrder other = batch_order("B");
    other.details[0].amount = 101_fen;

    EXPECT_EQ(bank.create_batch(batch_order("B"), at(1))->batch_id, id);
    EXPECT_EQ(bank.create_batch(other, at(1)).error().message, "单号已存在但信息不一致，请查单后比较确认");
}

TEST(WechatBankBatch, WaitsInAcceptedForMoneyAndIsClosedAfterADay) {
    Terms lenient = stepwise_terms();
    lenient.behaviour.not_enough_at_create = false;
    lenient.merchant.balance = 599_fen;
    Bank bank(lenient);
    ASSERT_TRUE(bank.create_batch(batch_order("B"), at(0)));
    ASSERT_TRUE(bank.create_batch(batch_order("C"), at(0)));
    EXPECT_EQ(bank.query_batch(mchid, "B", at(1000))->state, BatchState::accepted);

    bank.set_balance(mchid, 600_fen, at(1000));
    bank.advance(at(0) + hours(24));

    EXPECT_EQ(bank.find_batch(mchid, "B")->state, BatchState::finished);
    EXPECT_EQ(bank.find_batch(mchid, "C")->state, BatchState::closed);
    EXPECT_EQ(bank.find_batch(mchid, "C")->close_reason, "OVERDUE_CLOSE");
    EXPECT_EQ(bank.balance(mchid), 0_fen);
}

TEST(WechatBankBatch, WaitsForThePayerWhenToldSo) {
    Terms careful = stepwise_terms();
    careful.batches_wait_for_pay = true;
    Bank bank(careful);
    ASSERT_TRUE(bank.create_batch(batch_order("B"), at(0)));
    EXPECT_EQ(bank.query_batch(mchid, "B", at(500))->state, BatchState::wait_pay);

    ASSERT_TRUE(bank.pay_batch(mchid, "B", at(500)));

    EXPECT_EQ(bank.query_batch(mchid, "B", at(600))->state, BatchState::finished);
}

TEST(WechatBankBatch, NotifiesOfTheEndOfABatch) {
    Bank bank(stepwise_terms());
    ASSERT_TRUE(bank.create_batch(batch_order("B"), at(0)));

    const auto due = bank.due_notifications(at(20));

    ASSERT_EQ(due.size(), 1U);
    EXPECT_EQ(name(due[0].kind), "MCHTRANSFER.BATCH.FINISHED");
    bank.notification_answered(due[0].id, true, at(21));
    EXPECT_TRUE(bank.find_batch(mchid, "B")->is_notified);
}

AuthorizationOrder authorization_order(const std::string& number) {
    AuthorizationOrder order;
    order.mchid = mchid;
    order.out_authorization_no = number;
    order.appid = "wx1";
    order.openid = "oUser";
    order.transfer_scene_id = "1010";
    order.notify_url = "http://127.0.0.1/authorization";
    return order;
}

TEST(WechatBankAuthorization, TakesEffectWhenTheUserConfirmsAndPaysWithoutHim) {
    Bank bank(instant_terms());
    const Authorization asked = bank.ask_authorization(authorization_order("N1"), at(0)).value();
    EXPECT_EQ(asked.state, AuthorizationState::wait_user_confirm);
    Order paid = order("A");
    paid.authorization_id = asked.authorization_id;
    paid.transfer_scene_id = asked.order.transfer_scene_id;
    paid.appid = asked.order.appid;
    EXPECT_FALSE(bank.create(paid, at(1))) << "not confirmed yet";

    ASSERT_TRUE(bank.confirm_authorization(asked.package_info, at(2)));

    Order other = paid;
    other.transfer_scene_id = "1000";
    EXPECT_EQ(bank.create(other, at(3)).error().code, "INVALID_REQUEST") << "it was given for another scene";
    EXPECT_EQ(bank.create(paid, at(3))->state, BillState::success);
    EXPECT_EQ(bank.due_notifications(at(3)).at(0).kind, EventKind::authorization_confirmed);
}

TEST(WechatBankAuthorization, IsOnePerUserAndScene) {
    Bank bank(instant_terms());
    const Authorization first = bank.ask_authorization(authorization_order("N1"), at(0)).value();
    ASSERT_TRUE(bank.confirm_authorization(first.package_info, at(1)));

    EXPECT_EQ(bank.ask_authorization(authorization_order("N2"), at(2)).error().code, "INVALID_REQUEST");
    ASSERT_TRUE(bank.close_authorization(mchid, "N1", "CLOSE_VIA_MCH_API", at(3)));
    EXPECT_TRUE(bank.ask_authorization(authorization_order("N2"), at(4)));
}

TEST(WechatBankAuthorization, ClosesWhatTheUserDoesNotConfirmWithinADay) {
    Bank bank(instant_terms());
    ASSERT_TRUE(bank.ask_authorization(authorization_order("N1"), at(0)));

    const auto closed = bank.query_authorization(mchid, "N1", at(0) + hours(24));

    EXPECT_EQ(closed->state, AuthorizationState::closed);
    EXPECT_EQ(closed->close_reason, "USER_OVERDUE_UNCONFIRMED");
}

TEST(WechatBankAuthorization, ComesWithABillUnlessTheUserDeclines) {
    Bank bank(instant_terms());
    const auto with_wish = [](const char* number, const char* wish) {
        Order wanted = order(number);
        wanted.wish = {wish, "用户", "http://127.0.0.1/authorization"};
        return wanted;
    };
    const std::string declined = bank.create(with_wish("A", "N1"), at(0))->package_info;
    const std::string granted = bank.create(with_wish("B", "N2"), at(0))->package_info;

    ASSERT_TRUE(bank.confirm(declined, at(1), false));
    ASSERT_TRUE(bank.confirm(granted, at(1)));

    EXPECT_FALSE(bank.query_authorization(mchid, "N1", at(2)));
    EXPECT_EQ(bank.query_authorization(mchid, "N2", at(2))->state, AuthorizationState::taking_effect);
}

TEST(WechatBankReceipt, IsGivenForASuccessWithANameOnly) {
    Bank bank(instant_terms());
    Order named = order("A");
    named.user_name = "张三";
    const Bill waiting = bank.create(named, at(0)).value();
    EXPECT_FALSE(bank.ask_receipt(waiting, at(1))) << "not paid yet";
    const Bill paid = bank.confirm(waiting.package_info, at(1)).value();
    const Bill nameless = bank.confirm(bank.create(order("B"), at(1))->package_info, at(1)).value();

    EXPECT_FALSE(bank.ask_receipt(nameless, at(2)));
    EXPECT_FALSE(bank.ask_receipt(paid, at(2) + hours(24 * 181)));
    const auto receipt = bank.ask_receipt(paid, at(2));

    ASSERT_TRUE(receipt);
    EXPECT_EQ(receipt->state, ReceiptState::finished);
    EXPECT_NE(receipt->content.find(paid.transfer_bill_no), std::string::npos);
}

TEST(WechatBankReceipt, IsGeneratedFirstAndNotValidForEver) {
    Terms slow = instant_terms();
    slow.receipt_after = Duration(50);
    Bank bank(slow);
    Order named = order("A");
    named.user_name = "张三";
    const Bill paid = bank.confirm(bank.create(named, at(0))->package_info, at(0)).value();
    const auto state_at = [&](Timestamp now) -> std::string {
        const auto receipt = bank.query_receipt(mchid, paid.transfer_bill_no, now);
        return receipt ? std::string(name(receipt->state)) : receipt.error().code;
    };
    EXPECT_EQ(state_at(at(1)), "NOT_FOUND");
    ASSERT_TRUE(bank.ask_receipt(paid, at(1)));

    EXPECT_EQ(state_at(at(50)), "GENERATING");
    EXPECT_EQ(state_at(at(51)), "FINISHED");
    EXPECT_EQ(state_at(at(2) + hours(24 * 90)), "NOT_FOUND");
}

TEST(WechatBankFundBill, TellsEachMovementOfTheDayAndSumsUp) {
    Bank bank(instant_terms(10000_fen));
    ASSERT_TRUE(bank.confirm(bank.create(order("A"), at(0))->package_info, at(1000)));
    ASSERT_TRUE(bank.create(order("B", 2000_fen), at(2000)));
    ASSERT_TRUE(bank.cancel(mchid, "B", at(3000)));
    bank.set_balance(mchid, 20000_fen, at(4000));
    ASSERT_TRUE(bank.create(order("C"), at(0) + hours(24)));

    const std::string text = fund_bill_text(bank.fund_rows(mchid, day_of(at(0)), at(0) + hours(25)));

    const std::string a = bank.find(mchid, "A")->transfer_bill_no;
    const std::string b = bank.find(mchid, "B")->transfer_bill_no;
    const auto flow = [](char last) { return "`5010000" + std::string(23, '0') + last; };
    EXPECT_EQ(text,
              "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),"
              "账户结余(元),资金变更提交申请人,备注,业务凭证号\r\n"
              "`2027-01-11 16:00:00,`" +
                  a + "," + flow('1') +
                  ",`商家转账,`商家转账,`支出,`10.00,`90.00,"
                  "`1900000001API,`旧手机回收款,`A\r\n"
                  "`2027-01-11 16:00:02,`" +
                  b + "," + flow('2') +
                  ",`商家转账,`商家转账,`支出,`20.00,`70.00,"
                  "`1900000001API,`旧手机回收款,`B\r\n"
                  "`2027-01-11 16:00:03,`" +
                  b + "," + flow('3') +
                  ",`商家转账,`商家转账退回,`收入,`20.00,"
                  "`90.00,`1900000001API,`旧手机回收款,`B\r\n"
                  "`2027-01-11 16:00:04," +
                  flow('4') + "," + flow('4') +
                  ",`充值,`充值,`收入,`110.00,`200.00,"
                  "`1900000001,`,`\r\n"
                  "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额\r\n"
                  "`4.0,`2.0,`130.00,`2.0,`30.00\r\n");
}

TEST(WechatBankFundBill, KnowsBeijingsDays) {
    EXPECT_EQ(day_text(day_of(parse_day("2027-01-11").value() + hours(15) + std::chrono::minutes(59))),
              "2027-01-11");
    EXPECT_EQ(day_text(day_of(parse_day("2027-01-11").value() + hours(16))), "2027-01-12");
    for (const char* text : {"", "2027-1-11", "2027-02-29", "2027-13-01", "2027/01/11", "2027-01-111"}) {
        EXPECT_FALSE(parse_day(text)) << text;
    }
}

}  // namespace
}  // namespace tixian::bank
