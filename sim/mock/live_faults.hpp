// SPDX-License-Identifier: MIT
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

#include "faults/faults.hpp"
#include "faults/scenario.hpp"
#include "tixian/clock.hpp"
#include "tixian/error.hpp"

namespace tixian::mock {

/// Notifications to an address that begins with `from` go to one that begins with `to` instead.
struct Rewrite {
    std::string from;
    std::string to;
};

/// The faults as the threads share them: users, the scenario's rules, and the magic ones. Thread-safe.
class LiveFaults {
 public:
    /// `started_at` is business time; windows of rules count from it.
    LiveFaults(faults::Scenario scenario, bool with_magic, Timestamp started_at);

    /// Whether there is no rule at all, so that nothing need be known of a call.
    [[nodiscard]] bool is_empty() const;
    /// Counts the attempt and draws. The situation's attempt and time are filled in here.
    [[nodiscard]] std::vector<faults::Drawn> draw(faults::Situation situation, Timestamp now);
    /// The same once for each bill: at the second time nothing.
    [[nodiscard]] std::vector<faults::Drawn> draw_bill(const faults::Situation& situation, Timestamp now);

    [[nodiscard]] std::vector<faults::RuleStatus> rules() const;
    /// As it was added: without a name of its own it gets a free one.
    [[nodiscard]] Result<faults::Rule> add(faults::Rule rule, bool has_own_name);
    /// Replaces a user of the same openid and merchant, and goes before all other rules.
    [[nodiscard]] Result<void> put_user(faults::Rule user);
    bool remove(const std::string& name);
    bool set_enabled(const std::string& name, bool is_enabled);
    [[nodiscard]] std::uint64_t seed() const;
    void set_seed(std::uint64_t seed);
    void remove_all();

    [[nodiscard]] std::vector<Rewrite> rewrites() const;
    void set_rewrites(std::vector<Rewrite> rewrites);
    [[nodiscard]] std::string rewritten(const std::string& url) const;

    /// As at the start, or only what was counted for one merchant.
    void reset(Timestamp now);
    void forget(const std::string& mchid);

    /// Waits so long while `is_connected`. False: nobody is there any more, or the mock stops.
    [[nodiscard]] bool wait(Duration time, const std::function<bool()>& is_connected);
    /// Ends all waits.
    void stop();

 private:
    void fill();
    [[nodiscard]] bool is_of_scenario(const std::string& name) const;

    const faults::Scenario scenario_;
    const bool with_magic_;
    mutable std::mutex mutex_;
    std::condition_variable stopped_;
    bool is_stopped_ = false;
    Timestamp started_at_;
    faults::Faults faults_;
    faults::AttemptCounter attempts_;
    std::map<std::string, std::unordered_set<std::string>> drawn_bills_;  // by mchid
    std::vector<Rewrite> rewrites_;
};

}  // namespace tixian::mock
