// SPDX-License-Identifier: MIT
#include "ledger/one_core.hpp"

#include <string>

#include "ledger/commit.hpp"
#include "ledger/rows.hpp"

namespace tixian::bench {

namespace {

constexpr std::size_t users = 20'000;
constexpr std::size_t merchants = 1000;

double run_ours(Subject& subject, LoadShape shape, std::size_t withdrawals) {
    Load load(shape);
    const auto ledger = subject.ledger("one_core");
    commit_all(*ledger, load.opening());
    const auto commit = [&](std::span<const Change> one) { require_applied(ledger->commit(one)); };
    static_cast<void>(run_one_by_one(load, withdrawals / 10, commit));
    return run_one_by_one(load, withdrawals, commit);
}

double run_theirs(Subject& subject, LoadShape shape, std::size_t withdrawals) {
    Load load(shape);
    const auto reference = subject.reference("one_core");
    static_cast<void>(load.opening());
    const auto write = [&](std::span<const Change> one) { reference->write(one); };
    static_cast<void>(run_one_by_one(load, withdrawals / 10, write));
    return run_one_by_one(load, withdrawals, write);
}

void measure_shape(Bench& bench, Subject& subject, const std::string& id, const std::string& what,
                   LoadShape shape) {
    if (!bench.wants(id)) return;
    constexpr double target = 0.5;
    const std::size_t withdrawals = bench.size(100'000);
    Samples ours, theirs;
    for (int round = 0; round < bench.rounds(); ++round) {
        ours.add(run_ours(subject, shape, withdrawals));
        theirs.add(run_theirs(subject, shape, withdrawals));
    }
    const std::string name = subject.name() + " ledger, one core, " + what;
    bench.progress(id + " " + name, ours, theirs);
    bench.add({id, name, ours.median(), theirs.median(), "withdrawals/s", Reach::at_least, target});
}

}  // namespace

void measure_one_core(Bench& bench, Subject& subject) {
    measure_shape(bench, subject, "P3.many", "many accounts", {users, merchants});
    measure_shape(bench, subject, "P3.hot", "one hot merchant", {users, 1});
}

void measure_one_merchant_alone(Bench& bench, Subject& subject, const std::string& id) {
    if (!bench.wants(id)) return;
    constexpr double target = 0.9;
    const std::size_t withdrawals = bench.size(100'000);
    Samples one, spread;
    for (int round = 0; round < bench.rounds(); ++round) {
        one.add(run_ours(subject, {users, 1}, withdrawals));
        spread.add(run_ours(subject, {users, merchants}, withdrawals));
    }
    const std::string name = subject.name() + ", one core: one merchant, against 1,000";
    bench.progress(id + " " + name, one, spread);
    bench.add({id, name, one.median(), spread.median(), "withdrawals/s", Reach::at_least, target});
}

}  // namespace tixian::bench
