// SPDX-License-Identifier: MIT
#pragma once

#include <variant>

#include "tixian/error.hpp"
#include "tixian/gateway.hpp"
#include "tixian/httplib/certificate_refresh.hpp"
#include "tixian/httplib/transport.hpp"
#include "tixian/wechat/transfers.hpp"

namespace tixian::http {

/// One of WeChat's transfer APIs over cpp-httplib, for blocking callers: request, send and answer in one.
/// Thread-safe. Borrows.
class WechatGateway : public Gateway {
 public:
    /// `certificates` hears of serials that are not in the ring; the next refresh() goes for them.
    WechatGateway(const wechat::Transfers& transfers, Transport& transport,
                  CertificateRefresh* certificates = nullptr)
        : transfers_(transfers), transport_(transport), certificates_(certificates) {}

    [[nodiscard]] Answer perform(const Call& call) override {
        const auto request = transfers_.request(call);
        if (!request) return wechat::Transfers::not_sent(call, request.error());
        Answer answer = transfers_.answer(call, transport_.send(*request));
        const auto* news = std::get_if<NoNews>(&answer.result);
        if (certificates_ != nullptr && news != nullptr && news->code == name(ErrorCode::unknown_serial))
            certificates_->note_unknown_serial();
        return answer;
    }

 private:
    const wechat::Transfers& transfers_;
    Transport& transport_;
    CertificateRefresh* certificates_;
};

}  // namespace tixian::http
