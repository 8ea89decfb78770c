// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <ctime>
#include <string>
#include <utility>
#include <vector>

#include "mock/crypto.hpp"
#include "mock/keys.hpp"
#include "mock/load.hpp"
#include "mock/server.hpp"

namespace tixian::bench {

/// A merchant's requests as they go over the wire, signed before anything is measured.
class Merchant {
 public:
    Merchant(const mock::Keys& keys, bool signs)
        : keys_(keys), key_(mock::RsaKey::parse_private(keys.merchant_key_pem).value()), signs_(signs) {}

    /// Each connection makes bills that nobody made before, and asks for each once.
    [[nodiscard]] std::vector<Script> scripts(std::size_t connections, std::size_t bills) {
        std::vector<Script> scripts(connections);
        for (std::size_t i = 0; i < connections; ++i) {
            for (std::size_t j = 0; j < bills; ++j) {
                const std::string number = "WD20250101" + std::to_string(++bills_made_);
                scripts[i].push_back(create(number));
                scripts[i].push_back(query(number));
            }
        }
        return scripts;
    }
    [[nodiscard]] std::string create(const std::string& number) const {
        return request("POST", path,
                       R"({"appid":")" + keys_.identity.appid + R"(","out_bill_no":")" + number +
                           R"(","transfer_scene_id":"1010","openid":"o-MYE42l80oelYMDE34nYD456Xoy",)"
                           R"("transfer_amount":1234,"transfer_remark":"提现",)"
                           R"("user_recv_perception":"二手回收货款","transfer_scene_report_infos":)"
                           R"([{"info_type":"回收商品名称","info_content":"旧衣物"}]})");
    }
    [[nodiscard]] std::string query(const std::string& number) const {
        return request("GET", path + "/out-bill-no/" + number, "");
    }

 private:
    [[nodiscard]] std::string request(const std::string& method, const std::string& target,
                                      const std::string& body) const {
        const std::string timestamp = std::to_string(std::time(nullptr));
        const std::string nonce = "593BEC0C930BF1AFEB40B4A08C8FB242";
        const std::string message =
            method + "\n" + target + "\n" + timestamp + "\n" + nonce + "\n" + body + "\n";
        return method + " " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n" +
               "Authorization: WECHATPAY2-SHA256-RSA2048 mchid=\"" + keys_.identity.mchid +
               "\",nonce_str=\"" + nonce + "\",signature=\"" +
               (signs_ ? key_.sign(message) : std::string(344, 's')) + "\",timestamp=\"" + timestamp +
               "\",serial_no=\"" + keys_.identity.merchant_serial + "\"\r\n" +
               "Wechatpay-Serial: " + keys_.identity.wechatpay_public_key_id +
               "\r\nUser-Agent: tixian-bench/0.1\r\n" +
               (body.empty() ? "" : "Content-Type: application/json\r\n") +
               "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    }

    const std::string path = "/v3/fund-app/mch-transfer/transfer-bills";
    const mock::Keys& keys_;
    mock::RsaKey key_;
    bool signs_;
    std::uint64_t bills_made_ = 1'000'000'000;
};

}  // namespace tixian::bench
