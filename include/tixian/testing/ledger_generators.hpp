// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <rapidcheck/state.h>

#include "tixian/testing/ledger_model.hpp"
#include "tixian/testing/ledger_readings.hpp"

// Actions as RapidCheck generates them: each function draws, so it works only inside of a property. Amounts
// and limits are small and near each other, so that limits, keys and balances are met often.
namespace tixian::testing::detail {

/// What generated actions depend on: the model, and every action so far.
struct GeneratedState {
    /// The request and version that a step finds; zeroes where there is no such withdrawal.
    using Found = std::pair<int, std::int64_t>;

    LedgerModel model;
    std::map<int, Action> tried;
    std::map<int, Found> found;  ///< by each action when it was tried first, so its change was made from that
    std::int64_t now = 1'738'195'200'000;

    std::string commit(const Action& action) {
        tried.emplace(action.number, action);
        found.emplace(action.number, find(action));
        now = std::max(now, action.at);
        return model.commit(action);
    }
    [[nodiscard]] Found find(const Action& action) const {
        const auto row = model.rows.find(action.id);
        return row == model.rows.end() ? Found{} : Found{row->second.request.number, row->second.version};
    }
    [[nodiscard]] int next_number() const { return tried.empty() ? 1 : tried.rbegin()->first + 1; }
};

/// Whether a service could want this. A step that will apply fits the state that it is decided on, and if it
/// was tried before, it was decided on the same: nobody decides on a version that is still to come.
inline bool is_possible(const GeneratedState& state, const Action& action) {
    if (state.model.applied.contains(action.number)) return true;
    const bool is_step = action.kind == ActionKind::submit || action.kind == ActionKind::settle ||
                         action.kind == ActionKind::release;
    const auto row = state.model.rows.find(action.id);
    if (!is_step || row == state.model.rows.end() || row->second.version != action.version) return true;
    const auto before = state.found.find(action.number);
    if (before != state.found.end() && before->second != state.find(action)) return false;
    return can_follow(action.kind, row->second.state);
}

/// What a step on a withdrawal that is not there is made from.
inline Action some_request(const std::string& id) {
    Action request;
    request.id = id;
    request.user = users.front();
    request.name = "none";
    request.channel = channels.front();
    request.day = days.front();
    request.amount = 1;
    return request;
}

template <class T>
T one_of(const std::vector<T>& values) {
    return *rc::gen::elementOf(values);
}

inline Action new_action(const GeneratedState& state, ActionKind kind) {
    Action action;
    action.number = state.next_number();
    action.kind = kind;
    // Now and then a server whose clock is behind.
    action.at = state.now + one_of<std::int64_t>({0, 0, 1, 10, 1000, -5});
    action.user = one_of(users);
    action.channel = one_of<std::string>({channels[0], channels[0], channels[1]});
    return action;
}

/// Some key of the map; the property goes on without this action when there is none.
template <class Map>
typename Map::key_type some_key(const Map& map) {
    RC_PRE(!map.empty());
    std::vector<typename Map::key_type> keys;
    for (const auto& [key, value] : map) keys.push_back(key);
    return one_of(keys);
}

/// An action under a reference that may be taken: new, the same again, or with another content.
inline Action with_reference(Action action, const std::map<std::string, Action>& taken) {
    action.name = "r" + std::to_string(action.number);
    if (taken.empty() || one_of<int>({0, 0, 1}) == 0) return action;
    Action again = taken.at(some_key(taken));
    again.number = action.number;
    again.at = action.at;
    switch (one_of<int>({0, 0, 1, 2, 3})) {
        case 1:
            again.amount += 1;
            break;
        case 2:
            again.user = action.user;
            break;
        case 3:
            again.id = action.id;
            break;
        default:
            break;
    }
    return again;
}

inline Action some_deposit(const GeneratedState& state) {
    Action action = new_action(state, ActionKind::deposit);
    const bool is_huge = one_of<int>({0, 0, 0, 0, 0, 0, 0, 0, 0, 1}) == 1;
    action.amount = is_huge ? 999'999'999'999'000 : *rc::gen::inRange<std::int64_t>(1, 1000);
    return with_reference(action, state.model.deposits);
}

inline Terms some_terms() {
    const auto most = [](const std::vector<std::int64_t>& values) -> std::optional<Money> {
        const std::int64_t value = one_of(values);
        return value == 0 ? std::nullopt : std::optional(fen(value));
    };
    Terms terms;
    terms.day_amount_max = most({0, 0, 300, 700});
    if (const int count = one_of<int>({0, 0, 0, 1, 3}); count > 0) terms.day_count_max = count;
    terms.month_amount_max = most({0, 0, 500, 1000});
    terms.merchant_day_max = most({0, 0, 600, 1000});
    terms.minimum_interval = Duration(one_of<int>({0, 0, 0, 1, 500}));
    terms.fee.free_per_month = fen(one_of<std::int64_t>({0, 150, 400}));
    return terms;
}

inline Action some_request_of(const GeneratedState& state, const std::string& user) {
    Action action = new_action(state, ActionKind::request);
    action.user = user;
    action.name = "k" + std::to_string(action.number);
    action.id = "WD" + std::to_string(action.number);
    action.amount = *rc::gen::inRange<std::int64_t>(1, 300);
    action.terms = some_terms();
    action.needs_interval = action.terms.minimum_interval > Duration{0};
    action.day = one_of(days);
    action.real_name = one_of<std::string>({"", "张三", "李四"});
    action.fee = one_of<std::int64_t>({0, 0, 1, 20});

    // Of the free quota: none, what is left of it, or what may be more than that.
    const auto used = state.model.usage.find("user:" + user + ":free:" + action.day.substr(0, 7));
    const std::int64_t left =
        action.terms.fee.free_per_month.fen() - (used == state.model.usage.end() ? 0 : used->second.fen);
    action.free = std::clamp<std::int64_t>(one_of<std::int64_t>({0, left, left + 1}), 0, action.amount);

    const auto& rows = state.model.rows;
    const int variant = rows.empty() ? 0 : one_of<int>({0, 0, 0, 0, 0, 1, 2, 3, 4});
    if (variant == 0) return action;
    if (variant == 1) {  // more than anybody has
        action.amount = 1'000'000'000;
        return action;
    }
    const Action first = rows.at(some_key(rows)).request;
    if (variant == 2) {  // a number that is taken
        action.id = first.id;
        return action;
    }
    action.user = first.user;
    action.name = first.name;
    // The same once more, whatever the terms are now, or another amount, or another channel, or another name.
    if (variant == 3) action.real_name = first.real_name;
    if (variant == 3 || one_of<int>({0, 1}) == 1) action.amount = first.amount;
    if (variant == 3) action.channel = first.channel;
    action.free = std::min(action.free, action.amount);
    return action;
}

inline Action some_request_of_anybody(const GeneratedState& state) {
    return some_request_of(state, one_of(users));
}

inline Action some_step(const GeneratedState& state) {
    Action action = new_action(state, one_of<ActionKind>({ActionKind::submit, ActionKind::submit,
                                                          ActionKind::settle, ActionKind::release}));
    std::map<std::string, std::int64_t> versions;
    for (const auto& [id, row] : state.model.rows)
        if (can_follow(action.kind, row.state)) versions.emplace(id, row.version);
    action.id = some_key(versions);
    action.version = versions.at(action.id);
    return action;
}

/// A step that was decided on a version before or behind the one that is stored, or on no withdrawal at all.
inline Action some_stale_step(const GeneratedState& state) {
    Action action =
        new_action(state, one_of<ActionKind>({ActionKind::submit, ActionKind::settle, ActionKind::release}));
    action.id = some_key(state.model.rows);
    const std::int64_t version = state.model.rows.at(action.id).version;
    action.version = one_of<std::int64_t>({version > 1 ? version - 1 : version + 2, version + 1});
    if (one_of<int>({0, 0, 0, 1}) == 1) action.id = "WDnone";
    return action;
}

inline Action some_switch(const GeneratedState& state) {
    Action action = new_action(state, ActionKind::turn_switch);
    action.is_open = one_of<int>({0, 1, 1}) == 1;
    return action;
}

inline Action some_correction(const GeneratedState& state) {
    Action action = new_action(state, ActionKind::correct);
    action.id = "WD" + std::to_string(one_of<int>({1, 2, 3}));
    action.account =
        one_of<AccountKind>({AccountKind::user_available, AccountKind::user_available,
                             AccountKind::wechat_clearing, AccountKind::fees, AccountKind::funding});
    action.amount = one_of<std::int64_t>({-300, -20, 20, 300});
    Action correction = with_reference(action, state.model.corrections);
    if (correction.amount == 0) correction.amount = 1;
    return correction;
}

/// The very same once more: applied before, or refused before.
inline Action some_action_again(const GeneratedState& state) { return state.tried.at(some_key(state.tried)); }

inline Action some_action(const GeneratedState& state) {
    switch (*rc::gen::inRange(0, state.model.rows.empty() ? 2 : 5)) {
        case 0:
            return some_deposit(state);
        case 1:
            return some_request_of_anybody(state);
        case 2:
            return some_switch(state);
        case 3:
            return some_stale_step(state);
        default:
            return some_correction(state);
    }
}

/// Two changes of one wallet, then up to two of anything.
inline std::vector<Action> some_batch(GeneratedState state) {
    std::vector<Action> batch{some_deposit(state)};
    const int more = *rc::gen::inRange(0, 3);
    for (int i = 0; i <= more; ++i) {
        state.commit(batch.back());
        batch.push_back(i == 0 ? some_request_of(state, batch.front().user) : some_action(state));
    }
    return batch;
}

}  // namespace tixian::testing::detail
