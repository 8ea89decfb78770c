// SPDX-License-Identifier: MIT
// Several merchants at once, what WeChat signs with for each, rates, and the switches.
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "mock_client.hpp"
#include "receiver.hpp"

namespace tixian::mock {
namespace {

using nlohmann::json;

constexpr const char* bills = "/v3/fund-app/mch-transfer/transfer-bills";

std::string public_key_of(const std::string& certificate_pem) {
    BIO* in = BIO_new_mem_buf(certificate_pem.data(), static_cast<int>(certificate_pem.size()));
    X509* certificate = PEM_read_bio_X509(in, nullptr, nullptr, nullptr);
    BIO_free(in);
    if (certificate == nullptr) return {};
    BIO* out = BIO_new(BIO_s_mem());
    PEM_write_bio_PUBKEY(out, X509_get0_pubkey(certificate));
    char* data = nullptr;
    const long size = BIO_get_mem_data(out, &data);
    std::string pem(data, static_cast<std::size_t>(size));
    BIO_free(out);
    X509_free(certificate);
    return pem;
}

// The public keys of the platform certificates, by serial, as a client learns them.
std::map<std::string, std::string> download_certificates(const MockAndMerchant& mock) {
    std::map<std::string, std::string> keys;
    const json list = mock.get("/v3/certificates").json();
    for (const json& entry : list["data"]) {
        EXPECT_EQ(entry["encrypt_certificate"]["associated_data"], "certificate");
        const std::string pem = decrypt_resource(mock.keys().apiv3_key, entry["encrypt_certificate"]);
        keys[entry["serial_no"].get<std::string>()] = public_key_of(pem);
    }
    return keys;
}

bool is_signed_by(const Reply& reply, const std::map<std::string, std::string>& keys) {
    const auto key = keys.find(reply.header("Wechatpay-Serial"));
    return key != keys.end() &&
           is_wechat_signature(key->second,
                               reply.header("Wechatpay-Timestamp") + "\n" + reply.header("Wechatpay-Nonce") +
                                   "\n" + reply.body + "\n",
                               reply.header("Wechatpay-Signature"));
}

std::string first_merchant(const MockAndMerchant& mock) {
    return "/_mock/merchants/" + mock.keys().identity.mchid;
}

TEST(MockMerchants, ServesEachWithKeysAndBillsOfHisOwn) {
    const MockAndMerchant mock;
    const Party other = mock.add_merchant("1900000002");
    json body = mock.create_body("A1");
    body["appid"] = "wxmock0000000001";
    ASSERT_EQ(mock.create(body).status, 200);
    body["transfer_amount"] = 77;

    EXPECT_EQ(mock.send_as(other, "POST", bills, body.dump()).status, 200);
    const std::string one = std::string(bills) + "/out-bill-no/A1";
    EXPECT_EQ(mock.send_as(other, "GET", one).json()["transfer_amount"], 77);
    EXPECT_EQ(mock.query("A1").json()["transfer_amount"], 1234);

    Party thief = other;
    thief.mchid = mock.keys().identity.mchid;
    EXPECT_EQ(mock.send_as(thief, "GET", one).code(), "SIGN_ERROR");
}

TEST(MockMerchants, ResetsOneAndLeavesTheOthers) {
    const MockAndMerchant mock;
    const Party other = mock.add_merchant("1900000002");
    ASSERT_EQ(mock.create(mock.create_body("A1")).status, 200);
    ASSERT_EQ(mock.send_as(other, "POST", bills, mock.create_body("A1").dump()).status, 200);

    ASSERT_EQ(mock.control_post("/_mock/reset?mchid=1900000002").status, 200);

    EXPECT_EQ(mock.control_get("/_mock/bills?mchid=1900000002").json(), json::array());
    EXPECT_EQ(mock.control_get("/_mock/requests?mchid=1900000002").json(), json::array());
    EXPECT_EQ(mock.control_get("/_mock/balance?mchid=1900000002").json()["fen"], 100000000);
    EXPECT_EQ(mock.query("A1").status, 200);
    EXPECT_EQ(mock.send_as(other, "POST", bills, mock.create_body("A1").dump()).status, 200);
}

TEST(MockMerchants, RefusesBadOnesAndChangesNothing) {
    const MockAndMerchant mock;
    const json before = mock.control_get("/_mock/merchants").json();
    for (const char* bad : {"", "[]", "{}", R"({"mchid":"a b"})", R"({"mchid":"1","apiv3_key":"short"})",
                            R"({"mchid":"1","merchant_certificate":"x"})",
                            R"({"mchid":"1","quotas":{"x":1}})", R"({"mchid":"1","rates":{"create":-1}})",
                            R"({"mchid":"1","balance_fen":1.5})", R"({"mchid":"1","verification":"none"})"}) {
        SCOPED_TRACE(bad);
        EXPECT_EQ(mock.control_post("/_mock/merchants", bad).status, 400);
    }
    EXPECT_EQ(
        mock.control_post("/_mock/merchants", json{{"mchid", mock.keys().identity.mchid}}.dump()).status,
        409);
    EXPECT_EQ(mock.control_get("/_mock/bills?mchid=nobody").status, 404);

    EXPECT_EQ(mock.control_get("/_mock/merchants").json(), before);
}

TEST(MockMerchants, ChangesQuotasBalanceAndProducts) {
    const MockAndMerchant mock;
    const Reply changed = mock.control_post(
        first_merchant(mock),
        R"({"balance_fen":5000,"quotas":{"per_day_fen":2000},"products":{"batches":false}})");
    EXPECT_EQ(changed.json()["quotas"]["per_day_fen"], 2000);

    EXPECT_EQ(mock.create(mock.create_body("A1")).status, 200);
    EXPECT_EQ(mock.create(mock.create_body("A2")).json()["message"], "超出商户单日转账额度");
    EXPECT_EQ(mock.control_get("/_mock/balance").json()["fen"], 5000 - 1234);
}

TEST(MockCertificates, AreDownloadedAndSignWhatTheRequestNames) {
    const MockAndMerchant mock;
    EXPECT_EQ(mock.get("/v3/certificates").code(), "RESOURCE_NOT_EXISTS");
    ASSERT_EQ(mock.control_post(first_merchant(mock), R"({"verification":"both"})").status, 200);

    const auto keys = download_certificates(mock);
    ASSERT_EQ(keys.size(), 1U);
    const std::string serial = keys.begin()->first;

    EXPECT_TRUE(is_signed_by(mock.get("/v3/certificates", {{"Wechatpay-Serial", serial}}), keys));
    EXPECT_TRUE(
        mock.get("/v3/certificates", {{"Wechatpay-Serial", mock.keys().identity.wechatpay_public_key_id}})
            .is_signed_by(mock.keys()));
    mock.control_post(first_merchant(mock), R"({"verification":"certificate"})");
    EXPECT_TRUE(is_signed_by(mock.get("/v3/certificates"), keys)) << "also when the request names none";
}

TEST(MockCertificates, RotateAndTakeNamesEncryptedToEither) {
    const MockAndMerchant mock;
    ASSERT_EQ(mock.control_post("/_mock/certificates/rotate").status, 400);
    ASSERT_EQ(mock.control_post(first_merchant(mock), R"({"verification":"certificate"})").status, 200);
    const auto before = download_certificates(mock);

    const json rotated = mock.control_post("/_mock/certificates/rotate").json();

    const auto after = download_certificates(mock);
    EXPECT_EQ(after.size(), 2U);
    EXPECT_EQ(mock.get("/v3/certificates").header("Wechatpay-Serial"), rotated["serial_no"]);
    int number = 0;
    for (const auto& [serial, key] : after) {
        json body = mock.create_body("A" + std::to_string(number++));
        body["user_name"] = encrypt_name(key, "张三");
        EXPECT_EQ(mock.create(body, {{"Wechatpay-Serial", serial}}).status, 200);
    }
}

TEST(MockCertificates, SignNotificationsWhenToldSo) {
    Receiver receiver({200});
    const MockAndMerchant mock;
    mock.control_post(first_merchant(mock), R"({"verification":"both","notifies_by_certificate":true})");
    json body = mock.create_body("A1");
    body["notify_url"] = receiver.url();
    ASSERT_EQ(mock.create(body).status, 200);
    mock.control_post("/_mock/bills/A1/confirm");

    ASSERT_TRUE(receiver.wait_for(1));

    EXPECT_TRUE(is_signed_by(receiver.received()[0], download_certificates(mock)));
}

TEST(MockRates, AnswersTooManyRequestsAndForgetsThemAfterASecond) {
    const MockAndMerchant mock;
    mock.control_post(first_merchant(mock), R"({"rates":{"query":2}})");
    static_cast<void>(mock.query("A1"));
    static_cast<void>(mock.query("A1"));

    const Reply refused = mock.query("A1");

    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(refused.code(), "FREQUENCY_LIMITED");
    EXPECT_TRUE(refused.is_signed_by(mock.keys()));
    EXPECT_EQ(mock.create(mock.create_body("A1")).status, 200) << "another endpoint";
    mock.control_post(first_merchant(mock), R"({"rates":"unlimited"})");
    EXPECT_EQ(mock.query("A1").status, 200);
}

TEST(MockSwitches, AreListedWithTheirCertaintyAndGoBothWays) {
    const MockAndMerchant mock;
    ASSERT_EQ(mock.create(mock.create_body("A1")).status, 200);
    json other = mock.create_body("A1");
    other["transfer_amount"] = 77;
    EXPECT_EQ(mock.create(other).code(), "INVALID_REQUEST");

    const std::string on =
        R"({"already_exists":true,"package_info_in_query":true,"fractional_times":true,)"
        R"("refuse_unknown_scenes":false,"red_packet_in_recycling":true,"notify_url_https_only":true})";
    ASSERT_EQ(mock.control_post("/_mock/switches", on).status, 200);

    EXPECT_EQ(mock.create(other).code(), "ALREADY_EXISTS");
    EXPECT_TRUE(mock.query("A1").json().contains("package_info"));
    EXPECT_EQ(mock.query("A1").json()["create_time"].get<std::string>().size(), 29U);
    json scene = mock.create_body("A2");
    scene["transfer_scene_id"] = "1099";
    EXPECT_EQ(mock.create(scene).status, 200);
    json packet = mock.create_body("A3");
    packet["user_recv_style"] = {{"type", "RED_PACKET"}};
    EXPECT_EQ(mock.create(packet).status, 200);
    json url = mock.create_body("A4");
    url["notify_url"] = "http://127.0.0.1/notify";
    EXPECT_EQ(mock.create(url).code(), "PARAM_ERROR");
    for (const json& row : mock.control_get("/_mock/switches").json()) {
        EXPECT_TRUE(row["certainty"].get<std::string>().starts_with("["));
    }
    EXPECT_EQ(mock.control_post("/_mock/switches", R"({"unknown":true})").status, 400);
    EXPECT_EQ(mock.control_post("/_mock/switches", R"({"compare_names":1})").status, 400);
    mock.control_post("/_mock/reset");
    EXPECT_FALSE(mock.control_get("/_mock/switches").json()[0]["value"].get<bool>());
}

TEST(MockSwitches, RefuseAnotherLanguageThanChinese) {
    Options options = MockAndMerchant::quick_options();
    options.switches.accept_language_406 = true;
    const MockAndMerchant mock(options);

    EXPECT_EQ(mock.create(mock.create_body("A1"), {{"Accept-Language", "en-US"}}).status, 406);
    EXPECT_EQ(mock.control_get("/_mock/bills").json(), json::array());
    EXPECT_EQ(mock.create(mock.create_body("A1"), {{"Accept-Language", "zh-CN,zh;q=0.9"}}).status, 200);
    EXPECT_EQ(mock.create(mock.create_body("A2")).status, 200);
}

TEST(MockSwitches, LetOnlyTheCodeTellOneRefusalFromTheOther) {
    Options options = MockAndMerchant::quick_options();
    options.switches.inferred_statuses_400 = true;
    const MockAndMerchant mock(options);
    mock.control_post("/_mock/balance", R"({"fen":0})");

    const Reply refused = mock.create(mock.create_body("A1"));

    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(refused.code(), "NOT_ENOUGH");
    EXPECT_EQ(mock.query("A1").status, 404);
}

}  // namespace
}  // namespace tixian::mock
