// SPDX-License-Identifier: MIT
#include "mock/fault_plan.hpp"

#include <algorithm>

#include "mock/crypto.hpp"

namespace tixian::mock {
namespace {

using faults::Drawn, faults::Fault;

ForcedAnswer forced_by(const Drawn& drawn) {
    return {static_cast<int>(drawn.number("status")), drawn.text("code"), drawn.text("message"), {}, false};
}

bool plan_transport(const Drawn& drawn, CallPlan& plan) {
    Delivery& delivery = plan.delivery;
    switch (drawn.fault) {
        case Fault::latency_fixed:
        case Fault::latency_uniform:
        case Fault::latency_lognormal:
            plan.delay += delay_of(drawn);
            return true;
        case Fault::timeout_before:
            plan.executes = false;
            plan.silent_for = drawn.duration("hold");
            return true;
        case Fault::timeout_after:
            plan.silent_for = drawn.duration("hold");
            return true;
        case Fault::reset_before:
            plan.executes = false;
            delivery.is_reset = true;
            return true;
        case Fault::reset_during:
            delivery.reset_at_percent = static_cast<int>(drawn.number("percent"));
            return true;
        case Fault::reset_after:
            delivery.is_reset = true;
            return true;
        case Fault::refused:
            plan.executes = false;
            delivery.is_reset = true;
            delivery.refuse = drawn.duration("hold");
            return true;
        case Fault::truncated_body:
            delivery.cut_at_percent = static_cast<int>(drawn.number("percent"));
            return true;
        case Fault::dribbled_body:
            delivery.piece_bytes = static_cast<std::size_t>(drawn.number("bytes"));
            delivery.piece_every = drawn.duration("every");
            return true;
        case Fault::half_open:
            delivery.half_open = drawn.duration("hold");
            return true;
        case Fault::slow_headers:
            delivery.line_every = drawn.duration("every");
            return true;
        case Fault::wrong_length:
            delivery.length_off = drawn.number("by");
            return true;
        case Fault::bad_json:
            plan.spoils_json = true;
            return true;
        case Fault::wrong_content_type:
            plan.content_type = drawn.text("type");
            return true;
        case Fault::gateway_error:
            plan.executes = plan.executes && drawn.number("executed") != 0;
            plan.forced = ForcedAnswer{static_cast<int>(drawn.number("status")), {}, {}, {}, true};
            return true;
        default:
            return false;
    }
}

bool plan_answer(const Drawn& drawn, CallPlan& plan) {
    switch (drawn.fault) {
        case Fault::answer_lost:
            plan.silent_for = Duration(0);
            return true;
        case Fault::error_though_executed:
            plan.forced = forced_by(drawn);
            return true;
        case Fault::executed_later:
            plan.executes = false;
            plan.executes_later = drawn.duration("after");
            plan.forced = forced_by(drawn);
            return true;
        case Fault::error:
            plan.executes = false;
            plan.forced = forced_by(drawn);
            return true;
        case Fault::rate_limited:
            plan.executes = false;
            plan.forced = ForcedAnswer{429, drawn.text("code"), "频率超限，请稍后重试",
                                       drawn.duration("retry_after"), false};
            return true;
        case Fault::not_enough:
            plan.executes = false;
            plan.forced =
                ForcedAnswer{403, "NOT_ENOUGH", "商户运营账户资金不足，请充值后原单重试", {}, false};
            return true;
        case Fault::unknown_code:
            plan.executes = plan.executes && drawn.number("executed") != 0;
            plan.forced = ForcedAnswer{
                static_cast<int>(drawn.number("status")), drawn.text("code"), "未知错误", {}, false};
            return true;
        case Fault::unknown_state:
            plan.unknown_state = drawn.text("state");
            return true;
        case Fault::not_yet_visible:
            plan.invisible_within = drawn.duration("within");
            return true;
        case Fault::query_misses:
            plan.is_missed = true;
            return true;
        default:
            return false;
    }
}

void plan_signing(const Drawn& drawn, CallPlan& plan) {
    using Kind = Signing::Kind;
    switch (drawn.fault) {
        case Fault::unsigned_answer:
            plan.signing.kind = Kind::none;
            break;
        case Fault::wrong_signature:
            plan.signing.kind = Kind::wrong;
            break;
        case Fault::probe_signature:
            plan.signing.kind = Kind::probe;
            break;
        case Fault::stale_signature:
            plan.signing.signed_ago += drawn.duration("by");
            break;
        case Fault::unknown_serial:
            plan.signing.kind = Kind::unknown_serial;
            plan.signing.serial = drawn.text("serial");
            break;
        case Fault::clock_skew:
            plan.skew = std::chrono::seconds(drawn.number("seconds"));
            plan.signing.signed_ago -= plan.skew;
            break;
        case Fault::key_rotated:
            plan.rotates_key = true;
            break;
        default:
            break;
    }
}

// Still base64 of as many bytes, but of no text.
std::string wrong_signature(std::string signature) {
    std::reverse(signature.begin(), signature.begin() + static_cast<std::ptrdiff_t>(signature.size() / 2));
    return signature;
}

}  // namespace

CallPlan plan_of(std::span<const Drawn> drawn) {
    CallPlan plan;
    for (const Drawn& one : drawn) {
        if (!plan_transport(one, plan) && !plan_answer(one, plan)) plan_signing(one, plan);
    }
    return plan;
}

bool CallPlan::is_believable() const {
    const bool is_page = forced && forced->is_page;
    return is_whole() && delivery.length_off == 0 && !is_page && !spoils_json && signing.is_verifiable();
}

void spoil(std::vector<std::pair<std::string, std::string>>& headers, const Signing& signing) {
    if (signing.kind == Signing::Kind::none) {
        std::erase_if(headers, [](const auto& header) { return header.first.starts_with("Wechatpay-"); });
        return;
    }
    for (auto& [name, value] : headers) {
        if (name == "Wechatpay-Serial" && signing.kind == Signing::Kind::unknown_serial)
            value = signing.serial;
        if (name != "Wechatpay-Signature") continue;
        if (signing.kind == Signing::Kind::wrong) value = wrong_signature(value);
        // wechat_spec 3: it begins so, and is not base64.
        if (signing.kind == Signing::Kind::probe) value = "WECHATPAY/SIGNTEST/" + value;
    }
}

void spoil(Answer& answer, const Signing& signing) { spoil(answer.headers, signing); }

}  // namespace tixian::mock
