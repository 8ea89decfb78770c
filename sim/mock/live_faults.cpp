// SPDX-License-Identifier: MIT
#include "mock/live_faults.hpp"

#include <algorithm>
#include <chrono>

#include "faults/magic.hpp"
#include "faults/rule_text.hpp"

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

Result<faults::Rule> LiveFaults::add(faults::Rule rule, bool has_own_name) {
    const std::lock_guard lock(mutex_);
    if (!has_own_name)
        rule.name = faults::free_name(rule.name, [this](const std::string& name) {
            return std::any_of(faults_.rules().begin(), faults_.rules().end(),
                               [&](const faults::RuleStatus& status) { return status.rule.name == name; });
        });
    return faults_.add(rule).map([&] { return rule; });
}

Result<void> LiveFaults::put_user(faults::Rule user) {
    const std::lock_guard lock(mutex_);
    if (auto checked = faults::check(user); !checked) return checked;
    faults_.remove(user.name);
    return faults_.add_first(std::move(user));
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
        if (!url.starts_with(rewrite.from)) continue;
        // `http://pay.example` is not the beginning of `http://pay.example.org`.
        const std::string rest = url.substr(rewrite.from.size());
        const bool is_whole = rest.empty() || rest.front() == '/' || rewrite.from.ends_with('/');
        if (is_whole) return rewrite.to + rest;
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
    faults_.forget(mchid);
    // What a test has added for this merchant alone ends with it.
    std::vector<std::string> added;
    for (const faults::RuleStatus& status : faults_.rules()) {
        if (status.rule.match.mchid == mchid && !is_of_scenario(status.rule.name))
            added.push_back(status.rule.name);
    }
    for (const std::string& name : added) faults_.remove(name);
    drawn_bills_.erase(mchid);
}

bool LiveFaults::is_of_scenario(const std::string& name) const {
    const auto is_it = [&](const faults::Rule& rule) { return rule.name == name; };
    return std::any_of(scenario_.faults.begin(), scenario_.faults.end(), is_it) ||
           std::any_of(scenario_.users.begin(), scenario_.users.end(), is_it);
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
