// SPDX-License-Identifier: MIT
#include "mock/scenario_options.hpp"

#include <map>
#include <string>
#include <utility>

#include "mock/switches.hpp"

namespace tixian::mock {
namespace {

void take_times(const faults::WechatTimes& times, Options& options) {
    bank::Terms& terms = options.terms;
    // As long as nobody said otherwise, bills close up to a 24th of their time late.
    const bool has_usual_lag = terms.expire_lag_max == terms.expire_after / 24;
    const std::pair<const std::optional<Duration>&, Duration&> pairs[] = {
        {times.accept_after, terms.accept_after},     {times.lock_after, terms.lock_after},
        {times.transfer_after, terms.transfer_after}, {times.cancel_after, terms.cancel_after},
        {times.expire_after, terms.expire_after},
    };
    for (const auto& [time, target] : pairs) {
        if (time) target = *time;
    }
    if (has_usual_lag) terms.expire_lag_max = terms.expire_after / 24;
    if (times.confirm_after) options.settings.auto_confirm_after = times.confirm_after;
}

// What nobody is sure of, the other way round.
Result<void> take_switches(const std::map<std::string, bool>& switches, Options& options) {
    for (const auto& [name, value] : switches) {
        const SwitchRow* row = find_switch(name);
        if (row == nullptr) {
            return refuse(ErrorCode::invalid_argument, "switches." + name + " is not a switch of this mock",
                          "switches." + name);
        }
        options.switches.*row->value = value;
    }
    return {};
}

}  // namespace

bank::MerchantTerms terms_of(const faults::Merchant& merchant, bank::MerchantTerms terms) {
    if (merchant.balance) terms.balance = *merchant.balance;
    const faults::Quotas& quotas = merchant.quotas;
    if (quotas.per_bill_min) terms.quotas.per_bill_min = *quotas.per_bill_min;
    if (quotas.per_bill_max) terms.quotas.per_bill_max = *quotas.per_bill_max;
    if (quotas.per_user_and_day) terms.quotas.per_user_and_day = quotas.per_user_and_day;
    if (quotas.per_day) terms.quotas.per_day = quotas.per_day;
    if (quotas.per_month) terms.quotas.per_month = quotas.per_month;
    return terms;
}

Result<void> take_scenario(faults::Scenario scenario, Options& options) {
    take_times(scenario.times, options);
    if (auto taken = take_switches(scenario.switches, options); !taken) return taken;
    // Each takes what is not said of him from the options, so a limit of theirs may cross one of his.
    for (std::size_t i = 0; i < scenario.merchants.size(); ++i) {
        const bank::MerchantTerms terms = terms_of(scenario.merchants[i], options.terms.merchant);
        if (terms.quotas.per_bill_min > terms.quotas.per_bill_max) {
            const std::string key = "merchants[" + std::to_string(i) + "].quotas";
            return refuse(ErrorCode::invalid_argument,
                          key + ": per_bill_min is " + std::to_string(terms.quotas.per_bill_min.fen()) +
                              " and above per_bill_max, " + std::to_string(terms.quotas.per_bill_max.fen()),
                          key);
        }
    }
    if (!scenario.merchants.empty()) {
        options.mchid = scenario.merchants.front().mchid;
        if (!scenario.merchants.front().appid.empty()) options.appid = scenario.merchants.front().appid;
    }
    options.scenario = std::move(scenario);
    return {};
}

}  // namespace tixian::mock
