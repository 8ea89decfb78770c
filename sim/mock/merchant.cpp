// SPDX-License-Identifier: MIT
#include "mock/merchant.hpp"

#include <array>
#include <chrono>

namespace tixian::mock {
namespace {

// Two at a time are enough for a rotation; the oldest goes.
constexpr std::size_t certificates_max = 4;

constexpr std::array<std::string_view, 3> verification_names = {"public_key", "certificate", "both"};

Signer signer_of(const PlatformCertificate& certificate) { return {certificate.key, certificate.serial}; }

}  // namespace

std::string_view name(Verification verification) {
    return verification_names[static_cast<std::size_t>(verification)];
}

std::optional<Verification> parse_verification(std::string_view text) {
    for (std::size_t i = 0; i < verification_names.size(); ++i) {
        if (verification_names[i] == text) return static_cast<Verification>(i);
    }
    return std::nullopt;
}

Signer Merchant::signer_for(const std::string& serial) const {
    if (has_public_key() && serial == identity.wechatpay_public_key_id) return {wechatpay_key, serial};
    if (has_certificate()) {
        for (const PlatformCertificate& known : certificates) {
            if (known.serial == serial) return signer_of(known);
        }
        if (!has_public_key()) return signer_of(certificates.back());
    }
    return {wechatpay_key, identity.wechatpay_public_key_id};
}

Signer Merchant::notification_signer() const {
    const bool by_certificate = has_certificate() && (!has_public_key() || notifies_by_certificate);
    if (by_certificate) return signer_of(certificates.back());
    return {wechatpay_key, identity.wechatpay_public_key_id};
}

const RsaKey* Merchant::find_key(const std::string& serial) const {
    if (has_public_key() && serial == identity.wechatpay_public_key_id) return &wechatpay_key;
    if (!has_certificate()) return nullptr;
    for (const PlatformCertificate& known : certificates) {
        if (known.serial == serial) return &known.key;
    }
    return nullptr;
}

void Merchant::rotate(PlatformCertificate next) {
    if (!before_rotation) before_rotation = std::make_shared<const Merchant>(*this);
    certificates.push_back(std::move(next));
    if (certificates.size() > certificates_max) certificates.erase(certificates.begin());
}

void Merchant::unrotate() {
    if (!before_rotation) return;
    const auto before = std::move(before_rotation);
    before_rotation = nullptr;
    certificates = before->certificates;
    verification = before->verification;
    notifies_by_certificate = before->notifies_by_certificate;
}

std::vector<Merchants::Known> Merchants::all() const {
    const std::shared_lock lock(mutex_);
    std::vector<Known> all;
    for (const auto& [mchid, merchant] : merchants_) all.push_back(merchant);
    return all;
}

PlatformCertificate make_platform_certificate(Timestamp now) {
    RsaKey key = RsaKey::generate();
    const std::string pem = make_certificate_pem(key, "Tenpay.com Root CA (tixian-mock)");
    const std::string serial = certificate_serial(pem).value();
    return {serial, pem, std::move(key), now, now + certificate_lifetime};
}

}  // namespace tixian::mock
