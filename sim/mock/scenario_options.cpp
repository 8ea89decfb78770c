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
    const std::pair<const std::optional<Duration>&, Duration&> pairs[] = {
        {times.accept_after, terms.accept_after},     {times.lock_after, terms.lock_after},
        {times.transfer_after, terms.transfer_after}, {times.cancel_after, terms.cancel_after},
        {times.expire_after, terms.expire_after},
    };
    for (const auto& [time, target] : pairs) {
        if (time) target = *time;
    }
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

Result<void> take_scenario(faults::Scenario scenario, Options& options) {
    take_times(scenario.times, options);
    if (auto taken = take_switches(scenario.switches, options); !taken) return taken;
    if (scenario.merchants.size() > 1) {
        return refuse(ErrorCode::invalid_argument,
                      "merchants: a scenario names the mock's own one; POST /_mock/merchants adds others",
                      "merchants");
    }
    for (const faults::Merchant& merchant : scenario.merchants) {
        options.mchid = merchant.mchid;
        if (!merchant.appid.empty()) options.appid = merchant.appid;
        if (merchant.balance) options.terms.merchant.balance = *merchant.balance;
    }
    options.scenario = std::move(scenario);
    return {};
}

}  // namespace tixian::mock
