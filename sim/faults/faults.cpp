// SPDX-License-Identifier: MIT
#include "faults/faults.hpp"

#include <algorithm>
#include <stdexcept>

#include "faults/catalogue.hpp"
#include "faults/dice.hpp"

namespace tixian::faults {
namespace {

std::uint64_t dice_of(std::uint64_t seed, const Rule& rule, const Situation& situation) {
    const auto block = static_cast<std::uint64_t>((situation.attempt - 1) / rule.burst);
    return Hash()
        .add(rule.seed.value_or(seed))
        .add(rule.name)
        .add(situation.mchid)
        .add(situation.number)
        .add(name(situation.endpoint))
        .add(block)
        .value();
}

bool is_about(const Rule& rule, const Situation& situation) {
    const bool is_in_time = situation.at >= rule.after && (!rule.until || situation.at < *rule.until);
    return rule.is_enabled && is_in_time && row_of(rule.fault).applies_to(situation.endpoint) &&
           rule.match.is_met_by(situation);
}

const Value& value_of(const Drawn& drawn, std::string_view parameter) {
    const auto rows = row_of(drawn.fault).parameters();
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (rows[i].name == parameter) return drawn.parameters.at(i);
    }
    throw std::logic_error("no parameter " + std::string(parameter) + " of " +
                           std::string(name(drawn.fault)));
}

}  // namespace

std::int64_t Drawn::number(std::string_view parameter) const {
    return std::get<std::int64_t>(value_of(*this, parameter));
}
const std::string& Drawn::text(std::string_view parameter) const {
    return std::get<std::string>(value_of(*this, parameter));
}

Duration delay_of(const Drawn& drawn) {
    const std::uint64_t dice = roll(drawn.dice, 1);
    switch (drawn.fault) {
        case Fault::latency_fixed:
            return drawn.duration("delay");
        case Fault::latency_uniform:
            return Duration(draw_uniform(dice, drawn.number("min"), drawn.number("max")));
        case Fault::latency_lognormal:
            return Duration(std::min(draw_lognormal(dice, drawn.number("median"), drawn.number("sigma")),
                                     drawn.number("max")));
        default:
            return Duration(0);
    }
}

Result<void> Faults::add(Rule rule) {
    if (auto checked = check(rule); !checked) return checked;
    if (find(rule.name) != nullptr) {
        return refuse(ErrorCode::conflict, "there is a rule named " + rule.name + " already", "name");
    }
    rules_.push_back({std::move(rule), 0, 0});
    return {};
}

Result<void> Faults::add_first(Rule rule) {
    if (auto added = add(std::move(rule)); !added) return added;
    std::rotate(rules_.begin(), rules_.end() - 1, rules_.end());
    return {};
}

void Faults::forget(std::string_view mchid) {
    std::erase_if(fired_per_number_, [&](const auto& entry) { return std::get<1>(entry.first) == mchid; });
    for (RuleStatus& status : rules_) {
        if (status.rule.match.mchid == mchid) status.met = status.fired = 0;
    }
}

bool Faults::remove(std::string_view name) {
    std::erase_if(fired_per_number_, [&](const auto& entry) { return std::get<0>(entry.first) == name; });
    return std::erase_if(rules_, [&](const RuleStatus& status) { return status.rule.name == name; }) > 0;
}

bool Faults::set_enabled(std::string_view name, bool is_enabled) {
    RuleStatus* status = find(name);
    if (status != nullptr) status->rule.is_enabled = is_enabled;
    return status != nullptr;
}

void Faults::clear() {
    rules_.clear();
    fired_per_number_.clear();
}

RuleStatus* Faults::find(std::string_view name) {
    const auto found = std::find_if(rules_.begin(), rules_.end(),
                                    [&](const RuleStatus& status) { return status.rule.name == name; });
    return found == rules_.end() ? nullptr : &*found;
}

bool Faults::is_spent(const RuleStatus& status, const Situation& situation) const {
    if (status.rule.count && status.fired >= *status.rule.count) return true;
    if (!status.rule.count_per_number) return false;
    const auto found = fired_per_number_.find({status.rule.name, situation.mchid, situation.number});
    return found != fired_per_number_.end() && found->second >= *status.rule.count_per_number;
}

std::vector<Drawn> Faults::draw(const Situation& situation) {
    std::vector<Drawn> drawn;
    for (RuleStatus& status : rules_) {
        const Rule& rule = status.rule;
        if (!is_about(rule, situation)) continue;
        ++status.met;
        const std::uint64_t dice = dice_of(seed_, rule, situation);
        const bool happens =
            dice % Probability::always < static_cast<std::uint64_t>(rule.probability.per_million);
        if (!happens || is_spent(status, situation)) continue;
        ++status.fired;
        if (rule.count_per_number) ++fired_per_number_[{rule.name, situation.mchid, situation.number}];
        drawn.push_back({rule.fault, rule.name, rule.parameters, roll(dice, 0)});
    }
    return drawn;
}

}  // namespace tixian::faults
