// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>

#include "ledger/our_side.hpp"
#include "ledger/rows.hpp"

namespace tixian::bench {

namespace {

/// The reference with the same load.
class TheirSide {
 public:
    TheirSide(Subject& subject, const std::string& place, LoadShape shape, std::size_t clients)
        : load_(shape), clients_(clients), withdrawals_(withdrawals_of_round(clients)) {
        commit_all(*subject.ledger(place), load_.opening());
        reference_ = subject.reference(place);
        static_cast<void>(round(static_cast<double>(clients)));
    }

    [[nodiscard]] double round(double batch) {
        return run_reference(*reference_, abreast(load_.withdrawals(withdrawals_), clients_), batch);
    }

 private:
    Load load_;
    const std::size_t clients_;
    const std::size_t withdrawals_;
    std::unique_ptr<ReferenceWriter> reference_;
};

std::string clients_text(std::size_t clients) {
    return std::to_string(clients) + (clients == 1 ? " client" : " clients");
}

void tell_latency(const Bench& bench, const std::string& id, double batch, const Samples& milliseconds) {
    char text[160];
    std::snprintf(text, sizeof text, " %.1f changes a commit, a withdrawal in %.2f ms (p50), %.2f ms (p99)",
                  batch, milliseconds.median(), milliseconds.quantile(0.99));
    bench.progress(id + text);
}

void measure(Bench& bench, Subject& subject, const std::string& id, std::size_t clients, bool counts_fsyncs) {
    constexpr double target = 0.8;
    const std::string row = id + "." + std::to_string(clients), fsync_row = id + ".fsync";
    const bool wants_fsyncs = counts_fsyncs && clients == 64 && bench.wants(fsync_row);
    if (!bench.wants(row) && !wants_fsyncs) return;

    OurSide our_side(subject, "ours", {}, clients);
    TheirSide their_side(subject, "theirs", {}, clients);
    Samples ours, theirs, fsyncs, milliseconds;
    ClientsRun last;
    for (int round = 0; round < short_rounds(bench); ++round) {
        last = our_side.round();
        ours.add(last.per_second);
        fsyncs.add(last.fsyncs);
        milliseconds.add(last.milliseconds);
        theirs.add(their_side.round(last.batch));
    }
    const std::string name = subject.name() + ", " + clients_text(clients) + " through group commit";
    bench.progress(row + " " + name, ours, theirs);
    tell_latency(bench, row, last.batch, milliseconds);
    if (bench.wants(row))
        bench.add({row, name, ours.median(), theirs.median(), "withdrawals/s", Reach::at_least, target});
    if (!wants_fsyncs) return;
    // A commit for each of the three steps, and no checkpoint: at most a sixteenth of that.
    constexpr double alone = Load::steps, share = 1.0 / 16;
    bench.add({fsync_row, subject.name() + ", " + clients_text(clients) + ": against a commit for each step",
               fsyncs.median(), alone, "fsync/withdrawal", Reach::at_most, share});
}

/// The first line in which two texts differ, of both.
std::string difference(const std::string& a, const std::string& b) {
    std::size_t begin = 0;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()) && a[i] == b[i]; ++i) {
        if (a[i] == '\n') begin = i + 1;
    }
    return "\n  " + a.substr(begin, a.find('\n', begin) - begin) + "\n  " +
           b.substr(begin, b.find('\n', begin) - begin);
}

}  // namespace

void measure_clients(Bench& bench, Subject& subject, const std::string& id, bool counts_fsyncs) {
    for (const std::size_t clients : {std::size_t{1}, std::size_t{8}, std::size_t{64}})
        measure(bench, subject, id, clients, counts_fsyncs);
}

void measure_one_merchant_with_clients(Bench& bench, Subject& subject, const std::string& id) {
    if (!bench.wants(id)) return;
    constexpr double target = 0.9;
    constexpr std::size_t clients = 64, users = 2000, merchants = 1000;
    OurSide through_one(subject, "one", {users, 1}, clients);
    OurSide through_many(subject, "many", {users, merchants}, clients);
    Samples one, spread;
    for (int round = 0; round < short_rounds(bench); ++round) {
        one.add(through_one.round().per_second);
        spread.add(through_many.round().per_second);
    }
    const std::string name = subject.name() + ", 64 clients: one merchant, against 1,000";
    bench.progress(id + " " + name, one, spread);
    bench.add({id, name, one.median(), spread.median(), "withdrawals/s", Reach::at_least, target});
}

void require_same_rows(Bench& bench, Subject& subject) {
    constexpr std::size_t clients = 4;
    constexpr double batch = 6;
    Load load({20, 2});
    const auto opening = load.opening();
    // Without threads, so that both write in one order.
    const auto changes = abreast(load.withdrawals(clients * 10), clients);
    {
        const auto ledger = subject.ledger("ours");
        commit_all(*ledger, opening);
        commit_all(*ledger, changes);
    }
    commit_all(*subject.ledger("theirs"), opening);
    static_cast<void>(run_reference(*subject.reference("theirs"), changes, batch));
    const std::string ours = subject.contents("ours"), theirs = subject.contents("theirs");
    if (ours != theirs)
        throw std::runtime_error("the reference writes other rows than the ledger:" +
                                 difference(ours, theirs));
    bench.progress(subject.name() + ": ledger and reference leave the same rows");
}

}  // namespace tixian::bench
