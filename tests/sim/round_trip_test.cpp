// SPDX-License-Identifier: MIT
// Every request of the library and every answer to it, through the mock, which signs, verifies and writes
// with code of its own.
#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "protocol_client.hpp"
#include "tixian/local_time.hpp"
#include "tixian/wechat/batch_receipts.hpp"
#include "tixian/wechat/bill_query.hpp"
#include "tixian/wechat/download.hpp"
#include "tixian/wechat/fund_account.hpp"
#include "tixian/wechat/fund_bill_file.hpp"
#include "tixian/wechat/fund_bill_request.hpp"
#include "tixian/wechat/receipts.hpp"
#include "tixian/wechat/transfer_batches.hpp"
#include "tixian/wechat/transfer_bills.hpp"
#include "tixian/wechat/user_authorization_requests.hpp"

namespace tixian::mock {
namespace {

using namespace tixian::wechat;  // NOLINT: this is about the library
using Json = nlohmann::json;

class RoundTrip : public ::testing::Test {
 protected:
    static Options options() {
        Options options = MockAndMerchant::quick_options();
        options.terms.receipt_after = Duration(0);
        options.switches.fund_bill_at_once = true;
        return options;
    }

    /// Creates a bill and answers what was said of it.
    Report submit(const TransferBills& bills, Withdrawal& w) {
        w.submission = bills.compose(w, client_.clock.now()).value();
        return std::get<Report>(client_.perform(bills, client_.call(bills, CallKind::submit, w)).result);
    }
    Report submit(const TransferBatches& batches, Withdrawal& w) {
        w.submission = batches.compose(w, client_.clock.now()).value();
        return std::get<Report>(client_.perform(batches, client_.call(batches, CallKind::submit, w)).result);
    }
    Report query(const Transfers& api, const Withdrawal& w) {
        return std::get<Report>(client_.perform(api, client_.call(api, CallKind::query, w)).result);
    }
    void confirm(const std::string& number) const {
        ASSERT_EQ(mock_.control_post("/_mock/bills/" + number + "/confirm").status, 200);
    }
    [[nodiscard]] TransferBatches batches(const std::string& notify_url = "") {
        return client_.api<TransferBatches>(client_.merchant(notify_url), BatchTerms{});
    }
    [[nodiscard]] AuthorizationRequest asked(const std::string& number, const std::string& notify_url) const {
        AuthorizationRequest request;
        request.out_no = AuthorizationNo::parse(number).value();
        request.appid = client_.merchant().appid;
        request.openid = Openid::parse("oUser").value();
        request.transfer_scene_id = "1010";
        request.user_display_name = "用户";
        request.user_recv_perception = "二手回收货款";
        request.notify_url = notify_url;
        request.scene_info = SceneInfo{"127.0.0.1", "d", DeviceType::harmony};
        return request;
    }
    void expect_file(const ElectronicReceipt& receipt) {
        ASSERT_EQ(receipt.state, ReceiptState::finished) << receipt.raw_state;
        ASSERT_TRUE(receipt.download.has_value());
        const std::string file = client_.download(*receipt.download);
        EXPECT_FALSE(file.empty());
        EXPECT_TRUE(check_hash(*receipt.download, file).has_value());
        EXPECT_FALSE(check_hash(*receipt.download, file + " ").has_value());
    }

    MockAndMerchant mock_{options()};
    ProtocolClient client_{mock_};
};

TEST_F(RoundTrip, OfABillThatIsCreatedQueriedByBothNumbersAndPaid) {
    const auto bills = client_.api<TransferBills>(client_.merchant());
    Withdrawal w = client_.withdrawal("A1", "张三");

    const Report created = submit(bills, w);
    const Report waiting = query(bills, w);
    confirm("A1");
    const auto number = TransferBillNo::parse(created.transfer_bill_no).value();
    const Report by_theirs = client_.ask(bill_query(number), parse_bill).value();
    const Report by_ours = client_.ask(bill_query(w.id), parse_bill).value();

    EXPECT_EQ(created.state, BillState::wait_user_confirm);
    EXPECT_FALSE(created.package_info.empty());
    EXPECT_EQ(waiting.state, BillState::wait_user_confirm);
    EXPECT_EQ(waiting.amount, 1234_fen);
    EXPECT_EQ(waiting.openid->text(), "oUser");
    EXPECT_EQ(waiting.mchid, client_.merchant().mchid);
    EXPECT_EQ(by_theirs.state, BillState::success);
    EXPECT_EQ(by_theirs.transfer_bill_no, created.transfer_bill_no);
    EXPECT_EQ(by_ours.state, BillState::success);
    EXPECT_EQ(by_ours.transfer_bill_no, created.transfer_bill_no);
    EXPECT_EQ(mock_.control_get("/_mock/bills/A1").json()["user_name"], "张三");
}

TEST_F(RoundTrip, OfTheNameThatWechatGivesBackEncrypted) {
    const auto bills = client_.api<TransferBills>(client_.merchant());
    Withdrawal named = client_.withdrawal("A1", "欧阳修"), nameless = client_.withdrawal("A2");
    static_cast<void>(submit(bills, named));
    static_cast<void>(submit(bills, nameless));
    const auto name_of = [this](const Withdrawal& w) {
        return client_.ask(bill_query(w.id), [this](const tixian::json::Value& answer) {
            return open_user_name(answer, client_.key);
        });
    };

    EXPECT_EQ(name_of(named).value().view(), "欧阳修");
    EXPECT_EQ(name_of(nameless).value().view(), "");
}

TEST_F(RoundTrip, OfACancel) {
    const auto bills = client_.api<TransferBills>(client_.merchant());
    Withdrawal w = client_.withdrawal("A1");
    static_cast<void>(submit(bills, w));

    const Answer accepted = client_.perform(bills, client_.call(bills, CallKind::cancel, w));

    EXPECT_EQ(std::get<Report>(accepted.result).state, BillState::canceling);
    EXPECT_EQ(query(bills, w).state, BillState::cancelled);
}

TEST_F(RoundTrip, OfABillThatIsNotThere) {
    const auto bills = client_.api<TransferBills>(client_.merchant());
    const Withdrawal w = client_.withdrawal("A1");

    const Answer absent = client_.perform(bills, client_.call(bills, CallKind::query, w));

    ASSERT_TRUE(std::holds_alternative<NotFound>(absent.result));
}

TEST_F(RoundTrip, OfABillsNotification) {
    Receiver receiver({204});
    const auto bills = client_.api<TransferBills>(client_.merchant(receiver.url()));
    Withdrawal w = client_.withdrawal("A1");
    static_cast<void>(submit(bills, w));
    confirm("A1");
    ASSERT_TRUE(receiver.wait_for(1));

    const Report told = std::get<BillFinished>(client_.read(receiver.received()[0])).report;

    EXPECT_EQ(told.id, w.id);
    EXPECT_EQ(told.state, BillState::success);
    EXPECT_EQ(told.amount, 1234_fen);
}

TEST_F(RoundTrip, OfReceiptsByBothNumbers) {
    const auto bills = client_.api<TransferBills>(client_.merchant());
    Withdrawal first = client_.withdrawal("A1", "张三"), second = client_.withdrawal("A2", "张三");
    static_cast<void>(submit(bills, first));
    const auto number = TransferBillNo::parse(submit(bills, second).transfer_bill_no).value();
    confirm("A1");
    confirm("A2");

    EXPECT_EQ(client_.ask(receipt_application(first.id), parse_receipt).value().state,
              ReceiptState::generating);
    EXPECT_EQ(client_.ask(receipt_application(number), parse_receipt).value().state,
              ReceiptState::generating);

    expect_file(client_.ask(receipt_query(first.id), parse_receipt).value());
    expect_file(client_.ask(receipt_query(number), parse_receipt).value());
}

TEST_F(RoundTrip, OfAnAuthorizationThatIsAskedConfirmedUsedAndClosed) {
    Receiver receiver({204});
    const auto bills = client_.api<TransferBills>(client_.merchant());
    const AuthorizationRequest request = asked("N1", "https://pay.example.com/notify");
    const Json rewrite{{"from", "https://pay.example.com"},
                       {"to", receiver.url().substr(0, receiver.url().rfind('/'))}};
    mock_.control_post("/_mock/rewrites", Json{{"rewrites", Json::array({rewrite})}}.dump());

    const auto waiting =
        client_.ask(authorization_request(request).value(), parse_user_authorization).value();
    EXPECT_EQ(waiting.state, AuthorizationState::wait_user_confirm);
    EXPECT_FALSE(waiting.package_info.empty());
    ASSERT_EQ(mock_.control_post("/_mock/authorizations/N1/confirm").status, 200);
    const auto allowed =
        client_.ask(authorization_query(request.out_no, true), parse_user_authorization).value();
    EXPECT_EQ(allowed.state, AuthorizationState::taking_effect);
    EXPECT_EQ(allowed.openid, request.openid);
    EXPECT_TRUE(allowed.authorized_at.has_value());

    const Withdrawal by_id = client_.withdrawal("A1"), by_number = client_.withdrawal("A2");
    for (const auto& [w, ref] : {std::pair(by_id, AuthorizationRef(*allowed.id)),
                                 std::pair(by_number, AuthorizationRef(request.out_no))}) {
        const Submission content = bills.compose(w, client_.clock.now()).value();
        const Report paid =
            client_.ask(authorized_transfer(content, ref).value(), parse_authorized_transfer).value();
        EXPECT_EQ(paid.state, BillState::success);
        EXPECT_EQ(paid.id, w.id);
    }

    const auto closed = client_.ask(authorization_close(request.out_no), parse_user_authorization).value();
    EXPECT_EQ(closed.state, AuthorizationState::closed);
    EXPECT_EQ(closed.close_reason, "CLOSE_VIA_MCH_API");
    EXPECT_TRUE(closed.closed_at.has_value());
    ASSERT_TRUE(receiver.wait_for(2));
    std::vector<AuthorizationState> told;
    for (const Reply& notification : receiver.received()) {
        const NotifiedEvent event = client_.read(notification);
        if (const auto* confirmed = std::get_if<AuthorizationConfirmed>(&event))
            told.push_back(confirmed->authorization.state);
        if (const auto* ended = std::get_if<AuthorizationClosed>(&event))
            told.push_back(ended->authorization.state);
    }
    std::sort(told.begin(), told.end());
    EXPECT_EQ(told, (std::vector{AuthorizationState::taking_effect, AuthorizationState::closed}));
}

TEST_F(RoundTrip, OfABillThatAlsoAsksForTheAuthorization) {
    const auto bills = client_.api<TransferBills>(client_.merchant());
    const Withdrawal w = client_.withdrawal("A1");
    const Submission content = bills.compose(w, client_.clock.now()).value();
    const auto number = AuthorizationNo::parse("N1").value();

    const auto created =
        client_
            .ask(transfer_asking_authorization(content, {number, "用户", "https://pay.example.com/notify"})
                     .value(),
                 parse_transfer_asking_authorization)
            .value();
    confirm("A1");

    EXPECT_EQ(created.bill.state, BillState::wait_user_confirm);
    EXPECT_EQ(created.out_no, number);
    EXPECT_EQ(client_.ask(authorization_query(number), parse_user_authorization).value().state,
              AuthorizationState::taking_effect);
}

TEST_F(RoundTrip, OfABatchThatIsPaidAndQueriedUntilItsDetailTells) {
    const auto api = batches();
    Withdrawal w = client_.withdrawal("B1", "张三");

    const Report created = submit(api, w);
    const Report batch = query(api, w);
    w.wechat_detail_id = batch.wechat_detail_id;
    const Report detail = query(api, w);

    EXPECT_FALSE(created.wechat_batch_id.empty());
    EXPECT_FALSE(is_final(batch.state)) << "a batch never says that its detail was paid";
    EXPECT_FALSE(batch.wechat_detail_id.empty());
    EXPECT_EQ(detail.state, BillState::success);
    EXPECT_EQ(detail.amount, 1234_fen);
    EXPECT_EQ(detail.openid->text(), "oUser");
}

TEST_F(RoundTrip, OfABatchByWechatsNumbersAndOfItsPages) {
    const auto api = batches();
    Withdrawal w = client_.withdrawal("B1", "欧阳修");
    const auto id = BatchId::parse(submit(api, w).wechat_batch_id).value();

    const Batch whole = client_.ask(batch_query(id).value(), parse_batch).value();
    const Batch second =
        client_.ask(batch_query(id, {1, 20, DetailFilter::all}).value(), parse_batch).value();
    const Batch failed =
        client_.ask(batch_query(w.id, {0, 20, DetailFilter::fail}).value(), parse_batch).value();
    ASSERT_EQ(whole.details.size(), 1U);
    const Report detail = client_.ask(detail_query(id, whole.details[0].id), parse_detail).value();
    const auto name = client_.ask(detail_query(w.id), [this](const tixian::json::Value& answer) {
        return open_user_name(answer, client_.key);
    });

    EXPECT_EQ(whole.state, BatchState::finished);
    EXPECT_EQ(whole.success_amount, 1234_fen);
    EXPECT_EQ(second.details.size(), 0U);
    EXPECT_EQ(failed.details.size(), 0U);
    EXPECT_EQ(detail.id, w.id);
    EXPECT_EQ(detail.wechat_detail_id, whole.details[0].id.text());
    EXPECT_EQ(name.value().view(), "欧阳修");
}

TEST_F(RoundTrip, OfABatchsNotification) {
    Receiver receiver({204});
    const auto api = batches(receiver.url());
    Withdrawal w = client_.withdrawal("B1");
    static_cast<void>(submit(api, w));
    ASSERT_TRUE(receiver.wait_for(1));

    const auto told = std::get<BatchFinished>(client_.read(receiver.received()[0]));

    EXPECT_EQ(hint_of(told.batch).value().id, w.id);
    EXPECT_EQ(told.success_num, 1);
    EXPECT_EQ(told.success_amount, 1234_fen);
    EXPECT_EQ(told.batch.mchid, client_.merchant().mchid);
}

TEST_F(RoundTrip, OfReceiptsOfABatchAndItsDetail) {
    const auto api = batches();
    Withdrawal w = client_.withdrawal("B1");
    static_cast<void>(submit(api, w));

    for (const ApiRequest& application : {batch_receipt_application(w.id), detail_receipt_application(w.id)})
        EXPECT_TRUE(client_.ask(application, parse_batch_receipt).has_value());

    expect_file(client_.ask(batch_receipt_query(w.id), parse_batch_receipt).value());
    expect_file(client_.ask(detail_receipt_query(w.id), parse_batch_receipt).value());
}

TEST_F(RoundTrip, OfTheOlderBatchesWhereTheMerchantHasNone) {
    mock_.control_post("/_mock/merchants/" + client_.merchant().mchid.text(),
                       R"({"products":{"batches":false}})");
    const auto api = batches();
    Withdrawal w = client_.withdrawal("B1");
    w.submission = api.compose(w, client_.clock.now()).value();

    const Answer answer = client_.perform(api, client_.call(api, CallKind::submit, w));

    const auto& news = std::get<NoNews>(answer.result);
    EXPECT_EQ(news.code, "NO_AUTH");
    EXPECT_NE(news.message.find("transfer-bills"), std::string::npos) << news.message;
}

TEST_F(RoundTrip, OfThePlatformCertificates) {
    mock_.control_post("/_mock/merchants/" + client_.merchant().mchid.text(), R"({"verification":"both"})");
    mock_.control_post("/_mock/certificates/rotate");
    const auto result = client_.send(certificates_request());

    const auto certificates = read_certificates(result, client_.ring, client_.apiv3_key);

    ASSERT_TRUE(certificates.has_value()) << certificates.error().message;
    EXPECT_EQ(certificates->size(), 2U);
    add_certificates(client_.ring, *certificates, client_.clock.now());
    for (const Certificate& certificate : *certificates)
        EXPECT_TRUE(client_.ring.find(certificate.serial, client_.clock.now()).has_value());
}

TEST_F(RoundTrip, OfThePlatformCertificatesOfWhoKnowsNoKeyYet) {
    mock_.control_post("/_mock/merchants/" + client_.merchant().mchid.text(),
                       R"({"verification":"certificate"})");
    client_.ring.remove(mock_.keys().identity.wechatpay_public_key_id);

    const auto certificates =
        read_certificates(client_.send(certificates_request()), client_.ring, client_.apiv3_key);

    ASSERT_TRUE(certificates.has_value()) << certificates.error().message;
    add_certificates(client_.ring, *certificates, client_.clock.now());
    EXPECT_TRUE(client_.ask(balance_request(FundAccount::operation), parse_balance).has_value());
}

TEST_F(RoundTrip, OfTheBalance) {
    const auto bills = client_.api<TransferBills>(client_.merchant());
    const auto available = [this] {
        return client_.ask(balance_request(FundAccount::operation), parse_balance).value().available;
    };
    const Money before = available();
    Withdrawal w = client_.withdrawal("A1");
    static_cast<void>(submit(bills, w));

    EXPECT_EQ(checked_subtract(before, available()), 1234_fen);
}

TEST_F(RoundTrip, OfAFundFlowBill) {
    const FundBillName today{format_rfc3339(client_.clock.now()).substr(0, 10)};  // in Beijing's time
    const auto none = client_.ask(fund_bill_request(today).value(), parse_download);
    EXPECT_EQ(missing_bill(none.error()), MissingBill::no_movements);
    const auto bills = client_.api<TransferBills>(client_.merchant());
    Withdrawal w = client_.withdrawal("A1");
    const Report created = submit(bills, w);

    mock_.control_post("/_mock/merchants/" + client_.merchant().mchid.text(), R"({"rates":"unlimited"})");
    const Download file = client_.ask(fund_bill_request(today).value(), parse_download).value();
    std::vector<FundFlow> flows;
    FundBillFile reader(file, [&flows](FundFlow flow) { flows.push_back(std::move(flow)); });
    ASSERT_TRUE(reader.feed(client_.download(file)).has_value());
    const FundBillSummary summary = reader.finish().value();

    ASSERT_EQ(flows.size(), 1U);
    EXPECT_EQ(flows[0].voucher_no, "A1");
    EXPECT_EQ(flows[0].business_no, created.transfer_bill_no);
    EXPECT_EQ(flows[0].amount, 1234_fen);
    EXPECT_EQ(summary.expense, 1234_fen);
}

}  // namespace
}  // namespace tixian::mock
