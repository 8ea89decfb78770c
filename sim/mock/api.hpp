// SPDX-License-Identifier: MIT
#pragma once

#include "mock/create_request.hpp"
#include "mock/http.hpp"
#include "mock/live_bank.hpp"
#include "mock/settings.hpp"
#include "tixian/clock.hpp"

namespace tixian::mock {

/// WeChat's endpoints: who may ask, what is asked, and the bank's answer, not yet signed. Thread-safe.
class Api {
 public:
    Api(CreateRules rules, RsaKey merchant_certificate, LiveBank& bank, LiveSettings& settings,
        const Clock& clock)
        : rules_(std::move(rules)),
          certificate_(std::move(merchant_certificate)),
          bank_(bank),
          settings_(settings),
          clock_(clock) {}

    [[nodiscard]] Answer answer(const Request& request);

 private:
    [[nodiscard]] Answer create(const Request& request);
    [[nodiscard]] Answer query(const std::string& kind, const std::string& number);
    [[nodiscard]] Answer cancel(const std::string& out_bill_no);
    template <class Execute>
    [[nodiscard]] Answer forced_or(std::optional<ForcedError> Settings::* kind, Execute execute);

    CreateRules rules_;
    RsaKey certificate_;
    LiveBank& bank_;
    LiveSettings& settings_;
    const Clock& clock_;
};

/// What the server answers by itself: unknown paths and requests that are not HTTP as it should be.
[[nodiscard]] Answer protocol_error(int status);

}  // namespace tixian::mock
