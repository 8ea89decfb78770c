// SPDX-License-Identifier: MIT
#include "simulator/campaign.hpp"

#include <algorithm>
#include <mutex>
#include <thread>
#include <vector>

namespace tixian::sim {
namespace {

using Steady = std::chrono::steady_clock;

/// What the threads of a campaign share.
struct Shared {
    std::atomic<std::uint64_t> next_seed;
    std::atomic<std::uint64_t> stops_before;  ///< a seed under it has failed
    std::atomic<std::uint64_t> seeds_done{0}, withdrawals{0};
    std::atomic<bool> is_over{false};
    std::mutex mutex;
    CampaignResult result;
};

void run_seeds(Shared& shared, const CampaignOptions& options, const Subject& subject) {
    Tally tally;
    std::uint64_t hash = 0;
    while (!shared.is_over.load(std::memory_order_relaxed)) {
        const std::uint64_t seed = shared.next_seed.fetch_add(1);
        if (seed > options.last_seed || seed >= shared.stops_before.load()) break;
        Run run = simulate(seed, subject, options.run);
        tally.add(run.tally);
        hash += mix(seed, run.trace_hash);  // a sum, so that the order of the threads does not count
        shared.seeds_done.fetch_add(1, std::memory_order_relaxed);
        shared.withdrawals.fetch_add(run.tally.withdrawals, std::memory_order_relaxed);
        if (!run.violation) continue;
        const std::lock_guard lock(shared.mutex);
        if (!shared.result.failure || seed < shared.result.failure->seed)
            shared.result.failure = std::move(run);
        shared.stops_before = std::min(shared.stops_before.load(), seed);
    }
    const std::lock_guard lock(shared.mutex);
    shared.result.tally.add(tally);
    shared.result.trace_hash += hash;
}

}  // namespace

CampaignResult run_campaign(const CampaignOptions& options, const Subject& subject,
                            const std::atomic<bool>& is_stopped,
                            const std::function<void(const Progress&)>& on_progress) {
    Shared shared{};
    shared.next_seed = options.first_seed;
    shared.stops_before = ~std::uint64_t{0};
    const auto begun = Steady::now();
    const auto elapsed = [&] {
        return std::chrono::duration_cast<std::chrono::milliseconds>(Steady::now() - begun);
    };

    std::atomic<unsigned> running{options.jobs};
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < options.jobs; ++i)
        threads.emplace_back([&] {
            run_seeds(shared, options, subject);
            --running;
        });
    constexpr int ticks_between_progress = 25;
    for (int tick = 1; running > 0; ++tick) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
        const bool is_over = is_stopped || (options.time_max && elapsed() >= *options.time_max);
        if (is_over && !shared.is_over) shared.is_over = shared.result.was_stopped = true;
        if (on_progress && tick % ticks_between_progress == 0)
            on_progress({shared.seeds_done, options.last_seed - options.first_seed + 1, shared.withdrawals,
                         elapsed()});
    }
    for (std::thread& thread : threads) thread.join();
    shared.result.seeds_done = shared.seeds_done;
    shared.result.elapsed = elapsed();
    return std::move(shared.result);
}

}  // namespace tixian::sim
