// SPDX-License-Identifier: MIT
// Platform certificates (wechat_spec 4.4), balance and bills of the account (wechat_spec 7), and downloads.
#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "mock/answers.hpp"
#include "mock/call.hpp"
#include "mock/gzip.hpp"

#include "wechat_bank/bank.hpp"

namespace tixian::mock {
namespace {

using bank::Bank, bank::Day;
using nlohmann::json;

constexpr const char* file_path = "/v3/billdownload/file";
constexpr Duration bill_valid = std::chrono::minutes(5);
constexpr std::array<std::string_view, 3> account_types = {"BASIC", "OPERATION", "FEES"};

bool is_account_type(const std::string& type) {
    return std::find(account_types.begin(), account_types.end(), type) != account_types.end();
}

Answer certificates(Call& call) {
    if (!call.merchant.has_certificate()) {
        return error_answer(404, "RESOURCE_NOT_EXISTS",
                            "无可用的平台证书，请在商户平台-API安全申请使用微信支付公钥。可查看指引");
    }
    if (call.merchant.apiv3_key.empty()) {
        return error_answer(400, "INVALID_REQUEST", "未设置APIv3密钥");
    }
    const std::string space = call.switches.certificate_keys_with_spaces ? " " : "";
    json data = json::array();
    for (const PlatformCertificate& certificate : call.merchant.certificates) {
        const std::string nonce = random_text(12);
        data.push_back({{"serial_no", certificate.serial},
                        {"effective_time" + space, time_text(certificate.effective_at, call.switches)},
                        {"expire_time" + space, time_text(certificate.expires_at, call.switches)},
                        {"encrypt_certificate",
                         {{"algorithm", "AEAD_AES_256_GCM"},
                          {"nonce", nonce},
                          {"associated_data", "certificate"},
                          {"ciphertext", encrypt_aes_gcm(call.merchant.apiv3_key, nonce, certificate.pem,
                                                         "certificate")}}}});
    }
    return json_answer({{"data", data}});
}

Answer balance(Call& call) {
    const std::string& type = call.numbers[0];
    if (!is_account_type(type)) return param_error("account_type", "账户类型不正确", "path");
    // Transfers are paid from OPERATION; the mock's other accounts are empty.
    const Money available =
        type == "OPERATION"
            ? call.bank.with([&](Bank& bank, Timestamp) { return bank.balance(call.mchid()); })
            : Money();
    return json_answer({{"available_amount", available.fen()}, {"pending_amount", 0}});
}

struct AskedDay {
    Day day;
    std::optional<Answer> problem;
};

// Of the last 90 days, and from 10:00 of the day after it (wechat_spec 7).
AskedDay asked_day(const Call& call, const char* parameter, Timestamp now) {
    constexpr Duration ready_after = std::chrono::hours(34);
    constexpr std::chrono::days kept{90};
    const auto day = bank::parse_day(call.parameter(parameter));
    if (!day) return {{}, param_error(parameter, "日期格式须为yyyy-MM-DD", "query")};
    if (*day > bank::day_of(now) || *day < bank::day_of(now) - kept) {
        return {{}, param_error(parameter, "日期超出可查询的范围", "query")};
    }
    if (!call.switches.fund_bill_at_once && now < bank::begin_of(*day) + ready_after) {
        return {*day, error_answer(400, "STATEMENT_CREATING", "账单文件正在生成中，请稍后再试")};
    }
    return {*day, std::nullopt};
}

Answer day_end_balance(Call& call) {
    if (!is_account_type(call.numbers[0])) return param_error("account_type", "账户类型不正确", "path");
    return call.bank.with([&](Bank& bank, Timestamp now) {
        const AskedDay asked = asked_day(call, "date", now);
        if (asked.problem) return *asked.problem;
        const bool is_operation = call.numbers[0] == "OPERATION";
        const Money balance = is_operation ? bank.day_end_balance(call.mchid(), asked.day, now) : Money();
        return json_answer({{"available_amount", balance.fen()}, {"pending_amount", 0}});
    });
}

Answer no_statement() { return error_answer(400, "NO_STATEMENT_EXIST", "请求的账单文件不存在"); }

Answer fund_flow_bill(Call& call) {
    const std::string type = call.parameter("account_type");
    const std::string packing = call.parameter("tar_type");
    if (!type.empty() && !is_account_type(type))
        return param_error("account_type", "账户类型不正确", "query");
    if (!packing.empty() && packing != "GZIP") return param_error("tar_type", "压缩类型不正确", "query");
    std::string text;
    const auto problem = call.bank.with([&](Bank& bank, Timestamp now) -> std::optional<Answer> {
        const AskedDay asked = asked_day(call, "bill_date", now);
        if (asked.problem) return asked.problem;
        const auto rows =
            type == "OPERATION" ? bank.fund_rows(call.mchid(), asked.day, now) : std::vector<bank::FundRow>();
        if (rows.empty()) return no_statement();
        text = bank::fund_bill_text(rows);
        return std::nullopt;
    });
    if (problem) return *problem;
    const Timestamp now = call.bank.now();
    const bool is_packed = packing == "GZIP";
    const std::string token =
        call.downloads.add({call.mchid(), file_path, is_packed ? gzip(text) : text,
                            is_packed ? "application/x-gzip" : "text/plain; charset=utf-8", now + bill_valid},
                           now);
    // The hash is of the text, also where the file is packed.
    return json_answer({{"hash_type", "SHA1"},
                        {"hash_value", hex_digest("SHA1", text)},
                        {"download_url", call.origin() + file_path + "?token=" + token +
                                             (is_packed ? "&tartype=gzip" : "")}});
}

// Payments in: a merchant who only pays out has none.
Answer trade_bill(Call& call) {
    return call.bank.with([&](Bank&, Timestamp now) {
        const AskedDay asked = asked_day(call, "bill_date", now);
        return asked.problem ? *asked.problem : no_statement();
    });
}

Answer download(Call& call) {
    const auto file =
        call.downloads.find(call.parameter("token"), call.mchid(), call.request.path(), call.bank.now());
    if (!file) return error_answer(404, "RESOURCE_NOT_EXISTS", "文件不存在或下载链接已失效");
    Answer answer;
    answer.body = file->content;
    answer.content_type = file->content_type;
    answer.is_file = true;
    return answer;
}

}  // namespace

std::vector<Route> account_routes() {
    using bank::Endpoint;
    return {
        {"GET", "/v3/certificates", Endpoint::certificates, certificates},
        {"GET", "/v3/merchant/fund/balance/{}", Endpoint::balance, balance},
        {"GET", "/v3/merchant/fund/dayendbalance/{}", Endpoint::balance, day_end_balance},
        {"GET", "/v3/bill/fundflowbill", Endpoint::fund_bill, fund_flow_bill},
        {"GET", "/v3/bill/tradebill", Endpoint::fund_bill, trade_bill},
        {"GET", "/v3/billdownload/file", Endpoint::download, download},
        {"GET", "/v3/transferbilldownload/elecvoucherfile", Endpoint::download, download},
        // Other addresses of the same that documents show; whoever builds them himself is still served.
        {"GET", "/v3/transferdownload/elecvoucherfile", Endpoint::download, download},
        {"GET", "/v3/transferdownload/signfile", Endpoint::download, download},
    };
}

}  // namespace tixian::mock
