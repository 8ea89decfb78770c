// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "tixian/error.hpp"
#include "tixian/ids.hpp"
#include "tixian/secret.hpp"

namespace tixian {

/// A payee's real name as it may be stored: never plain. Without a name both are empty.
struct RealName {
    std::string sealed;  ///< encrypted; wiped when the withdrawal is final
    std::string
        fingerprint;  ///< a keyed hash, for ever the same for the same name: what a replay compares (R8)
    [[nodiscard]] bool is_empty() const { return fingerprint.empty(); }
    bool operator==(const RealName&) const = default;
};

/// Keeps real names encrypted until they are needed. A port: the keys may be in memory or in a KMS.
/// Thread-safe.
class NameVault {
 public:
    virtual ~NameVault() = default;

    /// What may be stored of the name. Both parts depend on the owner, so that equal names of two users do
    /// not show, and neither opens as another's.
    [[nodiscard]] virtual Result<RealName> seal(const UserId& owner, std::string_view name) const = 0;

    /// The plain name. Refuses (`bad_ciphertext`) what this owner's seal() has not made, and (`invalid_key`)
    /// what was sealed with a key that is not here.
    [[nodiscard]] virtual Result<Secret> open(const UserId& owner, const RealName& name) const = 0;
};

}  // namespace tixian
