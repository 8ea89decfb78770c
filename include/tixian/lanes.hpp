// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "tixian/call.hpp"
#include "tixian/error.hpp"
#include "tixian/ids.hpp"

namespace tixian {

/// The calls of one kind through one channel: what WeChat counts against one rate.
struct Lane {
    ChannelName channel;
    CallKind call{};
};

/// How long after its place a call may still be sent before it needs a new one.
inline constexpr std::chrono::microseconds place_grace = std::chrono::milliseconds(20);

/// How far apart the places of a lane are, so that no sliding second holds more sends than the rate though
/// each may come up to twice the grace late: once by its sender, and once by how long the answer of the lanes
/// took. Zero when there is no rate.
[[nodiscard]] constexpr std::chrono::microseconds places_apart(int calls_per_second) {
    if (calls_per_second <= 0) return {};
    const std::chrono::microseconds second_and_late = std::chrono::seconds(1) + 2 * place_grace;
    return (second_and_late + std::chrono::microseconds(calls_per_second - 1)) / calls_per_second;
}

/// The port to what all servers of one ledger share of a lane: who claims next, so that no two read the same
/// rows, and when each call may be sent, so that together they keep the rate. Nothing of it is needed for
/// safety: what it holds may be lost or wrong, and two servers inside at once only get in each other's way.
/// Thread-safe. Errors: `ledger_unavailable`.
class Lanes {
 public:
    virtual ~Lanes() = default;

    /// Whether the caller may claim in this lane now. If it does not leave, others may enter after the lease.
    [[nodiscard]] virtual Result<bool> enter(const Lane& lane, std::chrono::microseconds lease) = 0;

    /// Takes the next places of the lane, so far apart, and lets others enter. How long from now the first
    /// place is.
    [[nodiscard]] virtual Result<std::chrono::microseconds> leave(const Lane& lane, std::size_t places,
                                                                  std::chrono::microseconds apart) = 0;

    /// Takes one place without having entered.
    [[nodiscard]] virtual Result<std::chrono::microseconds> take_place(const Lane& lane,
                                                                       std::chrono::microseconds apart) = 0;
};

/// What is kept of a lane, by one clock: that of whoever keeps it.
struct LaneState {
    std::chrono::microseconds entered_until{};
    std::chrono::microseconds next_place{};
    bool operator==(const LaneState&) const = default;
};

/// Enters; false when somebody else is inside. What no clock that runs forward could have stored is ignored,
/// so that a clock which was set back stops nobody.
[[nodiscard]] constexpr bool enter(LaneState& lane, std::chrono::microseconds now,
                                   std::chrono::microseconds lease) {
    if (lane.entered_until > now && lane.entered_until <= now + lease) return false;
    lane.entered_until = now + lease;
    return true;
}

/// Takes the next places; how long from now the first one is. A lane that nobody used starts at once, and
/// what was not used is not saved up.
[[nodiscard]] constexpr std::chrono::microseconds take_places(LaneState& lane, std::chrono::microseconds now,
                                                              std::size_t places,
                                                              std::chrono::microseconds apart) {
    // No call waits that long, its time to be sent would be over: it comes from another clock.
    constexpr std::chrono::microseconds ahead_max = std::chrono::minutes(5);
    const bool is_ahead = lane.next_place > now && lane.next_place <= now + ahead_max;
    const std::chrono::microseconds first = is_ahead ? lane.next_place : now;
    lane.next_place = first + static_cast<std::int64_t>(places) * apart;
    return first - now;
}

}  // namespace tixian
