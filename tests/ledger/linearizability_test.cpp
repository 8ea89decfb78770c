// SPDX-License-Identifier: MIT
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "make_ledgers.hpp"
#include "tixian/testing/ledger_linearizability.hpp"

namespace tixian::testing {
namespace {

TEST(LedgerLinearizability, MemoryActsAsIfOneByOne) { check_ledger_is_linearizable(make_memory); }

TEST(LedgerLinearizability, SqliteActsAsIfOneByOne) {
    check_ledger_is_linearizable(make_sqlite, {.rounds = 25});
}

TEST(LedgerLinearizability, AGroupCommitActsAsIfOneByOne) {
    check_ledger_is_linearizable(make_grouped_memory);
}

Action deposit(int number, std::int64_t amount) {
    Action action;
    action.number = number;
    action.kind = ActionKind::deposit;
    action.user = "u1";
    action.name = "r" + std::to_string(number);
    action.amount = amount;
    return action;
}

Action request(int number, const std::string& key, std::int64_t amount) {
    Action action;
    action.number = number;
    action.kind = ActionKind::request;
    action.user = "u1";
    action.name = key;
    action.id = "WD" + std::to_string(number);
    action.amount = amount;
    action.channel = "wechat";
    action.day = "2025-01-30";
    return action;
}

Observed committed(Action action, std::string answer, std::uint64_t began, std::uint64_t ended) {
    return {CallOf::commit, "u1", std::move(action), std::move(answer), 0, began, ended};
}

Observed balance_read(std::string answer, std::uint64_t began, std::uint64_t ended) {
    return {CallOf::balance, "u1", {}, std::move(answer), 0, began, ended};
}

bool is_explained(std::vector<Observed> calls) { return HistorySearch(std::move(calls)).is_explained(); }

TEST(HistorySearch, ExplainsAReadThatOverlapsAWriteBothWays) {
    const Observed write = committed(deposit(1, 100), "applied", 1, 4);

    EXPECT_TRUE(is_explained({write, balance_read("0 and 0 held", 2, 3)}));
    EXPECT_TRUE(is_explained({write, balance_read("100 and 0 held", 2, 3)}));
}

TEST(HistorySearch, DoesNotExplainAReadThatMissesWhatHadEnded) {
    EXPECT_FALSE(
        is_explained({committed(deposit(1, 100), "applied", 1, 2), balance_read("0 and 0 held", 3, 4)}));
}

TEST(HistorySearch, DoesNotExplainAReadOfWhatHadNotBegun) {
    EXPECT_FALSE(
        is_explained({balance_read("100 and 0 held", 1, 2), committed(deposit(1, 100), "applied", 3, 4)}));
}

TEST(HistorySearch, DoesNotExplainReadsThatGoBack) {
    EXPECT_FALSE(is_explained({committed(deposit(1, 100), "applied", 1, 6),
                               balance_read("100 and 0 held", 2, 3), balance_read("0 and 0 held", 4, 5)}));
}

TEST(HistorySearch, DoesNotExplainOneBalanceSpentTwice) {
    EXPECT_FALSE(is_explained({committed(deposit(1, 100), "applied", 1, 2),
                               committed(request(2, "k1", 100), "applied", 3, 6),
                               committed(request(3, "k2", 100), "applied", 4, 5)}));
}

TEST(HistorySearch, DoesNotExplainOneKeyTakenTwice) {
    const Observed first = committed(deposit(1, 500), "applied", 1, 2);
    const Observed one = committed(request(2, "k1", 100), "applied", 3, 6);

    EXPECT_FALSE(is_explained({first, one, committed(request(3, "k1", 100), "applied", 4, 5)}));
    EXPECT_TRUE(
        is_explained({first, one, committed(request(3, "k1", 100), "duplicate of [WD2] in []", 4, 5)}));
}

TEST(HistorySearch, DoesNotExplainWhatItCannotSearch) {
    EXPECT_TRUE(is_explained(std::vector<Observed>(64, balance_read("0 and 0 held", 1, 2))));
    EXPECT_FALSE(is_explained(std::vector<Observed>(65, balance_read("0 and 0 held", 1, 2))));
}

/// Answers a balance with the one that was asked for before: a cache that nobody told of a commit.
class StaleLedger : public MemoryLedger {
 public:
    [[nodiscard]] Result<Balance> balance(const UserId& user) override {
        auto now = MemoryLedger::balance(user);
        if (!now) return now;
        const std::lock_guard lock(mutex_);
        return std::exchange(last_[user], *now);
    }

 private:
    std::mutex mutex_;
    std::map<UserId, Balance> last_;
};

TEST(LedgerLinearizability, FindsALedgerThatAnswersWithTheBalanceOfBefore) {
    StaleLedger ledger;

    const std::string found = find_unexplained_history(ledger, {.rounds = 50, .seed = 1});

    EXPECT_NE(found.find("balance of u"), std::string::npos) << found;
}

}  // namespace
}  // namespace tixian::testing
