// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mock/crypto.hpp"
#include "tixian/clock.hpp"

namespace tixian::mock {

/// Signs answers and notifications as WeChat does (wechat_spec 4.3). Thread-safe.
class Signer {
 public:
    Signer(RsaKey key, std::string serial) : key_(std::move(key)), serial_(std::move(serial)) {}

    [[nodiscard]] std::vector<std::pair<std::string, std::string>> headers(std::string_view body,
                                                                           Timestamp now) const {
        constexpr std::size_t nonce_length = 32;
        const std::string timestamp = std::to_string(to_millis(now) / 1000);
        const std::string nonce = random_text(nonce_length);
        const std::string message = timestamp + '\n' + nonce + '\n' + std::string(body) + '\n';
        return {{"Wechatpay-Timestamp", timestamp},
                {"Wechatpay-Nonce", nonce},
                {"Wechatpay-Serial", serial_},
                {"Wechatpay-Signature", key_.sign(message)},
                {"Wechatpay-Signature-Type", "WECHATPAY2-SHA256-RSA2048"}};
    }

 private:
    RsaKey key_;
    std::string serial_;
};

}  // namespace tixian::mock
