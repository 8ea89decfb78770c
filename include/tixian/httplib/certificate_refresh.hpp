// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <chrono>

#include "tixian/clock.hpp"
#include "tixian/error.hpp"
#include "tixian/httplib/transport.hpp"
#include "tixian/wechat/api_error.hpp"
#include "tixian/wechat/certificates.hpp"
#include "tixian/wechat/exchange.hpp"
#include "tixian/wechat/key_refresh.hpp"
#include "tixian/wechat/key_ring.hpp"

namespace tixian::http {

/// Keeps a ring's platform certificates up to date: call refresh() from a timer, once a minute or so, and
/// before the first payout. Not needed where WeChat gave the merchant a public key. Thread-safe; borrows.
class CertificateRefresh {
 public:
    CertificateRefresh(const wechat::Exchange& exchange, wechat::KeyRing& keys, const wechat::Apiv3Key& key,
                       Transport& transport, const Clock& clock, wechat::KeyRefreshOptions options = {})
        : exchange_(exchange), keys_(keys), key_(key), transport_(transport), clock_(clock), when_(options) {}

    /// Downloads when it is due, also because a serial was looked for in vain, and answers whether it was.
    /// Blocks meanwhile; others go on with the keys that are there. A failure leaves the ring as it is, and
    /// the next call tries again after a pause.
    [[nodiscard]] wechat::ApiResult<bool> refresh() {
        const Timestamp now = clock_.now();
        if (keys_.take_missed()) when_.note_unknown_serial();
        if (!when_.begin(now, keys_.next_end(now))) return false;
        const auto request = exchange_.sign(wechat::certificates_request(), now,
                                            clock_.monotonic() + std::chrono::seconds(30));
        if (!request) return tl::unexpected(not_signed(request.error()));
        const auto certificates = wechat::read_certificates(transport_.send(*request), keys_, key_);
        if (!certificates) {
            if (certificates.error().code == "RESOURCE_NOT_EXISTS") {
                when_.found_none();
                has_settled_ = true;
            }
            return tl::unexpected(certificates.error());
        }
        wechat::add_certificates(keys_, *certificates, clock_.now());
        when_.succeeded(clock_.now());
        has_settled_ = true;
        return true;
    }

    /// Whether WeChat has said which certificates there are, be it none. Until then a key that is missing may
    /// only not be here yet: begin to pay out afterwards.
    [[nodiscard]] bool has_settled() const { return has_settled_; }

 private:
    static wechat::ApiError not_signed(const Error& why) {
        wechat::ApiError error;
        error.kind = wechat::ApiErrorKind::not_sent;
        error.code = tixian::name(why.code);
        error.message = why.message;
        return error;
    }

    const wechat::Exchange& exchange_;
    wechat::KeyRing& keys_;
    const wechat::Apiv3Key& key_;
    Transport& transport_;
    const Clock& clock_;
    wechat::KeyRefresh when_;
    std::atomic<bool> has_settled_ = false;
};

}  // namespace tixian::http
