// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>

#include "tixian/error.hpp"

namespace tixian::mock {

/// Who the merchant is and the names of both sides' keys: what `merchant.json` holds.
struct Identity {
    std::string mchid;
    std::string appid;
    std::string merchant_serial;
    std::string wechatpay_public_key_id;
};

/// What a key directory holds, as text. `wechatpay_key_pem`, `merchant_key_pem` and `apiv3_key` are secrets.
struct Keys {
    Identity identity;
    std::string merchant_key_pem;
    std::string merchant_cert_pem;
    std::string wechatpay_key_pem;
    std::string wechatpay_public_key_pem;
    std::string apiv3_key;
};

/// Loads the key directory, or makes it when it does not exist or is empty. A directory appears whole or not
/// at all: it is written beside and renamed. An empty `mchid` or `appid` stands for the stored one, or for
/// the default. Refuses what is missing, damaged, inconsistent, or private but readable by others.
[[nodiscard]] Result<Keys> load_or_make_keys(const std::filesystem::path& directory, const std::string& mchid,
                                             const std::string& appid);

}  // namespace tixian::mock
