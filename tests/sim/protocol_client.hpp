// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "mock_client.hpp"
#include "receiver.hpp"
#include "tixian/httplib/transport.hpp"
#include "tixian/threads/system_clock.hpp"
#include "tixian/wechat/aes_name_vault.hpp"
#include "tixian/wechat/certificates.hpp"
#include "tixian/wechat/download.hpp"
#include "tixian/wechat/exchange.hpp"
#include "tixian/wechat/merchant.hpp"
#include "tixian/wechat/nonce.hpp"
#include "tixian/wechat/notification.hpp"
#include "tixian/wechat/pem_signer.hpp"
#include "tixian/wechat/response.hpp"
#include "tixian/wechat/transfers.hpp"

namespace tixian::mock {

/// A merchant who speaks to the mock through the library: real sockets, real signatures on both sides.
class ProtocolClient {
 public:
    explicit ProtocolClient(const MockAndMerchant& mock)
        : key(wechat::PrivateKey::from_pem(mock.keys().merchant_key_pem).value()),
          apiv3_key(wechat::Apiv3Key::parse(mock.keys().apiv3_key).value()),
          signer_(key, mock.keys().identity.merchant_serial),
          mchid_(Mchid::parse(mock.keys().identity.mchid).value()),
          appid_(Appid::parse(mock.keys().identity.appid).value()),
          transport_({.base_url = "http://127.0.0.1:" + std::to_string(mock.port())}, clock),
          exchange_(mchid_, signer_, ring, random) {
        ring.add(mock.keys().identity.wechatpay_public_key_id,
                 wechat::PublicKey::from_pem(mock.keys().wechatpay_public_key_pem).value());
        EXPECT_TRUE(names.add_key("K1", "0123456789abcdef0123456789abcdef").has_value());
    }

    [[nodiscard]] wechat::Merchant merchant(const std::string& notify_url = "") const {
        wechat::Merchant m;
        m.channel = ChannelName::parse("wechat").value();
        m.mchid = mchid_;
        m.appid = appid_;
        m.notify_url = notify_url;
        m.loopback_notify_url = true;
        return m;
    }

    template <class Api, class... Terms>
    [[nodiscard]] Api api(const wechat::Merchant& m, Terms... terms) {
        return Api(m, terms..., signer_, ring, random, &names);
    }

    [[nodiscard]] Withdrawal withdrawal(const std::string& number, const std::string& name = "") const {
        Withdrawal w;
        w.id = WithdrawalId::parse(number).value();
        w.order = {UserId::parse("u1").value(),          IdempotencyKey::parse("k1").value(), 1234_fen,
                   ChannelName::parse("wechat").value(), Openid::parse("oUser").value(),      ""};
        if (!name.empty()) w.order.real_name = names.seal(w.order.user, name).value();
        return w;
    }

    /// A call of this withdrawal, as the service would make it now.
    [[nodiscard]] Call call(const wechat::Transfers& api, CallKind kind, const Withdrawal& w) const {
        Call c;
        c.id = w.id;
        c.channel = api.name();
        c.kind = kind;
        c.number = 1;
        c.destination = api.destination();
        c.submission = w.submission;
        c.wechat_detail_id = w.wechat_detail_id;
        c.signed_at = clock.now();
        c.send_deadline = soon();
        return c;
    }
    [[nodiscard]] Answer perform(const wechat::Transfers& api, const Call& c) {
        return api.answer(c, transport_.send(api.request(c).value()));
    }

    [[nodiscard]] wechat::HttpResult send(const wechat::ApiRequest& request) {
        return transport_.send(exchange_.sign(request, clock.now(), soon()).value());
    }
    template <class Parse>
    [[nodiscard]] auto ask(const wechat::ApiRequest& request, const Parse& parse) {
        return exchange_.read(send(request), parse);
    }
    [[nodiscard]] std::string download(const wechat::Download& file) {
        return wechat::read_download(send(wechat::download_request(file))).value();
    }

    /// The notification that a receiver got, verified, decrypted and read.
    [[nodiscard]] wechat::NotifiedEvent read(const Reply& received) const {
        wechat::Headers headers;
        for (const auto& [name, value] : received.headers) headers.add(name, value);
        return wechat::read_notification(headers, received.body, ring, apiv3_key, clock.now()).value().event;
    }

    SystemClock clock;
    wechat::SystemRandom random;
    wechat::PrivateKey key;
    wechat::Apiv3Key apiv3_key;
    wechat::KeyRing ring;
    wechat::AesNameVault names{random};

 private:
    [[nodiscard]] MonotonicTime soon() const { return clock.monotonic() + std::chrono::seconds(10); }

    wechat::PemSigner signer_;
    Mchid mchid_;
    Appid appid_;
    http::Transport transport_;
    wechat::Exchange exchange_;
};

}  // namespace tixian::mock
