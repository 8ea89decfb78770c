// SPDX-License-Identifier: MIT
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "ledger/commit.hpp"
#include "ledger/load.hpp"
#include "ledger/rows.hpp"

namespace tixian::bench {

namespace {

constexpr std::size_t due = 10'000;
constexpr std::size_t claimed = 100;

/// A ledger with many final withdrawals and as many due ones after each claim as before it.
class Backlog {
 public:
    Backlog(Bench& bench, FillableSubject& subject, const std::string& place, std::size_t finals) {
        commit_all(*subject.ledger(place), load_.opening());
        {
            const auto ledger = subject.reopened(place);
            commit_all(*ledger, load_.withdrawals(1));
        }
        const Stopwatch watch;
        subject.fill(place, finals - 1);
        ledger_ = subject.reopened(place);
        request(due);
        bench.progress(subject.name() + ": " + std::to_string(finals) + " final and " + std::to_string(due) +
                       " due withdrawals, made in " + std::to_string(static_cast<int>(watch.seconds())) +
                       " s");
    }

    /// How many milliseconds a claim takes: finding what is due, and committing the intent of each submit.
    double claim() {
        const Stopwatch watch;
        const auto rows = ledger_->due(load_.now(), claimed, {});
        if (!rows) throw std::runtime_error(rows.error().message);
        std::vector<Change> submits;
        for (const Withdrawal& row : *rows) submits.push_back(load_.submit(row));
        require_applied(ledger_->commit(submits));
        const double milliseconds = 1000 * watch.seconds();

        if (submits.size() != claimed) throw std::runtime_error("fewer were due than there should be");
        std::vector<Change> settles;
        for (const Change& submit : submits) settles.push_back(load_.settle(Load::next_of(submit)));
        commit_all(*ledger_, settles);
        request(claimed);
        return milliseconds;
    }

 private:
    void request(std::size_t count) {
        std::vector<Change> requests;
        for (std::size_t i = 0; i < count; ++i) requests.push_back(load_.request());
        commit_all(*ledger_, requests);
    }

    Load load_;
    std::unique_ptr<Ledger> ledger_;
};

}  // namespace

void measure_claims(Bench& bench, FillableSubject& subject, const std::string& id, std::size_t finals) {
    if (!bench.wants(id)) return;
    constexpr double target = 1.5;
    constexpr std::size_t few = 10'000;
    Backlog large(bench, subject, "many", finals), small(bench, subject, "few", few);
    Samples ours, theirs;
    const std::size_t warm_up = 5, rounds = bench.size(40);
    for (std::size_t i = 0; i < warm_up + rounds; ++i) {
        const double of_large = large.claim(), of_small = small.claim();
        if (i < warm_up) continue;
        ours.add(of_large);
        theirs.add(of_small);
    }
    const std::string name = subject.name() + ": claiming 100 of 10,000 among " +
                             detail::number_text(static_cast<double>(finals)) + " final, against 10,000";
    bench.progress(id + " " + name, ours, theirs);
    bench.add({id, name, ours.median(), theirs.median(), "ms", Reach::at_most, target});
}

}  // namespace tixian::bench
