// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tixian/error.hpp"

#include "faults/rule.hpp"

namespace tixian::faults {

/// A fault that happens. `dice` is a number of its own for whatever is drawn further.
struct Drawn {
    Fault fault{};
    std::string rule;
    Parameters parameters;
    std::uint64_t dice = 0;

    /// Of a number, duration (milliseconds) or flag; the name must be one of the fault's row.
    [[nodiscard]] std::int64_t number(std::string_view parameter) const;
    [[nodiscard]] Duration duration(std::string_view parameter) const { return Duration(number(parameter)); }
    [[nodiscard]] const std::string& text(std::string_view parameter) const;
};

/// How long the answer is delayed by one of the three latencies, drawn; zero for other faults.
[[nodiscard]] Duration delay_of(const Drawn& drawn);

struct RuleStatus {
    Rule rule;
    std::int64_t met = 0;    ///< situations that it was about
    std::int64_t fired = 0;  ///< and of these, those in which it happened
};

/// Rules, and what they draw. A draw is a hash of (seed, rule's name, mchid, number, endpoint, attempt), so
/// that the same seed and situations give the same faults in any order; only `count` depends on who comes
/// first (`count_per_number` does not). Reads no clock. Not thread-safe.
class Faults {
 public:
    explicit Faults(std::uint64_t seed = 1) : seed_(seed) {}

    /// Refuses a rule that check() refuses, or whose name is taken (`conflict`).
    [[nodiscard]] Result<void> add(Rule rule);
    /// The same, before all others.
    [[nodiscard]] Result<void> add_first(Rule rule);
    /// False when there is no such rule.
    bool remove(std::string_view name);
    bool set_enabled(std::string_view name, bool is_enabled);
    void clear();
    /// What was counted for one merchant, and by the rules that are about him alone.
    void forget(std::string_view mchid);

    [[nodiscard]] const std::vector<RuleStatus>& rules() const { return rules_; }
    [[nodiscard]] std::uint64_t seed() const { return seed_; }
    void set_seed(std::uint64_t seed) { seed_ = seed; }

    /// What happens here, in the order of the rules.
    [[nodiscard]] std::vector<Drawn> draw(const Situation& situation);

 private:
    [[nodiscard]] RuleStatus* find(std::string_view name);
    [[nodiscard]] bool is_spent(const RuleStatus& status, const Situation& situation) const;

    std::uint64_t seed_;
    std::vector<RuleStatus> rules_;
    std::map<std::tuple<std::string, std::string, std::string>, int> fired_per_number_;
};

/// Counts the attempts of each (mchid, number, endpoint), from 1. Not thread-safe.
class AttemptCounter {
 public:
    [[nodiscard]] int next(Endpoint endpoint, std::string_view mchid, std::string_view number) {
        auto merchant = counts_.find(mchid);
        if (merchant == counts_.end()) merchant = counts_.try_emplace(std::string(mchid)).first;
        std::string key(1, static_cast<char>(endpoint));
        return ++merchant->second[key.append(number)];
    }
    void clear() { counts_.clear(); }
    /// Forgets one merchant's.
    void clear(std::string_view mchid) {
        const auto merchant = counts_.find(mchid);
        if (merchant != counts_.end()) counts_.erase(merchant);
    }

 private:
    using OfMerchant = std::unordered_map<std::string, int>;  // of the endpoint's number and the bill's
    std::map<std::string, OfMerchant, std::less<>> counts_;
};

}  // namespace tixian::faults
