// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "tixian/enum_text.hpp"

namespace tixian::wechat {

/// Who can do something about a payout that WeChat failed. Our own sorting (wechat_spec 1.5, "Sorting hint").
enum class FailClass {
    user_acts,        ///< the user has to put something right, then may withdraw again
    wait,             ///< the user has reached a limit of WeChat's that ends by itself
    merchant_config,  ///< somebody at the merchant has to put something right; until then all such fail
    offer_again,      ///< nothing is wrong: the user may withdraw again
    manual,           ///< a person has to look at it
};

namespace detail {
inline constexpr tixian::detail::EnumText<FailClass, 5> fail_class_text{
    {"user_acts", "wait", "merchant_config", "offer_again", "manual"}};
}
[[nodiscard]] constexpr std::string_view name(FailClass value) { return detail::fail_class_text.name(value); }

/// A value of `fail_reason`, and what to tell the user: what happened, and what to do next.
struct FailReason {
    std::string_view code;
    FailClass fail_class = FailClass::manual;
    std::string_view sentence;
    std::string_view next_step;
};

namespace detail {

using enum FailClass;

inline constexpr std::string_view ask_support = "请联系客服。";
inline constexpr std::string_view tomorrow = "请明天再提现。";
inline constexpr std::string_view next_month = "请下月再提现。";
inline constexpr std::string_view later_or_support = "请稍后再试，或联系客服。";
inline constexpr std::string_view call_wechat = "请联系微信支付客服 95017 后重新提现。";
inline constexpr std::string_view other_card = "请在微信「服务 › 钱包」检查或更换银行卡后重新提现。";

/// What WeChat says while it gives no known reason.
inline constexpr FailReason unknown_fail_reason{"", manual, "微信没有完成这笔提现，资金已退回可提现余额。",
                                                "请稍后重新提现，或联系客服。"};

}  // namespace detail

/// The values that are known: wechat_spec 1.5 (current transfers) and 2 (older batches). An open set.
inline constexpr std::array fail_reasons = std::to_array<FailReason>({
    {"ACCOUNT_FROZEN", detail::user_acts, "你的微信支付账户被冻结。",
     "请联系微信支付客服 95017 解除后重新提现。"},
    {"ACCOUNT_NOT_EXIST", detail::user_acts, "你的微信还未开通微信支付。", "请开通后重新提现。"},
    {"BANK_CARD_ACCOUNT_ABNORMAL", detail::user_acts, "收款银行卡状态异常。", detail::other_card},
    {"BANK_CARD_BANK_INFO_WRONG", detail::user_acts, "收款银行卡的开户行信息有误。", detail::other_card},
    {"BANK_CARD_CARD_INFO_WRONG", detail::user_acts, "收款银行卡的卡号或户名有误。", detail::other_card},
    {"BANK_CARD_COLLECTIONS_ABOVE_QUOTA", detail::wait, "收款银行卡的收款额度已用完。", detail::tomorrow},
    {"BANK_CARD_PARAM_ERROR", detail::user_acts, "收款银行卡信息有误。", detail::other_card},
    {"BANK_CARD_STATUS_ABNORMAL", detail::user_acts, "收款银行卡不能收款。", detail::other_card},
    {"BLOCK_B2C_USERLIMITAMOUNT_BSRULE_MONTH", detail::wait, "你本月的收款金额已达微信上限。",
     detail::next_month},
    {"BLOCK_B2C_USERLIMITAMOUNT_MONTH", detail::wait, "你本月的收款金额已达微信上限。", detail::next_month},
    {"BUDGET_NOT_ENOUGH", detail::merchant_config, "付款方本期的转账预算已用完。", detail::later_or_support},
    {"DAY_RECEIVED_COUNT_EXCEED", detail::wait, "你今天的收款次数已达微信上限。", detail::tomorrow},
    {"DAY_RECEIVED_QUOTA_EXCEED", detail::wait, "你今天的收款金额已达微信上限。", detail::tomorrow},
    {"EXCEEDED_ESTIMATED_AMOUNT", detail::merchant_config, "金额超出付款方预先登记的范围。",
     detail::ask_support},
    {"ID_CARD_NOT_CORRECT", detail::user_acts, "身份信息与微信实名信息不一致。", "请核对后重新提现。"},
    {"MCH_CANCEL", detail::offer_again, "提现已取消。", "可以重新提现。"},
    {"MERCHANT_NOT_CONFIRM", detail::offer_again, "付款方没有及时确认这笔提现。", "请重新提现或联系客服。"},
    {"MERCHANT_REJECT", detail::offer_again, "付款方未通过这笔提现。", detail::ask_support},
    {"MONTH_RECEIVED_QUOTA_EXCEED", detail::wait, "你本月的收款金额已达微信上限。", detail::next_month},
    {"NAME_NOT_CORRECT", detail::user_acts, "姓名与微信实名信息不一致。", "请核对后重新提现。"},
    {"OPENID_INVALID", detail::merchant_config, "收款微信无效。", "请重新绑定微信后再提现。"},
    {"OTHER_FAIL_REASON_TYPE", detail::manual, "微信没有完成这笔提现，资金已退回可提现余额。",
     detail::later_or_support},
    {"OVERDUE_CLOSE", detail::offer_again, "超过 24 小时未确认收款，提现已关闭。",
     "可以重新提现，并尽快确认。"},
    {"PAYEE_ACCOUNT_ABNORMAL", detail::user_acts, "你的微信收款账户异常。", detail::call_wechat},
    {"PAYER_ACCOUNT_ABNORMAL", detail::merchant_config, "付款方账户异常。", detail::later_or_support},
    {"PRODUCT_AUTH_CHECK_FAIL", detail::merchant_config, "付款方暂时不能向你转账。",
     detail::later_or_support},
    {"REALNAME_ACCOUNT_RECEIVED_QUOTA_EXCEED", detail::wait, "你的微信零钱收款额度已用完。",
     "请升级实名账户，或下月再提现。"},
    {"REAL_NAME_CHECK_FAIL", detail::user_acts, "你的微信还未实名认证，或姓名与实名信息不一致。",
     "请在微信「服务 › 钱包 › 实名认证」完成并核对姓名后重新提现。"},
    {"RECEIVE_ACCOUNT_NOT_CONFIGURE", detail::merchant_config, "付款方还没有设置好收款方式。",
     detail::ask_support},
    {"RECEIVE_ACCOUNT_NOT_PERMMIT", detail::merchant_config, "付款方不能向这个账户转账。",
     detail::ask_support},
    {"RELATED_ORDER_TRANSFER_AMOUNT_EXCEED", detail::merchant_config, "金额超出所关联订单的范围。",
     detail::ask_support},
    {"RELATED_ORDER_TRANSFER_COUNT_EXCEED", detail::merchant_config, "所关联订单的转账次数已用完。",
     detail::ask_support},
    {"RESERVATION_INFO_NOT_MATCH", detail::merchant_config, "提现与预约的信息不一致。", detail::ask_support},
    {"RESERVATION_SCENE_NOT_MATCH", detail::merchant_config, "提现与预约的用途不一致。", detail::ask_support},
    {"RESERVATION_STATE_INVALID", detail::merchant_config, "这笔提现的预约已失效。", detail::ask_support},
    {"TRANSFER_QUOTA_EXCEED", detail::merchant_config, "金额超出微信允许的范围。", "请换一个金额重新提现。"},
    {"TRANSFER_REMARK_SET_FAIL", detail::merchant_config, "转账备注不被微信接受。", detail::ask_support},
    {"TRANSFER_RISK", detail::manual, "这笔提现被微信风控拦截。", detail::later_or_support},
    {"TRANSFER_SCENE_INVALID", detail::merchant_config, "付款方的转账用途设置有误。", detail::ask_support},
    {"TRANSFER_SCENE_UNAVAILABLE", detail::merchant_config, "付款方的转账用途暂不可用。",
     detail::later_or_support},
});

/// nullptr for a value that is not known.
[[nodiscard]] constexpr const FailReason* find_fail_reason(std::string_view code) {
    for (const FailReason& reason : fail_reasons) {
        if (reason.code == code) return &reason;
    }
    return nullptr;
}

/// A value that is not known is for a person, and the user hears so in general words.
[[nodiscard]] constexpr const FailReason& fail_reason(std::string_view code) {
    const FailReason* known = find_fail_reason(code);
    return known == nullptr ? detail::unknown_fail_reason : *known;
}

/// Sentence and next step in one text.
[[nodiscard]] inline std::string user_message(const FailReason& reason) {
    return std::string(reason.sentence) + std::string(reason.next_step);
}

}  // namespace tixian::wechat
