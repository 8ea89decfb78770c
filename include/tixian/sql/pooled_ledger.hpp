// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tixian/sql/pool.hpp"
#include "tixian/sql/transaction_ledger.hpp"

namespace tixian::sql {

struct PooledOptions {
    std::string begin = "BEGIN";
    /// For how long a commit is tried again after a deadlock, a serialization failure or a lost connection,
    /// before its caller hears Unknown. Zero: not at all.
    std::chrono::milliseconds commit_within{0};
};

/// A ledger that opens and commits its own transactions on a pool of connections: begin, the rules, commit.
/// Thread-safe.
class PooledLedger : public ReadingLedger<PooledLedger> {
 public:
    PooledLedger(Dialect dialect, Names names, Pool::Connect connect, PoolOptions pool, PooledOptions options,
                 Books* books = nullptr)
        : statements_(dialect, std::move(names)),
          pool_(std::move(connect), pool),
          options_(std::move(options)),
          books_(books) {}

    /// What cannot be known is asked again here, by committing the same changes (R15): a change that a lost
    /// answer had applied is then `AlreadyApplied`.
    [[nodiscard]] std::vector<Outcome> commit(std::span<const Change> changes) override {
        if (changes.empty()) return {};
        const auto end = std::chrono::steady_clock::now() + options_.commit_within;
        auto outcomes = commit_until(end, changes);
        // A constraint refused one of them: the others must not suffer for it.
        if (!outcomes && outcomes.error().code == ErrorCode::not_allowed && changes.size() > 1)
            return commit_apart(end, changes);
        if (outcomes) return std::move(*outcomes);
        return std::vector<Outcome>(changes.size(), Unknown{outcomes.error().message});
    }

    /// A read that finds its connection lost is asked once more, on a new one.
    template <class Work>
    [[nodiscard]] auto read(const Work& work) -> decltype(work(std::declval<Reads&>())) {
        auto answer = read_once(work);
        if (answer.second) answer = read_once(work);
        return std::move(answer.first);
    }

    /// The statements of this ledger, for a TransactionLedger beside it.
    [[nodiscard]] const Statements& statements() const { return statements_; }
    [[nodiscard]] Pool& pool() { return pool_; }

 private:
    using Time = std::chrono::steady_clock::time_point;

    /// The answer, and whether the connection was lost.
    template <class Work>
    [[nodiscard]] auto read_once(const Work& work)
        -> std::pair<decltype(work(std::declval<Reads&>())), bool> {
        auto connection = pool_.take();
        if (!connection) return {tl::unexpected(connection.error()), false};
        Reads reads(**connection, statements_, books_);
        auto answer = work(reads);
        const bool is_lost = !answer && (*connection)->is_broken();
        if (is_lost) pool_.close_idle();
        return {std::move(answer), is_lost};
    }

    [[nodiscard]] Result<std::vector<Outcome>> commit_until(Time end, std::span<const Change> changes) {
        std::chrono::milliseconds pause{1};
        for (;;) {
            auto outcomes = commit_once(changes);
            const bool may_repeat = !outcomes && (outcomes.error().code == ErrorCode::conflict ||
                                                  outcomes.error().code == ErrorCode::ledger_unavailable);
            if (!may_repeat || std::chrono::steady_clock::now() + pause >= end) return outcomes;
            std::this_thread::sleep_for(pause);
            pause = std::min(pause * 2, std::chrono::milliseconds(200));
        }
    }

    [[nodiscard]] Result<std::vector<Outcome>> commit_once(std::span<const Change> changes) {
        static const std::vector<std::string> commit{"COMMIT"};
        auto connection = pool_.take();
        if (!connection) return tl::unexpected(connection.error());
        auto outcomes = Rules(**connection, statements_, books_).run(changes, {options_.begin}, commit);
        if (outcomes) return outcomes;
        // Where it fails, the connection is broken.
        static_cast<void>((*connection)->execute("ROLLBACK", {}));
        if ((*connection)->is_broken()) pool_.close_idle();
        return outcomes;
    }

    [[nodiscard]] std::vector<Outcome> commit_apart(Time end, std::span<const Change> changes) {
        std::vector<Outcome> outcomes;
        outcomes.reserve(changes.size());
        for (const Change& change : changes) {
            auto one = commit_until(end, std::span(&change, 1));
            outcomes.push_back(one ? std::move(one->front()) : Outcome(Unknown{one.error().message}));
        }
        return outcomes;
    }

    const Statements statements_;
    Pool pool_;
    const PooledOptions options_;
    Books* books_;
};

}  // namespace tixian::sql
