// SPDX-License-Identifier: MIT
// The mock's other endpoints: authorisations, batches, receipts, and the account with its bill.
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include "mock_client.hpp"
#include "receiver.hpp"

namespace tixian::mock {
namespace {

using nlohmann::json;

constexpr const char* bills = "/v3/fund-app/mch-transfer/transfer-bills";
constexpr const char* authorizations = "/v3/fund-app/mch-transfer/user-confirm-authorization";
constexpr const char* receipts = "/v3/fund-app/mch-transfer/elecsign";
constexpr const char* batches = "/v3/transfer/batches";

Options quick() {
    Options options = MockAndMerchant::quick_options();
    options.terms.receipt_after = Duration(0);
    return options;
}

httplib::Headers encrypting(const MockAndMerchant& mock) {
    return {{"Wechatpay-Serial", mock.keys().identity.wechatpay_public_key_id}};
}

std::string digest(const char* algorithm, const std::string& bytes) {
    unsigned char raw[EVP_MAX_MD_SIZE];
    std::size_t size = 0;
    EVP_Q_digest(nullptr, algorithm, nullptr, bytes.data(), bytes.size(), raw, &size);
    std::string hex;
    for (std::size_t i = 0; i < size; ++i) {
        constexpr const char* digits = "0123456789abcdef";
        hex += {digits[raw[i] >> 4], digits[raw[i] & 15]};
    }
    return hex;
}

std::string target_of(const json& answer) {
    const auto url = answer["download_url"].get<std::string>();
    return url.substr(url.find("/v3/"));
}

json authorization_body(const MockAndMerchant& mock, const std::string& number, const std::string& url) {
    return {{"out_authorization_no", number},
            {"appid", mock.keys().identity.appid},
            {"openid", "oUser"},
            {"transfer_scene_id", "1010"},
            {"user_display_name", "用户"},
            {"user_recv_perception", "二手回收货款"},
            {"authorization_notify_url", url},
            {"scene_info", {{"client_ip", "127.0.0.1"}, {"device_id", "d"}, {"device_type", "IOS"}}}};
}

TEST(MockAuthorization, IsAskedConfirmedUsedAndClosed) {
    Receiver receiver({200});
    const MockAndMerchant mock;

    const json asked = mock.post(authorizations, authorization_body(mock, "N1", receiver.url())).json();
    EXPECT_EQ(asked["state"], "WAIT_USER_CONFIRM");
    EXPECT_FALSE(asked["package_info"].get<std::string>().empty());
    ASSERT_EQ(mock.control_post("/_mock/authorizations/N1/confirm").status, 200);
    const std::string one = std::string(authorizations) + "/out-authorization-no/N1";
    const json shown = mock.get(one + "?is_display_authorization=true").json();
    EXPECT_EQ(shown["state"], "TAKING_EFFECT");
    ASSERT_TRUE(receiver.wait_for(1));

    json pay = mock.create_body("A1");
    pay.erase("openid");
    pay["authorization_id"] = shown["authorization_id"];
    const Reply paid = mock.post(std::string(bills) + "/transfer", pay);
    EXPECT_EQ(paid.status, 200);
    EXPECT_EQ(paid.json()["state"], "SUCCESS");
    EXPECT_EQ(paid.json()["openid"], "oUser");

    const json closed = mock.post(one + "/close", json::object()).json();
    EXPECT_EQ(closed["state"], "CLOSED");
    EXPECT_EQ(closed["close_info"]["close_reason"], "CLOSE_VIA_MCH_API");
    pay["out_bill_no"] = "A2";
    EXPECT_EQ(mock.post(std::string(bills) + "/transfer", pay).code(), "INVALID_REQUEST");
}

TEST(MockAuthorization, TellsOfConfirmationAndEnd) {
    Receiver receiver({200});
    const MockAndMerchant mock;
    ASSERT_EQ(mock.post(authorizations, authorization_body(mock, "N1", receiver.url())).status, 200);
    mock.control_post("/_mock/authorizations/N1/confirm");
    mock.control_post("/_mock/authorizations/N1/close");

    ASSERT_TRUE(receiver.wait_for(2));

    std::vector<std::string> events;
    for (const Reply& notification : receiver.received()) {
        EXPECT_TRUE(notification.is_signed_by(mock.keys()));
        const json envelope = notification.json();
        const json plain = json::parse(decrypt_resource(mock.keys().apiv3_key, envelope["resource"]));
        events.push_back(envelope["event_type"].get<std::string>() + " " + plain["state"].get<std::string>());
        EXPECT_EQ(plain["out_authorization_no"], "N1");
    }
    std::sort(events.begin(), events.end());
    EXPECT_EQ(events, (std::vector<std::string>{"MCHTRANSFER.AUTHORIZATION.CLOSED CLOSED",
                                                "MCHTRANSFER.AUTHORIZATION.CONFIRMED TAKING_EFFECT"}));
}

TEST(MockAuthorization, IsClosedForTheReasonThatIsAskedFor) {
    Receiver receiver({200});
    const MockAndMerchant mock;
    ASSERT_EQ(mock.post(authorizations, authorization_body(mock, "N1", receiver.url())).status, 200);
    ASSERT_EQ(mock.control_post("/_mock/authorizations/N1/close", R"({"close_reason":1})").status, 400);

    ASSERT_EQ(
        mock.control_post("/_mock/authorizations/N1/close", R"({"close_reason":"TRANSFER_RISK"})").status,
        200);

    const json closed = mock.get(std::string(authorizations) + "/out-authorization-no/N1").json();
    EXPECT_EQ(closed["state"], "CLOSED");
    EXPECT_EQ(closed["close_info"]["close_reason"], "TRANSFER_RISK");
}

TEST(MockAuthorization, IsConfirmedOnItsPage) {
    const MockAndMerchant mock;
    const json asked =
        mock.post(authorizations, authorization_body(mock, "N1", "http://127.0.0.1:9/n")).json();
    std::string package;
    for (const char c : asked["package_info"].get<std::string>())
        package += c == '+' ? "%2B" : c == '/' ? "%2F" : c == '=' ? "%3D" : std::string(1, c);
    EXPECT_NE(mock.control_get("/_mock/confirm?package=" + package).body.find("同意授权"), std::string::npos);

    ASSERT_TRUE(
        mock.client().Post("/_mock/confirm", "package=" + package, "application/x-www-form-urlencoded"));

    EXPECT_NE(mock.control_get("/_mock/confirm?package=" + package).body.find("已授权"), std::string::npos);
}

TEST(MockAuthorization, ComesWithABill) {
    const MockAndMerchant mock;
    json body = mock.create_body("A1");
    body["authorization_info"] = {{"user_display_name", "用户"},
                                  {"out_authorization_no", "N1"},
                                  {"authorization_notify_url", "http://127.0.0.1:9/authorization"}};

    const json created = mock.post(std::string(bills) + "/pre-transfer-with-authorization", body).json();
    EXPECT_EQ(created["out_authorization_no"], "N1");
    EXPECT_EQ(created["state"], "WAIT_USER_CONFIRM");
    mock.control_post("/_mock/bills/A1/confirm");

    const json shown = mock.get(std::string(authorizations) + "/out-authorization-no/N1").json();
    EXPECT_EQ(shown["state"], "TAKING_EFFECT");
}

json batch_body(const MockAndMerchant& mock, const std::string& number) {
    json details = json::array();
    for (const char* detail : {"D1", "D2"}) {
        details.push_back({{"out_detail_no", detail},
                           {"transfer_amount", 100},
                           {"transfer_remark", "r"},
                           {"openid", "oUser"}});
    }
    return {{"appid", mock.keys().identity.appid},
            {"out_batch_no", number},
            {"batch_name", "n"},
            {"batch_remark", "r"},
            {"total_amount", 200},
            {"total_num", 2},
            {"transfer_detail_list", details}};
}

TEST(MockBatch, IsPaidAndShownWithItsDetails) {
    const MockAndMerchant mock;
    const json created = mock.post(batches, batch_body(mock, "B1")).json();
    const auto id = created["batch_id"].get<std::string>();

    const std::string query = "?need_query_detail=true&detail_status=ALL&offset=1&limit=20";
    const json by_ours = mock.get(std::string(batches) + "/out-batch-no/B1" + query).json();
    const json by_theirs = mock.get(std::string(batches) + "/batch-id/" + id + query).json();

    EXPECT_EQ(by_ours, by_theirs);
    EXPECT_EQ(by_ours["transfer_batch"]["batch_status"], "FINISHED");
    EXPECT_EQ(by_ours["transfer_batch"]["success_amount"], 200);
    ASSERT_EQ(by_ours["transfer_detail_list"].size(), 1U);
    EXPECT_EQ(by_ours["transfer_detail_list"][0]["out_detail_no"], "D2");
    const json detail = mock.get(std::string(batches) + "/out-batch-no/B1/details/out-detail-no/D2").json();
    EXPECT_EQ(detail["detail_status"], "SUCCESS");
    EXPECT_EQ(mock.get(std::string(batches) + "/batch-id/" + id + "/details/detail-id/" +
                       detail["detail_id"].get<std::string>())
                  .json(),
              detail);
}

TEST(MockBatch, RefusesWhatWechatRefuses) {
    struct Row {
        const char* name;
        std::function<void(json&)> spoil;
        const char* code;
    };
    const std::vector<Row> rows = {
        {"sum", [](json& b) { b["total_amount"] = 201; }, "PARAM_ERROR"},
        {"count", [](json& b) { b["total_num"] = 3; }, "PARAM_ERROR"},
        {"no details", [](json& b) { b["transfer_detail_list"] = json::array(); }, "PARAM_ERROR"},
        {"same number twice", [](json& b) { b["transfer_detail_list"][1]["out_detail_no"] = "D1"; },
         "PARAM_ERROR"},
        {"number", [](json& b) { b["out_batch_no"] = "B_1"; }, "PARAM_ERROR"},
        {"appid", [](json& b) { b["appid"] = "wxother"; }, "APPID_MCHID_NOT_MATCH"},
    };
    const MockAndMerchant mock;
    for (const Row& row : rows) {
        SCOPED_TRACE(row.name);
        json body = batch_body(mock, "B1");
        row.spoil(body);
        EXPECT_EQ(mock.post(batches, body).code(), row.code);
    }
    EXPECT_EQ(mock.control_get("/_mock/batches").json(), json::array());
    const std::string one = std::string(batches) + "/out-batch-no/B1";
    EXPECT_EQ(mock.get(one).code(), "PARAM_ERROR") << "need_query_detail is required";
    EXPECT_EQ(mock.get(one + "?need_query_detail=false&limit=19").code(), "PARAM_ERROR");
    EXPECT_EQ(mock.get(one + "?need_query_detail=false").code(), "NOT_FOUND");
}

TEST(MockBatch, EncryptsNamesOfAllDetailsOrOfNone) {
    const MockAndMerchant mock;
    json body = batch_body(mock, "B1");
    const std::string name = encrypt_name(mock.keys().wechatpay_public_key_pem, "张三");
    body["transfer_detail_list"][0]["user_name"] = name;
    EXPECT_EQ(mock.post(batches, body, encrypting(mock)).code(), "PARAM_ERROR");
    body["transfer_detail_list"][1]["user_name"] = name;

    ASSERT_EQ(mock.post(batches, body, encrypting(mock)).status, 200);

    const json detail = mock.get(std::string(batches) + "/out-batch-no/B1/details/out-detail-no/D1").json();
    EXPECT_EQ(decrypt_name(mock.keys().merchant_key_pem, detail["user_name"].get<std::string>()), "张三");
}

TEST(MockBatch, TellsOfItsEnd) {
    Receiver receiver({200});
    const MockAndMerchant mock;
    json body = batch_body(mock, "B1");
    body["notify_url"] = receiver.url();
    ASSERT_EQ(mock.post(batches, body).status, 200);

    ASSERT_TRUE(receiver.wait_for(1));

    const json envelope = receiver.received()[0].json();
    EXPECT_EQ(envelope["event_type"], "MCHTRANSFER.BATCH.FINISHED");
    const json plain = json::parse(decrypt_resource(mock.keys().apiv3_key, envelope["resource"]));
    EXPECT_EQ(plain["success_num"], 2);
    EXPECT_FALSE(plain.contains("transfer_detail_list"));
}

TEST(MockBatch, IsClosedByWechatAsLongAsItIsNotPaid) {
    Receiver receiver({200});
    const MockAndMerchant mock;
    mock.control_post("/_mock/switches", R"({"not_enough_at_create":false})");
    mock.control_post("/_mock/balance", R"({"fen":0})");
    json body = batch_body(mock, "B1");
    body["notify_url"] = receiver.url();
    ASSERT_EQ(mock.post(batches, body).status, 200);

    ASSERT_EQ(
        mock.control_post("/_mock/batches/B1/close", R"({"close_reason":"TRANSFER_SCENE_INVALID"})").status,
        200);

    const std::string one = std::string(batches) + "/out-batch-no/B1?need_query_detail=false";
    const json closed = mock.get(one).json()["transfer_batch"];
    EXPECT_EQ(closed["batch_status"], "CLOSED");
    EXPECT_EQ(closed["close_reason"], "TRANSFER_SCENE_INVALID");
    ASSERT_TRUE(receiver.wait_for(1));
    EXPECT_EQ(receiver.received()[0].json()["event_type"], "MCHTRANSFER.BATCH.CLOSED");
    EXPECT_EQ(mock.control_post("/_mock/batches/B1/close").code(), "INVALID_REQUEST");
    EXPECT_EQ(mock.control_post("/_mock/batches/B2/close").status, 404);
}

TEST(MockReceipt, IsMadeOfAPaidBillWithAName) {
    const MockAndMerchant mock(quick());
    json body = mock.create_body("A1");
    body["user_name"] = encrypt_name(mock.keys().wechatpay_public_key_pem, "张三");
    ASSERT_EQ(mock.create(body, encrypting(mock)).status, 200);
    const json named = {{"out_bill_no", "A1"}};
    EXPECT_EQ(mock.post(std::string(receipts) + "/out-bill-no", named).code(), "INVALID_REQUEST");
    mock.control_post("/_mock/bills/A1/confirm");

    EXPECT_EQ(mock.post(std::string(receipts) + "/out-bill-no", named).json()["state"], "GENERATING");
    const json ready = mock.get(std::string(receipts) + "/out-bill-no/A1").json();
    ASSERT_EQ(ready["state"], "FINISHED");
    const Reply file = mock.get(target_of(ready));

    EXPECT_EQ(file.status, 200);
    EXPECT_EQ(file.header("Wechatpay-Signature"), "") << "downloads are not signed";
    EXPECT_EQ(digest("SHA256", file.body), ready["hash_value"]);
    EXPECT_EQ(mock.get(target_of(ready) + "x").status, 404);
}

TEST(MockReceipt, FailsOnceWhenToldSoAndIsMadeWhenAskedForAgain) {
    const MockAndMerchant mock(quick());
    json body = mock.create_body("A1");
    body["user_name"] = encrypt_name(mock.keys().wechatpay_public_key_pem, "张三");
    ASSERT_EQ(mock.create(body, encrypting(mock)).status, 200);
    mock.control_post("/_mock/bills/A1/confirm");
    EXPECT_EQ(mock.control_post("/_mock/bills/A9/fail-receipt").status, 404);
    ASSERT_EQ(mock.control_post("/_mock/bills/A1/fail-receipt", R"({"fail_reason":"没有模板"})").status, 200);
    const std::string ask = std::string(receipts) + "/out-bill-no", one = ask + "/A1";

    ASSERT_EQ(mock.post(ask, {{"out_bill_no", "A1"}}).json()["state"], "GENERATING");
    const json failed = mock.get(one).json();
    EXPECT_EQ(failed["state"], "FAILED");
    EXPECT_EQ(failed["fail_reason"], "没有模板");
    EXPECT_FALSE(failed.contains("download_url"));

    ASSERT_EQ(mock.post(ask, {{"out_bill_no", "A1"}}).status, 200);
    EXPECT_EQ(mock.get(one).json()["state"], "FINISHED");
}

TEST(MockReceipt, CarriesAnSm3WhenTheSwitchSaysSo) {
    Options options = quick();
    options.switches.receipt_hash_sm3 = true;
    const MockAndMerchant mock(options);
    ASSERT_EQ(mock.post(batches, batch_body(mock, "B1")).status, 200);
    ASSERT_EQ(mock.post("/v3/transfer/bill-receipt", {{"out_batch_no", "B1"}}).status, 200);

    const json ready = mock.get("/v3/transfer/bill-receipt/B1").json();

    EXPECT_EQ(ready["hash_type"], "SM3");
    EXPECT_EQ(digest("SM3", mock.get(target_of(ready)).body), ready["hash_value"]);
}

TEST(MockReceipt, IsHadLongerThanTheBillCanBeQueried) {
    const MockAndMerchant mock(quick());
    json body = mock.create_body("A1");
    body["user_name"] = encrypt_name(mock.keys().wechatpay_public_key_pem, "张三");
    const std::string number = mock.create(body, encrypting(mock)).json()["transfer_bill_no"];
    mock.control_post("/_mock/bills/A1/confirm");
    ASSERT_EQ(mock.post(batches, batch_body(mock, "B1")).status, 200);
    mock.control_post("/_mock/time", R"({"advance":"960h"})");
    ASSERT_EQ(mock.query("A1").status, 404);

    EXPECT_EQ(mock.post(std::string(receipts) + "/transfer-bill-no", {{"transfer_bill_no", number}}).status,
              200);
    EXPECT_EQ(mock.get(std::string(receipts) + "/out-bill-no/A1").json()["state"], "FINISHED");
    EXPECT_EQ(mock.post("/v3/transfer/bill-receipt", {{"out_batch_no", "B1"}}).status, 200);
    mock.control_post("/_mock/time", R"({"advance":"3600h"})");
    EXPECT_EQ(mock.post(std::string(receipts) + "/out-bill-no", {{"out_bill_no", "A1"}}).code(),
              "INVALID_REQUEST");
}

TEST(MockReceipt, IsFoundUnderItsOwnPathAndUntilTheReset) {
    const MockAndMerchant mock(quick());
    ASSERT_EQ(mock.post(batches, batch_body(mock, "B1")).status, 200);
    ASSERT_EQ(mock.post("/v3/transfer/bill-receipt", {{"out_batch_no", "B1"}}).status, 200);
    const std::string target = target_of(mock.get("/v3/transfer/bill-receipt/B1").json());
    ASSERT_EQ(mock.get(target).status, 200);

    EXPECT_EQ(mock.get("/v3/billdownload/file?" + target.substr(target.find("token="))).status, 404);
    mock.control_post("/_mock/reset?mchid=" + mock.keys().identity.mchid);
    EXPECT_EQ(mock.get(target).status, 404);
}

TEST(MockReceipt, IsMadeOfBatchesAndDetails) {
    const MockAndMerchant mock(quick());
    ASSERT_EQ(mock.post(batches, batch_body(mock, "B1")).status, 200);
    const std::string query = "?accept_type=BATCH_TRANSFER&out_batch_no=B1&out_detail_no=D1";

    EXPECT_EQ(mock.get("/v3/transfer/bill-receipt/B1").code(), "NOT_FOUND");
    ASSERT_EQ(mock.post("/v3/transfer/bill-receipt", {{"out_batch_no", "B1"}}).status, 200);
    ASSERT_EQ(mock.post("/v3/transfer-detail/electronic-receipts",
                        {{"accept_type", "BATCH_TRANSFER"}, {"out_batch_no", "B1"}, {"out_detail_no", "D1"}})
                  .status,
              200);

    for (const json& ready : {mock.get("/v3/transfer/bill-receipt/B1").json(),
                              mock.get("/v3/transfer-detail/electronic-receipts" + query).json()}) {
        EXPECT_EQ(ready["signature_status"], "FINISHED");
        EXPECT_EQ(digest("SHA256", mock.get(target_of(ready)).body), ready["hash_value"]);
    }
}

std::string beijing_today() {
    const auto now = std::chrono::system_clock::now() + std::chrono::hours(8);
    const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(now));
    char text[32];
    std::snprintf(text, sizeof text, "%04d-%02u-%02u", int(day.year()), unsigned(day.month()),
                  unsigned(day.day()));
    return text;
}

TEST(MockAccount, GivesTheFundFlowBillPlainAndPacked) {
    Options options = quick();
    options.switches.fund_bill_at_once = true;
    const MockAndMerchant mock(options);
    const std::string target = "/v3/bill/fundflowbill?bill_date=" + beijing_today();
    EXPECT_EQ(mock.get(target + "&account_type=OPERATION").code(), "NO_STATEMENT_EXIST");
    ASSERT_EQ(mock.create(mock.create_body("A1")).status, 200);
    EXPECT_EQ(mock.get(target).code(), "NO_STATEMENT_EXIST") << "the default account is BASIC";

    const json plain = mock.get(target + "&account_type=OPERATION").json();
    const Reply text = mock.get(target_of(plain));

    EXPECT_EQ(digest("SHA1", text.body), plain["hash_value"]);
    EXPECT_NE(text.body.find(",`支出,`12.34,`999987.66,"), std::string::npos) << text.body;
    mock.control_post("/_mock/merchants/" + mock.keys().identity.mchid, R"({"rates":"unlimited"})");
    const json packed = mock.get(target + "&account_type=OPERATION&tar_type=GZIP").json();
    const Reply file = mock.get(target_of(packed));
    EXPECT_EQ(packed["hash_value"], plain["hash_value"]) << "of the text, also where it is packed";
    EXPECT_TRUE(file.body.starts_with("\x1f\x8b"));
    EXPECT_EQ(file.header("Wechatpay-Signature"), "");
}

TEST(MockAccount, HasNoBillOfADayThatIsNotOver) {
    const MockAndMerchant mock;
    const std::string target = "/v3/bill/fundflowbill?account_type=OPERATION&bill_date=";

    EXPECT_EQ(mock.get(target + beijing_today()).code(), "STATEMENT_CREATING");
    EXPECT_EQ(mock.get(target + "2001-01-01").code(), "PARAM_ERROR");
    EXPECT_EQ(mock.get(target + "yesterday").code(), "PARAM_ERROR");
}

TEST(MockAccount, TellsTheBalance) {
    const MockAndMerchant mock;

    EXPECT_EQ(mock.get("/v3/merchant/fund/balance/OPERATION").json()["available_amount"], 100000000);
    EXPECT_EQ(mock.get("/v3/merchant/fund/balance/BASIC").json()["available_amount"], 0);
    EXPECT_EQ(mock.get("/v3/merchant/fund/balance/SAVINGS").code(), "PARAM_ERROR");
}

}  // namespace
}  // namespace tixian::mock
