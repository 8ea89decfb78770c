// SPDX-License-Identifier: MIT
#include "mock/live_faults.hpp"

#include <algorithm>
#include <chrono>

#include "faults/magic.hpp"

namespace tixian::mock {

LiveFaults::LiveFaults(faults::Scenario scenario, bool with_magic, Timestamp started_at)
    : scenario_(std::move(scenario)),
      with_magic_(with_magic),
      started_at_(started_at),
      faults_(scenario_.seed) {
    fill();
}

// Users first: what is said of one of them goes before what is said of all.
void LiveFaults::fill() {
    faults_.clear();
    faults_.set_seed(scenario_.seed);
    // All of these have passed the checks when they were read.
    for (const faults::Rule& user : scenario_.users) static_cast<void>(faults_.add(user));
    for (const faults::Rule& rule : scenario_.faults) static_cast<void>(faults_.add(rule));
    if (!with_magic_) return;
    for (faults::Rule& rule : faults::magic_rules()) static_cast<void>(faults_.add(std::move(rule)));
}

bool LiveFaults::is_empty() const {
    const std::lock_guard lock(mutex_);
    return faults_.rules().empty();
}

std::vector<faults::Drawn> LiveFaults::draw(faults::Situation situation, Timestamp now) {
    const std::lock_guard lock(mutex_);
    situation.at = now - started_at_;
    situation.attempt = attempts_.next(situation.endpoint, situation.mchid, situation.number);
    return faults_.draw(situation);
}

std::vector<faults::Drawn> LiveFaults::draw_bill(const faults::Situation& situation, Timestamp now) {
    const std::lock_guard lock(mutex_);
    if (!drawn_bills_[situation.mchid].insert(situation.number).second) return {};
    faults::Situation first = situation;
    first.at = now - started_at_;
    return faults_.draw(first);
}

std::vector<faults::RuleStatus> LiveFaults::rules() const {
    const std::lock_guard lock(mutex_);
    return faults_.rules();
}

Result<void> LiveFaults::add(faults::Rule rule) {
    const std::lock_guard lock(mutex_);
    return faults_.add(std::move(rule));
}

Result<void> LiveFaults::put_user(faults::Rule user) {
    const std::lock_guard lock(mutex_);
    if (auto checked = faults::check(user); !checked) return checked;
    faults_.remove(user.name);
    return faults_.add(std::move(user));
}

bool LiveFaults::remove(const std::string& name) {
    const std::lock_guard lock(mutex_);
    return faults_.remove(name);
}

bool LiveFaults::set_enabled(const std::string& name, bool is_enabled) {
    const std::lock_guard lock(mutex_);
    return faults_.set_enabled(name, is_enabled);
}

std::uint64_t LiveFaults::seed() const {
    const std::lock_guard lock(mutex_);
    return faults_.seed();
}

void LiveFaults::set_seed(std::uint64_t seed) {
    const std::lock_guard lock(mutex_);
    faults_.set_seed(seed);
}

void LiveFaults::remove_all() {
    const std::lock_guard lock(mutex_);
    faults_.clear();
}

std::vector<Rewrite> LiveFaults::rewrites() const {
    const std::lock_guard lock(mutex_);
    return rewrites_;
}

void LiveFaults::set_rewrites(std::vector<Rewrite> rewrites) {
    const std::lock_guard lock(mutex_);
    rewrites_ = std::move(rewrites);
}

std::string LiveFaults::rewritten(const std::string& url) const {
    const std::lock_guard lock(mutex_);
    for (const Rewrite& rewrite : rewrites_) {
        if (url.starts_with(rewrite.from)) return rewrite.to + url.substr(rewrite.from.size());
    }
    return url;
}

void LiveFaults::reset(Timestamp now) {
    const std::lock_guard lock(mutex_);
    started_at_ = now;
    attempts_.clear();
    drawn_bills_.clear();
    rewrites_.clear();
    fill();
}

void LiveFaults::forget(const std::string& mchid) {
    const std::lock_guard lock(mutex_);
    attempts_.clear(mchid);
    drawn_bills_.erase(mchid);
}

bool LiveFaults::wait(Duration time, const std::function<bool()>& is_connected) {
    // A connection that ends wakes nobody, so it is looked at this often.
    constexpr std::chrono::milliseconds look_every(20);
    const auto end = std::chrono::steady_clock::now() + time;
    std::unique_lock lock(mutex_);
    while (!is_stopped_) {
        const auto now = std::chrono::steady_clock::now();
        if (now >= end) return true;
        stopped_.wait_for(lock, std::min<std::chrono::nanoseconds>(end - now, look_every));
        lock.unlock();
        const bool is_there = is_connected();
        lock.lock();
        if (!is_there) return false;
    }
    return false;
}

void LiveFaults::stop() {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
    stopped_.notify_all();
}

}  // namespace tixian::mock
