// SPDX-License-Identifier: MIT
#include "mock/call_facts.hpp"

#include <string_view>

#include <nlohmann/json.hpp>

namespace tixian::mock {
namespace {

using faults::Endpoint;
using nlohmann::json;

struct PathRow {
    std::string_view method;
    std::string_view prefix;
    Endpoint endpoint;
};
// The first that fits counts.
constexpr PathRow path_rows[] = {
    {"POST", "/v3/fund-app/mch-transfer/transfer-bills/out-bill-no/", Endpoint::cancel},
    {"POST", "/v3/fund-app/mch-transfer/transfer-bills/transfer", Endpoint::authorized_transfer},
    {"POST", "/v3/fund-app/mch-transfer/transfer-bills", Endpoint::create},
    {"GET", "/v3/fund-app/mch-transfer/transfer-bills/", Endpoint::query},
    {"", "/v3/fund-app/mch-transfer/elecsign/", Endpoint::receipt},
    {"", "/v3/fund-app/mch-transfer/user-confirm-authorization", Endpoint::authorization},
    {"POST", "/v3/transfer/batches", Endpoint::batch_create},
    {"GET", "/v3/transfer/batches/", Endpoint::batch_query},
    {"", "/v3/transfer/bill-receipt", Endpoint::receipt},
    {"", "/v3/transfer-detail/electronic-receipts", Endpoint::receipt},
    {"GET", "/v3/certificates", Endpoint::certificates},
    {"GET", "/v3/merchant/fund/", Endpoint::balance},
    {"GET", "/v3/bill/", Endpoint::fund_bill},
    {"GET", "/v3/billdownload/", Endpoint::download},
    {"GET", "/v3/transferbilldownload/", Endpoint::download},
    {"GET", "/v3/transferdownload/", Endpoint::download},
};

Endpoint endpoint_of(std::string_view method, std::string_view path) {
    for (const PathRow& row : path_rows) {
        if ((row.method.empty() || row.method == method) && path.starts_with(row.prefix)) return row.endpoint;
    }
    return Endpoint::other;
}

// `…/out-bill-no/N/cancel` holds N.
std::string number_in(std::string_view path) {
    for (const std::string_view mark : {"/out-bill-no/", "/transfer-bill-no/", "/out-batch-no/", "/batch-id/",
                                        "/out-authorization-no/", "/bill-receipt/"}) {
        const std::size_t begin = path.find(mark);
        if (begin == std::string_view::npos) continue;
        const std::string_view rest = path.substr(begin + mark.size());
        return std::string(rest.substr(0, rest.find('/')));
    }
    return {};
}

std::string text_at(const json& body, const char* key) {
    const auto found = body.find(key);
    return found != body.end() && found->is_string() ? found->get<std::string>() : std::string();
}

void take_body(const json& body, CallFacts& facts) {
    for (const char* key : {"out_bill_no", "out_batch_no", "out_authorization_no"}) {
        if (facts.number.empty()) facts.number = text_at(body, key);
    }
    facts.openid = text_at(body, "openid");
    for (const char* key : {"transfer_amount", "total_amount"}) {
        const auto found = body.find(key);
        if (found == body.end() || !found->is_number_integer()) continue;
        if (const auto amount = Money::from_fen(found->get<std::int64_t>())) facts.amount = *amount;
    }
}

CallFacts facts_of_line(const std::string& method, const std::string& target) {
    const std::string_view path = std::string_view(target).substr(0, target.find('?'));
    CallFacts facts;
    facts.endpoint = endpoint_of(method, path);
    facts.number = number_in(path);
    return facts;
}

std::string mchid_in(std::string_view authorization) {
    constexpr std::string_view mark = "mchid=\"";
    const std::size_t begin = authorization.find(mark);
    if (begin == std::string_view::npos) return {};
    const std::string_view rest = authorization.substr(begin + mark.size());
    return std::string(rest.substr(0, rest.find('"')));
}

}  // namespace

CallFacts facts_of(const std::string& method, const std::string& target, const std::string& body) {
    CallFacts facts = facts_of_line(method, target);
    const json value = body.empty() ? json() : json::parse(body, nullptr, false);
    if (value.is_object()) take_body(value, facts);
    return facts;
}

std::string content_of(const std::string& body) {
    json value = json::parse(body, nullptr, false);
    if (!value.is_object()) return body;
    value.erase("user_name");  // its ciphertext differs each time
    const auto details = value.find("transfer_detail_list");
    if (details != value.end() && details->is_array()) {
        for (json& detail : *details) {
            if (detail.is_object()) detail.erase("user_name");
        }
    }
    return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

CallFacts facts_of(const Request& request, std::string mchid) {
    CallFacts facts = facts_of_line(request.method, request.target);
    if (const json* body = request.object()) take_body(*body, facts);
    facts.mchid = std::move(mchid);
    return facts;
}

std::string mchid_of(const Request& request) { return mchid_in(request.header("Authorization")); }

}  // namespace tixian::mock
