// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "tixian/clock.hpp"

namespace tixian::mock {

/// What can be changed while the mock runs.
struct Settings {
    Duration answer_delay{0};  ///< after executing and before answering
    bool hold_answers =
        false;  ///< executed, and the answer held back until this is off or the connection ends
    bool notifications = true;  ///< off: they stay due and are not sent
    std::optional<Duration> auto_confirm_after;
};

[[nodiscard]] std::string settings_json(const Settings& settings);

/// `settings` with what the JSON object names changed. On refusal answers nothing and sets `problem`.
[[nodiscard]] std::optional<Settings> changed_settings(Settings settings, const std::string& json,
                                                       std::string& problem);

/// The settings as the threads share them. Thread-safe.
class LiveSettings {
 public:
    explicit LiveSettings(Settings settings) : initial_(settings) { set(settings); }

    [[nodiscard]] Settings get() const;
    void set(Settings settings);
    Settings reset();

    /// Waits as long as answers are delayed or held and the caller is still there. False: do not answer any
    /// more.
    [[nodiscard]] bool wait_to_answer(const std::function<bool()>& is_connected);

    /// Ends all waits.
    void stop();

 private:
    const Settings initial_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    Settings settings_;
    std::atomic<bool> delays_something_{false};  // so that nobody need look where nothing is
    bool is_stopped_ = false;
};

}  // namespace tixian::mock
