// SPDX-License-Identifier: MIT
#pragma once

#include <utility>
#include <variant>

#include "simulator/wechat.hpp"
#include "tixian/call.hpp"
#include "tixian/wechat/classification.hpp"

namespace tixian::sim {

/// What a bill's statement says to us.
[[nodiscard]] inline Report report_of(const bank::Bill& bill) {
    Report report;
    report.id = WithdrawalId::parse(bill.order.out_bill_no).value();
    report.raw_state = name(bill.state);
    report.state = parse_bill_state(report.raw_state);
    report.transfer_bill_no = bill.transfer_bill_no;
    report.fail_reason = bill.fail_reason;
    report.mchid = Mchid::parse(bill.order.mchid).value();
    report.openid = Openid::parse(bill.order.openid).value();
    report.amount = bill.order.amount;
    return report;
}

/// WeChat's answer as the protocol would read it, with its signature stubbed: the same table, and the same
/// rules for what is not signed (TransferBills::answer).
[[nodiscard]] inline Answer read_answer(const Call& call, const Said& said, Timestamp received_at,
                                        Duration elapsed, bool unsigned_errors) {
    Answer answer{call.id, call.kind, call.number, NoNews{}};
    const bool is_verified = said.is_signed && !said.has_false_signature;
    NoNews news;
    news.http_status = said.status;
    if (said.bill) {
        if (!is_verified) {
            news.kind = NoNewsKind::unverified;
            answer.result = std::move(news);
            return answer;
        }
        Report report = report_of(*said.bill);
        if (!said.unknown_state.empty()) {
            report.raw_state = said.unknown_state;
            report.state = parse_bill_state(report.raw_state);
        }
        if (call.kind == CallKind::submit && bank::is_confirm_page_open(said.bill->state))
            report.package_info = said.bill->package_info;
        if (call.kind != CallKind::query) report.mchid.reset(), report.openid.reset(), report.amount.reset();
        if (call.kind == CallKind::cancel && report.state == BillState::cancelled)
            report.state = BillState::canceling;
        answer.result = std::move(report);
        return answer;
    }
    news.code = said.code;
    news.verified = is_verified;
    const wechat::AnswerClass meaning = wechat::classify(call.kind, said.status, said.code);
    if (!is_verified && !(unsigned_errors && !said.is_signed)) {
        const bool is_server_error = meaning.kind == NoNewsKind::server_error;
        news.kind = is_server_error ? NoNewsKind::server_error : NoNewsKind::unverified;
        answer.result = std::move(news);
        return answer;
    }
    // WeChat signs whole seconds.
    const Timestamp signed_at = std::chrono::floor<std::chrono::seconds>(said.at);
    if (meaning.not_found) {
        answer.result = NotFound{(is_verified ? signed_at : received_at) - elapsed, is_verified};
        return answer;
    }
    news.kind = meaning.kind;
    news.content_only = meaning.content_only;
    if (is_verified) news.answered_at = signed_at;
    answer.result = std::move(news);
    return answer;
}

[[nodiscard]] inline Answer no_response(const Call& call, wechat::TransportFailure failure) {
    NoNews news;
    news.kind = wechat::classify(call.kind, failure).kind;
    news.verified = news.kind == NoNewsKind::not_sent;
    return {call.id, call.kind, call.number, std::move(news)};
}

}  // namespace tixian::sim
