// SPDX-License-Identifier: MIT
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tixian/clock.hpp"

#include "wechat_bank/bank.hpp"

namespace tixian::mock {

/// The bank in real time: one lock around it, and one thread that lets happen what is due. Thread-safe.
class LiveBank {
 public:
    LiveBank(bank::Terms terms, const Clock& clock);
    ~LiveBank() { stop(); }
    LiveBank(const LiveBank&) = delete;
    LiveBank& operator=(const LiveBank&) = delete;

    void start();
    /// Ends all waits.
    void stop();

    /// act(bank, now) under the lock; whoever waits for a change is woken afterwards.
    template <class Act>
    auto with(Act&& act) {
        const std::lock_guard lock(mutex_);
        const Woken woken{*this};
        return std::forward<Act>(act)(*bank_, clock_.now());
    }

    /// The bank's time.
    [[nodiscard]] Timestamp now() const { return clock_.now(); }

    /// Waits until `is_so(bank)`, at most `timeout`; false when it did not become so.
    [[nodiscard]] bool wait(Duration timeout, const std::function<bool(bank::Bank&)>& is_so);

    /// Blocks until a notification is due and sending is on; nothing when stopped. Of each merchant at most
    /// `notifications_at_once` are out until notification_is_done().
    [[nodiscard]] std::optional<bank::DueNotification> next_notification();
    void notification_is_done(const std::string& mchid);
    static constexpr int notifications_at_once = 4;
    void set_sending(bool on);
    /// The clock has jumped ahead: what is due by now happens at once.
    void time_jumped();
    /// As they stand now, in the order of their creation.
    [[nodiscard]] std::vector<bank::Bill> bills();

    /// A new bank on the first terms, with these merchants; WeChat's numbers count on.
    void reset(const std::map<std::string, bank::MerchantTerms>& merchants);

 private:
    struct Woken {
        LiveBank& bank;
        ~Woken() { bank.wake(); }
    };
    void wake();
    void tick();
    [[nodiscard]] std::optional<Timestamp> next_event_at(Timestamp after) const;

    const Clock& clock_;
    std::mutex mutex_;
    std::condition_variable changed_;  // for wait()
    std::condition_variable due_;      // for next_notification()
    std::condition_variable earlier_;  // for tick(): something happens before wake_at_
    bank::Terms terms_;
    std::unique_ptr<bank::Bank> bank_;
    Timestamp wake_at_;
    std::map<std::string, int> out_;  // notifications that are being sent, by mchid
    bool is_sending_ = true;
    bool is_stopped_ = false;
    std::thread ticker_;
};

}  // namespace tixian::mock
