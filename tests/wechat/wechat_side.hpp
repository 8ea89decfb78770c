// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <utility>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "test_keys.hpp"
#include "tixian/testing/manual_clock.hpp"
#include "tixian/testing/seeded_random.hpp"
#include "tixian/wechat/aes_gcm.hpp"
#include "tixian/wechat/aes_name_vault.hpp"
#include "tixian/wechat/base64.hpp"
#include "tixian/wechat/notification.hpp"
#include "tixian/wechat/pem_signer.hpp"
#include "tixian/wechat/transfer_bills.hpp"

namespace tixian::wechat {

/// WeChat's side of the protocol, for tests: signs answers and notifications with a key of its own.
class WechatSide {
 public:
    static constexpr const char* serial = "PUB_KEY_ID_0114232134912410000000000000";
    static constexpr const char* apiv3_key = "0123456789abcdef0123456789ABCDEF";

    WechatSide() {
        const auto key = test::make_rsa(2048);
        keys.add(serial, PublicKey::from_pem(test::public_pem(key)).value());
        private_key_ = PrivateKey::from_pem(test::pkcs8_pem(key)).value();
    }

    /// A signed response, received `elapsed` after it was asked for.
    [[nodiscard]] HttpResult respond(int status, const std::string& body,
                                     Duration elapsed = Duration(0)) const {
        HttpResult result;
        result.outcome = HttpResponse{status, signature(body), body};
        result.received_at = clock.now();
        result.elapsed = elapsed;
        return result;
    }

    [[nodiscard]] Headers signature(const std::string& body) const {
        const std::string timestamp = std::to_string(to_millis(clock.now()) / 1000);
        const std::string nonce = "593BEC0C930BF1AFEB40B4A08C8FB242";
        Headers headers;
        headers.add("wechatpay-timestamp", timestamp);
        headers.add("Wechatpay-Nonce", nonce);
        headers.add("Wechatpay-Serial", serial);
        headers.add("Wechatpay-Signature",
                    base64_encode(private_key_->sign_sha256(answer_message(timestamp, nonce, body)).value()));
        headers.add("Request-ID", "08F2-1");
        return headers;
    }

    /// A notification's body, encrypted.
    [[nodiscard]] static std::string envelope(const std::string& plaintext,
                                              const std::string& key = apiv3_key,
                                              const std::string& event_type = "MCHTRANSFER.BILL.FINISHED") {
        return nlohmann::json{{"id", "EV-1"},
                              {"create_time", "2025-01-22T15:44:23+08:00"},
                              {"event_type", event_type},
                              {"resource_type", "encrypt-resource"},
                              {"summary", "商家转账单据终态通知"},
                              {"resource", resource(plaintext, "mch_payment", key)}}
            .dump();
    }

    /// What WeChat encrypts with the APIv3 key.
    [[nodiscard]] static nlohmann::json resource(const std::string& plaintext, const std::string& data,
                                                 const std::string& key = apiv3_key) {
        const std::string nonce = "wCq51qZv4Yfg";
        return {{"original_type", "mch_payment"},
                {"algorithm", "AEAD_AES_256_GCM"},
                {"ciphertext", base64_encode(encrypt_aes_gcm(key, nonce, data, plaintext).value())},
                {"associated_data", data},
                {"nonce", nonce}};
    }

    /// What the merchant encrypted for WeChat.
    [[nodiscard]] std::string opened(const std::string& ciphertext) const {
        return private_key_->decrypt_oaep(base64_decode(ciphertext).value()).value();
    }

    testing::ManualClock clock;
    KeyRing keys;

 private:
    std::optional<PrivateKey> private_key_;
};

/// The merchant's side: a channel with keys of its own, and one withdrawal's calls.
class MerchantSide {
 public:
    explicit MerchantSide(const KeyRing& keys, bool unsigned_errors = false)
        : signer(PrivateKey::from_pem(test::pkcs8_pem(test::make_rsa(2048))).value(),
                 "5157F09EFDC096DE15EBE81A47057A72"),
          transfers(merchant(unsigned_errors), signer, keys, random, &vault) {
        EXPECT_TRUE(vault.add_key("K1", "0123456789abcdef0123456789abcdef").has_value());
    }

    static Merchant merchant(bool unsigned_errors) {
        Merchant m;
        m.channel = ChannelName::parse("wechat").value();
        m.mchid = Mchid::parse("1900000001").value();
        m.appid = Appid::parse("wxf636efh567hg4356").value();
        m.notify_url = "https://pay.example.com/notify";
        m.unsigned_errors = unsigned_errors;
        return m;
    }

    [[nodiscard]] Withdrawal named_withdrawal(Money amount, std::string_view name = "张三") const {
        Withdrawal w = withdrawal();
        w.order.amount = amount;
        w.order.real_name = vault.seal(w.order.user, name).value();
        return w;
    }

    [[nodiscard]] static Withdrawal withdrawal() {
        Withdrawal w;
        w.id = WithdrawalId::parse("WD20250101123456ABCDEF123456").value();
        w.order = {UserId::parse("u1").value(),          IdempotencyKey::parse("k1").value(), 1234_fen,
                   ChannelName::parse("wechat").value(), Openid::parse("o-1").value(),        ""};
        return w;
    }

    [[nodiscard]] Call call(CallKind kind) const {
        Call c;
        c.id = withdrawal().id;
        c.channel = withdrawal().order.channel;
        c.kind = kind;
        c.number = 1;
        c.destination = transfers.destination();
        if (kind == CallKind::submit) c.submission = transfers.compose(withdrawal(), now).value();
        c.signed_at = now;
        return c;
    }

    static constexpr Timestamp now{std::chrono::seconds(1'554'208'460)};
    testing::SeededRandom random{1};
    AesNameVault vault{random};
    PemSigner signer;
    TransferBills transfers;
};

}  // namespace tixian::wechat
