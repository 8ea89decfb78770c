// SPDX-License-Identifier: MIT
#pragma once

#include "tixian/call.hpp"
#include "tixian/gateway.hpp"
#include "tixian/httplib/transport.hpp"
#include "tixian/wechat/transfers.hpp"

namespace tixian::http {

/// One of WeChat's transfer APIs over cpp-httplib, for blocking callers: request, send and answer in one.
/// Thread-safe. Borrows.
class WechatGateway : public Gateway {
 public:
    WechatGateway(const wechat::Transfers& transfers, Transport& transport)
        : transfers_(transfers), transport_(transport) {}

    [[nodiscard]] Answer perform(const Call& call) override {
        const auto request = transfers_.request(call);
        if (!request) return wechat::Transfers::not_sent(call, request.error());
        return transfers_.answer(call, transport_.send(*request));
    }

 private:
    const wechat::Transfers& transfers_;
    Transport& transport_;
};

}  // namespace tixian::http
