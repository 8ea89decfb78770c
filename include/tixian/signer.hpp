// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "tixian/error.hpp"

namespace tixian {

/// Signs requests with the merchant's key, which may be in memory, in a KMS or in an HSM. Thread-safe.
class Signer {
 public:
    virtual ~Signer() = default;

    /// RSASSA-PKCS1-v1_5 with SHA-256 over the message; answers the raw signature bytes, not base64.
    [[nodiscard]] virtual Result<std::string> sign(std::string_view message) const = 0;

    /// The serial number of the certificate that belongs to the key, as WeChat shows it: upper-case hex.
    [[nodiscard]] virtual std::string serial() const = 0;
};

}  // namespace tixian
