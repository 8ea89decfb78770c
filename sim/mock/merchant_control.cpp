// SPDX-License-Identifier: MIT
#include "mock/merchant_control.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "faults/reader.hpp"
#include "mock/fields.hpp"
#include "mock/merchant_terms_json.hpp"

namespace tixian::mock {
namespace {

using bank::Bank;
using nlohmann::json;

json merchant_json(const Merchant& merchant) {
    json serials = json::array();
    for (const PlatformCertificate& certificate : merchant.certificates) {
        serials.push_back(certificate.serial);
    }
    json body = {{"mchid", merchant.identity.mchid},
                 {"appid", merchant.identity.appid},
                 {"merchant_serial", merchant.identity.merchant_serial},
                 {"verification", name(merchant.verification)},
                 {"notifies_by_certificate", merchant.notifies_by_certificate},
                 {"wechatpay_public_key_id", merchant.identity.wechatpay_public_key_id},
                 {"wechatpay_public_key", merchant.wechatpay_key.public_pem()},
                 {"platform_certificate_serials", serials}};
    body.update(terms_json(merchant.terms));
    return body;
}

bool take_text(const json& body, const char* key, std::string& target) {
    if (!body.contains(key)) return true;
    if (!body[key].is_string()) return false;
    target = body[key].get<std::string>();
    return true;
}

std::string take_verification(const json& body, Merchant& merchant, Timestamp now) {
    if (body.contains("notifies_by_certificate")) {
        if (!body["notifies_by_certificate"].is_boolean()) return "notifies_by_certificate must be boolean";
        merchant.notifies_by_certificate = body["notifies_by_certificate"].get<bool>();
    }
    if (!body.contains("verification")) return "";
    const auto wanted = body["verification"].is_string()
                            ? parse_verification(body["verification"].get<std::string>())
                            : std::nullopt;
    if (!wanted) return "verification must be public_key, certificate or both";
    merchant.verification = *wanted;
    merchant.before_rotation = nullptr;  // set by hand: a reset keeps it
    if (*wanted != Verification::public_key && merchant.certificates.empty()) {
        merchant.certificates.push_back(make_platform_certificate(now));
    }
    return "";
}

// A misspelt setting would change nothing and be answered 200.
std::string unknown_key(const json& body, std::vector<std::string_view> known) {
    for (const auto& [key, value] : body.items()) {
        if (std::find(known.begin(), known.end(), key) == known.end())
            return "there is no \"" + key + "\" of a merchant" + faults::suggestion(key, known);
    }
    return "";
}

const std::vector<std::string_view> changeable = {
    "apiv3_key", "verification", "notifies_by_certificate", "quotas", "rates", "products", "balance_fen"};

// What everybody may change later, too.
std::string take_changes(const json& body, Merchant& merchant, Timestamp now) {
    if (!take_text(body, "apiv3_key", merchant.apiv3_key)) return "apiv3_key must be text";
    if (!merchant.apiv3_key.empty() && merchant.apiv3_key.size() != 32) {
        return "apiv3_key must have 32 characters, or none for a merchant who has not set it";
    }
    if (std::string problem = take_verification(body, merchant, now); !problem.empty()) return problem;
    return take_terms(body, merchant.terms);
}

struct MadeKeys {
    std::string key_pem, certificate_pem;
};

// The merchant's certificate as it is given, or with a new key.
std::string take_certificate(const json& body, Merchant& merchant, MadeKeys& made) {
    std::string pem;
    if (!take_text(body, "merchant_certificate", pem)) return "merchant_certificate must be PEM text";
    if (pem.empty()) {
        const RsaKey key = RsaKey::generate();
        made = {key.private_pem(), make_certificate_pem(key, merchant.identity.mchid)};
        pem = made.certificate_pem;
    }
    const auto key = RsaKey::from_certificate(pem);
    const auto serial = certificate_serial(pem);
    if (!key || !serial) return "merchant_certificate is not a PEM certificate with an RSA key";
    merchant.certificate = *key;
    merchant.identity.merchant_serial = *serial;
    return "";
}

}  // namespace

std::optional<Answer> MerchantControl::answer(const ControlRequest& request) {
    if (request.is_get("merchants")) return list();
    if (request.is_post("merchants")) return add(request.request.body);
    if (request.is_post("certificates/rotate")) return rotate(request.mchid);
    constexpr std::string_view one = "merchants/";
    if (!request.path.starts_with(one)) return std::nullopt;
    const std::string mchid = request.path.substr(one.size());
    if (request.is_post()) return change(mchid, request.request.body);
    const auto merchant = merchants_.find(mchid);
    if (!request.is_get() || !merchant) return no_such("merchant");
    return json_answer(merchant_json(*merchant));
}

Answer MerchantControl::list() {
    json list = json::array();
    for (const auto& merchant : merchants_.all()) list.push_back(merchant_json(*merchant));
    return json_answer(list);
}

// Without a certificate the mock makes the merchant's keys and hands them out.
Answer MerchantControl::add(const std::string& text) {
    const std::lock_guard lock(changing_);
    const json body = json::parse(text, nullptr, false);
    if (!body.is_object()) return bad_request("the body must be a JSON object");
    std::vector<std::string_view> addable = changeable;
    addable.insert(addable.end(), {"mchid", "appid", "merchant_certificate"});
    if (const std::string problem = unknown_key(body, addable); !problem.empty()) return bad_request(problem);
    Merchant merchant = *merchants_.first();
    merchant.identity.appid = "wxmock0000000001";
    merchant.identity.mchid.clear();
    if (!take_text(body, "mchid", merchant.identity.mchid) || !is_merchant_number(merchant.identity.mchid)) {
        return bad_request("mchid must be 1 to 32 letters or digits");
    }
    if (merchants_.find(merchant.identity.mchid)) {
        return error_answer(409, "ALREADY_EXISTS", "there is this merchant already");
    }
    if (!take_text(body, "appid", merchant.identity.appid) || merchant.identity.appid.empty()) {
        return bad_request("appid must be text");
    }
    // Its own id, so that a receiver can tell from the serial whose notification it is (wechat_spec 3).
    merchant.identity.wechatpay_public_key_id = "PUB_KEY_ID_" + random_digits(28);
    merchant.apiv3_key = random_text(32);
    merchant.certificates.clear();
    merchant.verification = Verification::public_key;
    MadeKeys made;
    for (const std::string& problem :
         {take_certificate(body, merchant, made), take_changes(body, merchant, real_.now())}) {
        if (!problem.empty()) return bad_request(problem);
    }
    json shown = merchant_json(merchant);
    shown["apiv3_key"] = merchant.apiv3_key;
    add_if(shown, "merchant_key", made.key_pem);
    add_if(shown, "merchant_certificate", made.certificate_pem);
    bank_.with([&](Bank& bank, Timestamp) { bank.add_merchant(merchant.identity.mchid, merchant.terms); });
    merchants_.put(std::move(merchant));
    return json_answer(shown);
}

Answer MerchantControl::change(const std::string& mchid, const std::string& text) {
    const std::lock_guard lock(changing_);
    const auto known = merchants_.find(mchid);
    if (!known) return no_such("merchant");
    const json body = json::parse(text, nullptr, false);
    if (!body.is_object()) return bad_request("the body must be a JSON object");
    if (const std::string problem = unknown_key(body, changeable); !problem.empty())
        return bad_request(problem);
    Merchant merchant = *known;
    if (const std::string problem = take_changes(body, merchant, real_.now()); !problem.empty()) {
        return bad_request(problem);
    }
    bank_.with([&](Bank& bank, Timestamp now) {
        bank.set_quotas(mchid, merchant.terms.quotas);
        bank.set_rates(mchid, merchant.terms.rates);
        bank.set_products(mchid, merchant.terms.has_transfers, merchant.terms.has_batches);
        if (body.contains("balance_fen")) bank.set_balance(mchid, merchant.terms.balance, now);
    });
    const json shown = merchant_json(merchant);
    merchants_.put(std::move(merchant));
    return json_answer(shown);
}

// Whoever asks for the public key still gets it.
void MerchantControl::rotate_key(const std::string& mchid) {
    const std::lock_guard lock(changing_);
    if (!merchants_.find(mchid)) return;
    merchants_.change(mchid, [next = make_platform_certificate(real_.now())](Merchant& merchant) {
        merchant.rotate(next);
        if (merchant.verification == Verification::public_key) merchant.verification = Verification::both;
        merchant.notifies_by_certificate = true;
    });
}

Answer MerchantControl::rotate(const std::string& mchid) {
    const std::lock_guard lock(changing_);
    if (merchants_.find(mchid)->verification == Verification::public_key) {
        return bad_request("this merchant has no platform certificates; set verification first");
    }
    PlatformCertificate next = make_platform_certificate(real_.now());
    const std::string serial = next.serial;
    merchants_.change(mchid, [&](Merchant& merchant) { merchant.rotate(std::move(next)); });
    return json_answer({{"serial_no", serial}});
}

}  // namespace tixian::mock
