// SPDX-License-Identifier: MIT
#include "mock/authorization.hpp"

#include <charconv>
#include <cstdint>
#include <map>
#include <string_view>

#include <nlohmann/json.hpp>

#include "mock/text.hpp"

namespace tixian::mock {
namespace {

using nlohmann::json;

// wechat_spec 4.1: about five minutes.
constexpr std::int64_t timestamp_skew_max_s = 300;
constexpr std::size_t nonce_length_max = 32;
constexpr std::string_view scheme = "WECHATPAY2-SHA256-RSA2048 ";

using HeaderFields = std::map<std::string, std::string, std::less<>>;

// name="value", comma separated, in any order; each of the five exactly once and nothing else.
std::optional<HeaderFields> parse_fields(std::string_view text) {
    HeaderFields fields;
    while (!text.empty()) {
        const std::size_t equals = text.find("=\"");
        if (equals == std::string_view::npos) return std::nullopt;
        const std::size_t end = text.find('"', equals + 2);
        if (end == std::string_view::npos) return std::nullopt;
        const std::string name(text.substr(0, equals));
        const bool is_new = fields.emplace(name, text.substr(equals + 2, end - equals - 2)).second;
        if (!is_new) return std::nullopt;
        text.remove_prefix(end + 1);
        if (text.empty()) break;
        if (text.front() != ',' || text.size() == 1) return std::nullopt;
        text.remove_prefix(1);
        while (text.starts_with(' ')) text.remove_prefix(1);
    }
    for (const char* name : {"mchid", "nonce_str", "signature", "timestamp", "serial_no"}) {
        if (fields[name].empty()) return std::nullopt;
    }
    if (fields.size() != 5) return std::nullopt;
    return fields;
}

struct SignError {
    std::string_view field;
    std::string_view issue;
    std::string_view message;
};

Answer sign_error(const Request& request, const std::string& message, const SignError& error) {
    constexpr std::size_t shown_max = 512;
    const json body = {{"code", "SIGN_ERROR"},
                       {"detail",
                        {{"detail", {{"issue", error.issue}}},
                         {"field", error.field},
                         {"location", "authorization"},
                         {"sign_information",
                          {{"method", request.method},
                           {"sign_message_length", message.size()},
                           {"truncated_sign_message", cut_utf8(message, shown_max)},
                           {"url", request.target}}}}},
                       {"message", error.message}};
    Answer answer;
    answer.status = 401;
    answer.reason = "268443699";
    answer.body = body.dump(-1, ' ', false, json::error_handler_t::replace);
    return answer;
}

std::optional<std::int64_t> parse_seconds(std::string_view text) {
    constexpr std::size_t digits_max = 11;
    std::int64_t seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc() || end != text.data() + text.size() || text.size() > digits_max || seconds < 0) {
        return std::nullopt;
    }
    return seconds;
}

std::optional<SignError> find_error(const HeaderFields& fields, const Merchant* merchant,
                                    const std::string& message, Timestamp now) {
    if (merchant == nullptr) return SignError{"mchid", "mchid is unknown", "商户号不存在"};
    if (fields.at("serial_no") != merchant->identity.merchant_serial) {
        return SignError{"serial_no", "serial_no is not of the merchant's certificate",
                         "商户证书序列号有误。请使用签名私钥匹配的证书序列号"};
    }
    const auto seconds = parse_seconds(fields.at("timestamp"));
    const std::int64_t now_s = to_millis(now) / 1000;
    if (!seconds || *seconds < now_s - timestamp_skew_max_s || *seconds > now_s + timestamp_skew_max_s) {
        return SignError{"timestamp", "timestamp is more than 300 seconds off",
                         "Http头Authorization中的timestamp与发起请求的时间不得超过5分钟"};
    }
    if (fields.at("nonce_str").size() > nonce_length_max) {
        return SignError{"nonce_str", "nonce_str is longer than 32",
                         "Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》"};
    }
    if (!merchant->certificate.is_signature(message, fields.at("signature"))) {
        return SignError{"signature", "sign not match", "错误的签名,验签失败"};
    }
    return std::nullopt;
}

}  // namespace

std::optional<Answer> check_authorization(const Request& request, const Merchants& merchants, Timestamp now,
                                          bool checks_signature, Merchants::Known& merchant) {
    const std::string& header = request.header("Authorization");
    const auto fields = header.starts_with(scheme)
                            ? parse_fields(std::string_view(header).substr(scheme.size()))
                            : std::nullopt;
    if (!fields) {
        return sign_error(request, "",
                          {"authorization", "malformed",
                           "Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》"});
    }
    merchant = merchants.find(fields->at("mchid"));
    if (merchant && !checks_signature) return std::nullopt;
    const std::string message = request.method + '\n' + request.target + '\n' + fields->at("timestamp") +
                                '\n' + fields->at("nonce_str") + '\n' + request.body + '\n';
    const auto error = find_error(*fields, merchant.get(), message, now);
    if (error) return sign_error(request, message, *error);
    return std::nullopt;
}

}  // namespace tixian::mock
