// SPDX-License-Identifier: MIT
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "tixian/sqlite/sqlite_ledger.hpp"
#include "tixian/testing/seeded_random.hpp"
#include "tixian/withdrawal_id.hpp"

namespace tixian {
namespace {

class SqliteLedgerTest : public ::testing::Test {
 protected:
    void SetUp() override {
        directory_ = std::filesystem::path(::testing::TempDir()) / ("sqlite-" + std::to_string(getpid()));
        std::filesystem::remove_all(directory_);
        std::filesystem::create_directories(directory_);
        path_ = directory_ / "ledger.db";
    }
    void TearDown() override { std::filesystem::remove_all(directory_); }

    /// Runs SQL on the file as any other program could; the error, or "".
    std::string run(const std::string& script) {
        sqlite3* database = nullptr;
        EXPECT_EQ(sqlite3_open(path_.c_str(), &database), SQLITE_OK);
        char* message = nullptr;
        sqlite3_exec(database, script.c_str(), nullptr, nullptr, &message);
        const std::string error = message != nullptr ? message : "";
        sqlite3_free(message);
        sqlite3_close(database);
        return error;
    }

    /// A file with a deposit of 10.00 and a cancelled withdrawal of 3.00.
    void fill() {
        auto ledger = SqliteLedger::open(path_).value();
        const UserId user = UserId::parse("u1").value();
        commit(*ledger, Deposit{user, Reference::parse("d1").value(), 1000_fen});
        Withdrawal w;
        w.id = WithdrawalId::parse("WD1").value();
        w.order = {user,
                   IdempotencyKey::parse("k1").value(),
                   300_fen,
                   ChannelName::parse("wechat").value(),
                   Openid::parse("o1").value(),
                   ""};
        w.version = 1;
        w.due_at = Timestamp{};
        commit(*ledger, Step{w, Entry::hold(user, 300_fen), {}, "requested"});
        w.version = 2;
        w.state = State::cancelled;
        w.released_by = Proof::never_submitted;
        w.due_at.reset();
        w.completed_at = Timestamp{};
        commit(*ledger, Step{w, Entry::release(user, 300_fen), {}, "cancelled"});
    }

    void commit(Ledger& ledger, std::variant<Step, Deposit> what) {
        const Change change{make_change_id(random_), Timestamp{}, std::move(what)};
        ASSERT_TRUE(is_applied(ledger.commit(std::span(&change, 1)).front()));
    }

    testing::SeededRandom random_{7};
    std::filesystem::path directory_, path_;
};

TEST_F(SqliteLedgerTest, IsTheSameAfterClosingAndOpening) {
    fill();

    auto ledger = SqliteLedger::open(path_).value();

    EXPECT_EQ(ledger->balance(UserId::parse("u1").value()).value(), (Balance{1000_fen, Money()}));
    EXPECT_EQ(ledger->find(WithdrawalId::parse("WD1").value()).value()->state, State::cancelled);
}

TEST_F(SqliteLedgerTest, IsSafeBesideAnotherConnectionToTheSameFile) {
    auto one = SqliteLedger::open(path_).value();
    auto two = SqliteLedger::open(path_).value();
    const UserId user = UserId::parse("u1").value();

    commit(*one, Deposit{user, Reference::parse("d1").value(), 100_fen});
    commit(*two, Deposit{user, Reference::parse("d2").value(), 200_fen});

    EXPECT_EQ(one->balance(user).value().available, 300_fen);
}

TEST_F(SqliteLedgerTest, AnswersUnknownAndAppliesNothingWhileAnotherWriterBlocks) {
    auto ledger = SqliteLedger::open(path_, std::chrono::milliseconds(50)).value();
    sqlite3* other = nullptr;
    ASSERT_EQ(sqlite3_open(path_.c_str(), &other), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
    const UserId user = UserId::parse("u1").value();
    const Change change{make_change_id(random_), Timestamp{},
                        Deposit{user, Reference::parse("d1").value(), 100_fen}};

    const Outcome blocked = ledger->commit(std::span(&change, 1)).front();
    sqlite3_exec(other, "ROLLBACK", nullptr, nullptr, nullptr);
    sqlite3_close(other);
    const Outcome again = ledger->commit(std::span(&change, 1)).front();

    EXPECT_TRUE(std::holds_alternative<Unknown>(blocked));
    EXPECT_TRUE(std::holds_alternative<Applied>(again));
}

TEST_F(SqliteLedgerTest, RefusesAFileThatIsNoDatabaseAndLeavesItAsItWas) {
    const std::string text(4096, 'x');
    std::ofstream(path_) << text;

    const auto ledger = SqliteLedger::open(path_);

    ASSERT_FALSE(ledger.has_value());
    EXPECT_EQ(ledger.error().code, ErrorCode::ledger_damaged);
    std::ifstream file(path_);
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), text);
}

TEST_F(SqliteLedgerTest, RefusesASchemaFromTheFuture) {
    fill();
    ASSERT_EQ(run("PRAGMA user_version = 99"), "");

    const auto ledger = SqliteLedger::open(path_);

    ASSERT_FALSE(ledger.has_value());
    EXPECT_NE(ledger.error().message.find("newer than this program"), std::string::npos);
}

TEST_F(SqliteLedgerTest, RefusesADirectoryThatIsNotThere) {
    const auto ledger = SqliteLedger::open(directory_ / "none" / "ledger.db");

    ASSERT_FALSE(ledger.has_value());
    EXPECT_EQ(ledger.error().code, ErrorCode::ledger_unavailable);
}

TEST_F(SqliteLedgerTest, CallsARowThatItCannotHaveWrittenDamaged) {
    fill();
    ASSERT_EQ(run("UPDATE withdraw_records SET next_call = 'submit', channel = 'NOT A CHANNEL'"), "");
    auto ledger = SqliteLedger::open(path_).value();

    const auto found = ledger->find(WithdrawalId::parse("WD1").value());

    ASSERT_FALSE(found.has_value());
    EXPECT_EQ(found.error().code, ErrorCode::ledger_damaged);
}

// Constraints repeat the invariants, so that even a wrong program cannot break them.
TEST_F(SqliteLedgerTest, TheSchemaItselfRefusesWhatMayNeverBe) {
    fill();
    struct {
        const char* statement;
        const char* error;
    } constexpr forbidden[] = {
        {"UPDATE journal SET amount = 1", "the journal is immutable"},
        {"DELETE FROM journal", "the journal is immutable"},
        {"UPDATE withdraw_records SET state = 'succeeded', status = 'success', released_by = 'none'",
         "a final state never changes"},
        {"UPDATE withdraw_records SET amount = 301", "amount, payee and destination never change"},
        {"UPDATE withdraw_records SET wechat_openid = 'o2'", "amount, payee and destination never change"},
        {"UPDATE withdraw_records SET status = 'success'", "CHECK constraint failed"},
        {"UPDATE accounts SET balance = -1 WHERE account = 'user:u1:available'", "CHECK constraint failed"},
        {"INSERT INTO withdraw_changes SELECT 'other', withdraw_id, version, event, at FROM withdraw_changes "
         "WHERE withdraw_id = 'WD1'",
         "UNIQUE constraint failed"},
    };
    for (const auto& row : forbidden) {
        SCOPED_TRACE(row.statement);
        EXPECT_NE(run(row.statement).find(row.error), std::string::npos);
    }
}

}  // namespace
}  // namespace tixian
