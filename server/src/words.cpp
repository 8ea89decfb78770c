// SPDX-License-Identifier: MIT
#include "words.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <span>

#include "tixian/local_time.hpp"
#include "tixian/wechat/fail_reason.hpp"

namespace tixian::server {
namespace {

struct Words {
    std::string_view code;
    std::string_view message;
};

std::string_view find(std::span<const Words> table, std::string_view code, std::string_view fallback) {
    const auto it =
        std::find_if(table.begin(), table.end(), [&](const Words& row) { return row.code == code; });
    return it == table.end() ? fallback : it->message;
}

constexpr Words progress_table[] = {
    {"accepted", "提现已受理，资金已冻结"},
    {"in_review", "正在审核，资金已冻结，通过后自动提交微信"},
    {"submitted", "已提交微信，正在处理"},
    {"waiting", "付款方正在处理，请耐心等待，无需重复提交"},
    {"awaiting_confirmation", "请在微信中确认收款"},
    {"transferring", "微信正在转账"},
    {"cancelling", "正在取消，资金将退回可提现余额"},
    {"succeeded", "即时到账，已存入微信零钱"},
    {"failed", "提现未成功，资金已退回可提现余额"},
    {"cancelled", "提现已取消，资金已退回可提现余额"},
};

/// What a limit says when nothing can be withdrawn, and when some of the balance can; {} is the amount or
/// time that belongs to it. The names of limits are the API's.
struct LimitWords {
    std::string_view limit;
    std::string_view none;
    std::string_view some;
};

constexpr LimitWords limit_table[] = {
    {"minimum", "余额不足最低提现金额 {} 元", ""},
    {"single_max", "", "单笔最高 {} 元，其余可再次提现"},
    {"fee", "余额不足以支付最低提现金额和手续费", "扣除手续费，最多可提现 {} 元"},
    {"day_amount", "今日提现额度已用完，请明天再提现", "今日额度还剩 {} 元，明天恢复"},
    {"day_count", "今日提现次数已用完，请明天再提现", ""},
    {"month_amount", "本月提现额度已用完，请下月再提现", "本月额度还剩 {} 元，下月恢复"},
    {"minimum_interval", "两次提现间隔太短，请在 {} 后再提现", ""},
    {"merchant_day", "今日平台提现额度已用完，请明天再提现", "今日平台额度有限，最多可提现 {} 元"},
};

/// `01-22 15:45`, rounded up to the minute: at the time that is shown it is allowed.
std::string minute_text(Timestamp at) {
    std::string text = format_rfc3339(at + std::chrono::minutes(1) - std::chrono::milliseconds(1));
    text[10] = ' ';
    return text.substr(5, 11);
}

/// What is no fail reason of WeChat's: the codes of refused submits, and of a person's no.
constexpr Words refusal_table[] = {
    {"PARAM_ERROR", "提现信息不被微信接受，可能是收款微信已变更。请重新绑定微信后再提现，或联系客服。"},
    {"INVALID_REQUEST", "微信没有接受这笔提现。请稍后重新提现，或联系客服。"},
    {"REJECTED", "这笔提现没有通过审核，资金已退回可提现余额。如有疑问请联系客服。"},
};

}  // namespace

std::string_view progress_of(const Withdrawal& w) {
    switch (w.state) {
        case State::in_review:
            return "in_review";
        case State::held:
            return "accepted";
        case State::submitting:
        case State::live:
            break;
        case State::cancelling:
            return "cancelling";
        case State::succeeded:
            return "succeeded";
        case State::failed:
            return "failed";
        case State::cancelled:
            return "cancelled";
    }
    switch (w.bill_state) {
        case BillState::wait_user_confirm:
            return "awaiting_confirmation";
        case BillState::transfering:
            return "transferring";
        case BillState::canceling:
            return "cancelling";
        default:
            break;
    }
    const bool merchant_waits =
        w.waiting == NoNewsKind::merchant_trouble || w.waiting == NoNewsKind::throttled;
    return merchant_waits || w.parked ? "waiting" : "submitted";
}

std::string_view progress_message(std::string_view progress) { return find(progress_table, progress, ""); }

std::string bound_message(const Allowance& allowance, const Terms& terms) {
    if (!allowance.bound_by) return {};
    const auto* row = std::find_if(std::begin(limit_table), std::end(limit_table),
                                   [&](const LimitWords& w) { return w.limit == name(*allowance.bound_by); });
    if (row == std::end(limit_table)) return {};
    std::string text(allowance.maximum.is_zero() ? row->none : row->some);
    const auto place = text.find("{}");
    if (place == std::string::npos) return text;
    if (allowance.bound_by == LimitName::minimum_interval)
        return text.replace(place, 2, allowance.more_at ? minute_text(*allowance.more_at) : "");
    const bool is_minimum = allowance.bound_by == LimitName::minimum;
    return text.replace(place, 2, (is_minimum ? terms.minimum : allowance.maximum).yuan());
}

std::string failure_message(std::string_view error_code) {
    const std::string_view refusal = find(refusal_table, error_code, "");
    return refusal.empty() ? wechat::user_message(wechat::fail_reason(error_code)) : std::string(refusal);
}

}  // namespace tixian::server
