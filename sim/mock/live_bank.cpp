// SPDX-License-Identifier: MIT
#include "mock/live_bank.hpp"

#include <algorithm>

namespace tixian::mock {

LiveBank::LiveBank(bank::Terms terms, const Clock& clock)
    : clock_(clock), terms_(std::move(terms)), bank_(std::make_unique<bank::Bank>(terms_)) {}

void LiveBank::start() {
    ticker_ = std::thread([this] { tick(); });
}

void LiveBank::stop() {
    {
        const std::lock_guard lock(mutex_);
        is_stopped_ = true;
        changed_.notify_all();
        due_.notify_all();
        earlier_.notify_all();
    }
    if (ticker_.joinable()) ticker_.join();
}

void LiveBank::wake() {
    changed_.notify_all();
    const auto next = next_event_at(Timestamp::min());
    if (next && *next < wake_at_) earlier_.notify_one();
}

// The earliest event later than `after`: what is due already has been seen to.
std::optional<Timestamp> LiveBank::next_event_at(Timestamp after) const {
    std::optional<Timestamp> next = bank_->next_step_at();
    const auto notification = bank_->next_notification_at();
    if (is_sending_ && notification && *notification > after) {
        next = std::min(next.value_or(Timestamp::max()), *notification);
    }
    return next;
}

void LiveBank::tick() {
    // Wall time may be set back or forth, so no sleep is longer than this.
    constexpr Duration sleep_max = std::chrono::seconds(1);
    std::unique_lock lock(mutex_);
    while (!is_stopped_) {
        const Timestamp now = clock_.now();
        bank_->advance(now);
        changed_.notify_all();
        const auto notification = bank_->next_notification_at();
        if (is_sending_ && notification && *notification <= now) due_.notify_all();
        wake_at_ = std::min(next_event_at(now).value_or(Timestamp::max()), now + sleep_max);
        earlier_.wait_for(lock, wake_at_ - now);
    }
}

bool LiveBank::wait(Duration timeout, const std::function<bool(bank::Bank&)>& is_so) {
    std::unique_lock lock(mutex_);
    bool became_so = false;
    changed_.wait_for(lock, timeout, [&] {
        became_so = is_so(*bank_);
        return became_so || is_stopped_;
    });
    return became_so;
}

std::optional<bank::DueNotification> LiveBank::next_notification() {
    std::unique_lock lock(mutex_);
    const auto has_room = [this](const std::string& mchid) {
        const auto out = out_.find(mchid);
        return out == out_.end() || out->second < notifications_at_once;
    };
    while (!is_stopped_) {
        if (is_sending_) {
            auto due = bank_->due_notifications(clock_.now(), 1, has_room);
            if (!due.empty()) {
                ++out_[due.front().mchid];
                return std::move(due.front());
            }
        }
        due_.wait(lock);
    }
    return std::nullopt;
}

void LiveBank::notification_is_done(const std::string& mchid) {
    const std::lock_guard lock(mutex_);
    if (--out_[mchid] == 0) out_.erase(mchid);
    due_.notify_all();
}

void LiveBank::set_sending(bool on) {
    const std::lock_guard lock(mutex_);
    is_sending_ = on;
    earlier_.notify_one();
}

void LiveBank::time_jumped() {
    const std::lock_guard lock(mutex_);
    bank_->advance(clock_.now());
    changed_.notify_all();
    earlier_.notify_one();
}

std::vector<bank::Bill> LiveBank::bills() {
    const std::lock_guard lock(mutex_);
    bank_->advance(clock_.now());
    return bank_->bills();
}

void LiveBank::reset(const std::map<std::string, bank::MerchantTerms>& merchants) {
    const std::lock_guard lock(mutex_);
    terms_.bills_made_before += bank_->made_count();
    bank_ = std::make_unique<bank::Bank>(terms_);
    for (const auto& [mchid, terms] : merchants) bank_->add_merchant(mchid, terms);
    changed_.notify_all();
    earlier_.notify_one();
}

}  // namespace tixian::mock
