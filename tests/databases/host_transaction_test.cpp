// SPDX-License-Identifier: MIT
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "make_databases.hpp"
#include "tixian/service/calls.hpp"
#include "tixian/service/request.hpp"
#include "tixian/sqlite/sqlite_ledger.hpp"
#include "tixian/testing/manual_clock.hpp"
#include "tixian/testing/seeded_random.hpp"

namespace tixian::testing {
namespace {

/// A host with tables of its own, beside ours in the same database, and one connection to it.
struct Host {
    std::unique_ptr<sql::Connection> connection;
    sql::Statements statements;
    sql::WalletTable wallets;
    std::filesystem::path file;

    ~Host() {
        connection.reset();
        for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(file.string() + suffix);
    }
};

struct HostFactory {
    std::string name;
    std::function<std::unique_ptr<Host>()> make;
};
void PrintTo(const HostFactory& factory, std::ostream* out)  // NOLINT(readability-identifier-naming)
{
    *out << factory.name;
}

std::unique_ptr<Host> make_host(sql::Dialect dialect, std::unique_ptr<sql::Connection> connection,
                                const sql::Names& names, std::filesystem::path file = {}) {
    const sql::WalletTable::Columns columns{names.schema.empty() ? "t_wallet" : names.schema + ".t_wallet",
                                            "user_id", "available"};
    return std::unique_ptr<Host>(new Host{std::move(connection), sql::Statements(dialect, names),
                                          sql::WalletTable(dialect, columns), std::move(file)});
}

std::unique_ptr<Host> on_sqlite() {
    const auto path = std::filesystem::path(::testing::TempDir()) / (unique_name() + ".db");
    const auto names = names_in("", "pay_");
    SqliteOptions options;
    options.names = names;
    const bool is_made = SqliteLedger::open(path, options).has_value();
    auto connection = sqlite::Connection::open(path, std::chrono::seconds(1));
    return is_made ? make_host(sql::Dialect::sqlite, std::move(*connection), names, path) : nullptr;
}
std::unique_ptr<Host> on_postgres() {
    const auto names = names_in(unique_name(), "pay_");
    PostgresOptions options;
    options.names = names;
    if (!run_on_postgres("CREATE SCHEMA " + names.schema).empty()) return nullptr;
    if (!PostgresLedger::open(postgres_address(), options)) return nullptr;
    return make_host(sql::Dialect::postgres, postgres::Connection::open(postgres_address()).value(), names);
}
std::unique_ptr<Host> on_mariadb() {
    const auto names = names_in(unique_name(), "pay_");
    MysqlOptions options;
    options.names = names;
    if (!run_on_mysql("CREATE DATABASE " + names.schema).empty()) return nullptr;
    if (!MysqlLedger::open(mysql_address(), options)) return nullptr;
    return make_host(sql::Dialect::mysql, mysql::Connection::open(mysql_address()).value(), names);
}

class HostTransaction : public ::testing::TestWithParam<HostFactory> {
 protected:
    void SetUp() override {
        host_ = GetParam().make();
        ASSERT_NE(host_, nullptr);
        run("CREATE TABLE " + table("t_wallet") +
            " (user_id VARCHAR(64) PRIMARY KEY, available BIGINT NOT NULL)");
        run("CREATE TABLE " + table("t_order") + " (id VARCHAR(64) PRIMARY KEY, withdraw_id VARCHAR(32))");
        run("INSERT INTO " + table("t_wallet") + " VALUES ('u1', 1000)");
    }

    void run(const std::string& statement) {
        const auto ran = host_->connection->execute(statement, {});
        ASSERT_TRUE(ran.has_value()) << statement << ": " << (ran ? "" : ran.error().message);
    }
    [[nodiscard]] std::string table(const std::string& name) const {
        const std::string& schema = host_->statements.names.schema;
        return schema.empty() ? name : schema + "." + name;
    }
    [[nodiscard]] std::int64_t number(const std::string& query) {
        const auto rows = host_->connection->execute(query, {}).value();
        return std::get<std::int64_t>(rows.rows.at(0).at(0));
    }
    [[nodiscard]] std::int64_t wallet() { return number("SELECT available FROM " + table("t_wallet")); }
    [[nodiscard]] std::int64_t orders() { return number("SELECT COUNT(*) FROM " + table("t_order")); }
    [[nodiscard]] std::int64_t withdrawals() {
        return number(host_->statements.names.in("SELECT COUNT(*) FROM {withdraw_records}"));
    }
    [[nodiscard]] std::string trial_balance() {
        std::string text;
        const auto rows = sql::TransactionLedger(*host_->connection, host_->statements, &host_->wallets)
                              .trial_balance()
                              .value();
        for (const auto& row : rows) text += row.account + "=" + std::to_string(row.balance.fen()) + " ";
        return text;
    }

    /// What a host does: its own row, and the withdrawal, in one transaction.
    [[nodiscard]] Result<Receipt> withdraw(Money amount, const std::string& key,
                                           const std::string& user = "u1") {
        run("BEGIN");
        run("INSERT INTO " + table("t_order") + " VALUES ('order-" + key + "', NULL)");
        sql::TransactionLedger ledger(*host_->connection, host_->statements, &host_->wallets);
        Service service(ledger, {&channel_}, clock_, random_);
        return service.request({UserId::parse(user).value(), IdempotencyKey::parse(key).value(), amount,
                                channel_.name(), Openid::parse("o1").value(), ""},
                               Terms{});
    }

    class OneChannel : public Channel {
     public:
        [[nodiscard]] const ChannelName& name() const override { return name_; }
        [[nodiscard]] const Destination& destination() const override { return destination_; }
        [[nodiscard]] Result<void> check(const Order&) const override { return {}; }
        [[nodiscard]] Result<Submission> compose(const Withdrawal&, Timestamp) const override {
            return Submission{};
        }

     private:
        ChannelName name_ = ChannelName::parse("wechat").value();
        Destination destination_{"transfer-bills", Mchid::parse("1900000001").value(),
                                 Appid::parse("wx1").value()};
    };

    std::unique_ptr<Host> host_;
    OneChannel channel_;
    ManualClock clock_;
    SeededRandom random_{3};
};

TEST_P(HostTransaction, HoldWalletAndOrderCommitTogether) {
    ASSERT_TRUE(withdraw(300_fen, "k1").has_value());
    run("COMMIT");

    EXPECT_EQ(wallet(), 700);
    EXPECT_EQ(orders(), 1);
    EXPECT_EQ(withdrawals(), 1);
    EXPECT_EQ(trial_balance(), "user:u1:held=300 wallets=-300 ");
}

TEST_P(HostTransaction, HoldWalletAndOrderVanishTogether) {
    ASSERT_TRUE(withdraw(300_fen, "k1").has_value());
    run("ROLLBACK");

    EXPECT_EQ(wallet(), 1000);
    EXPECT_EQ(orders(), 0);
    EXPECT_EQ(withdrawals(), 0);
    EXPECT_EQ(trial_balance(), "");
}

TEST_P(HostTransaction, ARefusalLeavesTheHostsTransactionUsable) {
    const auto refused = withdraw(1001_fen, "k1");
    run("COMMIT");

    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::insufficient_funds);
    EXPECT_EQ(wallet(), 1000);
    EXPECT_EQ(orders(), 1);
    EXPECT_EQ(withdrawals(), 0);
}

TEST_P(HostTransaction, AUserWithoutAWalletIsRefusedAndNothingIsStored) {
    const auto refused = withdraw(1_fen, "k1", "nobody");
    run("ROLLBACK");

    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(withdrawals(), 0);
}

TEST_P(HostTransaction, WhatGoesBackGoesBackIntoTheHostsWallet) {
    const auto receipt = withdraw(300_fen, "k1");
    ASSERT_TRUE(receipt.has_value());
    run("COMMIT");
    run("BEGIN");
    sql::TransactionLedger ledger(*host_->connection, host_->statements, &host_->wallets);
    const UserId user = UserId::parse("u1").value();
    const auto pending = ledger.history(user, 10, std::nullopt).value();
    ASSERT_EQ(pending.size(), 1u);

    ASSERT_TRUE(Service(ledger, {&channel_}, clock_, random_).cancel(user, pending[0].id).has_value());
    run("COMMIT");

    EXPECT_EQ(wallet(), 1000);
    EXPECT_EQ(trial_balance(), "user:u1:held=0 wallets=0 ");
}

INSTANTIATE_TEST_SUITE_P(Databases, HostTransaction,
                         ::testing::Values(HostFactory{"sqlite", on_sqlite},
                                           HostFactory{"postgres", on_postgres},
                                           HostFactory{"mariadb", on_mariadb}),
                         [](const auto& named) { return named.param.name; });

}  // namespace
}  // namespace tixian::testing
