// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tixian/testing/ledger_history.hpp"
#include "tixian/testing/seeded_random.hpp"

namespace tixian::testing {

/// A round's calls of one user are searched together, and a step is two calls: `threads` times `commands` is
/// at most half of HistorySearch::calls_max.
struct LinearizabilityOptions {
    int rounds = 200;
    int threads = 4;
    int commands = 5;        ///< of each thread in a round
    std::uint64_t seed = 0;  ///< of what the threads want, not of how they interleave; 0 draws one
};

namespace detail {

/// One round: threads that want things of two new users at the same time. What they want comes from the seed
/// alone. They mean the same keys, references and withdrawals often enough to get in each other's way.
class ConcurrentRound {
 public:
    ConcurrentRound(Ledger& ledger, const LinearizabilityOptions& options, int round, Random& random)
        : ledger_(ledger), round_(round), plans_(static_cast<std::size_t>(options.threads)) {
        for (int i = 0; i < options.commands; ++i)
            for (auto& plan : plans_)
                plan.push_back(some_call(static_cast<int>(&plan - plans_.data()), random));
    }

    /// Every call that was made, by user.
    [[nodiscard]] std::map<std::string, std::vector<Observed>> run() {
        std::vector<std::vector<Observed>> observed(plans_.size());
        std::vector<std::thread> running;
        running.reserve(plans_.size());
        for (std::size_t i = 0; i < plans_.size(); ++i)
            running.emplace_back([&, i] {
                ready_.fetch_add(1);
                while (ready_.load() < plans_.size()) std::this_thread::yield();
                for (const Observed& call : plans_[i]) make(call, observed[i]);
            });
        for (auto& thread : running) thread.join();

        std::map<std::string, std::vector<Observed>> by_user;
        for (const auto& of_thread : observed)
            for (const Observed& call : of_thread) by_user[call.user].push_back(call);
        return by_user;
    }

 private:
    static constexpr int calls_max = 1000;  ///< of a round, so that no two calls share a number

    [[nodiscard]] Observed some_call(int thread, Random& random) {
        const auto one_in = [&](std::uint64_t n) { return random.next() % n == 0; };
        const auto up_to = [&](std::uint64_t n) { return static_cast<std::int64_t>(random.next() % n); };
        Observed call;
        call.thread = thread;
        call.what = one_in(6) ? CallOf::balance : CallOf::commit;
        call.user = "u" + std::to_string(round_) + (one_in(4) ? "b" : "a");
        Action& a = call.action;
        const int planned = ++planned_;
        a.number = round_ * calls_max + planned;
        a.user = call.user;
        a.at = 1'738'195'200'000 + a.number;
        a.day = "2025-01-30";
        a.channel = "wechat";
        a.amount = 100 * (1 + up_to(3));
        const bool is_known = !ids_[call.user].empty();
        if (planned <= 4 || one_in(6)) {
            a.amount = 500 * (1 + up_to(3));
            a.kind = ActionKind::deposit;
            a.name = call.user + "-" + std::to_string(up_to(6));
        } else if (!is_known || one_in(3)) {
            a.kind = ActionKind::request;
            a.name = "k" + std::to_string(up_to(4));
            a.id = "WD" + std::to_string(a.number);
            a.fee = up_to(3);
            if (one_in(3)) a.terms.day_amount_max = fen(100 * (1 + up_to(4)));
            if (one_in(4)) a.terms.day_count_max = 1 + up_to(2);
            ids_[call.user].push_back(a.id);
        } else {
            static constexpr ActionKind steps[] = {ActionKind::submit, ActionKind::settle,
                                                   ActionKind::release};
            a.kind = steps[up_to(3)];
            const auto& ids = ids_[call.user];
            a.id = ids[static_cast<std::size_t>(up_to(std::min<std::size_t>(ids.size(), 2)))];
        }
        return call;
    }

    /// Makes the call as a service would: before a step, it reads what the step is decided on.
    void make(const Observed& planned, std::vector<Observed>& observed) {
        Observed call = planned;
        const ActionKind kind = call.action.kind;
        if (call.what == CallOf::balance) {
            observe(call, observed,
                    [&] { return text_of(ledger_.balance(UserId::parse(call.user).value()).value()); });
        } else if (kind == ActionKind::deposit || kind == ActionKind::request) {
            observe(call, observed, [&] { return commit(change_of(call.action)); });
        } else if (const auto row = find(call, observed); row && can_follow(kind, row->state)) {
            call.action.version = row->version;
            const Change change = step_on(*row, call.action);
            observe(call, observed, [&] { return commit(change); });
        }
    }

    [[nodiscard]] std::optional<Withdrawal> find(Observed call, std::vector<Observed>& observed) {
        std::optional<Withdrawal> row;
        call.what = CallOf::find;
        observe(call, observed, [&] {
            row = ledger_.find(WithdrawalId::parse(call.action.id).value()).value();
            return row ? text_of(row->state, row->version) : "none";
        });
        return row;
    }

    /// The step on the row as it was read.
    [[nodiscard]] static Change step_on(const Withdrawal& row, const Action& step) {
        Action request;
        request.kind = ActionKind::request;
        request.id = row.id.text();
        request.user = row.order.user.text();
        request.name = row.order.key.text();
        request.amount = row.order.amount.fen();
        request.fee = row.fee.fen();
        request.channel = row.order.channel.text();
        request.day = row.counted_on;
        request.terms = row.terms;
        request.at = to_millis(row.created_at);
        return change_of(step, request, row.state);
    }

    /// What is in doubt is committed again, until it is not (R15): that is one call, and applied once.
    [[nodiscard]] std::string commit(const Change& change) {
        constexpr int commits_max = 64;
        Outcome outcome = ledger_.commit(std::span(&change, 1)).front();
        for (int i = 1; i < commits_max && std::holds_alternative<Unknown>(outcome); ++i) {
            outcome = ledger_.commit(std::span(&change, 1)).front();
            if (std::holds_alternative<AlreadyApplied>(outcome)) outcome = Applied{};
        }
        return text_of(outcome);
    }

    template <class Work>
    void observe(Observed call, std::vector<Observed>& observed, const Work& work) {
        // A ledger in memory is faster than threads change places, so they are let change inside of the
        // calls.
        const std::uint64_t began = moments_.fetch_add(1);
        if (began % 2 == 0) std::this_thread::yield();
        call.answer = work();
        if (began % 3 == 0) std::this_thread::yield();
        call.began = began;
        call.ended = moments_.fetch_add(1);
        observed.push_back(std::move(call));
    }

    Ledger& ledger_;
    int round_;
    int planned_ = 0;
    std::map<std::string, std::vector<std::string>> ids_;  ///< of each user, while planning
    std::vector<std::vector<Observed>> plans_;
    std::atomic<std::size_t> ready_ = 0;
    std::atomic<std::uint64_t> moments_ = 0;
};

}  // namespace detail

/// The first history of one user that no order of its calls explains, as text; empty when there is none.
[[nodiscard]] inline std::string find_unexplained_history(Ledger& ledger,
                                                          const LinearizabilityOptions& options) {
    SeededRandom random(options.seed);
    for (int round = 1; round <= options.rounds; ++round) {
        auto histories = detail::ConcurrentRound(ledger, options, round, random).run();
        for (auto& [user, calls] : histories) {
            std::sort(calls.begin(), calls.end(),
                      [](const Observed& a, const Observed& b) { return a.began < b.began; });
            if (HistorySearch(calls).is_explained()) continue;
            std::string text = "round " + std::to_string(round) + ", " + user + ":\n";
            for (const Observed& call : calls) text += text_of(call) + "\n";
            return text;
        }
    }
    return {};
}

/// Checks that a ledger under threads answers as if each call had happened at one moment: as if one by one.
///
///     TEST(MyLedger, IsLinearizable) { check_ledger_is_linearizable([] { return make_mine(); }); }
inline void check_ledger_is_linearizable(const std::function<std::unique_ptr<Ledger>()>& make,
                                         LinearizabilityOptions options = {}) {
    ASSERT_LE(options.threads * options.commands, static_cast<int>(HistorySearch::calls_max / 2));
    while (options.seed == 0) options.seed = std::random_device{}();
    std::cout << "linearizability: seed=" << options.seed << std::endl;
    const std::unique_ptr<Ledger> ledger = make();
    ASSERT_NE(ledger, nullptr);
    const std::string unexplained = find_unexplained_history(*ledger, options);
    if (!unexplained.empty())
        ADD_FAILURE() << "no order of these calls explains their answers; seed=" << options.seed << "\n"
                      << unexplained;
}

}  // namespace tixian::testing
