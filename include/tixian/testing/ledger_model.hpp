// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tixian/terms.hpp"
#include "tixian/testing/ledger_action.hpp"

namespace tixian::testing {

/// What a ledger should hold, in plain maps of text and numbers. It is given actions, never changes, and
/// counts fees, limits and balances by itself: it shares no code with any ledger, and that is what makes it a
/// check.
struct LedgerModel {
    struct Row {
        Action request;
        State state = State::held;
        std::int64_t version = 1;
        std::int64_t updated_at = 0;
    };
    struct Used {
        std::int64_t fen = 0;
        std::int64_t count = 0;
    };

    std::map<std::string, std::int64_t> accounts;
    std::map<std::string, Row> rows;
    std::map<std::pair<std::string, std::string>, std::string> keys;  ///< of a user: the withdrawal
    std::map<std::string, Used> usage;
    std::map<std::string, Action> deposits;         ///< by reference
    std::map<std::string, Action> corrections;      ///< by reference
    std::vector<std::string> corrections_in_order;  ///< their references
    std::map<std::string, Action> switches;         ///< the last one of each channel
    std::set<int> applied;                          ///< numbers of actions

    /// The answer that the ledger has to give, in the words of text_of(Outcome). A refused action changes
    /// nothing, because it works on a copy.
    std::string commit(const Action& action) {
        if (applied.contains(action.number)) return "already applied";
        LedgerModel next = *this;
        std::string answer = next.act(action);
        if (!answer.empty()) return answer;
        next.applied.insert(action.number);
        *this = std::move(next);
        return "applied";
    }

    [[nodiscard]] std::int64_t balance(const std::string& account) const {
        const auto it = accounts.find(account);
        return it == accounts.end() ? 0 : it->second;
    }

    [[nodiscard]] bool is_open(const std::string& channel) const {
        const auto it = switches.find(channel);
        return it == switches.end() || it->second.is_open;
    }

    /// When the user's last withdrawal was made that has neither failed nor been cancelled.
    [[nodiscard]] std::optional<std::int64_t> last_at(const std::string& user) const {
        std::optional<std::int64_t> last;
        for (const auto& [id, row] : rows) {
            if (row.request.user != user || row.state == State::failed || row.state == State::cancelled)
                continue;
            last = std::max(last.value_or(row.request.at), row.request.at);
        }
        return last;
    }

    /// Numbers of the user's withdrawals, newest first.
    [[nodiscard]] std::vector<std::string> history(const std::string& user) const {
        std::vector<std::pair<std::int64_t, std::string>> found;
        for (const auto& [id, row] : rows)
            if (row.request.user == user) found.emplace_back(row.request.at, id);
        std::sort(found.rbegin(), found.rend());
        std::vector<std::string> ids;
        for (const auto& [at, id] : found) ids.push_back(id);
        return ids;
    }

    /// Everything that decides about later answers: two models with the same text answer the same.
    [[nodiscard]] std::string text() const {
        std::string text;
        for (const auto& [account, fen] : accounts) text += account + "=" + std::to_string(fen) + "\n";
        for (const auto& [counter, used] : usage)
            text += counter + "=" + std::to_string(used.fen) + " in " + std::to_string(used.count) + "\n";
        for (const auto& [id, row] : rows)
            text += text_of(row.request) + ": " + std::string(tixian::name(row.state)) + " v" +
                    std::to_string(row.version) + "\n";
        for (const auto& [reference, action] : deposits) text += text_of(action) + "\n";
        for (const auto& [reference, action] : corrections) text += text_of(action) + "\n";
        for (const auto& [channel, last] : switches)
            text += channel + (last.is_open ? " open\n" : " closed\n");
        return text;
    }

 private:
    static constexpr std::int64_t fen_max = 1'000'000'000'000'000;

    [[nodiscard]] static std::string limit(std::string_view name, std::int64_t left) {
        return "limit " + std::string(name) + ", left " + std::to_string(left);
    }
    [[nodiscard]] static std::string duplicate(const std::string& first, const std::string& field) {
        return "duplicate of [" + first + "] in [" + field + "]";
    }
    [[nodiscard]] static std::string wallet(const std::string& user) { return "user:" + user + ":available"; }
    [[nodiscard]] static std::string held(const std::string& user) { return "user:" + user + ":held"; }

    /// Each of these answers why not, or nothing.
    using Refusal = std::string;

    Refusal act(const Action& a) {
        switch (a.kind) {
            case ActionKind::deposit:
                return deposit(a);
            case ActionKind::request:
                return request(a);
            case ActionKind::submit:
            case ActionKind::settle:
            case ActionKind::release:
                return step(a);
            case ActionKind::correct:
                return correct(a);
            case ActionKind::turn_switch:
                switches[a.channel] = a;
                return {};
        }
        return "no such action";
    }

    Refusal move(const std::string& account, std::int64_t fen) {
        const std::int64_t after = balance(account) + fen;
        if (after > fen_max || after < -fen_max) return limit("balance", 0);
        if (fen < 0 && after < 0 && account.starts_with("user:")) return "insufficient funds";
        accounts[account] = after;
        return {};
    }

    /// Moves the amounts in this order, up to the first that cannot be.
    Refusal move_all(const std::vector<std::pair<std::string, std::int64_t>>& postings) {
        for (const auto& [account, fen] : postings)
            if (Refusal why = move(account, fen); !why.empty()) return why;
        return {};
    }

    Refusal deposit(const Action& a) {
        if (const auto first = deposits.find(a.name); first != deposits.end()) {
            const Action& before = first->second;
            return duplicate("", before.user != a.user       ? "user_id"
                                 : before.amount != a.amount ? "amount"
                                                             : "");
        }
        deposits[a.name] = a;
        return move_all({{"funding", -a.amount}, {wallet(a.user), a.amount}});
    }

    Refusal correct(const Action& a) {
        const std::string account = account_of(a).name();
        if (const auto first = corrections.find(a.name); first != corrections.end()) {
            const Action& before = first->second;
            return duplicate(before.id, before.id != a.id                      ? "withdraw_id"
                                        : account_of(before).name() != account ? "account"
                                        : before.amount != a.amount            ? "amount"
                                                                               : "");
        }
        corrections[a.name] = a;
        corrections_in_order.push_back(a.name);
        return move_all({{"suspense", -a.amount}, {account, a.amount}});
    }

    Refusal request(const Action& a) {
        if (const auto first = keys.find({a.user, a.name}); first != keys.end()) {
            const Action& before = rows.at(first->second).request;
            return duplicate(first->second, before.amount != a.amount         ? "amount"
                                            : before.channel != a.channel     ? "channel"
                                            : before.real_name != a.real_name ? "real_name"
                                                                              : "");
        }
        if (rows.contains(a.id)) return "conflict";
        const auto last = last_at(a.user);
        if (a.needs_interval && last && a.at - *last < a.terms.minimum_interval.count())
            return limit("minimum_interval", 0);
        if (Refusal why = count(a, 1); !why.empty()) return why;
        keys[{a.user, a.name}] = a.id;
        rows[a.id] = {a, State::held, 1, a.at};
        return move_all({{wallet(a.user), -a.amount - a.fee}, {held(a.user), a.amount + a.fee}});
    }

    Refusal step(const Action& a) {
        const auto found = rows.find(a.id);
        if (found == rows.end() || found->second.version != a.version) return "conflict";
        Row& row = found->second;
        const Action& order = row.request;
        if (a.kind == ActionKind::submit && !is_open(order.channel)) return "closed";
        row.state = state_after(a.kind, row.state);
        ++row.version;
        row.updated_at = a.at;
        const std::int64_t total = order.amount + order.fee;
        switch (a.kind) {
            case ActionKind::settle:
                return move_all({{held(order.user), -total},
                                 {"wechat:clearing", order.amount},
                                 {order.fee > 0 ? "fees" : "wechat:clearing", order.fee}});
            case ActionKind::release:
                if (Refusal why = count(order, -1); !why.empty()) return why;
                return move_all({{held(order.user), -total}, {wallet(order.user), total}});
            default:
                return {};
        }
    }

    /// Counts a request against its limits, or takes it off them again with `sign` -1.
    Refusal count(const Action& a, std::int64_t sign) {
        const std::string month = a.day.substr(0, 7);
        const auto most = [](const std::optional<Money>& m) {
            return m ? std::optional(m->fen()) : std::nullopt;
        };
        const struct {
            std::string counter;
            std::string_view limit;
            std::int64_t fen;
            std::optional<std::int64_t> fen_max, count_max;
        } counters[] = {
            {"user:" + a.user + ":day:" + a.day, "day_amount", a.amount, most(a.terms.day_amount_max),
             a.terms.day_count_max},
            {"user:" + a.user + ":month:" + month,
             "month_amount",
             a.amount,
             most(a.terms.month_amount_max),
             {}},
            {"channel:" + a.channel + ":day:" + a.day,
             "merchant_day",
             a.amount,
             most(a.terms.merchant_day_max),
             {}},
            {"user:" + a.user + ":free:" + month, "free_quota", a.free, a.terms.fee.free_per_month.fen(), {}},
        };
        for (const auto& c : counters) {
            if (c.fen == 0) continue;
            Used& used = usage[c.counter];
            if (sign > 0 && c.count_max && used.count >= *c.count_max) return limit("day_count", 0);
            if (sign > 0 && c.fen_max && c.fen > *c.fen_max - used.fen)
                return limit(c.limit, std::max<std::int64_t>(0, *c.fen_max - used.fen));
            used.fen += sign * c.fen;
            used.count += sign;
        }
        return {};
    }
};

}  // namespace tixian::testing
