// SPDX-License-Identifier: MIT
#include "tixian/wechat/fail_reason.hpp"

#include <set>

#include <gtest/gtest.h>

#include "tixian/bill.hpp"
#include "tixian/wechat/utf8.hpp"

namespace tixian::wechat {
namespace {

/// wechat_spec 1.5, and what section 2 has beside it.
constexpr const char* sheet[] = {
    "ACCOUNT_FROZEN",
    "ACCOUNT_NOT_EXIST",
    "BANK_CARD_ACCOUNT_ABNORMAL",
    "BANK_CARD_BANK_INFO_WRONG",
    "BANK_CARD_CARD_INFO_WRONG",
    "BANK_CARD_COLLECTIONS_ABOVE_QUOTA",
    "BANK_CARD_PARAM_ERROR",
    "BANK_CARD_STATUS_ABNORMAL",
    "BLOCK_B2C_USERLIMITAMOUNT_BSRULE_MONTH",
    "BLOCK_B2C_USERLIMITAMOUNT_MONTH",
    "DAY_RECEIVED_COUNT_EXCEED",
    "DAY_RECEIVED_QUOTA_EXCEED",
    "EXCEEDED_ESTIMATED_AMOUNT",
    "ID_CARD_NOT_CORRECT",
    "MCH_CANCEL",
    "MERCHANT_REJECT",
    "MERCHANT_NOT_CONFIRM",
    "NAME_NOT_CORRECT",
    "OPENID_INVALID",
    "OTHER_FAIL_REASON_TYPE",
    "OVERDUE_CLOSE",
    "PAYEE_ACCOUNT_ABNORMAL",
    "PAYER_ACCOUNT_ABNORMAL",
    "PRODUCT_AUTH_CHECK_FAIL",
    "REALNAME_ACCOUNT_RECEIVED_QUOTA_EXCEED",
    "REAL_NAME_CHECK_FAIL",
    "RECEIVE_ACCOUNT_NOT_CONFIGURE",
    "RESERVATION_INFO_NOT_MATCH",
    "RESERVATION_SCENE_NOT_MATCH",
    "RESERVATION_STATE_INVALID",
    "TRANSFER_QUOTA_EXCEED",
    "TRANSFER_REMARK_SET_FAIL",
    "TRANSFER_RISK",
    "TRANSFER_SCENE_INVALID",
    "TRANSFER_SCENE_UNAVAILABLE",
    "RELATED_ORDER_TRANSFER_AMOUNT_EXCEED",
    "RELATED_ORDER_TRANSFER_COUNT_EXCEED",
    "BUDGET_NOT_ENOUGH",
    "MONTH_RECEIVED_QUOTA_EXCEED",
    "RECEIVE_ACCOUNT_NOT_PERMMIT",
};

TEST(FailReason, KnowsEachOfTheSheetOnce) {
    std::set<std::string_view> codes;
    for (const FailReason& reason : fail_reasons)
        EXPECT_TRUE(codes.insert(reason.code).second) << reason.code;

    for (const char* code : sheet) EXPECT_TRUE(codes.contains(code)) << code;
    EXPECT_EQ(codes.size(), std::size(sheet));
}

TEST(FailReason, HasASentenceAndANextStepForTheUser) {
    for (const FailReason& reason : fail_reasons) {
        SCOPED_TRACE(reason.code);
        for (const std::string_view text : {reason.sentence, reason.next_step}) {
            EXPECT_TRUE(text.ends_with("。"));
            EXPECT_GT(utf8_characters(text).value_or(0), 4U);
        }
        EXPECT_EQ(user_message(reason).find(reason.code), std::string::npos);
    }
}

TEST(FailReason, SortsWhoCanDoSomething) {
    struct {
        const char* code;
        FailClass expected;
    } constexpr rows[] = {
        {"REAL_NAME_CHECK_FAIL", FailClass::user_acts},
        {"ACCOUNT_FROZEN", FailClass::user_acts},
        {"DAY_RECEIVED_QUOTA_EXCEED", FailClass::wait},
        {"BLOCK_B2C_USERLIMITAMOUNT_MONTH", FailClass::wait},
        {"PRODUCT_AUTH_CHECK_FAIL", FailClass::merchant_config},
        {"OPENID_INVALID", FailClass::merchant_config},
        {"TRANSFER_QUOTA_EXCEED", FailClass::merchant_config},
        {"OVERDUE_CLOSE", FailClass::offer_again},
        {"MERCHANT_REJECT", FailClass::offer_again},
        {"TRANSFER_RISK", FailClass::manual},
        {"SOMETHING_NEW", FailClass::manual},
        {"", FailClass::manual},
    };
    for (const auto& row : rows) EXPECT_EQ(name(fail_reason(row.code).fail_class), name(row.expected));
}

TEST(FailReason, OfWhichNothingIsKnownStillHasWordsForTheUser) {
    EXPECT_EQ(find_fail_reason("SOMETHING_NEW"), nullptr);
    EXPECT_NE(user_message(fail_reason("SOMETHING_NEW")).find("资金已退回"), std::string::npos);
}

// R6, R14: an unknown state is kept raw and is never final.
TEST(BillState, ThatIsNotKnownIsNeverFinal) {
    for (const char* raw : {"", "SUCCESSFUL", "success", "CANCELED", "TRANSFERRING", "WAITING"})
        EXPECT_FALSE(is_final(parse_bill_state(raw))) << raw;
    for (const char* raw : {"SUCCESS", "FAIL", "CANCELLED"})
        EXPECT_TRUE(is_final(parse_bill_state(raw))) << raw;
}

}  // namespace
}  // namespace tixian::wechat
