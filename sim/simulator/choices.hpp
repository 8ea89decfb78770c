// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "simulator/mishap.hpp"

namespace tixian::sim {

/// A whole number that is the same for the same arguments everywhere (the finaliser of SplitMix64, twice).
[[nodiscard]] constexpr std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
    std::uint64_t z = a * 0x9E3779B97F4A7C15u + b + 0x632BE59BD9B4E019u;
    for (int i = 0; i < 2; ++i) {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
        z ^= z >> 31;
    }
    return z;
}

/// One thing that was decided otherwise than by default: a fault that struck, how long a delay was, what a
/// user asked for. A run is its seed's setup and the list of these.
struct Decision {
    Site site{};
    std::uint32_t subject = 0;  ///< mostly a withdrawal
    std::uint32_t nth = 0;      ///< which time it was asked of this subject
    std::uint32_t value = 0;    ///< never 0: that is the default
    bool operator==(const Decision&) const = default;
};

/// Where every decision of a run comes from. Each is named by what it is about, and not by how many came
/// before it, so that taking one out leaves the others as they are: that is what makes shrinking work.
class Choices {
 public:
    /// Draws everything from the seed.
    explicit Choices(std::uint64_t seed) : seed_(seed) {}
    /// Repeats these decisions; everything else is as by default.
    explicit Choices(std::span<const Decision> decisions) : replays_(true) {
        for (const Decision& d : decisions) given_[key(d.site, d.subject, d.nth)] = d.value;
    }

    /// A number below `count`, which is not 0; 0 is the default.
    [[nodiscard]] std::uint32_t draw(Site site, std::uint32_t subject, std::uint32_t nth,
                                     std::uint32_t count) {
        const std::uint64_t k = key(site, subject, nth);
        std::uint32_t value = 0;
        if (!replays_)
            value = static_cast<std::uint32_t>((mix(seed_, k) >> 32) * count >> 32);
        else if (const auto found = given_.find(k); found != given_.end() && count > 0)
            value = found->second % count;
        return note(site, subject, nth, value);
    }

    /// True with a chance of `per_65536`; false is the default.
    [[nodiscard]] bool happens(Site site, std::uint32_t subject, std::uint32_t nth, std::uint32_t per_65536) {
        if (per_65536 == 0) return false;
        const std::uint64_t k = key(site, subject, nth);
        const bool value = replays_ ? given_.contains(k) : (mix(seed_, k) & 0xFFFF) < per_65536;
        return note(site, subject, nth, value ? 1 : 0) != 0;
    }

    /// From now on what was decided is kept.
    void keep() { keeps_ = true; }
    [[nodiscard]] const std::vector<Decision>& kept() const { return kept_; }

 private:
    static constexpr std::uint64_t key(Site site, std::uint32_t subject, std::uint32_t nth) {
        return static_cast<std::uint64_t>(site) << 56 | static_cast<std::uint64_t>(subject & 0xFFFFFF) << 32 |
               nth;
    }
    std::uint32_t note(Site site, std::uint32_t subject, std::uint32_t nth, std::uint32_t value) {
        if (keeps_ && value != 0) kept_.push_back({site, subject, nth, value});
        return value;
    }

    std::uint64_t seed_ = 0;
    bool replays_ = false, keeps_ = false;
    std::unordered_map<std::uint64_t, std::uint32_t> given_;
    std::vector<Decision> kept_;
};

}  // namespace tixian::sim
