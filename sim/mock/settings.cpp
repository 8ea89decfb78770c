// SPDX-License-Identifier: MIT
#include "mock/settings.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>

#include <nlohmann/json.hpp>

namespace tixian::mock {
namespace {

using nlohmann::json;

// The longest delay that makes sense in a test; also keeps arithmetic far from any overflow.
constexpr std::int64_t delay_max_ms = 24LL * 3600 * 1000;

bool take_bool(const json& value, bool& target) {
    if (!value.is_boolean()) return false;
    target = value.get<bool>();
    return true;
}

bool take_millis(const json& value, Duration& target) {
    if (!value.is_number_integer()) return false;
    const auto millis = value.get<std::int64_t>();
    if (millis < 0 || millis > delay_max_ms) return false;
    target = Duration(millis);
    return true;
}

bool take_optional_millis(const json& value, std::optional<Duration>& target) {
    target.reset();
    return value.is_null() || take_millis(value, target.emplace());
}

bool take_setting(const std::string& key, const json& value, Settings& settings) {
    if (key == "answer_delay_ms") return take_millis(value, settings.answer_delay);
    if (key == "hold_answers") return take_bool(value, settings.hold_answers);
    if (key == "notifications") return take_bool(value, settings.notifications);
    if (key == "auto_confirm_ms") return take_optional_millis(value, settings.auto_confirm_after);
    return false;
}

}  // namespace

std::string settings_json(const Settings& settings) {
    json auto_confirm = nullptr;
    if (settings.auto_confirm_after) auto_confirm = settings.auto_confirm_after->count();
    const json body = {{"answer_delay_ms", settings.answer_delay.count()},
                       {"hold_answers", settings.hold_answers},
                       {"notifications", settings.notifications},
                       {"auto_confirm_ms", auto_confirm}};
    return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::optional<Settings> changed_settings(Settings settings, const std::string& text, std::string& problem) {
    const json body = json::parse(text, nullptr, false);
    if (!body.is_object()) {
        problem = "the body must be a JSON object";
        return std::nullopt;
    }
    for (const auto& [key, value] : body.items()) {
        if (!take_setting(key, value, settings)) {
            problem = "unknown setting or bad value: " + key;
            return std::nullopt;
        }
    }
    return settings;
}

Settings LiveSettings::get() const {
    const std::lock_guard lock(mutex_);
    return settings_;
}

void LiveSettings::set(Settings settings) {
    const std::lock_guard lock(mutex_);
    settings_ = settings;
    delays_something_ = settings.hold_answers || settings.answer_delay.count() > 0;
    changed_.notify_all();
}

Settings LiveSettings::reset() {
    set(initial_);
    return initial_;
}

bool LiveSettings::wait_to_answer(const std::function<bool()>& is_connected) {
    // A connection that ends wakes nobody, so it is looked at this often.
    constexpr std::chrono::milliseconds look_every(20);
    if (!delays_something_) return true;
    std::unique_lock lock(mutex_);
    const auto begin = std::chrono::steady_clock::now();
    for (;;) {
        if (is_stopped_) return false;
        const auto due = begin + settings_.answer_delay;
        const auto now = std::chrono::steady_clock::now();
        if (!settings_.hold_answers && now >= due) return true;
        const auto rest =
            settings_.hold_answers ? look_every : std::min<std::chrono::nanoseconds>(due - now, look_every);
        changed_.wait_for(lock, rest);
        lock.unlock();
        const bool is_there = is_connected();
        lock.lock();
        if (!is_there) return false;
    }
}

void LiveSettings::stop() {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
    changed_.notify_all();
}

}  // namespace tixian::mock
