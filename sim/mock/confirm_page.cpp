// SPDX-License-Identifier: MIT
#include "mock/confirm_page.hpp"

#include "mock/text.hpp"

namespace tixian::mock {
namespace {

constexpr std::string_view head = R"(<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>确认收款</title>
<style>
body{margin:0;background:#ededed;color:#191919;
font:17px/1.5 -apple-system,"PingFang SC","WenQuanYi Micro Hei",sans-serif}
main{max-width:420px;min-height:100vh;margin:0 auto;padding:64px 24px 24px;
box-sizing:border-box;background:#fff;text-align:center}
.amount{margin:16px 0 32px;font-size:44px;font-weight:600}
dl{margin:0 0 48px;padding:16px 0;border-top:1px solid #e5e5e5;font-size:15px;text-align:left}
dl div{display:flex;justify-content:space-between;gap:16px;padding:4px 0}
dt{flex:none;color:#6b6b6b}dd{margin:0;overflow-wrap:anywhere;text-align:right}
button{width:184px;padding:10px 0;border:0;border-radius:8px;background:#07c160;color:#fff;
font:inherit;font-weight:600}
#done{color:#06ae56;font-size:22px;font-weight:600}
#closed{color:#6b6b6b}
footer{margin-top:64px;color:#8a8a8a;font-size:12px}
</style></head><body><main>
)";
constexpr std::string_view foot =
    "<footer>tixian-mock · 模拟微信支付，不涉及真实资金</footer></main></body></html>\n";

std::string_view state_text(bank::BillState state) {
    switch (state) {
        case bank::BillState::accepted:
            return "转账已受理";
        case bank::BillState::processing:
            return "转账处理中";
        case bank::BillState::wait_user_confirm:
            return "待确认收款";
        case bank::BillState::transfering:
            return "收款处理中";
        case bank::BillState::success:
            return "收款成功";
        case bank::BillState::fail:
            return "转账失败，款项已退回付款方";
        case bank::BillState::canceling:
            return "转账撤销中";
        case bank::BillState::cancelled:
            return "转账已撤销";
    }
    return "";
}

std::string row(std::string_view title, std::string_view value) {
    return "<div><dt>" + std::string(title) + "</dt><dd>" + escape_html(value) + "</dd></div>\n";
}

std::string button(const std::string& package_info, std::string_view text) {
    return "<form method=\"post\" action=\"/_mock/confirm\"><input type=\"hidden\" name=\"package\" "
           "value=\"" +
           escape_html(package_info) + "\"><button id=\"confirm\" type=\"submit\">" + std::string(text) +
           "</button></form>\n";
}

// The button, or why there is none.
std::string action(const bank::Bill& bill) {
    switch (bill.state) {
        case bank::BillState::wait_user_confirm:
            return button(bill.package_info, "确认收款");
        case bank::BillState::transfering:
        case bank::BillState::success:
            return "<p id=\"done\">已收款</p>\n";
        default: {
            std::string text(state_text(bill.state));
            if (bill.fail_reason == "OVERDUE_CLOSE") text = "超过24小时未确认，转账已关闭，款项已退回付款方";
            return "<p id=\"closed\">" + text + "</p>\n";
        }
    }
}

std::string action(const bank::Authorization& authorization) {
    switch (authorization.state) {
        case bank::AuthorizationState::wait_user_confirm:
            return button(authorization.package_info, "同意授权");
        case bank::AuthorizationState::taking_effect:
            return "<p id=\"done\">已授权</p>\n";
        case bank::AuthorizationState::closed:
            break;
    }
    return "<p id=\"closed\">授权已关闭</p>\n";
}

Answer page() {
    Answer answer;
    answer.content_type = "text/html; charset=utf-8";
    answer.headers = {
        {"Cache-Control", "no-store"},
        {"Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'"}};
    answer.body = head;
    return answer;
}

}  // namespace

Answer confirm_page(const bank::Authorization& authorization) {
    Answer answer = page();
    answer.body += "<p>免确认收款授权</p>\n<dl>" + row("用户", authorization.order.user_display_name) +
                   row("授权单号", authorization.order.out_authorization_no) + "</dl>\n" +
                   action(authorization);
    answer.body += foot;
    return answer;
}

Answer confirm_page(const std::optional<bank::Bill>& bill) {
    Answer answer = page();
    if (!bill) {
        answer.status = 404;
        answer.body += "<p id=\"closed\">收款链接无效</p>\n";
    } else {
        answer.body += "<p>商家转账</p><p class=\"amount\">¥" + bill->order.amount.yuan() + "</p>\n<dl>" +
                       row("转账备注", bill->order.remark) + row("商户单号", bill->order.out_bill_no) +
                       row("当前状态", state_text(bill->state)) + "</dl>\n" + action(*bill);
    }
    answer.body += foot;
    return answer;
}

}  // namespace tixian::mock
