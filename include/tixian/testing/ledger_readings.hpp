// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tixian/ledger.hpp"
#include "tixian/testing/ledger_model.hpp"

namespace tixian::testing::detail {

inline const std::vector<std::string> users{"u1", "u2"};
inline const std::vector<std::string> channels{"wechat", "other"};
/// The second and third are of different months.
inline const std::vector<std::string> days{"2025-01-30", "2025-01-31", "2025-02-01"};

/// A reading of ledger and model under one name; empty when they agree.
inline std::string difference(const std::string& what, const std::string& read, const std::string& expected) {
    if (read == expected) return {};
    return what + " reads [" + read + "] where the model has [" + expected + "]\n";
}

inline std::string compare_accounts(Ledger& ledger, const LedgerModel& model) {
    std::string read, expected;
    const auto accounts = ledger.trial_balance().value();
    for (const auto& row : accounts) read += row.account + "=" + std::to_string(row.balance.fen()) + " ";
    for (const auto& [account, fen] : model.accounts) expected += account + "=" + std::to_string(fen) + " ";
    return difference("the trial balance", read, expected);
}

inline std::string compare_usage(Ledger& ledger, const LedgerModel& model) {
    std::string found;
    const auto compare = [&](const UsageCounter& counter) {
        const Usage usage = ledger.usage(counter).value();
        const auto it = model.usage.find(counter.text());
        const auto used = it == model.usage.end() ? LedgerModel::Used{} : it->second;
        found += difference(counter.text(),
                            std::to_string(usage.amount.fen()) + " in " + std::to_string(usage.count),
                            std::to_string(used.fen) + " in " + std::to_string(used.count));
    };
    for (const std::string& day : days) {
        for (const std::string& user : users) {
            compare({UsageKind::user_day, user, day});
            compare({UsageKind::user_month, user, day.substr(0, 7)});
            compare({UsageKind::free_month, user, day.substr(0, 7)});
        }
        for (const std::string& channel : channels) compare({UsageKind::channel_day, channel, day});
    }
    return found;
}

inline std::string compare_user(Ledger& ledger, const LedgerModel& model, const std::string& name) {
    const UserId user = UserId::parse(name).value();
    const Balance balance = ledger.balance(user).value();
    std::string found = difference(name + "'s wallet", std::to_string(balance.available.fen()),
                                   std::to_string(model.balance("user:" + name + ":available")));
    found += difference(name + "'s held money", std::to_string(balance.held.fen()),
                        std::to_string(model.balance("user:" + name + ":held")));

    const auto last = ledger.last_at(user).value();
    const auto expected_last = model.last_at(name);
    found += difference(name + "'s last", last ? std::to_string(to_millis(*last)) : "none",
                        expected_last ? std::to_string(*expected_last) : "none");

    std::string read, expected;
    const auto history = ledger.history(user, 1000, std::nullopt).value();
    for (const Withdrawal& w : history) read += w.id.text() + " ";
    for (const std::string& id : model.history(name)) expected += id + " ";
    return found + difference(name + "'s history", read, expected);
}

/// Every field of every withdrawal, by number and by key.
inline std::string compare_withdrawals(Ledger& ledger, const LedgerModel& model) {
    std::string found;
    for (const auto& [id, row] : model.rows) {
        const Withdrawal expected = withdrawal_of(row.request, row.state, row.version, row.updated_at);
        const auto by_number = ledger.find(expected.id).value();
        if (!by_number || *by_number != expected)
            found += id + " reads " +
                     (by_number ? std::string(tixian::name(by_number->state)) + " at version " +
                                      std::to_string(by_number->version)
                                : "nothing") +
                     " where the model has " + std::string(tixian::name(row.state)) + " at version " +
                     std::to_string(row.version) + ", or another field differs\n";
    }
    for (const auto& [key, id] : model.keys) {
        const auto by_key =
            ledger.find_by_key(UserId::parse(key.first).value(), IdempotencyKey::parse(key.second).value());
        found += difference("key " + key.second, *by_key ? (*by_key)->id.text() : "none", id);
    }
    return found;
}

inline std::string compare_due(Ledger& ledger, const LedgerModel& model) {
    std::set<std::pair<std::int64_t, std::string>> due;
    for (const auto& [id, row] : model.rows) {
        if (is_final(row.state)) continue;
        if (row.state == State::held && !model.is_open(row.request.channel)) continue;
        due.emplace(row.request.at, id);
    }
    std::string read, expected;
    const auto rows = ledger.due(from_millis(std::int64_t{1} << 50), 1000, {}).value();
    for (const Withdrawal& w : rows) read += w.id.text() + " ";
    for (const auto& [at, id] : due) expected += id + " ";
    return difference("what is due", read, expected);
}

inline std::string compare_acts(Ledger& ledger, const LedgerModel& model) {
    std::string read, expected;
    const auto switches = ledger.switches().value();
    for (const Switch& s : switches) read += s.channel.text() + (s.is_open ? " on " : " off ");
    for (const auto& [channel, last] : model.switches)
        expected += channel + (last.is_open ? " on " : " off ");
    std::string found = difference("the switches", read, expected);

    std::map<std::string, std::string> by_withdrawal;
    for (const std::string& reference : model.corrections_in_order)
        by_withdrawal[model.corrections.at(reference).id] += reference + " ";
    for (const auto& [id, references] : by_withdrawal) {
        std::string text;
        const auto corrections = ledger.corrections(WithdrawalId::parse(id).value()).value();
        for (const Correction& correction : corrections) text += correction.reference.text() + " ";
        found += difference("the corrections about " + id, text, references);
    }
    return found;
}

/// What can be read of the ledger and is not as the model says; empty when all is.
inline std::string first_difference(Ledger& ledger, const LedgerModel& model) {
    std::string found = compare_accounts(ledger, model) + compare_usage(ledger, model);
    for (const std::string& user : users) found += compare_user(ledger, model, user);
    return found + compare_withdrawals(ledger, model) + compare_due(ledger, model) +
           compare_acts(ledger, model);
}

/// R11 by what can be read alone, without any model: empty when the books balance.
inline std::string what_is_wrong_with_the_books(Ledger& ledger, const std::vector<std::string>& of_users) {
    std::int64_t sum = 0;
    const auto accounts = ledger.trial_balance().value();
    for (const auto& row : accounts) sum += row.balance.fen();
    std::string found = difference("the sum of all accounts", std::to_string(sum), "0");
    for (const std::string& name : of_users) {
        const UserId user = UserId::parse(name).value();
        std::int64_t open = 0;
        const auto history = ledger.history(user, 1000, std::nullopt).value();
        for (const Withdrawal& w : history)
            if (!is_final(w.state)) open += total_of(w).fen();
        found += difference(name + "'s held money", std::to_string(ledger.balance(user).value().held.fen()),
                            std::to_string(open));
    }
    return found;
}

}  // namespace tixian::testing::detail
