// SPDX-License-Identifier: MIT
#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "mock/control_request.hpp"
#include "mock/live_bank.hpp"
#include "mock/merchant.hpp"

namespace tixian::mock {

/// /_mock/merchants and /_mock/certificates: who the merchants are, with keys of their own, and what WeChat
/// signs with. Thread-safe.
class MerchantControl {
 public:
    MerchantControl(Merchants& merchants, LiveBank& bank, const Clock& real)
        : merchants_(merchants), bank_(bank), real_(real) {}

    /// Nothing when it is none of its endpoints.
    [[nodiscard]] std::optional<Answer> answer(const ControlRequest& request);
    /// From now on a new platform certificate signs. Overlooks merchants whom nobody knows.
    void rotate_key(const std::string& mchid);

 private:
    [[nodiscard]] Answer list();
    [[nodiscard]] Answer add(const std::string& body);
    [[nodiscard]] Answer change(const std::string& mchid, const std::string& body);
    [[nodiscard]] Answer rotate(const std::string& mchid);

    std::mutex changing_;  // one change at a time, so that none is lost
    Merchants& merchants_;
    LiveBank& bank_;
    const Clock& real_;  // certificates are the protocol's, and a jump of business time is not its
};

}  // namespace tixian::mock
