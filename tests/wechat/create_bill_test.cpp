// SPDX-License-Identifier: MIT
#include "tixian/wechat/create_bill.hpp"

#include <regex>

#include <gtest/gtest.h>

#include "wechat_side.hpp"

namespace tixian::wechat {
namespace {

/// One line of the table in wechat_spec 1.2.
struct Field {
    const char* name;
    bool is_required;
    const char* type;
    std::size_t characters_max;  ///< of a string
};
constexpr Field fields[] = {
    {"appid", true, "string", 32},
    {"out_bill_no", true, "string", 32},
    {"transfer_scene_id", true, "string", 36},
    {"openid", true, "string", 64},
    {"user_name", false, "string", 1024},
    {"transfer_amount", true, "number", 0},
    {"transfer_remark", true, "string", 32},
    {"notify_url", false, "string", 256},
    {"user_recv_perception", false, "string", 32},
    {"transfer_scene_report_infos", true, "array", 0},
    {"user_recv_style", false, "object", 0},
};

class CreateBill : public ::testing::Test {
 protected:
    [[nodiscard]] nlohmann::json body(const Withdrawal& w) const {
        const TransferBills transfers(merchant_, side_.signer, wechat_.keys, random_, &side_.vault);
        return nlohmann::json::parse(transfers.compose(w, MerchantSide::now).value().body);
    }
    void expect_fields(const nlohmann::json& body) const {
        std::size_t found = 0;
        for (const Field& field : fields) {
            SCOPED_TRACE(field.name);
            EXPECT_TRUE(body.contains(field.name) || !field.is_required);
            if (!body.contains(field.name)) continue;
            ++found;
            const auto& value = body.at(field.name);
            EXPECT_STREQ(value.type_name(), field.type);
            if (value.is_string()) {
                const auto length = utf8_characters(value.get<std::string>());
                EXPECT_TRUE(length && 1 <= *length && *length <= field.characters_max);
            }
        }
        EXPECT_EQ(found, body.size()) << "a field that the sheet does not have: " << body;
        EXPECT_TRUE(body.at("transfer_amount").is_number_unsigned());
        EXPECT_TRUE(std::regex_match(body.at("out_bill_no").get<std::string>(), std::regex("[0-9A-Za-z]+")));
        for (const auto& row : body.at("transfer_scene_report_infos")) {
            EXPECT_EQ(row.size(), 2U);
            EXPECT_TRUE(row.at("info_type").is_string());
            EXPECT_TRUE(row.at("info_content").is_string());
        }
    }

    WechatSide wechat_;
    MerchantSide side_{wechat_.keys};
    mutable testing::SeededRandom random_{2};
    Merchant merchant_ = MerchantSide::merchant(false);
};

TEST_F(CreateBill, HasTheSheetsFieldsAndNoOthersAtItsLeast) {
    merchant_.notify_url.clear();
    merchant_.scene.user_recv_perception.clear();

    const auto least = body(MerchantSide::withdrawal());

    expect_fields(least);
    EXPECT_EQ(least.size(), 7U);
}

TEST_F(CreateBill, HasTheSheetsFieldsWithinTheirBoundsAtItsMost) {
    merchant_.appid = Appid::parse("wx" + std::string(30, 'a')).value();
    merchant_.notify_url = "https://pay.example.com/" + std::string(232, 'n');
    merchant_.scene = {"1000", "现金奖励", {{"活动名称", std::string(32, 'x')}, {"奖励说明", "y"}}};
    merchant_.user_recv_style = UserRecvStyle::confirm_page;
    ASSERT_TRUE(check(merchant_).has_value());
    Withdrawal w = side_.named_withdrawal(99'999'999'999_fen, std::string(214, 'n'));
    w.id = WithdrawalId::parse(std::string(32, 'W')).value();
    w.order.openid = Openid::parse(std::string(64, 'o')).value();
    w.order.remark = "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二";

    const auto most = body(w);

    expect_fields(most);
    EXPECT_EQ(most.size(), std::size(fields));
    EXPECT_EQ(most.at("transfer_amount"), 99'999'999'999);
    EXPECT_EQ(most.at("user_recv_style"), nlohmann::json({{"type", "CONFIRM_PAGE"}}));
}

TEST_F(CreateBill, NamesThePayeeByTheAmount) {
    struct {
        Money amount;
        OptionalName between;
        bool has_name;
        NameUse use;
    } constexpr rows[] = {
        {29_fen, OptionalName::always, true, NameUse::left_out},
        {29_fen, OptionalName::if_given, false, NameUse::left_out},
        {30_fen, OptionalName::if_given, true, NameUse::sent},
        {30_fen, OptionalName::if_given, false, NameUse::left_out},
        {30_fen, OptionalName::never, true, NameUse::left_out},
        {30_fen, OptionalName::always, false, NameUse::required},
        {199999_fen, OptionalName::never, true, NameUse::left_out},
        {199999_fen, OptionalName::if_given, true, NameUse::sent},
        {200000_fen, OptionalName::never, true, NameUse::required},
        {200000_fen, OptionalName::if_given, false, NameUse::required},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.amount.yuan());
        merchant_.names.between = row.between;
        Withdrawal w = row.has_name ? side_.named_withdrawal(row.amount) : MerchantSide::withdrawal();
        w.order.amount = row.amount;
        EXPECT_EQ(name_use(merchant_.names, w.order), row.use);
        const bool is_refused = row.use == NameUse::required && !row.has_name;
        EXPECT_EQ(check_order(merchant_, w.order).has_value(), !is_refused);
        if (!is_refused) {
            EXPECT_EQ(body(w).contains("user_name"), row.use != NameUse::left_out);
        }
    }
}

TEST_F(CreateBill, RefusesANameThatCannotBeSent) {
    EXPECT_TRUE(check_user_name("张三").has_value());
    EXPECT_TRUE(check_user_name("Zoë O'Neill-Smith").has_value());
    for (const std::string& name : {std::string(), std::string(215, 'n'), std::string("\xff"),
                                    std::string("a\nb"), std::string("\x7f")})
        EXPECT_EQ(check_user_name(name).error().field, "real_name");
}

TEST_F(CreateBill, RefusesARedPacketAbove200Yuan) {
    merchant_.user_recv_style = UserRecvStyle::red_packet;
    Order order = MerchantSide::withdrawal().order;
    order.amount = 20000_fen;
    EXPECT_TRUE(check_order(merchant_, order).has_value());
    order.amount = 20001_fen;
    EXPECT_EQ(check_order(merchant_, order).error().code, ErrorCode::amount_above_maximum);
}

TEST_F(CreateBill, ChangesNothingButTheName) {
    EXPECT_EQ(with_user_name(R"({"a":1,"user_name":"x","b":"中"})", "y"),
              R"({"a":1,"user_name":"y","b":"中"})");
    for (const char* body : {"", "[]", "{}", "nonsense"}) EXPECT_EQ(with_user_name(body, "y"), std::nullopt);
}

}  // namespace
}  // namespace tixian::wechat
