// SPDX-License-Identifier: MIT
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "make_databases.hpp"
#include "tixian/testing/seeded_random.hpp"
#include "tixian/withdrawal_id.hpp"

namespace tixian::testing {
namespace {

/// Runs scripts/databases; what it printed first.
std::string databases(const std::string& arguments) {
    const std::string command = std::string("'") + TIXIAN_DATABASES_SCRIPT + "' " + arguments;
    std::FILE* pipe = popen(command.c_str(), "r");
    std::array<char, 512> line{};
    const bool has_line = std::fgets(line.data(), line.size(), pipe) != nullptr;
    EXPECT_EQ(pclose(pipe), 0) << command;
    std::string text = has_line ? line.data() : "";
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
}

/// A server of one test's own, to be killed.
class OwnServer {
 public:
    explicit OwnServer(const std::string& kind)
        : folder_(std::filesystem::path(::testing::TempDir()) / (unique_name() + kind)) {
        setenv("TIXIAN_DURABLE", "1", 1);
        address_ = databases("start " + kind + " '" + folder_.string() + "'");
    }
    OwnServer(const OwnServer&) = delete;
    OwnServer& operator=(const OwnServer&) = delete;
    ~OwnServer() { databases("remove '" + folder_.string() + "'"); }

    /// A synchronous standby of this PostgreSQL.
    explicit OwnServer(const OwnServer& primary, const std::string& kind)
        : folder_(std::filesystem::path(::testing::TempDir()) / (unique_name() + kind)) {
        address_ = databases("standby '" + primary.folder_.string() + "' '" + folder_.string() + "'");
    }

    void kill() const { databases("kill '" + folder_.string() + "'"); }
    void kill_and_restart() const {
        kill();
        databases("restart '" + folder_.string() + "'");
    }
    void promote() const { databases("promote '" + folder_.string() + "'"); }
    [[nodiscard]] const std::string& address() const { return address_; }

 private:
    std::filesystem::path folder_;
    std::string address_;
};

struct Kind {
    std::string name;
    std::function<std::unique_ptr<Ledger>(const std::string&)> open;
    /// Ends every connection to the server but its own.
    std::function<void(const std::string&)> cut_all;
};
void PrintTo(const Kind& kind, std::ostream* out)  // NOLINT(readability-identifier-naming)
{
    *out << kind.name;
}

std::unique_ptr<Ledger> open_postgres(const std::string& address) {
    PostgresOptions options;
    options.commit_within = std::chrono::seconds(60);
    auto ledger = PostgresLedger::open(address, options);
    return ledger ? std::move(*ledger) : nullptr;
}
std::unique_ptr<Ledger> open_mariadb(const std::string& address) {
    MysqlOptions options;
    options.commit_within = std::chrono::seconds(60);
    auto ledger = MysqlLedger::open(address, options);
    return ledger ? std::move(*ledger) : nullptr;
}

void cut_postgres(const std::string& address) {
    auto connection = postgres::Connection::open(address).value();
    static_cast<void>(connection->execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        " AND datname = 'tixian'",
        {}));
}
void cut_mariadb(const std::string& address) {
    auto connection = mysql::Connection::open(address).value();
    const auto others = connection->execute(
        "SELECT id FROM information_schema.processlist WHERE id <> CONNECTION_ID() AND user = 'tixian'", {});
    for (const sql::Row& row : others.value().rows)
        static_cast<void>(connection->execute("KILL " + std::to_string(std::get<std::int64_t>(row[0])), {}));
}

Change deposit(Random& random, const std::string& reference) {
    return {make_change_id(random), Timestamp{},
            Deposit{UserId::parse("u1").value(), Reference::parse(reference).value(), 1_fen}};
}

/// Four threads deposit while `harm` is done again and again; every deposit must be there once.
void deposit_under(const Kind& kind, const std::string& address, const std::function<void()>& harm,
                   int times) {
    auto ledger = kind.open(address);
    ASSERT_NE(ledger, nullptr);
    std::atomic<bool> is_over = false;
    std::atomic<std::int64_t> acknowledged = 0, in_doubt = 0;
    std::vector<std::thread> threads;
    for (std::uint64_t number = 0; number < 4; ++number) {
        threads.emplace_back([&, number] {
            SeededRandom random(100 + number);
            for (int i = 0; !is_over; ++i) {
                const Change change = deposit(random, "t" + std::to_string(number) + "-" + std::to_string(i));
                Outcome outcome = ledger->commit(std::span(&change, 1)).front();
                if (!is_applied(outcome)) ++in_doubt;
                while (!is_applied(outcome)) outcome = ledger->commit(std::span(&change, 1)).front();
                ++acknowledged;
            }
        });
    }
    for (int i = 0; i < times; ++i) {
        const std::int64_t before = acknowledged;
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (acknowledged < before + 50 && std::chrono::steady_clock::now() < end)
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        EXPECT_GE(acknowledged, before + 50) << "it does not go on by itself";
        harm();
    }
    is_over = true;
    for (auto& thread : threads) thread.join();

    const auto again = kind.open(address);
    ASSERT_NE(again, nullptr);
    EXPECT_EQ(again->balance(UserId::parse("u1").value()).value().available.fen(), acknowledged);
    std::int64_t sum = 0;
    const auto accounts = again->trial_balance().value();
    for (const auto& row : accounts) sum += row.balance.fen();
    EXPECT_EQ(sum, 0);
    std::printf("%d times, %lld deposits, %lld heard Unknown\n", times, static_cast<long long>(acknowledged),
                static_cast<long long>(in_doubt));
}

class Crash : public ::testing::TestWithParam<Kind> {};

TEST_P(Crash, OfTheWholeServerLosesNothingAndRepeatsNothing) {
    const OwnServer server(GetParam().name);
    deposit_under(GetParam(), server.address(), [&] { server.kill_and_restart(); }, 5);
}

TEST_P(Crash, OfEveryBackendLosesNothingAndRepeatsNothing) {
    const OwnServer server(GetParam().name);
    deposit_under(GetParam(), server.address(), [&] { GetParam().cut_all(server.address()); }, 25);
}

/// Deposits in a process of its own, which says what it has heard to be applied; the number of the last.
int deposit_until_killed(const std::function<std::unique_ptr<Ledger>()>& open, int round) {
    std::array<int, 2> pipe_ends{};
    EXPECT_EQ(pipe(pipe_ends.data()), 0);
    const pid_t child = fork();
    if (child == 0) {
        auto ledger = open();
        SeededRandom random(static_cast<std::uint64_t>(round) + 1);
        for (int i = 1;; ++i) {
            const Change change = deposit(random, std::to_string(round) + "-" + std::to_string(i));
            if (is_applied(ledger->commit(std::span(&change, 1)).front()))
                static_cast<void>(write(pipe_ends[1], &i, sizeof i));
        }
    }
    close(pipe_ends[1]);
    int last = 0, said = 0;
    while (last < 20 + round * 7 && read(pipe_ends[0], &said, sizeof said) == sizeof said) last = said;
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    while (read(pipe_ends[0], &said, sizeof said) == sizeof said) last = said;
    close(pipe_ends[0]);
    return last;
}

TEST_P(Crash, OfAWritingProcessLosesNothingThatItHasAcknowledged) {
    const OwnServer server(GetParam().name);
    ASSERT_NE(GetParam().open(server.address()), nullptr);
    std::int64_t acknowledged = 0;
    constexpr int rounds = 12;

    for (int round = 0; round < rounds; ++round)
        acknowledged += deposit_until_killed([&] { return GetParam().open(server.address()); }, round);

    const auto ledger = GetParam().open(server.address());
    const std::int64_t stored = ledger->balance(UserId::parse("u1").value()).value().available.fen();
    EXPECT_GE(stored, acknowledged);
    EXPECT_LE(stored, acknowledged + rounds);  // each may have died between the commit and the word
    std::int64_t sum = 0;
    const auto accounts = ledger->trial_balance().value();
    for (const auto& row : accounts) sum += row.balance.fen();
    EXPECT_EQ(sum, 0);
}

// The library is given both addresses; nothing else is told of the failover.
TEST(PostgresFailover, ToTheSynchronousStandbyLosesNothingAndGoesOnByItself) {
    const OwnServer primary("postgres");
    const OwnServer standby(primary, "standby");
    const auto host_of = [](const std::string& address) {
        const auto begin = address.find('@') + 1;
        return address.substr(begin, address.rfind('/') - begin);
    };
    const std::string both =
        "postgresql://tixian@" + host_of(primary.address()) + "," + host_of(standby.address()) + "/tixian";
    int time = 0;

    deposit_under(
        {"postgres", open_postgres, cut_postgres}, both,
        [&] {
            if (++time != 2) return;
            const auto begun = std::chrono::steady_clock::now();
            primary.kill();
            standby.promote();
            std::printf("the primary was killed and the standby promoted in %lld ms\n",
                        static_cast<long long>(std::chrono::duration_cast<std::chrono::milliseconds>(
                                                   std::chrono::steady_clock::now() - begun)
                                                   .count()));
        },
        4);
}

INSTANTIATE_TEST_SUITE_P(Databases, Crash,
                         ::testing::Values(Kind{"postgres", open_postgres, cut_postgres},
                                           Kind{"mariadb", open_mariadb, cut_mariadb}),
                         [](const auto& named) { return named.param.name; });

}  // namespace
}  // namespace tixian::testing
