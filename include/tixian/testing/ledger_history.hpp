// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tixian/testing/ledger_model.hpp"

namespace tixian::testing {

enum class CallOf { commit, find, balance };

/// One call of a ledger as the thread that made it saw it. It took effect at some moment between `began` and
/// `ended`, which count in one order for all threads.
struct Observed {
    CallOf what{};
    std::string user;    ///< whose account it is about: users do not touch each other
    Action action;       ///< what was committed; of a find, only the number of the withdrawal
    std::string answer;  ///< in the words of the model
    int thread = 0;
    std::uint64_t began = 0;
    std::uint64_t ended = 0;
};

[[nodiscard]] inline std::string text_of(const Balance& balance) {
    return std::to_string(balance.available.fen()) + " and " + std::to_string(balance.held.fen()) + " held";
}

/// `submitting at version 2`, or `none`.
[[nodiscard]] inline std::string text_of(State state, std::int64_t version) {
    return std::string(tixian::name(state)) + " at version " + std::to_string(version);
}

/// What the model answers to the call, which takes effect on it.
[[nodiscard]] inline std::string answer_of(LedgerModel& model, const Observed& call) {
    switch (call.what) {
        case CallOf::commit:
            return model.commit(call.action);
        case CallOf::find: {
            const auto row = model.rows.find(call.action.id);
            return row == model.rows.end() ? "none" : text_of(row->second.state, row->second.version);
        }
        case CallOf::balance:
            return text_of(Balance{fen(model.balance("user:" + call.user + ":available")),
                                   fen(model.balance("user:" + call.user + ":held"))});
    }
    return "no such call";
}

[[nodiscard]] inline std::string text_of(const Observed& call) {
    const std::string what = call.what == CallOf::commit ? text_of(call.action)
                             : call.what == CallOf::find ? "find " + call.action.id
                                                         : "balance of " + call.user;
    return std::to_string(call.began) + "-" + std::to_string(call.ended) + " thread " +
           std::to_string(call.thread) + ": " + what + " -> " + call.answer;
}

/// Looks for an order of a history's calls in which the model, one call after the other, gives the very
/// answers that were observed, and in which no call comes before one that had ended when it began (Wing and
/// Gong, 1993).
class HistorySearch {
 public:
    static constexpr std::size_t calls_max = 64;

    explicit HistorySearch(std::vector<Observed> calls) : calls_(std::move(calls)) {}

    /// A history of more than `calls_max` calls is not searched, and not explained.
    [[nodiscard]] bool is_explained() {
        seen_.clear();
        return calls_.size() <= calls_max && search(0, LedgerModel{});
    }

 private:
    [[nodiscard]] bool search(std::uint64_t done, const LedgerModel& model) {
        std::uint64_t first_end = std::numeric_limits<std::uint64_t>::max();
        for (std::size_t i = 0; i < calls_.size(); ++i)
            if (!is_in(done, i)) first_end = std::min(first_end, calls_[i].ended);
        if (first_end == std::numeric_limits<std::uint64_t>::max()) return true;
        // The same calls in another order that led to the same state lead nowhere new.
        if (!seen_.emplace(done, model.text()).second) return false;

        for (std::size_t i = 0; i < calls_.size(); ++i) {
            if (is_in(done, i) || calls_[i].began > first_end) continue;
            LedgerModel next = model;
            if (answer_of(next, calls_[i]) == calls_[i].answer && search(done | bit(i), next)) return true;
        }
        return false;
    }

    [[nodiscard]] static std::uint64_t bit(std::size_t i) { return std::uint64_t{1} << i; }
    [[nodiscard]] static bool is_in(std::uint64_t done, std::size_t i) { return (done & bit(i)) != 0; }

    std::vector<Observed> calls_;
    std::set<std::pair<std::uint64_t, std::string>> seen_;
};

}  // namespace tixian::testing
