// SPDX-License-Identifier: MIT
#include "mock/api.hpp"

#include "mock/answers.hpp"
#include "mock/authorization.hpp"

namespace tixian::mock {
namespace {

using bank::Answered, bank::Bank, bank::Bill;

constexpr std::string_view bills_path = "/v3/fund-app/mch-transfer/transfer-bills";

// "/out-bill-no/N1/cancel" into its parts.
std::vector<std::string> split_path(std::string_view text) {
    std::vector<std::string> parts;
    while (!text.empty() && text.front() == '/') {
        text.remove_prefix(1);
        const std::size_t end = text.find('/');
        parts.emplace_back(text.substr(0, end));
        text = end == std::string_view::npos ? std::string_view() : text.substr(end);
    }
    return parts;
}

}  // namespace

Answer protocol_error(int status) {
    if (status == 404) return error_answer(404, "RESOURCE_NOT_EXISTS", "请求的资源不存在");
    if (status >= 500) return error_answer(status, "SYSTEM_ERROR", "系统异常，请稍后重试");
    return error_answer(status, "PARAM_ERROR", "HTTP请求不符合规范");
}

Answer Api::answer(const Request& request) {
    const std::string path = request.path();
    const bool is_bills = path.starts_with(bills_path);
    const auto parts =
        is_bills ? split_path(std::string_view(path).substr(bills_path.size())) : std::vector<std::string>();
    const bool is_create = request.method == "POST" && path == bills_path;
    const bool is_query = request.method == "GET" && parts.size() == 2 &&
                          (parts[0] == "out-bill-no" || parts[0] == "transfer-bill-no");
    const bool is_cancel =
        request.method == "POST" && parts.size() == 3 && parts[0] == "out-bill-no" && parts[2] == "cancel";
    if (path == "/v3/certificates") {
        // A merchant with a WeChat Pay public key has no platform certificates (wechat_spec 4.4).
        return error_answer(404, "RESOURCE_NOT_EXISTS",
                            "无可用的平台证书，请在商户平台-API安全申请使用微信支付公钥。可查看指引");
    }
    if (!is_create && !is_query && !is_cancel) return protocol_error(404);

    if (auto refusal = check_authorization(request, rules_.identity, certificate_, clock_.now()))
        return *refusal;
    if (is_create) return create(request);
    if (is_query) return query(parts[0], parts[1]);
    return cancel(parts[1]);
}

template <class Execute>
Answer Api::forced_or(std::optional<ForcedError> Settings::* kind, Execute execute) {
    const auto forced = settings_.take(kind);
    if (!forced) return execute();
    if (forced->executed) static_cast<void>(execute());
    return error_answer(forced->status, forced->code, forced->message);
}

Answer Api::create(const Request& request) {
    const auto order = parse_create_request(request, rules_);
    if (!order) return order.error();
    return forced_or(&Settings::create_error, [&] {
        const Answered<Bill> bill =
            bank_.with([&](Bank& bank, Timestamp now) { return bank.create(*order, now); });
        return bill ? create_answer(*bill) : refusal_answer(bill.error());
    });
}

Answer Api::query(const std::string& kind, const std::string& number) {
    const bool by_out_bill_no = kind == "out-bill-no";
    if (by_out_bill_no && !is_out_bill_no(number)) {
        return param_error("out_bill_no", "商户单号只能由数字、大小写字母组成", "path");
    }
    return forced_or(&Settings::query_error, [&] {
        const Answered<Bill> bill = bank_.with([&](Bank& bank, Timestamp now) {
            return by_out_bill_no ? bank.query(rules_.identity.mchid, number, now)
                                  : bank.query_by_transfer_bill_no(rules_.identity.mchid, number, now);
        });
        return bill ? query_answer(*bill, certificate_) : refusal_answer(bill.error());
    });
}

Answer Api::cancel(const std::string& out_bill_no) {
    if (!is_out_bill_no(out_bill_no)) {
        return param_error("out_bill_no", "商户单号只能由数字、大小写字母组成", "path");
    }
    return forced_or(&Settings::cancel_error, [&] {
        const Answered<Bill> bill = bank_.with(
            [&](Bank& bank, Timestamp now) { return bank.cancel(rules_.identity.mchid, out_bill_no, now); });
        return bill ? cancel_answer(*bill) : refusal_answer(bill.error());
    });
}

}  // namespace tixian::mock
