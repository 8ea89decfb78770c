// SPDX-License-Identifier: MIT
#include "tixian/threads/group_commit.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "make_ledgers.hpp"
#include "tixian/memory/memory_ledger.hpp"
#include "tixian/testing/seeded_random.hpp"
#include "tixian/totals.hpp"
#include "tixian/withdrawal_id.hpp"

namespace tixian::testing {
namespace {

using namespace std::chrono_literals;

/// A ledger whose commits begin only while its gate is open, and that remembers its batches.
class GatedLedger : public MemoryLedger {
 public:
    [[nodiscard]] std::vector<Outcome> commit(std::span<const Change> changes) override {
        std::unique_lock lock(mutex_);
        batches_.push_back(changes.size());
        changed_.notify_all();
        // Bounded, so that a failed assertion does not hang the test.
        changed_.wait_for(lock, 10s, [&] { return is_open_; });
        if (fails_) return std::vector<Outcome>(changes.size(), Unknown{"the disk is gone"});
        if (throws_) throw std::runtime_error("out of everything");
        return MemoryLedger::commit(changes);
    }

    void open() { set(is_open_, true); }
    void close() { set(is_open_, false); }
    void fail(bool fails) { set(fails_, fails); }
    void throw_at_commit(bool throws) { set(throws_, throws); }

    /// Waits until this many batches have begun.
    [[nodiscard]] bool has_begun(std::size_t batches) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, 10s, [&] { return batches_.size() >= batches; });
    }
    [[nodiscard]] std::vector<std::size_t> batches() {
        const std::lock_guard lock(mutex_);
        return batches_;
    }

 private:
    void set(bool& flag, bool value) {
        const std::lock_guard lock(mutex_);
        flag = value;
        changed_.notify_all();
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::size_t> batches_;
    bool is_open_ = true;
    bool fails_ = false;
    bool throws_ = false;
};

class GroupCommitTest : public ::testing::Test {
 protected:
    [[nodiscard]] Change deposit(int number, std::int64_t fen = 100) {
        const std::lock_guard lock(random_mutex_);
        return {make_change_id(random_),
                {},
                Deposit{user_, Reference::parse("r" + std::to_string(number)).value(),
                        Money::from_fen(fen).value()}};
    }
    [[nodiscard]] Change overdraw(const std::string& id) {
        Withdrawal w;
        w.id = WithdrawalId::parse(id).value();
        w.order = {user_,
                   IdempotencyKey::parse(id).value(),
                   Money::from_fen(1'000'000).value(),
                   ChannelName::parse("wechat").value(),
                   Openid::parse("o").value(),
                   ""};
        w.version = 1;
        w.due_at = Timestamp{};
        return {make_change_id(random_), {}, Step{w, Entry::hold(user_, w.order.amount), {}, "requested"}};
    }

    /// A commit on the way that holds back all others, until the gate opens.
    void block(GroupCommit& group) {
        ledger_.close();
        group.submit({deposit(1000)}, [](const std::vector<Outcome>&) {});
        ASSERT_TRUE(ledger_.has_begun(1));
    }

    [[nodiscard]] static std::future<std::vector<Outcome>> submit(GroupCommit& group,
                                                                  std::vector<Change> changes) {
        auto answer = std::make_shared<std::promise<std::vector<Outcome>>>();
        group.submit(std::move(changes),
                     [answer](std::vector<Outcome> outcomes) { answer->set_value(std::move(outcomes)); });
        return answer->get_future();
    }

    [[nodiscard]] static std::vector<Outcome> get(std::future<std::vector<Outcome>>& answer) {
        if (answer.wait_for(10s) != std::future_status::ready) return {};
        return answer.get();
    }

    [[nodiscard]] Money available() { return ledger_.balance(user_).value().available; }

    GatedLedger ledger_;
    SeededRandom random_{1};
    std::mutex random_mutex_;
    const UserId user_ = UserId::parse("u1").value();
};

TEST_F(GroupCommitTest, ACommitThatComesAloneGoesAtOnce) {
    GroupCommit group(ledger_);
    for (int i = 0; i < 3; ++i) {
        const std::vector<Change> one{deposit(i)};
        EXPECT_TRUE(is_applied(group.commit(one).at(0)));
    }
    EXPECT_EQ(ledger_.batches(), (std::vector<std::size_t>{1, 1, 1}));
}

TEST_F(GroupCommitTest, WhatComesMeanwhileGathersIntoOneBatch) {
    GroupCommit group(ledger_);
    block(group);
    std::vector<std::future<std::vector<Outcome>>> answers;
    for (int i = 0; i < 5; ++i) answers.push_back(submit(group, {deposit(i)}));
    EXPECT_EQ(group.waiting(), 5U);

    ledger_.open();
    for (auto& answer : answers) EXPECT_TRUE(is_applied(get(answer).at(0)));
    EXPECT_EQ(ledger_.batches(), (std::vector<std::size_t>{1, 5}));
    EXPECT_EQ(group.waiting(), 0U);
}

TEST_F(GroupCommitTest, BlockingCallersGatherToo) {
    GroupCommit group(ledger_);
    block(group);
    std::vector<std::thread> threads;
    std::atomic<int> applied = 0;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&, change = deposit(i)] {
            applied += is_applied(group.commit(std::span(&change, 1)).at(0)) ? 1 : 0;
        });
    }
    const auto bound = std::chrono::steady_clock::now() + 10s;
    while (group.waiting() < 4 && std::chrono::steady_clock::now() < bound) std::this_thread::yield();
    ledger_.open();
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(applied, 4);
    EXPECT_EQ(ledger_.batches(), (std::vector<std::size_t>{1, 4}));
}

TEST_F(GroupCommitTest, ABatchIsBoundedAndKeepsACallersChangesTogether) {
    GroupCommit group(ledger_, {.batch_max = 4});
    block(group);
    std::vector<std::future<std::vector<Outcome>>> answers;
    answers.push_back(submit(group, {deposit(0), deposit(1), deposit(2)}));
    answers.push_back(submit(group, {deposit(3), deposit(4)}));
    answers.push_back(submit(group, {deposit(5), deposit(6), deposit(7), deposit(8), deposit(9)}));
    ledger_.open();
    for (auto& answer : answers) {
        for (const Outcome& outcome : get(answer)) EXPECT_TRUE(is_applied(outcome));
    }
    EXPECT_EQ(ledger_.batches(), (std::vector<std::size_t>{1, 3, 2, 5}));
}

TEST_F(GroupCommitTest, WhoComesFirstIsServedFirst) {
    GroupCommit group(ledger_, {.batch_max = 3});
    block(group);
    std::mutex mutex;
    std::vector<int> order;
    for (int i = 0; i < 10; ++i) {
        group.submit({deposit(i)}, [&, i](const std::vector<Outcome>&) {
            const std::lock_guard lock(mutex);
            order.push_back(i);
        });
    }
    ledger_.open();
    group.stop();
    EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
}

TEST_F(GroupCommitTest, ARefusalReachesItsOwnCallerOnly) {
    GroupCommit group(ledger_);
    block(group);
    auto before = submit(group, {deposit(1)});
    auto refused = submit(group, {overdraw("WD1"), deposit(2)});
    auto after = submit(group, {deposit(3)});
    ledger_.open();

    EXPECT_TRUE(is_applied(get(before).at(0)));
    const auto outcomes = get(refused);
    ASSERT_EQ(outcomes.size(), 2U);
    EXPECT_TRUE(std::holds_alternative<InsufficientFunds>(outcomes[0]));
    EXPECT_TRUE(is_applied(outcomes[1]));
    EXPECT_TRUE(is_applied(get(after).at(0)));
    EXPECT_EQ(ledger_.batches(), (std::vector<std::size_t>{1, 4}));
}

TEST_F(GroupCommitTest, ABatchInDoubtIsInDoubtForItsCallersAndNobodyElse) {
    GroupCommit group(ledger_);
    block(group);
    ledger_.fail(true);
    auto one = submit(group, {deposit(1), deposit(2)});
    auto two = submit(group, {deposit(3)});
    ledger_.open();
    EXPECT_EQ(get(one).size(), 2U);
    const auto in_doubt = get(two);
    ASSERT_EQ(in_doubt.size(), 1U);
    EXPECT_EQ(std::get<Unknown>(in_doubt[0]).reason, "the disk is gone");

    ledger_.fail(false);
    auto later = submit(group, {deposit(3)});
    EXPECT_TRUE(is_applied(get(later).at(0)));
    EXPECT_EQ(available(), Money::from_fen(100).value());
}

TEST_F(GroupCommitTest, ALedgerThatThrowsLeavesItsBatchInDoubt) {
    GroupCommit group(ledger_);
    ledger_.throw_at_commit(true);
    const std::vector<Change> one{deposit(1)};
    const auto outcomes = group.commit(one);
    ASSERT_TRUE(std::holds_alternative<Unknown>(outcomes.at(0)));
    EXPECT_NE(std::get<Unknown>(outcomes[0]).reason.find("out of everything"), std::string::npos);

    ledger_.throw_at_commit(false);
    EXPECT_TRUE(is_applied(group.commit(one).at(0)));
}

TEST_F(GroupCommitTest, ASubmitBeyondTheQueuesBoundIsTurnedAwayUncommitted) {
    GroupCommit group(ledger_, {.waiting_max = 2});
    block(group);
    auto one = submit(group, {deposit(1), deposit(2)});
    auto two = submit(group, {deposit(3)});
    ASSERT_EQ(two.wait_for(0s), std::future_status::ready);
    EXPECT_EQ(std::get<Unknown>(two.get().at(0)).reason, "too many commits are waiting");
    ledger_.open();
    EXPECT_TRUE(is_applied(get(one).at(0)));
    group.stop();
    EXPECT_EQ(available(), Money::from_fen(300).value());
}

TEST_F(GroupCommitTest, ABlockingCommitWaitsNoLongerThanItsBoundForItsBatch) {
    GroupCommit group(ledger_, {.wait_max = 20ms});
    block(group);
    const std::vector<Change> late{deposit(1)};
    const auto outcomes = group.commit(late);
    ASSERT_TRUE(std::holds_alternative<Unknown>(outcomes.at(0)));
    EXPECT_EQ(group.waiting(), 0U);
    ledger_.open();
    group.stop();
    EXPECT_EQ(ledger_.batches(), (std::vector<std::size_t>{1}));
}

TEST_F(GroupCommitTest, ABlockingCommitWhoseBatchHasBegunWaitsForItsOutcome) {
    GroupCommit group(ledger_, {.wait_max = 20ms});
    ledger_.close();
    std::vector<Outcome> outcomes;
    std::thread caller([&, change = deposit(1)] { outcomes = group.commit(std::span(&change, 1)); });
    ASSERT_TRUE(ledger_.has_begun(1));
    std::this_thread::sleep_for(60ms);  // longer than it may wait for its batch to begin
    ledger_.open();
    caller.join();
    EXPECT_TRUE(is_applied(outcomes.at(0)));
}

TEST_F(GroupCommitTest, StoppingLosesNothingThatWasAccepted) {
    GroupCommit group(ledger_, {.batch_max = 7, .waiting_max = 1'000'000});
    block(group);
    std::atomic<int> applied = 0;
    std::atomic<bool> is_turned_away = false;
    int accepted = 0;
    const auto submit_one = [&] {
        group.submit({deposit(2000 + accepted++)}, [&](const std::vector<Outcome>& outcomes) {
            if (is_applied(outcomes.at(0))) {
                ++applied;
            } else {
                is_turned_away = true;
            }
        });
    };
    while (accepted < 100) submit_one();
    // The gate is closed, so the first that is turned away shows that the stop has begun with all others
    // waiting.
    std::thread stopping([&] { group.stop(); });
    const auto bound = std::chrono::steady_clock::now() + 10s;
    while (!is_turned_away && std::chrono::steady_clock::now() < bound) submit_one();
    --accepted;
    ledger_.open();
    stopping.join();
    EXPECT_TRUE(is_turned_away);
    EXPECT_EQ(applied, accepted);
    EXPECT_EQ(available(), Money::from_fen(100 * (accepted + 1)).value());
}

TEST_F(GroupCommitTest, AfterStoppingACommitIsAnsweredAndCommitsNothing) {
    GroupCommit group(ledger_);
    group.stop();
    const std::vector<Change> late{deposit(1)};
    EXPECT_TRUE(std::holds_alternative<Unknown>(group.commit(late).at(0)));
    auto submitted = submit(group, {deposit(2)});
    EXPECT_TRUE(std::holds_alternative<Unknown>(get(submitted).at(0)));
    EXPECT_TRUE(ledger_.batches().empty());
}

TEST_F(GroupCommitTest, ACallbackMayCommitAgain) {
    GroupCommit group(ledger_);
    std::promise<bool> both;
    group.submit({deposit(1)}, [&](const std::vector<Outcome>&) {
        const std::vector<Change> second{deposit(2)};
        const bool applied = is_applied(group.commit(second).at(0));
        group.submit({deposit(3)}, [&both, applied](const std::vector<Outcome>& outcomes) {
            both.set_value(applied && is_applied(outcomes.at(0)));
        });
    });
    auto done = both.get_future();
    ASSERT_EQ(done.wait_for(10s), std::future_status::ready);
    EXPECT_TRUE(done.get());
    group.stop();
    EXPECT_EQ(available(), Money::from_fen(300).value());
}

TEST_F(GroupCommitTest, ManyThreadsOnSqliteLoseAndRepeatNothing) {
    const auto sqlite = make_sqlite();
    ASSERT_NE(sqlite, nullptr);
    std::atomic<int> applied = 0;
    {
        GroupCommit group(*sqlite);
        std::vector<std::thread> threads;
        for (int thread = 0; thread < 16; ++thread) {
            threads.emplace_back([&, thread] {
                for (int i = 0; i < 25; ++i) {
                    const Change change = deposit(thread * 100 + i);
                    const std::vector<Change> twice{change, change};
                    const auto outcomes = group.commit(twice);
                    const bool as_one_by_one = std::holds_alternative<Applied>(outcomes.at(0)) &&
                                               std::holds_alternative<AlreadyApplied>(outcomes.at(1));
                    applied += as_one_by_one ? 1 : 0;
                }
            });
        }
        for (std::thread& thread : threads) thread.join();
    }
    EXPECT_EQ(applied, 400);
    EXPECT_EQ(sqlite->balance(user_).value().available, Money::from_fen(40'000).value());
}

}  // namespace
}  // namespace tixian::testing
