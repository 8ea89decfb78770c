// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tixian/httplib/transport.hpp"
#include "tixian/policy.hpp"
#include "tixian/secret.hpp"
#include "tixian/terms.hpp"
#include "tixian/wechat/aes_gcm.hpp"
#include "tixian/wechat/aes_name_vault.hpp"
#include "tixian/wechat/pem_signer.hpp"
#include "tixian/wechat/rsa_key.hpp"
#include "tixian/wechat/transfer_batches.hpp"

namespace tixian::server {

/// A key that seals real names, 32 bytes.
struct NameKey {
    std::string id;
    Secret key;
};

/// The WeChat Pay public key and its id, `PUB_KEY_ID_…`.
struct WechatKey {
    std::string id;
    wechat::PublicKey key;
};

/// Everything that the server is given, read and checked: files are read, keys are parsed, amounts are money.
struct Config {
    std::string host;
    int port = 0;
    std::string database;
    std::size_t workers = 0;
    std::size_t threads = 0;
    Secret token_secret;
    Terms terms;
    http::TransportOptions transport;
    wechat::Merchant merchant;
    std::optional<wechat::BatchTerms> batches;  ///< none: the current transfers are used
    wechat::PemSigner signer;
    std::optional<WechatKey> wechat_key;
    bool platform_certificates = false;  ///< are downloaded, beside the key or in its place
    wechat::Apiv3Key apiv3_key;
    std::string confirm_page;
    Policy policy;
    std::vector<NameKey> name_keys;  ///< oldest first; empty: no real names are taken
};

/// Refuses the first mistake, naming its setting and what to do.
[[nodiscard]] Result<Config> read_config(const std::string& file,
                                         const std::map<std::string, std::string>& environment);

/// The variables of this process that begin with TIXIAN_.
[[nodiscard]] std::map<std::string, std::string> tixian_environment();

}  // namespace tixian::server
