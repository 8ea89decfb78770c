// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "mock/crypto.hpp"
#include "mock/keys.hpp"
#include "mock/signer.hpp"
#include "tixian/clock.hpp"

#include "wechat_bank/merchant.hpp"

namespace tixian::mock {

/// What WeChat signs with, for one merchant (wechat_spec 4.4).
enum class Verification { public_key, certificate, both };

[[nodiscard]] std::string_view name(Verification verification);
[[nodiscard]] std::optional<Verification> parse_verification(std::string_view text);

/// A platform certificate with WeChat's key of it.
struct PlatformCertificate {
    std::string serial;
    std::string pem;
    RsaKey key;
    Timestamp effective_at;
    Timestamp expires_at;
};

/// A merchant as WeChat knows him. Immutable: a change puts another one in his place.
struct Merchant {
    Identity identity;
    RsaKey certificate;         ///< his API certificate's key
    std::string apiv3_key;      ///< empty: none is set, and then WeChat sends no notifications at all
    RsaKey wechatpay_key;       ///< of the WeChat Pay public key
    bank::MerchantTerms terms;  ///< what he begins with, and begins anew with after a reset
    Verification verification = Verification::public_key;
    bool notifies_by_certificate = false;           ///< with both: which of the two signs notifications
    std::vector<PlatformCertificate> certificates;  ///< the newest last
    /// What a reset goes back to; null: nothing was rotated.
    std::shared_ptr<const Merchant> before_rotation = nullptr;

    /// The new certificate is the one that signs, and those before stay in the list (wechat_spec 4.4).
    void rotate(PlatformCertificate next);
    /// As it was before the first rotation.
    void unrotate();
    [[nodiscard]] bool has_public_key() const { return verification != Verification::certificate; }
    [[nodiscard]] bool has_certificate() const {
        return verification != Verification::public_key && !certificates.empty();
    }
    /// Signs an answer: with the key that the request's Wechatpay-Serial names, when the merchant has it.
    [[nodiscard]] Signer signer_for(const std::string& serial) const;
    [[nodiscard]] Signer notification_signer() const;
    /// WeChat's key of this serial, to decrypt what was encrypted to it; null when the merchant has none
    /// such.
    [[nodiscard]] const RsaKey* find_key(const std::string& serial) const;
};

/// All merchants by mchid. Thread-safe.
class Merchants {
 public:
    using Known = std::shared_ptr<const Merchant>;

    /// `first` is the one that the control endpoints mean when they name none.
    explicit Merchants(Merchant first) : first_mchid_(first.identity.mchid) { put(std::move(first)); }

    [[nodiscard]] Known find(const std::string& mchid) const {
        const std::shared_lock lock(mutex_);
        const auto found = merchants_.find(mchid);
        return found == merchants_.end() ? nullptr : found->second;
    }
    [[nodiscard]] Known first() const { return find(first_mchid_); }
    [[nodiscard]] std::vector<Known> all() const;
    /// Atomic; nothing happens when there is no such merchant.
    void change(const std::string& mchid, const std::function<void(Merchant&)>& change) {
        const std::unique_lock lock(mutex_);
        const auto found = merchants_.find(mchid);
        if (found == merchants_.end()) return;
        Merchant merchant = *found->second;
        change(merchant);
        found->second = std::make_shared<const Merchant>(std::move(merchant));
    }
    void put(Merchant merchant) {
        auto known = std::make_shared<const Merchant>(std::move(merchant));
        const std::unique_lock lock(mutex_);
        merchants_[known->identity.mchid] = std::move(known);
    }

 private:
    const std::string first_mchid_;
    mutable std::shared_mutex mutex_;
    std::map<std::string, Known> merchants_;
};

/// A new platform certificate with a key of its own, valid for five years from now. Takes as long as an RSA
/// key takes.
[[nodiscard]] PlatformCertificate make_platform_certificate(Timestamp now);

}  // namespace tixian::mock
