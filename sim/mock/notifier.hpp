// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "mock/business_clock.hpp"
#include "mock/journal.hpp"
#include "mock/live_bank.hpp"
#include "mock/live_faults.hpp"
#include "mock/mailing.hpp"
#include "mock/merchant.hpp"
#include "mock/switches.hpp"

namespace tixian::mock {

/// Sends due notifications to their notify_url, signed and encrypted anew at each attempt, on a few
/// threads so that one merchant who does not answer keeps no other waiting. Faults may befall each.
class Notifier {
 public:
    struct Parts {
        LiveBank& bank;
        LiveFaults& faults;
        Journal& journal;
        const Merchants& merchants;
        const LiveSwitches& switches;
        const BusinessClock& business;
        const Clock& real;
        std::function<void(const std::string& mchid)> rotate_key;
    };

    explicit Notifier(Parts parts);
    ~Notifier();
    void start();
    /// After LiveBank::stop(); cuts off what is being sent.
    void stop();

    /// Sends it once, as it is, whatever was sent before; answers the merchant's status, 0 when none came.
    int replay(const bank::DueNotification& notification);
    /// A reset: what is late or held back of this merchant, or of all when it is empty, never comes.
    void forget(const std::string& mchid);

 private:
    struct InFlight;
    struct Waiting {
        MailingPlan plan;
        bank::DueNotification notification;
    };
    void run();
    void begin(const bank::DueNotification& notification);
    void finish(const MailingPlan& plan, const bank::DueNotification& notification);
    [[nodiscard]] MailingPlan draw(const bank::DueNotification& notification);
    [[nodiscard]] std::optional<MailingPlan> take_waiting(const std::string& id);
    [[nodiscard]] std::vector<std::string> held_of(const std::string& mchid);
    [[nodiscard]] int mail(const Mailing& mailing, const std::vector<std::string>& faults);
    [[nodiscard]] int send(const Mailing& mailing);

    Parts parts_;
    std::mutex mutex_;
    std::map<std::string, Waiting> waiting_;  // late or held back, by id; the bank knows until when
    std::unique_ptr<InFlight> in_flight_;
    std::vector<std::thread> threads_;
};

}  // namespace tixian::mock
