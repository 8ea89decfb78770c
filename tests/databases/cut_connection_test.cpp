// SPDX-License-Identifier: MIT
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cutting_proxy.hpp"
#include "make_databases.hpp"
#include "tixian/testing/ledger_fixture.hpp"

namespace tixian::testing {
namespace {

using std::chrono::milliseconds;

std::unique_ptr<Ledger> open_postgres(const std::string& address, const std::string& schema,
                                      milliseconds commit_within) {
    PostgresOptions options;
    options.names = names_in(schema);
    options.commit_within = commit_within;
    auto ledger = PostgresLedger::open(address, options);
    return ledger ? std::move(*ledger) : nullptr;
}
std::unique_ptr<Ledger> open_mariadb(const std::string& address, const std::string& schema,
                                     milliseconds commit_within) {
    MysqlOptions options;
    options.names = names_in(schema);
    options.commit_within = commit_within;
    auto ledger = MysqlLedger::open(address, options);
    return ledger ? std::move(*ledger) : nullptr;
}

/// Two ledgers on the same tables: one directly, one through a line that is cut.
class CutConnection : public LedgerContract {
 protected:
    static constexpr milliseconds at_once{0};

    void SetUp() override {
        const bool is_postgres = GetParam().name == "postgres";
        address_ = is_postgres ? postgres_address() : mysql_address();
        open_ = is_postgres ? open_postgres : open_mariadb;
        schema_ = unique_name();
        ASSERT_EQ(is_postgres ? run_on_postgres("CREATE SCHEMA " + schema_)
                              : run_on_mysql("CREATE DATABASE " + schema_),
                  "");
        const auto colon = address_.rfind(':') + 1, end = address_.find('/', colon);
        proxy_.emplace(static_cast<std::uint16_t>(std::stoi(address_.substr(colon, end - colon))));
        through_proxy_ = address_.replace(colon, end - colon, std::to_string(proxy_->port()));
        ledger_ = open_(is_postgres ? postgres_address() : mysql_address(), schema_, at_once);
        ASSERT_NE(ledger_, nullptr);
        deposit(owner_, 100'000_fen);
    }

    [[nodiscard]] std::unique_ptr<Ledger> open_through_proxy(milliseconds commit_within) const {
        return open_(through_proxy_, schema_, commit_within);
    }

    /// A deposit and a withdrawal: rows in most tables.
    [[nodiscard]] std::vector<Change> batch() {
        const std::string number = std::to_string(++made_);
        const std::string id = "2025012208301500" + std::string(6 - number.size(), '0') + number;
        return {deposit_change(owner_, 1_fen, "cut-" + number),
                request_change(id, owner_, 100_fen, "key-" + number)};
    }

    /// Every step of what passes in one direction, and each byte where an answer ends.
    [[nodiscard]] static std::set<std::int64_t> places(std::int64_t bytes) {
        std::set<std::int64_t> places;
        for (int i = 0; i < 60; ++i) places.insert(bytes * i / 60);
        for (std::int64_t i = std::max<std::int64_t>(0, bytes - 30); i < bytes; ++i) places.insert(i);
        return places;
    }

    /// Cuts the line at each place of what `work` sends and gets.
    void cut_everywhere(const std::function<void()>& work) {
        work();  // connected, prepared
        proxy_->only_count();
        work();
        const std::int64_t sent = proxy_->passed(Towards::server), got = proxy_->passed(Towards::client);
        for (const std::int64_t place : places(sent)) cut_once(Towards::server, place, work);
        for (const std::int64_t place : places(got)) cut_once(Towards::client, place, work);
        std::printf("cut %d times within %lld bytes to the server and %lld back\n", cuts_,
                    static_cast<long long>(sent), static_cast<long long>(got));
    }

    void cut_once(Towards towards, std::int64_t place, const std::function<void()>& work) {
        SCOPED_TRACE((towards == Towards::server ? "request cut at byte " : "answer cut at byte ") +
                     std::to_string(place));
        work();  // on a line that is whole again
        proxy_->cut_after(towards, place, place % 2 == 0);
        work();
        EXPECT_TRUE(proxy_->has_cut());
        proxy_->only_count();
        ++cuts_;
    }

    void expect_every_batch_once() {
        const Balance balance = ledger_->balance(owner_).value();
        EXPECT_EQ(balance.held.fen(), 100 * made_);
        EXPECT_EQ(balance.available.fen(), 100'000 + made_ - 100 * made_);
        EXPECT_EQ(sum_of_all_accounts(), 0);
    }

    const UserId owner_ = user("u1");
    std::string address_, schema_, through_proxy_;
    std::function<std::unique_ptr<Ledger>(const std::string&, const std::string&, milliseconds)> open_;
    std::optional<CuttingProxy> proxy_;
    std::int64_t made_ = 0;
    int cuts_ = 0;
};

TEST_P(CutConnection, AnywhereInACommitIsFinishedByTheLedgerItself) {
    const auto ledger = open_through_proxy(std::chrono::seconds(60));
    ASSERT_NE(ledger, nullptr);

    cut_everywhere([&] {
        for (const Outcome& outcome : ledger->commit(batch())) EXPECT_TRUE(is_applied(outcome));
    });

    expect_every_batch_once();
}

TEST_P(CutConnection, AnywhereInACommitIsInDoubtOrAppliedAndNeverRefused) {
    const auto ledger = open_through_proxy(at_once);
    ASSERT_NE(ledger, nullptr);
    int in_doubt = 0, had_been_applied = 0;

    cut_everywhere([&] {
        const auto changes = batch();
        for (const Outcome& outcome : ledger->commit(changes)) {
            const bool is_unknown = std::holds_alternative<Unknown>(outcome);
            EXPECT_TRUE(is_unknown || is_applied(outcome));
            in_doubt += is_unknown ? 1 : 0;
        }
        // Whoever heard Unknown commits the same again (R15).
        for (const Outcome& outcome : ledger_->commit(changes)) {
            EXPECT_TRUE(is_applied(outcome));
            had_been_applied += std::holds_alternative<AlreadyApplied>(outcome) ? 1 : 0;
        }
    });

    EXPECT_GT(in_doubt, 0);
    EXPECT_GT(had_been_applied, 0);
    expect_every_batch_once();
}

TEST_P(CutConnection, AnywhereInAReadIsAskedAgain) {
    const auto ledger = open_through_proxy(at_once);
    ASSERT_NE(ledger, nullptr);
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(is_applied(ledger_->commit(batch()).back()));

    cut_everywhere([&] {
        const auto due = ledger->due(now_, 10, {});
        ASSERT_TRUE(due) << due.error().message;
        EXPECT_EQ(due->size(), 3U);
    });
}

INSTANTIATE_TEST_SUITE_P(Databases, CutConnection,
                         ::testing::Values(LedgerFactory{"postgres", {}}, LedgerFactory{"mariadb", {}}),
                         [](const auto& named) { return named.param.name; });

}  // namespace
}  // namespace tixian::testing
