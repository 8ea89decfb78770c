// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "mock/live_bank.hpp"
#include "mock/signer.hpp"

namespace tixian::mock {

/// Sends due notifications to the bills' notify_url, signed and encrypted anew at each attempt, on a few
/// threads so that one merchant who does not answer keeps no other waiting.
class Notifier {
 public:
    Notifier(LiveBank& bank, const Signer& signer, std::string apiv3_key, const Clock& clock);
    ~Notifier();
    void start();
    /// After LiveBank::stop(); cuts off what is being sent.
    void stop();

 private:
    struct InFlight;
    void run();
    [[nodiscard]] bool send(const bank::DueNotification& notification);

    LiveBank& bank_;
    const Signer& signer_;
    std::string apiv3_key_;
    const Clock& clock_;
    std::unique_ptr<InFlight> in_flight_;
    std::vector<std::thread> threads_;
};

}  // namespace tixian::mock
