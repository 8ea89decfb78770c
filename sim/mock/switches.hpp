// SPDX-License-Identifier: MIT
#pragma once

#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "wechat_bank/behaviour.hpp"

namespace tixian::mock {

/// Every behaviour of which the sheet is not sure, and every leniency of the mock, with its default; the rest
/// of the mock does what official pages say.
struct Switches : bank::Behaviour {
    bool package_info_in_query = false;
    bool fractional_times = false;
    bool mchid_in_notification = false;
    bool notification_without_associated_data = false;
    bool certificate_keys_with_spaces = false;
    bool number_of_six_at_least = false;
    bool refuse_unknown_scenes = true;
    bool red_packet_in_recycling = false;
    bool name_from_30_fen_only = true;
    bool name_required_from_2000_yuan = true;
    bool notify_url_https_only = false;
    bool appid_mismatch_401 = false;
    bool fund_bill_at_once = false;
    bool receipt_hash_sm3 = false;
    bool accept_language_406 = false;
    bool inferred_statuses_400 = false;
    bool unsigned_errors = false;
};

/// One row of the table. `certainty` is the sheet's mark: [O] [S] [3] [C] [?].
struct SwitchRow {
    std::string_view name;
    bool Switches::* value;
    std::string_view certainty;
    std::string_view meaning;
};

[[nodiscard]] std::span<const SwitchRow> switch_rows();
/// Null when there is none of this name.
[[nodiscard]] const SwitchRow* find_switch(std::string_view name);

/// Each row with its value now.
[[nodiscard]] std::string switches_json(const Switches& switches);
/// `switches` with what the JSON object names changed: {"already_exists": true}. On refusal answers nothing
/// and sets `problem`.
[[nodiscard]] std::optional<Switches> changed_switches(Switches switches, const std::string& json,
                                                       std::string& problem);

/// The switches as the threads share them. Thread-safe.
class LiveSwitches {
 public:
    explicit LiveSwitches(const Switches& switches) : initial_(switches), switches_(switches) {}

    [[nodiscard]] Switches get() const {
        const std::lock_guard lock(mutex_);
        return switches_;
    }
    void set(const Switches& switches) {
        const std::lock_guard lock(mutex_);
        switches_ = switches;
    }
    Switches reset() {
        set(initial_);
        return initial_;
    }

 private:
    const Switches initial_;
    mutable std::mutex mutex_;
    Switches switches_;
};

}  // namespace tixian::mock
