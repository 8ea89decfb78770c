// SPDX-License-Identifier: MIT
#include "tixian/wechat/user_authorization_requests.hpp"

#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "wechat_side.hpp"

namespace tixian::wechat {
namespace {

AuthorizationNo out_no() { return AuthorizationNo::parse("AU20250101").value(); }

AuthorizationRequest asked() {
    return {out_no(),
            Appid::parse("wxf636efh567hg4356").value(),
            Openid::parse("o-1").value(),
            "1010",
            "微信用户",
            "二手回收货款",
            "https://pay.example.com/authorization",
            SceneInfo{"10.0.0.1", "device-1", DeviceType::harmony}};
}

class UserAuthorizationTest : public ::testing::Test {
 protected:
    template <class Parse>
    [[nodiscard]] auto read(const std::string& body, const Parse& parse) const {
        return read_answer(wechat_.keys, wechat_.respond(200, body), parse);
    }
    [[nodiscard]] Submission create() const {
        Submission submission =
            merchant_.transfers.compose(MerchantSide::withdrawal(), MerchantSide::now).value();
        submission.key_serial = "PUB_KEY_ID_1";
        return submission;
    }
    [[nodiscard]] static nlohmann::ordered_json json_of(const ApiRequest& request) {
        return nlohmann::ordered_json::parse(request.body);
    }

    WechatSide wechat_;
    MerchantSide merchant_{wechat_.keys};
    const AuthorizationInfo info_{out_no(), "微信用户", "https://pay.example.com/authorization"};
};

TEST_F(UserAuthorizationTest, IsAskedForAsTheSheetHasIt) {
    const ApiRequest request = authorization_request(asked()).value();

    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.url, "/v3/fund-app/mch-transfer/user-confirm-authorization");
    EXPECT_EQ(
        request.body,
        R"({"out_authorization_no":"AU20250101","appid":"wxf636efh567hg4356","openid":"o-1",)"
        R"("transfer_scene_id":"1010","user_display_name":"微信用户","user_recv_perception":"二手回收货款",)"
        R"("authorization_notify_url":"https://pay.example.com/authorization",)"
        R"("scene_info":{"client_ip":"10.0.0.1","device_id":"device-1","device_type":"HARMONY"}})");
}

TEST_F(UserAuthorizationTest, LeavesOutWhatIsOptional) {
    AuthorizationRequest least = asked();
    least.user_recv_perception.clear();
    least.scene_info.reset();

    const auto body = json_of(authorization_request(least).value());

    EXPECT_FALSE(body.contains("user_recv_perception"));
    EXPECT_FALSE(body.contains("scene_info"));
    EXPECT_EQ(body.size(), 6U);
}

TEST_F(UserAuthorizationTest, RefusesAFieldThatWechatWouldNotTakeNamingIt) {
    struct Row {
        const char* field;
        std::function<void(AuthorizationRequest&)> spoil;
    };
    const Row rows[] = {
        {"out_authorization_no", [](auto& a) { a.out_no = {}; }},
        {"appid", [](auto& a) { a.appid = {}; }},
        {"openid", [](auto& a) { a.openid = {}; }},
        {"transfer_scene_id", [](auto& a) { a.transfer_scene_id = ""; }},
        {"transfer_scene_id", [](auto& a) { a.transfer_scene_id = std::string(37, '1'); }},
        {"transfer_scene_id", [](auto& a) { a.transfer_scene_id = "\xff"; }},
        {"user_display_name", [](auto& a) { a.user_display_name = ""; }},
        {"user_display_name", [](auto& a) { a.user_display_name = "\xff"; }},
        {"user_recv_perception", [](auto& a) { a.user_recv_perception = "\xff"; }},
        {"authorization_notify_url", [](auto& a) { a.notify_url = ""; }},
        {"authorization_notify_url", [](auto& a) { a.notify_url = "http://pay.example.com/a"; }},
        {"authorization_notify_url", [](auto& a) { a.notify_url = "https://pay.example.com/a?b=1"; }},
        {"authorization_notify_url", [](auto& a) { a.notify_url = "https://" + std::string(249, 'a'); }},
        {"client_ip", [](auto& a) { a.scene_info->client_ip = ""; }},
        {"device_id", [](auto& a) { a.scene_info->device_id = "\xff"; }},
    };
    for (const Row& row : rows) {
        AuthorizationRequest spoilt = asked();
        row.spoil(spoilt);
        const auto request = authorization_request(spoilt);
        ASSERT_FALSE(request.has_value()) << row.field;
        EXPECT_EQ(request.error().field, row.field);
        EXPECT_EQ(request.error().code, ErrorCode::invalid_argument);
    }
    EXPECT_FALSE(AuthorizationNo::parse("AU_1").has_value());
}

TEST_F(UserAuthorizationTest, IsQueriedAndClosedByItsNumber) {
    const std::string url =
        "/v3/fund-app/mch-transfer/user-confirm-authorization/out-authorization-no/AU20250101";

    EXPECT_EQ(authorization_query(out_no()).url, url + "?is_display_authorization=false");
    EXPECT_EQ(authorization_query(out_no(), true).url, url + "?is_display_authorization=true");
    EXPECT_EQ(authorization_query(out_no()).method, "GET");
    EXPECT_EQ(authorization_close(out_no()).url, url + "/close");
    EXPECT_EQ(authorization_close(out_no()).method, "POST");
}

TEST_F(UserAuthorizationTest, IsReadWithAllItsFields) {
    const auto a =
        read(R"({"out_authorization_no":"AU20250101","appid":"wx1","openid":"o-1",)"
             R"("user_display_name":"微信用户","authorization_id":"201202504101000123456789012",)"
             R"("state":"CLOSED","authorize_time":"2025-01-01T00:00:00+08:00",)"
             R"("close_info":{"close_time":"2025-01-02T00:00:00.120+08:00","close_reason":"USER_CLOSE"},)"
             R"("transfer_scene_id":"1010","user_recv_perception":"二手回收货款",)"
             R"("create_time":"2024-12-31T00:00:00+08:00","package_info":"ABC="})",
             parse_user_authorization)
            .value();

    EXPECT_EQ(a.out_no, out_no());
    EXPECT_EQ(a.id->text(), "201202504101000123456789012");
    EXPECT_EQ(a.appid->text(), "wx1");
    EXPECT_EQ(a.openid->text(), "o-1");
    EXPECT_EQ(a.user_display_name, "微信用户");
    EXPECT_EQ(a.state, AuthorizationState::closed);
    EXPECT_EQ(a.transfer_scene_id, "1010");
    EXPECT_EQ(a.user_recv_perception, "二手回收货款");
    EXPECT_EQ(a.package_info, "ABC=");
    EXPECT_EQ(a.created_at, parse_rfc3339("2024-12-31T00:00:00+08:00").value());
    EXPECT_EQ(a.authorized_at, parse_rfc3339("2025-01-01T00:00:00+08:00").value());
    EXPECT_EQ(a.closed_at, parse_rfc3339("2025-01-02T00:00:00.120+08:00").value());
    EXPECT_EQ(a.close_reason, "USER_CLOSE");
}

TEST_F(UserAuthorizationTest, TellsItsStatesApartAndKeepsAnUnknownOneRaw) {
    constexpr struct {
        const char* raw;
        AuthorizationState state;
        bool is_final;
    } rows[] = {
        {"WAIT_USER_CONFIRM", AuthorizationState::wait_user_confirm, false},
        {"TAKING_EFFECT", AuthorizationState::taking_effect, false},
        {"CLOSED", AuthorizationState::closed, true},
        {"PAUSED", AuthorizationState::unknown, false},
        {"UNKNOWN", AuthorizationState::unknown, false},
    };
    for (const auto& row : rows) {
        const auto a = read(R"({"out_authorization_no":"A","state":")" + std::string(row.raw) + "\"}",
                            parse_user_authorization)
                           .value();
        EXPECT_EQ(name(a.state), name(row.state));
        EXPECT_EQ(a.raw_state, row.raw);
        EXPECT_EQ(is_final(a.state), row.is_final);
    }
}

TEST_F(UserAuthorizationTest, RefusesAnAnswerThatIsNotOfTheDocumentedFormNamingTheField) {
    constexpr struct {
        const char* body;
        const char* message;
    } rows[] = {
        {R"({"state":"CLOSED"})", "out_authorization_no is missing"},
        {R"({"out_authorization_no":"A_1","state":"CLOSED"})",
         "out_authorization_no out_authorization_no must be 1 to 32 letters or digits"},
        {R"({"out_authorization_no":"A"})", "state must be a string"},
        {R"({"out_authorization_no":"A","state":"CLOSED","openid":1})", "openid must be a string"},
        {R"({"out_authorization_no":"A","state":"CLOSED","create_time":"yesterday"})",
         "create_time must be a time"},
        {R"({"out_authorization_no":"A","state":"CLOSED","close_info":[]})", "close_info must be an object"},
        {R"({"out_authorization_no":"A","state":"CLOSED","close_info":{"close_reason":1}})",
         "close_reason must be a string"},
    };
    for (const auto& row : rows)
        EXPECT_EQ(read(row.body, parse_user_authorization).error().message, row.message);
}

TEST_F(UserAuthorizationTest, IsAskedForTogetherWithATransfer) {
    const ApiRequest request =
        transfer_asking_authorization(create(), info_, Mchid::parse("1900001109").value()).value();

    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.url, "/v3/fund-app/mch-transfer/transfer-bills/pre-transfer-with-authorization");
    EXPECT_EQ(request.key_serial, "PUB_KEY_ID_1");
    auto body = json_of(request);
    EXPECT_EQ(body["authorization_info"].dump(),
              R"({"user_display_name":"微信用户","out_authorization_no":"AU20250101",)"
              R"("authorization_notify_url":"https://pay.example.com/authorization"})");
    EXPECT_EQ(body["sponsor_mchid"], "1900001109");
    body.erase("authorization_info");
    body.erase("sponsor_mchid");
    EXPECT_EQ(body.dump(), create().body);
}

TEST_F(UserAuthorizationTest, PaysWithoutConfirmationByEitherNumber) {
    const auto id = AuthorizationId::parse("201202504101000123456789012").value();

    const ApiRequest by_id = authorized_transfer(create(), id).value();
    const ApiRequest by_out_no = authorized_transfer(create(), out_no()).value();

    EXPECT_EQ(by_id.method, "POST");
    EXPECT_EQ(by_id.url, "/v3/fund-app/mch-transfer/transfer-bills/transfer");
    EXPECT_EQ(by_id.key_serial, "PUB_KEY_ID_1");
    auto expected = nlohmann::ordered_json::parse(create().body);
    expected.erase("openid");
    auto with_id = expected, with_out_no = expected;
    with_id["authorization_id"] = "201202504101000123456789012";
    with_out_no["out_authorization_no"] = "AU20250101";
    EXPECT_EQ(by_id.body, with_id.dump());
    EXPECT_EQ(by_out_no.body, with_out_no.dump());
}

TEST_F(UserAuthorizationTest, RefusesATransferThatLacksItsCreateOrItsAuthorization) {
    EXPECT_EQ(authorized_transfer(create(), AuthorizationId()).error().field, "authorization_id");
    EXPECT_EQ(authorized_transfer(create(), AuthorizationNo()).error().field, "out_authorization_no");
    EXPECT_EQ(authorized_transfer({"not json", ""}, out_no()).error().field, "submission");
    EXPECT_EQ(transfer_asking_authorization({"[]", ""}, info_).error().field, "submission");
    EXPECT_EQ(transfer_asking_authorization(create(), {out_no(), "", info_.notify_url}).error().field,
              "user_display_name");
}

TEST_F(UserAuthorizationTest, ReadsTheReplyToATransferThatAskedForIt) {
    const auto reply =
        read(R"({"out_bill_no":"WD1","transfer_bill_no":"1330","create_time":"2025-01-01T00:00:00+08:00",)"
             R"("state":"WAIT_USER_CONFIRM","package_info":"ABC=","user_display_name":"微信用户",)"
             R"("out_authorization_no":"AU20250101"})",
             parse_transfer_asking_authorization)
            .value();

    EXPECT_EQ(reply.bill.state, BillState::wait_user_confirm);
    EXPECT_EQ(reply.bill.package_info, "ABC=");
    EXPECT_EQ(reply.out_no, out_no());
    EXPECT_EQ(reply.user_display_name, "微信用户");
}

// wechat_spec 1.7 L: 200 with another state than SUCCESS is unexpected.
TEST_F(UserAuthorizationTest, TakesOnlySuccessOfATransferWithoutConfirmationAtItsWord) {
    const auto reply = [&](const std::string& state) {
        return read(R"({"mch_id":"1900000001","out_bill_no":"WD1","transfer_bill_no":"1330","state":")" +
                        state + R"(","transfer_amount":1234,"transfer_remark":"r","openid":"o-1"})",
                    parse_authorized_transfer)
            .value();
    };

    EXPECT_EQ(reply("SUCCESS").state, BillState::success);
    EXPECT_EQ(reply("SUCCESS").amount, 1234_fen);
    for (const char* state : {"ACCEPTED", "PROCESSING", "TRANSFERING", "FAIL", "CANCELLED", "NEW"}) {
        EXPECT_EQ(reply(state).state, BillState::unknown) << state;
        EXPECT_EQ(reply(state).raw_state, state);
        EXPECT_FALSE(is_final(reply(state).state));
    }
}

}  // namespace
}  // namespace tixian::wechat
