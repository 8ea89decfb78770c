// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "faults/faults.hpp"
#include "mock/fault_plan.hpp"

#include "wechat_bank/bank.hpp"

namespace tixian::mock {

/// What a notification that is sent really is.
enum class Guise { true_one, repeated, spoiled, forged, contradicting, wrong_key, lost };

[[nodiscard]] std::string_view name(Guise guise);

/// One message to the merchant.
struct Mailing {
    Guise guise = Guise::true_one;
    bank::DueNotification notification;
    Signing signing;
    bool has_wrong_key = false;  ///< encrypted with another APIv3 key

    /// A lost one is only written down.
    [[nodiscard]] bool is_sent() const { return guise != Guise::lost; }
    /// Whether a merchant who checks may believe it.
    [[nodiscard]] bool is_believable() const { return !has_wrong_key && signing.is_verifiable(); }
};

/// What becomes of one due notification. The messages are sent in order; the answer to the last one that is
/// `true_one` or `spoiled` is WeChat's.
struct MailingPlan {
    std::vector<Mailing> mailings;
    Duration late_by{0};
    Duration held_within{0};  ///< until another one was sent, at most so long
    bool rotates_key = false;
    std::vector<std::string> faults;

    [[nodiscard]] bool is_held() const { return late_by.count() == 0 && held_within.count() > 0; }
};

[[nodiscard]] MailingPlan plan_mailings(const bank::DueNotification& notification,
                                        std::span<const faults::Drawn> drawn);

}  // namespace tixian::mock
