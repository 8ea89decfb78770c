// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <utility>

#include "tixian/clock.hpp"
#include "tixian/error.hpp"
#include "tixian/name_vault.hpp"
#include "tixian/wechat/create_bill.hpp"
#include "tixian/wechat/key_ring.hpp"
#include "tixian/wechat/merchant.hpp"
#include "tixian/withdrawal.hpp"

namespace tixian::wechat {

/// A real name as it goes to WeChat.
struct SealedName {
    std::string user_name;   ///< the ciphertext, in base64
    std::string key_serial;  ///< of WeChat's key that made it
};

/// The stored name, encrypted with WeChat's newest key. Refuses (`invalid_key`) where there is no key or no
/// vault, and whatever the vault refuses.
[[nodiscard]] inline Result<SealedName> seal_name(const NameVault* names, const KeyRing& keys,
                                                  const Withdrawal& w, Timestamp now) {
    const auto key = keys.newest(now);
    if (!key) return refuse(ErrorCode::invalid_key, "there is no valid key of WeChat's to encrypt the name");
    if (names == nullptr) return refuse(ErrorCode::invalid_key, "names are not set up here", "real_name");
    const auto plain = names->open(w.order.user, w.order.real_name);
    if (!plain) return tl::unexpected(plain.error());
    return encrypt_user_name(key->second, plain->view()).map([&](std::string user_name) {
        return SealedName{std::move(user_name), key->first};
    });
}

/// Refuses an order whose name would have to be sent where names are not set up.
[[nodiscard]] inline Result<void> check_names_set_up(const Merchant& merchant, const NameVault* names,
                                                     const Order& order) {
    if (names != nullptr || name_use(merchant.names, order) != NameUse::required) return {};
    return refuse(ErrorCode::amount_above_maximum,
                  "WeChat asks for the real name from " + merchant.names.required_from.yuan() +
                      " yuan on, and names are not set up here",
                  "amount");
}

}  // namespace tixian::wechat
