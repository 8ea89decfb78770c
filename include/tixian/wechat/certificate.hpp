// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <openssl/asn1.h>
#include <openssl/x509.h>

#include "tixian/clock.hpp"
#include "tixian/error.hpp"
#include "tixian/local_time.hpp"
#include "tixian/wechat/key_ring.hpp"
#include "tixian/wechat/rsa_key.hpp"

namespace tixian::wechat {

/// An X.509 certificate of WeChat's or the merchant's. Its issuer is not looked at: WeChat's are trusted
/// because they came encrypted with the APIv3 key (wechat_spec 4.4).
struct Certificate {
    std::string serial;  ///< upper-case hex, as WeChat writes it
    PublicKey key;
    Validity validity;
};

namespace detail {

inline std::optional<Timestamp> time_of(const ASN1_TIME* time) {
    using namespace std::chrono;
    std::tm utc{};
    if (time == nullptr || ASN1_TIME_to_tm(time, &utc) != 1) return std::nullopt;
    const year_month_day date{year(utc.tm_year + 1900), month(static_cast<unsigned>(utc.tm_mon + 1)),
                              day(static_cast<unsigned>(utc.tm_mday))};
    return Timestamp(sys_days(date)) + hours(utc.tm_hour) + minutes(utc.tm_min) + seconds(utc.tm_sec);
}

}  // namespace detail

/// Refuses (`invalid_key`) what is not a certificate in PEM with an RSA key of at least 2048 bits, or has no
/// sensible dates.
[[nodiscard]] inline Result<Certificate> parse_certificate(std::string_view pem) {
    auto key = PublicKey::from_certificate_pem(pem);
    if (!key) return tl::unexpected(key.error());
    auto serial = certificate_serial(pem);
    if (!serial) return tl::unexpected(serial.error());
    const detail::QuietErrors quiet;
    const auto x509 = detail::read_certificate(pem);
    const auto from = x509 ? detail::time_of(X509_get0_notBefore(x509.get())) : std::nullopt;
    const auto until = x509 ? detail::time_of(X509_get0_notAfter(x509.get())) : std::nullopt;
    if (!from || !until || *until < *from)
        return refuse(ErrorCode::invalid_key, "the certificate's dates make no sense", "certificate");
    return Certificate{std::move(*serial), *key, {from, until}};
}

/// Refuses (`invalid_key`) a certificate that is not valid now, saying since or until when.
[[nodiscard]] inline Result<void> check_validity(const Certificate& certificate, Timestamp now) {
    const auto refusal = [&](const std::string& reason) {
        return refuse(ErrorCode::invalid_key, "certificate " + certificate.serial + " " + reason,
                      "certificate");
    };
    const Validity& validity = certificate.validity;
    if (validity.until && *validity.until < now)
        return refusal("ended on " + format_rfc3339(*validity.until) +
                       ": request a new one at WeChat Pay's site");
    if (validity.from && now < *validity.from)
        return refusal("begins on " + format_rfc3339(*validity.from) + ": check the clock");
    return {};
}

}  // namespace tixian::wechat
