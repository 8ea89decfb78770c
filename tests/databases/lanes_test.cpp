// SPDX-License-Identifier: MIT
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "../core/plain_channel.hpp"
#include "make_databases.hpp"
#include "tixian/forwarding_ledger.hpp"
#include "tixian/sql/shared_lanes.hpp"
#include "tixian/sqlite/sqlite_ledger.hpp"
#include "tixian/testing/seeded_random.hpp"
#include "tixian/threads/system_clock.hpp"
#include "tixian/threads/workers.hpp"

namespace tixian::testing {
namespace {

using namespace std::chrono_literals;
using Micros = std::chrono::microseconds;

struct Kind {
    std::string name;
    std::function<std::unique_ptr<sql::PooledLedger>(const std::string&)> open;
};
void PrintTo(const Kind& kind, std::ostream* out)  // NOLINT(readability-identifier-naming)
{
    *out << kind.name;
}

std::unique_ptr<sql::PooledLedger> open_sqlite(const std::string& name) {
    const auto path = std::filesystem::path(::testing::TempDir()) / (name + ".db");
    return std::move(SqliteLedger::open(path).value());
}
std::unique_ptr<sql::PooledLedger> open_postgres(const std::string& name) {
    static_cast<void>(run_on_postgres("CREATE SCHEMA IF NOT EXISTS " + name));
    PostgresOptions options;
    options.names = names_in(name);
    return std::move(PostgresLedger::open(postgres_address(), options).value());
}
std::unique_ptr<sql::PooledLedger> open_mariadb(const std::string& name) {
    static_cast<void>(run_on_mysql("CREATE DATABASE IF NOT EXISTS " + name));
    MysqlOptions options;
    options.names = names_in(name);
    return std::move(MysqlLedger::open(mysql_address(), options).value());
}

class SharedLanes : public ::testing::TestWithParam<Kind> {
 protected:
    void TearDown() override {
        std::filesystem::remove(std::filesystem::path(::testing::TempDir()) / (name_ + ".db"));
    }

    void start(std::size_t servers) {
        for (std::size_t i = 0; i < servers; ++i) {
            ledgers_.push_back(GetParam().open(name_));
            lanes_.push_back(std::make_unique<sql::SharedLanes>(*ledgers_.back()));
        }
    }

    /// Runs it for each server, at once.
    void at_once(const std::function<void(std::size_t)>& work) const {
        std::vector<std::thread> threads;
        for (std::size_t i = 0; i < lanes_.size(); ++i) threads.emplace_back([&, i] { work(i); });
        for (auto& thread : threads) thread.join();
    }

    const std::string name_ = unique_name();
    const Lane lane_{ChannelName::parse("wechat").value(), CallKind::submit};
    const Lane other_{ChannelName::parse("wechat").value(), CallKind::query};
    std::vector<std::unique_ptr<sql::PooledLedger>> ledgers_;
    std::vector<std::unique_ptr<Lanes>> lanes_;
};

TEST_P(SharedLanes, LetOneServerInUntilItLeaves) {
    start(2);
    ASSERT_TRUE(lanes_[0]->enter(lane_, 1h).value());

    EXPECT_FALSE(lanes_[1]->enter(lane_, 1h).value());
    EXPECT_TRUE(lanes_[1]->enter(other_, 1h).value());
    ASSERT_TRUE(lanes_[0]->leave(lane_, 0, 0us).has_value());
    EXPECT_TRUE(lanes_[1]->enter(lane_, 1h).value());
}

TEST_P(SharedLanes, LetTheNextServerInWhenOneDiedInside) {
    start(2);
    ASSERT_TRUE(lanes_[0]->enter(lane_, 50ms).value());

    const auto end = std::chrono::steady_clock::now() + 10s;
    while (!lanes_[1]->enter(lane_, 50ms).value()) ASSERT_LT(std::chrono::steady_clock::now(), end);
}

TEST_P(SharedLanes, LetOneInOfThoseThatComeAtOnce) {
    start(4);
    std::atomic<int> entered = 0;

    at_once([&](std::size_t i) { entered += lanes_[i]->enter(lane_, 1h).value() ? 1 : 0; });

    EXPECT_EQ(entered, 1);
}

TEST_P(SharedLanes, GiveEachPlaceOnce) {
    start(4);
    constexpr int times = 3, places = 2;
    constexpr Micros apart = 10s;  // so that the time that passes in the test does not count
    std::mutex mutex;
    std::vector<Micros> taken;
    const auto begin = std::chrono::steady_clock::now();

    at_once([&](std::size_t i) {
        for (int time = 0; time < times; ++time) {
            const Micros wait = lanes_[i]->leave(lane_, places, apart).value();
            const auto passed = std::chrono::steady_clock::now() - begin;
            const std::lock_guard lock(mutex);
            for (int place = 0; place < places; ++place)
                taken.push_back(wait + place * apart + std::chrono::duration_cast<Micros>(passed));
        }
    });

    std::sort(taken.begin(), taken.end());
    ASSERT_EQ(taken.size(), 4U * times * places);
    for (std::size_t i = 1; i < taken.size(); ++i) EXPECT_GT(taken[i] - taken[i - 1], apart / 2) << i;
    EXPECT_LT(taken.back(), (4 * times * places + 1) * apart);
    EXPECT_EQ(lanes_[0]->take_place(other_, apart).value(), 0us);
}

/// Counts what two claims of one row would give.
class ConflictsCounted : public ForwardingLedger {
 public:
    using ForwardingLedger::ForwardingLedger;
    [[nodiscard]] std::vector<Outcome> commit(std::span<const Change> changes) override {
        auto outcomes = ledger().commit(changes);
        for (const Outcome& outcome : outcomes)
            conflicts += std::holds_alternative<Conflict>(outcome) ? 1 : 0;
        return outcomes;
    }
    std::atomic<int> conflicts = 0;
};

class FastChannel : public PlainChannel {
 public:
    [[nodiscard]] int calls_per_second(CallKind) const override { return 100; }
};

/// Says that everything was paid, and remembers what it was asked.
class PayingGateway : public Gateway {
 public:
    [[nodiscard]] Answer perform(const Call& call) override {
        {
            const std::lock_guard lock(mutex_);
            paid_.push_back(call.id.text());
        }
        Report report;
        report.id = call.id;
        report.state = BillState::success;
        report.raw_state = "SUCCESS";
        return {call.id, call.kind, call.number, report};
    }
    [[nodiscard]] std::vector<std::string> paid() const {
        const std::lock_guard lock(mutex_);
        return paid_;
    }

 private:
    mutable std::mutex mutex_;
    std::vector<std::string> paid_;
};

TEST_P(SharedLanes, LetServersShareARateAndNeverClaimTheSameRow) {
    start(3);
    constexpr std::size_t withdrawals = 60;
    SystemClock clock;
    SeededRandom random(1);
    FastChannel channel;
    PayingGateway gateway;
    const UserId user = UserId::parse("u1").value();
    Service requests(*ledgers_[0], {&channel}, clock, random);
    ASSERT_TRUE(requests.deposit(user, 100'000_fen, Reference::parse("d").value()).has_value());
    for (std::size_t i = 0; i < withdrawals; ++i) {
        const Order order{user,
                          IdempotencyKey::parse("k" + std::to_string(i)).value(),
                          100_fen,
                          channel.name(),
                          Openid::parse("o1").value(),
                          ""};
        ASSERT_TRUE(requests.request(order, Terms{}).has_value());
    }
    const auto begin = std::chrono::steady_clock::now();
    std::atomic<int> conflicts = 0, errors = 0;

    at_once([&](std::size_t i) {
        ConflictsCounted ledger(*ledgers_[i]);
        SeededRandom own(10 + i);
        Service service(ledger, {&channel}, clock, own);
        Workers workers(service, gateway, {.lanes = lanes_[i].get()}, [&](const Error&) { ++errors; });
        while (gateway.paid().size() < withdrawals && std::chrono::steady_clock::now() < begin + 60s)
            std::this_thread::sleep_for(1ms);
        workers.stop();
        conflicts += ledger.conflicts;
    });

    const auto took = std::chrono::steady_clock::now() - begin;
    auto paid = gateway.paid();
    std::sort(paid.begin(), paid.end());
    EXPECT_EQ(paid.size(), withdrawals);
    EXPECT_EQ(std::unique(paid.begin(), paid.end()), paid.end());
    EXPECT_EQ(conflicts, 0);
    EXPECT_EQ(errors, 0);
    EXPECT_GE(took, (withdrawals - 1) * places_apart(100));
    std::printf("%zu withdrawals by 3 servers in %lld ms\n", withdrawals,
                static_cast<long long>(std::chrono::duration_cast<std::chrono::milliseconds>(took).count()));
}

INSTANTIATE_TEST_SUITE_P(Databases, SharedLanes,
                         ::testing::Values(Kind{"sqlite", open_sqlite}, Kind{"postgres", open_postgres},
                                           Kind{"mariadb", open_mariadb}),
                         [](const auto& named) { return named.param.name; });

}  // namespace
}  // namespace tixian::testing
