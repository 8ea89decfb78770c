// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "tixian/clock.hpp"
#include "tixian/error.hpp"
#include "tixian/signer.hpp"
#include "tixian/wechat/certificate.hpp"
#include "tixian/wechat/rsa_key.hpp"

namespace tixian::wechat {

/// Signs with a key in memory. Thread-safe.
class PemSigner final : public Signer {
 public:
    /// The serial is that of the merchant API certificate of this key; certificate_serial() reads it from the
    /// PEM.
    PemSigner(const PrivateKey& key, std::string serial) : key_(key), serial_(std::move(serial)) {}

    /// From key and certificate. Refuses (`invalid_key`) a certificate that is not this key's, or not valid
    /// now, both of which WeChat would answer with SIGN_ERROR.
    [[nodiscard]] static Result<PemSigner> from_certificate(const PrivateKey& key,
                                                            std::string_view certificate_pem, Timestamp now) {
        const auto certificate = parse_certificate(certificate_pem);
        if (!certificate) return tl::unexpected(certificate.error());
        if (auto valid = check_validity(*certificate, now); !valid) return tl::unexpected(valid.error());
        const auto signature = key.sign_sha256(certificate->serial);
        if (!signature) return tl::unexpected(signature.error());
        if (!certificate->key.verify_sha256(certificate->serial, *signature))
            return refuse(ErrorCode::invalid_key,
                          "certificate " + certificate->serial +
                              " does not belong to the private key: both come from one download",
                          "certificate");
        return PemSigner(key, certificate->serial);
    }

    [[nodiscard]] Result<std::string> sign(std::string_view message) const override {
        return key_.sign_sha256(message);
    }
    [[nodiscard]] std::string serial() const override { return serial_; }

 private:
    PrivateKey key_;
    std::string serial_;
};

}  // namespace tixian::wechat
