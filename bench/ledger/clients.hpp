// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <exception>
#include <latch>
#include <memory>
#include <span>
#include <thread>
#include <utility>
#include <vector>

#include "ledger/commit.hpp"
#include "ledger/counting_ledger.hpp"
#include "ledger/fsyncs.hpp"
#include "ledger/load.hpp"
#include "ledger/subject.hpp"
#include "samples.hpp"
#include "tixian/threads/group_commit.hpp"

namespace tixian::bench {

/// What one run of many clients gave.
struct ClientsRun {
    double per_second = 0;   ///< whole withdrawals
    double batch = 1;        ///< changes in one commit, on average
    double fsyncs = 0;       ///< of this process, for each withdrawal
    Samples milliseconds{};  ///< each client's time for a withdrawal
};

/// What clients abreast gave.
struct Abreast {
    double seconds = 0;
    Samples milliseconds{};  ///< each client's time for a withdrawal
};

/// Clients of one ledger, each in a thread of its own with an equal part of the withdrawals, which it makes
/// one after the other, each step when the one before it is durable: `commit(client, change)`.
template <class Commit>
[[nodiscard]] Abreast run_clients(std::size_t count, std::span<const Change> changes, const Commit& commit) {
    const std::size_t share = changes.size() / count;
    std::vector<std::vector<double>> times(count);
    std::vector<std::exception_ptr> failures(count);
    std::latch ready(static_cast<std::ptrdiff_t>(count) + 1);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < count; ++i) {
        threads.emplace_back([&, i] {
            ready.arrive_and_wait();
            try {
                auto mine = changes.subspan(i * share, share);
                for (; !mine.empty(); mine = mine.subspan(Load::steps)) {
                    const Stopwatch watch;
                    for (const Change& change : mine.first(Load::steps)) commit(i, change);
                    times[i].push_back(1000 * watch.seconds());
                }
            } catch (...) {
                failures[i] = std::current_exception();
            }
        });
    }
    ready.arrive_and_wait();
    const Stopwatch watch;
    for (std::thread& thread : threads) thread.join();
    Abreast run{watch.seconds(), {}};
    for (const auto& failure : failures) {
        if (failure) std::rethrow_exception(failure);
    }
    for (auto& some : times) run.milliseconds.add(Samples(std::move(some)));
    return run;
}

/// Clients of one ledger, with a GroupCommit before it.
class Clients {
 public:
    Clients(std::unique_ptr<Ledger> ledger, std::size_t count) : ledger_(std::move(ledger)), count_(count) {}

    [[nodiscard]] ClientsRun run(std::span<const Change> changes) {
        const auto fsyncs_before = fsyncs(), commits_before = counting_.commits();
        const Abreast abreast = run_clients(count_, changes, [&](std::size_t, const Change& change) {
            require_applied(group_.commit(std::span(&change, 1)));
        });
        const double withdrawals = Load::count_of(changes);
        ClientsRun run;
        run.per_second = withdrawals / abreast.seconds;
        run.batch =
            static_cast<double>(changes.size()) / static_cast<double>(counting_.commits() - commits_before);
        run.fsyncs = static_cast<double>(fsyncs() - fsyncs_before) / withdrawals;
        run.milliseconds = abreast.milliseconds;
        return run;
    }

 private:
    const std::unique_ptr<Ledger> ledger_;
    const std::size_t count_;
    CountingLedger counting_{*ledger_};
    GroupCommit group_{counting_};
};

/// The changes in the order in which clients that run abreast commit them.
[[nodiscard]] inline std::vector<Change> abreast(std::vector<Change> changes, std::size_t clients) {
    const std::size_t share = changes.size() / clients;
    std::vector<Change> ordered;
    ordered.reserve(changes.size());
    for (std::size_t i = 0; i < share; ++i) {
        for (std::size_t client = 0; client < clients; ++client)
            ordered.push_back(std::move(changes[client * share + i]));
    }
    return ordered;
}

/// Whole withdrawals a second when the reference writes the same changes in batches of this average size.
[[nodiscard]] inline double run_reference(ReferenceWriter& reference, std::span<const Change> changes,
                                          double batch) {
    const double withdrawals = Load::count_of(changes);
    const Stopwatch watch;
    std::size_t written = 0;
    for (double end = batch; written < changes.size(); end += batch) {
        const auto next = std::min(changes.size(), static_cast<std::size_t>(std::llround(end)));
        if (next > written) reference.write(changes.subspan(written, next - written));
        written = next;
    }
    return withdrawals / watch.seconds();
}

}  // namespace tixian::bench
