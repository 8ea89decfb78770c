// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <filesystem>
#include <string_view>

#include "tixian/error.hpp"

namespace tixian::mock {

/// WeChat Pay's hosts (wechat_spec 6), for which the mock has a certificate and which its proxy connects to
/// itself.
inline constexpr std::array<std::string_view, 5> wechat_hosts = {
    "api.mch.weixin.qq.com", "api2.mch.weixin.qq.com", "api.wechatpay.cn", "api2.wechatpay.cn",
    "apihk.mch.weixin.qq.com"};

/// Files of the key directory: what a client has to trust, as PEM and as a PKCS#12 trust store for Java
/// (password `changeit`), and the server's own certificate and key.
struct TlsFiles {
    std::filesystem::path ca_pem;
    std::filesystem::path ca_p12;
    std::filesystem::path certificate_pem;
    std::filesystem::path key_pem;
};

[[nodiscard]] TlsFiles tls_files(const std::filesystem::path& keys_directory);

/// Makes them where one is missing: a certificate for WeChat's hosts, localhost, 127.0.0.1 and ::1, valid for
/// ten years. The key of the authority that signs it is thrown away, so nobody can sign another one.
[[nodiscard]] Result<TlsFiles> load_or_make_tls(const std::filesystem::path& keys_directory);

}  // namespace tixian::mock
