// SPDX-License-Identifier: MIT
// Whether the installed simulator sees that a policy gives money back too early.
#include <atomic>
#include <chrono>

#include "simulator/campaign.hpp"
#include "simulator/report.hpp"

int main() {
    tixian::sim::Subject subject;
    subject.policy = tixian::Policy{};
    subject.policy->settling_refused = subject.policy->settling_in_doubt = std::chrono::minutes(1);
    tixian::sim::CampaignOptions options;
    options.last_seed = 500;
    const std::atomic<bool> is_stopped{false};
    const auto result = tixian::sim::run_campaign(options, subject, is_stopped);
    return result.failure && !tixian::sim::sentence_of(result.failure->violation->rule).empty() ? 0 : 1;
}
