// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "tixian/clock.hpp"
#include "tixian/error.hpp"
#include "tixian/name_vault.hpp"
#include "tixian/secret.hpp"
#include "tixian/wechat/base64.hpp"
#include "tixian/wechat/bill_report.hpp"
#include "tixian/wechat/create_bill.hpp"
#include "tixian/wechat/json.hpp"
#include "tixian/wechat/key_ring.hpp"
#include "tixian/wechat/merchant.hpp"
#include "tixian/wechat/rsa_key.hpp"
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

/// The payee's real name in the answer to a query of a bill or of a batch's detail, which WeChat encrypts for
/// the key of the merchant's certificate (wechat_spec 1.3, 2, 4.6); empty where none was sent. Not needed to
/// pay out: a person who compares names asks for it. Refuses (`malformed`) what is no base64, and
/// (`bad_ciphertext`) what was encrypted for another key.
[[nodiscard]] inline Result<Secret> open_user_name(const json::Value& answer,
                                                   const PrivateKey& merchant_key) {
    const auto sealed = detail::text_member(answer, "user_name", false);
    if (!sealed) return tl::unexpected(sealed.error());
    if (sealed->empty()) return Secret(std::string_view());
    const auto bytes = base64_decode(*sealed);
    if (!bytes) return refuse(ErrorCode::malformed, "must be base64", "user_name");
    auto name = merchant_key.decrypt_oaep(*bytes);
    if (!name) return refuse(name.error().code, name.error().message, "user_name");
    Secret opened(*name);
    wipe(*name);
    return opened;
}

}  // namespace tixian::wechat
