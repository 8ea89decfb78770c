// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <utility>

#include "tixian/lanes.hpp"

namespace tixian {

/// Lanes for a process that is the only one on its ledger, by the steady clock.
class LocalLanes : public Lanes {
 public:
    [[nodiscard]] Result<bool> enter(const Lane& lane, std::chrono::microseconds lease) override {
        const std::lock_guard lock(mutex_);
        return tixian::enter(state(lane), now(), lease);
    }

    [[nodiscard]] Result<std::chrono::microseconds> leave(const Lane& lane, std::size_t places,
                                                          std::chrono::microseconds apart) override {
        const std::lock_guard lock(mutex_);
        state(lane).entered_until = {};
        return take_places(state(lane), now(), places, apart);
    }

    [[nodiscard]] Result<std::chrono::microseconds> take_place(const Lane& lane,
                                                               std::chrono::microseconds apart) override {
        const std::lock_guard lock(mutex_);
        return take_places(state(lane), now(), 1, apart);
    }

 private:
    [[nodiscard]] LaneState& state(const Lane& lane) { return lanes_[{lane.channel, lane.call}]; }
    [[nodiscard]] static std::chrono::microseconds now() {
        return std::chrono::duration_cast<std::chrono::microseconds>(
            std::chrono::steady_clock::now().time_since_epoch());
    }

    std::mutex mutex_;
    std::map<std::pair<ChannelName, CallKind>, LaneState> lanes_;
};

}  // namespace tixian
