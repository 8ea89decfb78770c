// SPDX-License-Identifier: MIT
#pragma once

namespace tixian::bank {

/// Where the sheet does not know what WeChat does, or third parties contradict each other. Each is a switch,
/// so that a suite can run both ways; `mock/switches.cpp` has the table with sources.
struct Behaviour {
    bool already_exists = false;            ///< other content: ALREADY_EXISTS instead of INVALID_REQUEST
    bool compare_names = true;              ///< a re-entry with another name is other content
    bool cancel_of_final_succeeds = false;  ///< answers the bill instead of a refusal
    bool cancelled_with_reason = false;     ///< CANCELLED carries fail_reason MCH_CANCEL
    bool quota_exceed_429 = false;          ///< merchant's day and month: 429 QUOTA_EXCEED instead of 400
    bool not_enough_at_create = true;       ///< false: the bill is made and stays in PROCESSING
    bool cancel_while_transfering = true;   ///< false: once the user confirmed, a cancel is refused
    bool quotas_come_back = true;           ///< what ends unpaid no longer counts against day and month
};

}  // namespace tixian::bank
