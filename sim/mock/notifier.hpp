// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "mock/live_bank.hpp"
#include "mock/merchant.hpp"
#include "mock/switches.hpp"

namespace tixian::mock {

/// Sends due notifications to their notify_url, signed and encrypted anew at each attempt, on a few threads
/// so that one merchant who does not answer keeps no other waiting.
class Notifier {
 public:
    Notifier(LiveBank& bank, const Merchants& merchants, const LiveSwitches& switches, const Clock& clock);
    ~Notifier();
    void start();
    /// After LiveBank::stop(); cuts off what is being sent.
    void stop();

 private:
    struct InFlight;
    void run();
    [[nodiscard]] bool send(const bank::DueNotification& notification);

    LiveBank& bank_;
    const Merchants& merchants_;
    const LiveSwitches& switches_;
    const Clock& clock_;
    std::unique_ptr<InFlight> in_flight_;
    std::vector<std::thread> threads_;
};

}  // namespace tixian::mock
