// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "tixian/error.hpp"
#include "tixian/signer.hpp"
#include "tixian/wechat/rsa_key.hpp"

namespace tixian::wechat {

/// Signs with a key in memory. Thread-safe.
class PemSigner final : public Signer {
 public:
    /// The serial is that of the merchant API certificate of this key; certificate_serial() reads it from the
    /// PEM.
    PemSigner(const PrivateKey& key, std::string serial) : key_(key), serial_(std::move(serial)) {}

    [[nodiscard]] Result<std::string> sign(std::string_view message) const override {
        return key_.sign_sha256(message);
    }
    [[nodiscard]] std::string serial() const override { return serial_; }

 private:
    PrivateKey key_;
    std::string serial_;
};

}  // namespace tixian::wechat
