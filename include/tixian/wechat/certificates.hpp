// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "tixian/clock.hpp"
#include "tixian/error.hpp"
#include "tixian/local_time.hpp"
#include "tixian/wechat/aes_gcm.hpp"
#include "tixian/wechat/certificate.hpp"
#include "tixian/wechat/encrypted_resource.hpp"
#include "tixian/wechat/exchange.hpp"
#include "tixian/wechat/json.hpp"
#include "tixian/wechat/key_ring.hpp"
#include "tixian/wechat/response.hpp"

namespace tixian::wechat {

/// Asks for WeChat's platform certificates (wechat_spec 4.4 a). A merchant whom WeChat gave a public key has
/// none.
[[nodiscard]] inline ApiRequest certificates_request() { return {"GET", "/v3/certificates", {}, {}}; }

namespace detail {

/// Some old answers print names with a space behind them: wechat_spec 4.4 a.
inline const json::Value* find_trimmed(const json::Value& object, std::string_view name) {
    for (const json::Member& member : object.members) {
        const std::string_view shown(member.name);
        if (shown.substr(0, shown.find_last_not_of(' ') + 1) == name) return &member.value;
    }
    return nullptr;
}

inline Result<Certificate> parse_listed_certificate(const json::Value& item, const Apiv3Key& key) {
    for (const char* name : {"effective_time", "expire_time"}) {
        const json::Value* time = find_trimmed(item, name);
        if (time == nullptr || !parse_rfc3339(time->text))
            return refuse(ErrorCode::malformed, "must be a time", name);
    }
    const json::Value* encrypted = find_trimmed(item, "encrypt_certificate");
    if (encrypted == nullptr) return refuse(ErrorCode::malformed, "is missing", "encrypt_certificate");
    auto certificate = decrypt_resource(*encrypted, key).and_then([](const std::string& pem) {
        return parse_certificate(pem);
    });
    if (!certificate) return certificate;
    const json::Value* serial = find_trimmed(item, "serial_no");
    if (serial == nullptr || serial->text != certificate->serial)
        return refuse(ErrorCode::malformed, "is not the serial of the certificate " + certificate->serial,
                      "serial_no");
    return certificate;
}

}  // namespace detail

/// Decrypts the list with the APIv3 key and checks each certificate; in the order in which they become valid.
/// Refuses the whole list by name when one of them is wrong, and (`invalid_key`) when all have ended.
[[nodiscard]] inline Result<std::vector<Certificate>> parse_certificates(const json::Value& body,
                                                                         const Apiv3Key& key, Timestamp now) {
    const json::Value* data = body.find("data");
    if (data == nullptr || data->kind != json::Kind::array || data->items.empty())
        return refuse(ErrorCode::malformed, "must be a list that is not empty", "data");
    std::vector<Certificate> certificates;
    for (const json::Value& item : data->items) {
        auto certificate = detail::parse_listed_certificate(item, key);
        if (!certificate) return tl::unexpected(certificate.error());
        certificates.push_back(std::move(*certificate));
    }
    Result<void> current;
    const bool is_useful = std::any_of(certificates.begin(), certificates.end(), [&](const Certificate& c) {
        current = check_validity(c, now);
        return current.has_value();
    });
    if (!is_useful) return tl::unexpected(current.error());
    std::sort(certificates.begin(), certificates.end(),
              [](const Certificate& a, const Certificate& b) { return a.validity.from < b.validity.from; });
    return certificates;
}

/// Reads the answer to certificates_request(). It may be signed with a certificate that only it brings, so
/// what is decrypted (which proves that it comes from who has the APIv3 key) is trusted to verify it
/// (wechat_spec 4.4, bootstrap). Otherwise like read_answer(). Where WeChat has none for this merchant, the
/// error says what to do instead.
[[nodiscard]] inline ApiResult<std::vector<Certificate>> read_certificates(const HttpResult& result,
                                                                           const KeyRing& known,
                                                                           const Apiv3Key& key) {
    const auto parse = [&](const json::Value& body) {
        return parse_certificates(body, key, result.received_at);
    };
    KeyRing brought;
    if (const auto* response = std::get_if<HttpResponse>(&result.outcome)) {
        const auto fresh = json::parse(response->body).and_then(parse);
        if (fresh) {
            for (const Certificate& certificate : *fresh)
                brought.add(certificate.serial, certificate.key, certificate.validity);
        }
    }
    auto certificates = read_answer(brought, result, parse);
    if (!certificates && certificates.error().code == tixian::name(ErrorCode::unknown_serial))
        certificates = read_answer(known, result, parse);
    // wechat_spec 4.4 b.
    if (!certificates && certificates.error().code == "RESOURCE_NOT_EXISTS")
        certificates.error().message =
            "this merchant has no platform certificates: download the WeChat Pay "
            "public key at WeChat Pay's site and use it with its PUB_KEY_ID_ (" +
            certificates.error().message + ")";
    return certificates;
}

/// Takes what was read into the ring; keys that are there already stay until they end.
inline void add_certificates(KeyRing& keys, const std::vector<Certificate>& certificates, Timestamp now) {
    for (const Certificate& certificate : certificates)
        keys.add(certificate.serial, certificate.key, certificate.validity);
    keys.remove_ended(now);
}

}  // namespace tixian::wechat
