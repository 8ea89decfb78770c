// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "tixian/policy.hpp"
#include "tixian/terms.hpp"
#include "tixian/wechat/aes_gcm.hpp"
#include "tixian/wechat/pem_signer.hpp"
#include "tixian/wechat/rsa_key.hpp"
#include "tixian/wechat/secret.hpp"
#include "tixian/wechat/transfer_bills.hpp"

namespace tixian::server {

/// Everything that the server is given, read and checked: files are read, keys are parsed, amounts are money.
struct Config {
    std::string host;
    int port = 0;
    std::string database;
    std::size_t workers = 0;
    std::size_t threads = 0;
    wechat::Secret token_secret;
    Terms terms;
    std::string base_url;
    std::string ca_file;
    wechat::Merchant merchant;
    wechat::PemSigner signer;
    wechat::PublicKey wechat_key;
    std::string wechat_key_id;
    wechat::Apiv3Key apiv3_key;
    std::string confirm_page;
    Policy policy;
};

/// Refuses the first mistake, naming its setting and what to do.
[[nodiscard]] Result<Config> read_config(const std::string& file,
                                         const std::map<std::string, std::string>& environment);

/// The variables of this process that begin with TIXIAN_.
[[nodiscard]] std::map<std::string, std::string> tixian_environment();

}  // namespace tixian::server
