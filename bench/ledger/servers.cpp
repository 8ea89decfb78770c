// SPDX-License-Identifier: MIT
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "ledger/our_side.hpp"
#include "ledger/plain_service.hpp"
#include "ledger/rows.hpp"

namespace tixian::bench {

namespace {

/// The plain service with the same load.
class PlainSide {
 public:
    PlainSide(ServerSubject& subject, const std::string& place, std::size_t clients)
        : withdrawals_(withdrawals_of_round(clients)) {
        commit_all(*subject.ledger(place), load_.opening());
        for (std::size_t i = 0; i < clients; ++i)
            clients_.push_back(
                std::make_unique<PlainService>(subject.kind(), ServerSubject::names_of(place)));
        static_cast<void>(round());
    }

    [[nodiscard]] ClientsRun round() {
        const auto changes = load_.withdrawals(withdrawals_);
        const Abreast abreast =
            run_clients(clients_.size(), changes,
                        [&](std::size_t client, const Change& change) { clients_[client]->write(change); });
        ClientsRun run;
        run.per_second = Load::count_of(changes) / abreast.seconds;
        run.milliseconds = abreast.milliseconds;
        return run;
    }

 private:
    Load load_;
    const std::size_t withdrawals_;
    std::vector<std::unique_ptr<PlainService>> clients_;
};

/// What both sides gave in turn.
struct Both {
    Samples ours, plain, our_milliseconds, plain_milliseconds;
};

Both against_plain(Bench& bench, ServerSubject& subject, std::size_t clients) {
    OurSide our_side(subject, "ours", {}, clients);
    PlainSide plain_side(subject, "plain", clients);
    Both both;
    for (int round = 0; round < short_rounds(bench); ++round) {
        const ClientsRun ours = our_side.round(), plain = plain_side.round();
        both.ours.add(ours.per_second);
        both.plain.add(plain.per_second);
        both.our_milliseconds.add(ours.milliseconds);
        both.plain_milliseconds.add(plain.milliseconds);
    }
    return both;
}

/// A process that makes withdrawals once it is told, and says how many there were in a second.
class Worker {
 public:
    Worker(ServerSubject& subject, const std::string& place, LoadShape shape, std::size_t clients,
           int rounds) {
        if (pipe(to_.data()) != 0 || pipe(from_.data()) != 0) throw std::runtime_error("no pipe");
        pid_ = fork();
        if (pid_ < 0) throw std::runtime_error("no process");
        if (pid_ == 0) work(subject, place, shape, clients, rounds);
        close(to_[0]);
        close(from_[1]);
    }
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;
    ~Worker() {
        close(to_[1]);
        close(from_[0]);
        waitpid(pid_, nullptr, 0);
    }

    void wait_until_ready() const { static_cast<void>(heard()); }
    void start() const {
        const char go = 1;
        if (::write(to_[1], &go, 1) != 1) throw std::runtime_error("a process is gone");
    }
    [[nodiscard]] double heard() const {
        double number = 0;
        if (read(from_[0], &number, sizeof number) != sizeof number)
            throw std::runtime_error("a process has failed");
        return number;
    }

 private:
    [[noreturn]] void work(ServerSubject& subject, const std::string& place, LoadShape shape,
                           std::size_t clients, int rounds) const {
        try {
            Load load(shape);
            static_cast<void>(load.opening());
            Clients group(subject.reopened(place), clients);
            const std::size_t withdrawals = withdrawals_of_round(4 * clients) / 4;
            static_cast<void>(group.run(load.withdrawals(withdrawals)));
            say(0);
            for (int round = 0; round < rounds; ++round) {
                const auto changes = load.withdrawals(withdrawals);
                char go = 0;
                if (read(to_[0], &go, 1) != 1) break;
                say(group.run(changes).per_second);
            }
        } catch (const std::exception& error) {
            std::fprintf(stderr, "a process has failed: %s\n", error.what());
            _exit(1);
        }
        _exit(0);
    }
    void say(double number) const {
        if (::write(from_[1], &number, sizeof number) != sizeof number) _exit(1);
    }

    std::array<int, 2> to_{}, from_{};
    pid_t pid_ = -1;
};

/// Four processes on one ledger.
class Processes {
 public:
    Processes(ServerSubject& subject, const std::string& place, LoadShape shape, std::size_t clients,
              int rounds) {
        Load load(shape);
        commit_all(*subject.ledger(place), load.opening());
        for (std::size_t i = 0; i < workers_.size(); ++i) {
            shape.seed += 1;
            workers_.at(i) =
                std::make_unique<Worker>(subject, place, shape, clients / workers_.size(), rounds);
        }
        for (const auto& worker : workers_) worker->wait_until_ready();
    }

    [[nodiscard]] double round() const {
        for (const auto& worker : workers_) worker->start();
        double sum = 0;
        for (const auto& worker : workers_) sum += worker->heard();
        return sum;
    }

 private:
    std::array<std::unique_ptr<Worker>, 4> workers_;
};

}  // namespace

void measure_against_plain_service(Bench& bench, ServerSubject& subject, const std::string& id) {
    constexpr double times = 4, as_fast = 1.1;
    if (bench.wants(id + ".plain")) {
        const Both both = against_plain(bench, subject, 64);
        const std::string name = subject.name() + ", 64 clients: against a transaction a step";
        bench.progress(id + ".plain " + name, both.ours, both.plain);
        bench.add({id + ".plain", name, both.ours.median(), both.plain.median(), "withdrawals/s",
                   Reach::at_least, times});
    }
    if (bench.wants(id + ".p50")) {
        const Both both = against_plain(bench, subject, 1);
        const std::string name = subject.name() + ", 1 client: a withdrawal, against a transaction a step";
        bench.progress(id + ".p50 " + name, both.our_milliseconds, both.plain_milliseconds);
        bench.add({id + ".p50", name, both.our_milliseconds.median(), both.plain_milliseconds.median(),
                   "ms (p50)", Reach::at_most, as_fast});
    }
}

void measure_one_merchant_in_processes(Bench& bench, ServerSubject& subject, const std::string& id) {
    if (!bench.wants(id)) return;
    constexpr double target = 0.7;
    constexpr std::size_t clients = 64, users = 2000, merchants = 1000;
    const int rounds = short_rounds(bench);
    const Processes through_one(subject, "one", {users, 1}, clients, rounds);
    const Processes through_many(subject, "many", {users, merchants}, clients, rounds);
    Samples one, spread;
    for (int round = 0; round < rounds; ++round) {
        one.add(through_one.round());
        spread.add(through_many.round());
    }
    const std::string name = subject.name() + ", 4 processes: one merchant, against 1,000";
    bench.progress(id + " " + name, one, spread);
    bench.add({id, name, one.median(), spread.median(), "withdrawals/s", Reach::at_least, target});
}

}  // namespace tixian::bench
