// SPDX-License-Identifier: MIT
#include "tixian/wechat/scene.hpp"

#include <gtest/gtest.h>

#include "tixian/wechat/merchant.hpp"

namespace tixian::wechat {
namespace {

Scene complete(const KnownScene& known) {
    Scene scene{std::string(known.id), std::string(known.perceptions.front()), {}};
    for (const std::string_view type : known.info_types) {
        if (!type.empty()) scene.report_infos.emplace_back(type, "内容");
    }
    return scene;
}

TEST(Scene, OfTheDefaultIsSecondHandRecycling) {
    EXPECT_TRUE(check(Scene{}).has_value());
    EXPECT_EQ(find_scene(Scene{}.id)->name, "二手回收");
    EXPECT_EQ(scene_warning(Scene{}), "");
}

TEST(Scene, IsTakenWithAllItsRowsAndEachOfItsPerceptions) {
    EXPECT_EQ(known_scenes.size(), 8U);
    for (const KnownScene& known : known_scenes) {
        Scene scene = complete(known);
        for (const std::string_view perception : known.perceptions) {
            SCOPED_TRACE(std::string(known.id) + std::string(perception));
            scene.user_recv_perception = perception;
            EXPECT_TRUE(check(scene).has_value());
        }
    }
}

TEST(Scene, IsRefusedWithARowTooFewTooManyTwiceOrForeign) {
    for (const KnownScene& known : known_scenes) {
        if (known.certainty != Certainty::official) continue;
        SCOPED_TRACE(known.id);
        Scene missing = complete(known), more = missing, twice = missing, foreign = missing;
        missing.report_infos.pop_back();
        more.report_infos.emplace_back("别的", "内容");
        twice.report_infos.push_back(twice.report_infos.front());
        foreign.report_infos.back().first = "别的";
        for (const Scene& bad : {missing, more, twice, foreign})
            EXPECT_EQ(check(bad).error().field, "transfer_scene_report_infos");
    }
}

TEST(Scene, ThatOthersOnlyReportIsNotRefusedForItsRowsOrItsPerception) {
    for (const KnownScene& known : known_scenes) {
        if (known.certainty == Certainty::official) continue;
        SCOPED_TRACE(known.id);
        Scene scene = complete(known);
        scene.report_infos.emplace_back("别的", "内容");
        scene.user_recv_perception = "别的款项";

        EXPECT_TRUE(check(scene).has_value());
        EXPECT_NE(scene_warning(scene).find(known.id), std::string::npos);
    }
}

TEST(Scene, IsRefusedWithAForeignPerception) {
    Scene scene;
    scene.user_recv_perception = "货款";

    const Error error = check(scene).error();

    EXPECT_EQ(error.field, "user_recv_perception");
    EXPECT_NE(error.message.find("二手回收货款"), std::string::npos);
}

TEST(Scene, HasRowsWithinTheBoundsOfTheSheet) {
    Scene scene{"9999", "", {{"一二三四五六七八九十一二三四五", std::string(32, 'x')}}};
    EXPECT_TRUE(check(scene).has_value());
    Scene long_type = scene, long_content = scene, empty_content = scene, no_rows = scene, long_id = scene;
    long_type.report_infos[0].first += "六";
    long_content.report_infos[0].second += "x";
    empty_content.report_infos[0].second.clear();
    no_rows.report_infos.clear();
    long_id.id = std::string(37, '1');
    for (const Scene& bad : {long_type, long_content, empty_content, no_rows})
        EXPECT_EQ(check(bad).error().field, "transfer_scene_report_infos");
    EXPECT_EQ(check(long_id).error().field, "transfer_scene_id");
}

TEST(Scene, ThatIsNotKnownOrOnlyReportedIsAllowedWithAWarning) {
    EXPECT_NE(scene_warning(Scene{"1006", "", {{"x", "y"}}}).find("1006"), std::string::npos);
    EXPECT_NE(scene_warning(complete(*find_scene("1009"))).find("1009"), std::string::npos);
    EXPECT_TRUE(check(Scene{"1006", "报销款", {{"x", "y"}}}).has_value());
}

class MerchantCheck : public ::testing::Test {
 protected:
    MerchantCheck() {
        merchant_.channel = ChannelName::parse("wechat").value();
        merchant_.mchid = Mchid::parse("1900000001").value();
        merchant_.appid = Appid::parse("wxf636efh567hg4356").value();
    }
    [[nodiscard]] std::string refused_field() const {
        const auto sane = check(merchant_);
        return sane ? "" : sane.error().field;
    }

    Merchant merchant_;
};

TEST_F(MerchantCheck, TakesTheDefaults) { EXPECT_EQ(refused_field(), ""); }

TEST_F(MerchantCheck, NamesWhatIsMissing) {
    Merchant empty;
    EXPECT_EQ(check(empty).error().field, "channel");
    empty.channel = merchant_.channel;
    EXPECT_EQ(check(empty).error().field, "mchid");
    empty.mchid = merchant_.mchid;
    EXPECT_EQ(check(empty).error().field, "appid");
}

TEST_F(MerchantCheck, RefusesANotifyUrlThatWechatWouldNotCall) {
    for (const char* url : {"http://pay.example.com/notify", "https://pay.example.com/n?x=1",
                            "https://pay.example.com/n#x", "ftp://pay.example.com", "pay.example.com",
                            "https://pay.example.com/a b", "http://127.0.0.1:9000/notify", "https://",
                            "https:///n", "https://localhost/n", "https://u:p@pay.example.com/n",
                            "https://pay.example.com:0/n", "https://pay.example.com:99999999999/n"}) {
        SCOPED_TRACE(url);
        merchant_.notify_url = url;
        EXPECT_EQ(refused_field(), "notify_url");
    }
    merchant_.notify_url = "https://pay.example.com/" + std::string(232, 'n');
    EXPECT_EQ(refused_field(), "");
    merchant_.notify_url += "n";
    EXPECT_EQ(refused_field(), "notify_url");
}

TEST_F(MerchantCheck, TakesAnHttpUrlOnlyOnLoopbackAndOnlyWhenItIsSaid) {
    merchant_.loopback_notify_url = true;
    for (const char* url : {"http://127.0.0.1:9000/notify", "http://localhost/n", "http://[::1]:1/n"}) {
        SCOPED_TRACE(url);
        merchant_.notify_url = url;
        EXPECT_EQ(refused_field(), "");
    }
    for (const char* url : {"http://127.0.0.1.example.com/n", "http://localhosts/n", "http://10.0.0.1/n"}) {
        SCOPED_TRACE(url);
        merchant_.notify_url = url;
        EXPECT_EQ(refused_field(), "notify_url");
    }
}

TEST_F(MerchantCheck, WarnsOfARedPacketWhereOthersReportThatTheSceneHasNone) {
    EXPECT_EQ(warning(merchant_), "");
    merchant_.user_recv_style = UserRecvStyle::red_packet;
    EXPECT_EQ(refused_field(), "");
    EXPECT_NE(warning(merchant_).find("RED_PACKET"), std::string::npos);
    merchant_.scene = complete(*find_scene("1000"));
    EXPECT_EQ(warning(merchant_), "");
}

TEST_F(MerchantCheck, RefusesARemarkThatIsEmptyOrLong) {
    merchant_.remark.clear();
    EXPECT_EQ(refused_field(), "transfer_remark");
    merchant_.remark = std::string(33, 'x');
    EXPECT_EQ(refused_field(), "transfer_remark");
}

}  // namespace
}  // namespace tixian::wechat
