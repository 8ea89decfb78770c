// SPDX-License-Identifier: MIT
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "mock_client.hpp"

namespace tixian::mock {
namespace {

using nlohmann::json;

constexpr const char* bills = "/v3/fund-app/mch-transfer/transfer-bills";

TEST(Mock, CreatesABillThatWaitsForTheUser) {
    const MockAndMerchant mock;

    const Reply reply = mock.create(mock.create_body("A1"));

    EXPECT_EQ(reply.status, 200);
    EXPECT_TRUE(reply.is_signed_by(mock.keys()));
    EXPECT_EQ(reply.header("Wechatpay-Signature-Type"), "WECHATPAY2-SHA256-RSA2048");
    EXPECT_FALSE(reply.header("Request-ID").empty());
    const json body = reply.json();
    EXPECT_EQ(body["out_bill_no"], "A1");
    EXPECT_EQ(body["state"], "WAIT_USER_CONFIRM");
    EXPECT_FALSE(body["package_info"].get<std::string>().empty());
    EXPECT_TRUE(body["create_time"].get<std::string>().ends_with("+08:00"));
    EXPECT_EQ(body["create_time"].get<std::string>().size(), 25U);
    EXPECT_FALSE(body.contains("fail_reason"));
}

TEST(Mock, AnswersReEntryWithTheSamePackageInfo) {
    const MockAndMerchant mock;
    const json first = mock.create(mock.create_body("A1")).json();

    const Reply again = mock.create(mock.create_body("A1"));

    EXPECT_EQ(again.status, 200);
    EXPECT_EQ(again.json(), first);
}

TEST(Mock, RefusesOtherContentUnderTheSameNumber) {
    const MockAndMerchant mock;
    ASSERT_EQ(mock.create(mock.create_body("A1")).status, 200);
    json other = mock.create_body("A1");
    other["transfer_amount"] = 1235;

    const Reply reply = mock.create(other);

    EXPECT_EQ(reply.status, 400);
    EXPECT_EQ(reply.code(), "INVALID_REQUEST");
    EXPECT_EQ(reply.json()["message"], "单号已存在但信息不一致，请查单后比较确认");
    EXPECT_TRUE(reply.is_signed_by(mock.keys()));
    EXPECT_TRUE(reply.header("Request-ID").ends_with("-268498688"));
}

TEST(Mock, ShowsABillToQueriesByEitherNumber) {
    const MockAndMerchant mock;
    const json created = mock.create(mock.create_body("A1")).json();

    const json by_ours = mock.query("A1").json();
    const json by_theirs =
        mock.send("GET",
                  std::string(bills) + "/transfer-bill-no/" + created["transfer_bill_no"].get<std::string>(),
                  "", mock.credentials())
            .json();

    EXPECT_EQ(by_ours, by_theirs);
    EXPECT_EQ(by_ours["mch_id"], mock.keys().identity.mchid);
    EXPECT_EQ(by_ours["transfer_amount"], 1234);
    EXPECT_EQ(by_ours["openid"], "oUser-1_2");
    EXPECT_EQ(by_ours["transfer_remark"], "旧手机回收款");
    EXPECT_EQ(by_ours["state"], "WAIT_USER_CONFIRM");
    EXPECT_FALSE(by_ours.contains("package_info"));
}

TEST(Mock, AnswersNotFoundToQueriesOfUnknownBills) {
    const MockAndMerchant mock;

    const Reply reply = mock.query("A1");

    EXPECT_EQ(reply.status, 404);
    EXPECT_EQ(reply.code(), "NOT_FOUND");
    EXPECT_TRUE(reply.is_signed_by(mock.keys()));
}

TEST(Mock, ChecksTheSignatureOverTheTargetAsSent) {
    const MockAndMerchant mock;
    ASSERT_EQ(mock.create(mock.create_body("A1")).status, 200);

    const Reply reply =
        mock.send("GET", std::string(bills) + "/out-bill-no/A1?b=%E4%B8%AD%2f&a=1+2", "", mock.credentials());

    EXPECT_EQ(reply.status, 200);
}

TEST(Mock, RefusesRequestsThatAreNotAuthorized) {
    struct Row {
        const char* name;
        std::function<void(Credentials&)> spoil;
        const char* field;
    };
    const MockAndMerchant mock;
    const std::int64_t now = std::stoll(mock.credentials().timestamp);
    const std::vector<Row> rows = {
        {"scheme", [](Credentials& c) { c.scheme = "WECHATPAY2-SM2-WITH-SM3"; }, "authorization"},
        {"no mchid", [](Credentials& c) { c.mchid = ""; }, "authorization"},
        {"mchid", [](Credentials& c) { c.mchid = "1900000009"; }, "mchid"},
        {"serial", [](Credentials& c) { c.serial[0] = c.serial[0] == '1' ? '2' : '1'; }, "serial_no"},
        {"old", [now](Credentials& c) { c.timestamp = std::to_string(now - 310); }, "timestamp"},
        {"from the future", [now](Credentials& c) { c.timestamp = std::to_string(now + 310); }, "timestamp"},
        {"no time", [](Credentials& c) { c.timestamp = "now"; }, "timestamp"},
        {"nonce", [](Credentials& c) { c.nonce += "0"; }, "nonce_str"},
        {"signature", [](Credentials& c) { c.signature = std::string(342, 'A') + "=="; }, "signature"},
        {"not base64", [](Credentials& c) { c.signature = "WECHATPAY/SIGNTEST/x"; }, "signature"},
    };
    for (const Row& row : rows) {
        SCOPED_TRACE(row.name);
        Credentials credentials = mock.credentials();
        row.spoil(credentials);

        const Reply reply = mock.send("POST", bills, mock.create_body("A1").dump(), credentials);

        EXPECT_EQ(reply.status, 401);
        EXPECT_EQ(reply.code(), "SIGN_ERROR");
        EXPECT_EQ(reply.json()["detail"]["field"], row.field);
        EXPECT_TRUE(reply.is_signed_by(mock.keys()));
    }
    EXPECT_EQ(mock.control_get("/_mock/bills").json(), json::array());
}

TEST(Mock, ShapesASignErrorAsWechatDoes) {
    const MockAndMerchant mock;
    Credentials credentials = mock.credentials();
    credentials.signature = "AAAA";

    const json body = mock.send("GET", std::string(bills) + "/out-bill-no/A1", "", credentials).json();

    const std::string message = "GET\n" + std::string(bills) + "/out-bill-no/A1\n" + credentials.timestamp +
                                "\n" + credentials.nonce + "\n\n";
    EXPECT_EQ(body["message"], "错误的签名,验签失败");
    EXPECT_EQ(body["detail"]["detail"]["issue"], "sign not match");
    EXPECT_EQ(body["detail"]["location"], "authorization");
    EXPECT_EQ(body["detail"]["sign_information"]["method"], "GET");
    EXPECT_EQ(body["detail"]["sign_information"]["url"], std::string(bills) + "/out-bill-no/A1");
    EXPECT_EQ(body["detail"]["sign_information"]["sign_message_length"], message.size());
    EXPECT_EQ(body["detail"]["sign_information"]["truncated_sign_message"], message);
}

struct BadBody {
    const char* name;
    std::function<void(json&)> spoil;
    const char* code;
    const char* field;  // of a PARAM_ERROR
};

json report(const char* type, const char* content) {
    return {{"info_type", type}, {"info_content", content}};
}
std::string times(std::size_t count, const std::string& text) {
    std::string all;
    for (std::size_t i = 0; i < count; ++i) all += text;
    return all;
}

const std::vector<BadBody>& bad_bodies() {
    static const std::vector<BadBody> rows = {
        {"no appid", [](json& b) { b.erase("appid"); }, "PARAM_ERROR", "/appid"},
        {"other appid", [](json& b) { b["appid"] = "wxother"; }, "APPID_MCHID_NOT_MATCH", ""},
        {"no number", [](json& b) { b.erase("out_bill_no"); }, "PARAM_ERROR", "/out_bill_no"},
        {"underscore", [](json& b) { b["out_bill_no"] = "A_1"; }, "PARAM_ERROR", "/out_bill_no"},
        {"33 digits", [](json& b) { b["out_bill_no"] = std::string(33, '1'); }, "PARAM_ERROR",
         "/out_bill_no"},
        {"number as number", [](json& b) { b["out_bill_no"] = 1; }, "PARAM_ERROR", "/out_bill_no"},
        {"no scene", [](json& b) { b.erase("transfer_scene_id"); }, "PARAM_ERROR", "/transfer_scene_id"},
        {"unknown scene", [](json& b) { b["transfer_scene_id"] = "9999"; }, "PARAM_ERROR",
         "/transfer_scene_id"},
        {"empty openid", [](json& b) { b["openid"] = ""; }, "PARAM_ERROR", "/openid"},
        {"long openid", [](json& b) { b["openid"] = std::string(65, 'o'); }, "PARAM_ERROR", "/openid"},
        {"no amount", [](json& b) { b.erase("transfer_amount"); }, "PARAM_ERROR", "/transfer_amount"},
        {"negative", [](json& b) { b["transfer_amount"] = -100; }, "PARAM_ERROR", "/transfer_amount"},
        {"float", [](json& b) { b["transfer_amount"] = 100.0; }, "PARAM_ERROR", "/transfer_amount"},
        {"text", [](json& b) { b["transfer_amount"] = "100"; }, "PARAM_ERROR", "/transfer_amount"},
        {"2^64-1", [](json& b) { b["transfer_amount"] = UINT64_MAX; }, "PARAM_ERROR", "/transfer_amount"},
        {"no remark", [](json& b) { b.erase("transfer_remark"); }, "PARAM_ERROR", "/transfer_remark"},
        {"33 characters", [](json& b) { b["transfer_remark"] = times(33, "款"); }, "PARAM_ERROR",
         "/transfer_remark"},
        {"no url", [](json& b) { b["notify_url"] = "ftp://x/y"; }, "PARAM_ERROR", "/notify_url"},
        {"url with query", [](json& b) { b["notify_url"] = "https://x/y?z=1"; }, "PARAM_ERROR",
         "/notify_url"},
        {"perception", [](json& b) { b["user_recv_perception"] = "货款"; }, "INVALID_REQUEST", ""},
        {"no reports", [](json& b) { b.erase("transfer_scene_report_infos"); }, "PARAM_ERROR",
         "/transfer_scene_report_infos"},
        {"empty reports", [](json& b) { b["transfer_scene_report_infos"] = json::array(); }, "PARAM_ERROR",
         "/transfer_scene_report_infos"},
        {"other report", [](json& b) { b["transfer_scene_report_infos"][0]["info_type"] = "赔付原因"; },
         "PARAM_ERROR", "/transfer_scene_report_infos"},
        {"report twice",
         [](json& b) { b["transfer_scene_report_infos"].push_back(report("回收商品名称", "电脑")); },
         "PARAM_ERROR", "/transfer_scene_report_infos"},
        {"long content",
         [](json& b) { b["transfer_scene_report_infos"][0]["info_content"] = times(33, "机"); },
         "PARAM_ERROR", "/transfer_scene_report_infos/0/info_content"},
        {"red packet", [](json& b) { b["user_recv_style"] = {{"type", "RED_PACKET"}}; }, "PARAM_ERROR",
         "/user_recv_style/type"},
        {"name missing at 2000 yuan", [](json& b) { b["transfer_amount"] = 200000; }, "PARAM_ERROR",
         "/user_name"},
        {"name below 0.3 yuan",
         [](json& b) {
             b["transfer_amount"] = 29;
             b["user_name"] = "AAAA";
         },
         "PARAM_ERROR", "/user_name"},
        {"name without serial", [](json& b) { b["user_name"] = "AAAA"; }, "PARAM_ERROR", "Wechatpay-Serial"},
    };
    return rows;
}

TEST(Mock, RefusesContentThatWechatRefuses) {
    const MockAndMerchant mock;
    for (const BadBody& row : bad_bodies()) {
        SCOPED_TRACE(row.name);
        json body = mock.create_body("A1");
        row.spoil(body);

        const Reply reply = mock.create(body);

        EXPECT_EQ(reply.status, 400);
        EXPECT_EQ(reply.code(), row.code);
        if (std::string(row.code) == "PARAM_ERROR") {
            EXPECT_EQ(reply.json()["detail"]["field"], row.field);
            EXPECT_FALSE(reply.json()["detail"]["issue"].get<std::string>().empty());
        }
    }
    EXPECT_EQ(mock.control_get("/_mock/bills").json(), json::array());
}

TEST(Mock, RefusesAnAmountBeyondTheQuotaOfOneBill) {
    Options options = MockAndMerchant::quick_options();
    options.terms.merchant.quotas.per_bill_max = 1233_fen;
    const MockAndMerchant mock(options);

    const Reply reply = mock.create(mock.create_body("A1"));

    EXPECT_EQ(reply.code(), "INVALID_REQUEST");
    EXPECT_EQ(reply.json()["message"], "超过单笔转账上下限，核实产品设置是否准确");
}

TEST(Mock, AcceptsContentAtTheBounds) {
    struct Row {
        const char* number;
        std::function<void(json&)> change;
    };
    const std::vector<Row> rows = {
        {"Floor", [](json& b) { b["transfer_amount"] = 10; }},
        {"NoNameNeeded", [](json& b) { b["transfer_amount"] = 199999; }},
        {"Remark", [](json& b) { b["transfer_remark"] = times(32, "款"); }},
        {"NoPerception", [](json& b) { b.erase("user_recv_perception"); }},
        {"Unknown", [](json& b) { b["a_field_of_next_year"] = 1; }},
        {"abcdefghijklmnopqrstuvwxyz012345", [](json&) {}},
        {"Marketing",
         [](json& b) {
             b["transfer_scene_id"] = "1000";
             b["user_recv_perception"] = "现金奖励";
             b["transfer_scene_report_infos"] = {report("奖励说明", "x"), report("活动名称", "y")};
             b["user_recv_style"] = {{"type", "RED_PACKET"}};
         }},
    };
    const MockAndMerchant mock;
    for (const Row& row : rows) {
        SCOPED_TRACE(row.number);
        json body = mock.create_body(row.number);
        row.change(body);
        EXPECT_EQ(mock.create(body).status, 200);
    }
}

TEST(Mock, RefusesWhatIsNotOneJsonObjectWithoutDuplicates) {
    const MockAndMerchant mock;
    std::string duplicate = mock.create_body("A1").dump();
    duplicate.insert(1, "\"openid\":\"oThief\",");
    const std::string bodies[] = {"", "{", "[]", "null", "{} {}", "{\"appid\":\"\xff\"}", duplicate};
    for (const std::string& body : bodies) {
        SCOPED_TRACE(body);
        const Reply reply = mock.send("POST", bills, body, mock.credentials());
        EXPECT_EQ(reply.status, 400);
        EXPECT_EQ(reply.code(), "PARAM_ERROR");
    }
}

TEST(Mock, OutlivesJsonThatNestsVeryDeep) {
    const MockAndMerchant mock;
    const std::string deep = std::string(40'000, '[') + std::string(40'000, ']');

    EXPECT_EQ(mock.send("POST", bills, "{\"a\":" + deep + "}", mock.credentials()).status, 400);
    EXPECT_EQ(mock.control_post("/_mock/faults", deep).status, 400);
    EXPECT_EQ(mock.create(mock.create_body("A1")).status, 200);
}

TEST(Mock, RefusesAnAmountBelowTheFloorAsTheQuotaThatItIs) {
    const MockAndMerchant mock;
    json body = mock.create_body("A1");
    body["transfer_amount"] = 9;

    EXPECT_EQ(mock.create(body).code(), "INVALID_REQUEST");
}

TEST(Mock, DecryptsNamesAndComparesThemPlain) {
    const MockAndMerchant mock;
    const httplib::Headers serial = {{"Wechatpay-Serial", mock.keys().identity.wechatpay_public_key_id}};
    const auto body_for = [&](const std::string& name) {
        json body = mock.create_body("A1");
        body["user_name"] = encrypt_name(mock.keys().wechatpay_public_key_pem, name);
        return body;
    };
    ASSERT_EQ(mock.create(body_for("张三"), serial).status, 200);

    EXPECT_EQ(mock.create(body_for("张三"), serial).status, 200) << "another ciphertext of the same name";
    EXPECT_EQ(mock.create(body_for("李四"), serial).code(), "INVALID_REQUEST");
    const auto cipher = mock.query("A1").json()["user_name"].get<std::string>();
    EXPECT_EQ(decrypt_name(mock.keys().merchant_key_pem, cipher), "张三");
}

TEST(Mock, RefusesNamesThatItCannotDecrypt) {
    const MockAndMerchant mock;
    json body = mock.create_body("A1");
    body["user_name"] = "AAAA";

    const Reply reply =
        mock.create(body, {{"Wechatpay-Serial", mock.keys().identity.wechatpay_public_key_id}});

    EXPECT_EQ(reply.code(), "PARAM_ERROR");
    EXPECT_EQ(reply.json()["detail"]["field"], "/user_name");
}

TEST(Mock, PaysAfterTheUserConfirmed) {
    const MockAndMerchant mock;
    ASSERT_EQ(mock.create(mock.create_body("A1")).status, 200);

    EXPECT_EQ(mock.control_post("/_mock/bills/A1/confirm").status, 200);

    EXPECT_EQ(mock.wait_for("A1", "SUCCESS").status, 200);
    EXPECT_EQ(mock.query("A1").json()["state"], "SUCCESS");
    EXPECT_EQ(mock.control_get("/_mock/balance").json()["fen"], 100000000 - 1234);
    EXPECT_EQ(mock.control_post("/_mock/bills/A1/confirm").status, 400) << "only once";
}

TEST(Mock, CancelsABillWithAndWithoutABody) {
    const MockAndMerchant mock;
    for (const char* number : {"A1", "A2"}) ASSERT_EQ(mock.create(mock.create_body(number)).status, 200);

    const Reply reply = mock.cancel("A1");
    const Reply with_body =
        mock.send("POST", std::string(bills) + "/out-bill-no/A2/cancel", "{}", mock.credentials());

    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.json()["state"], "CANCELLED");
    EXPECT_TRUE(reply.json().contains("update_time"));
    EXPECT_EQ(with_body.status, 200);
    EXPECT_EQ(mock.cancel("A1").code(), "INVALID_REQUEST") << "final by now";
    EXPECT_EQ(mock.cancel("X").json()["message"], "单号错误，请检查");
}

TEST(Mock, FailsABillWithTheChosenReason) {
    const MockAndMerchant mock;
    ASSERT_EQ(mock.create(mock.create_body("A1")).status, 200);

    mock.control_post("/_mock/bills/A1/fail", R"({"fail_reason":"REAL_NAME_CHECK_FAIL"})");

    const json bill = mock.query("A1").json();
    EXPECT_EQ(bill["state"], "FAIL");
    EXPECT_EQ(bill["fail_reason"], "REAL_NAME_CHECK_FAIL");
}

TEST(Mock, AnswersNotEnoughUntilToppedUp) {
    const MockAndMerchant mock;
    mock.control_post("/_mock/balance", R"({"fen":1233})");
    const Reply refused = mock.create(mock.create_body("A1"));
    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(refused.code(), "NOT_ENOUGH");

    mock.control_post("/_mock/balance", R"({"fen":1234})");

    EXPECT_EQ(mock.create(mock.create_body("A1")).status, 200);
}

TEST(Mock, AnswersOtherPathsInWechatsErrorShape) {
    const MockAndMerchant mock;
    for (const char* target : {"/", "/v3/fund-app/mch-transfer/transfer-bills", "/v3/certificates",
                               "/v3/fund-app/mch-transfer/transfer-bills/out-bill-no", "/%0a"}) {
        SCOPED_TRACE(target);
        const Reply reply = mock.send("GET", target, "", mock.credentials());
        EXPECT_EQ(reply.status, 404);
        EXPECT_FALSE(reply.code().empty());
        EXPECT_TRUE(reply.is_signed_by(mock.keys()));
    }
}

}  // namespace
}  // namespace tixian::mock
