// SPDX-License-Identifier: MIT
#include <algorithm>
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

    [[nodiscard]] std::string bytes() const {
        std::ifstream file(path_);
        return {std::istreambuf_iterator<char>(file), {}};
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

    void commit(Ledger& ledger, decltype(Change::what) what) {
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
    auto ledger = SqliteLedger::open(path_, {.busy_timeout = std::chrono::milliseconds(50)}).value();
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
    EXPECT_EQ(bytes(), text);
}

TEST_F(SqliteLedgerTest, RefusesASchemaFromTheFuture) {
    fill();
    ASSERT_EQ(run("INSERT INTO ledger_schema VALUES (99)"), "");

    const auto ledger = SqliteLedger::open(path_);

    ASSERT_FALSE(ledger.has_value());
    EXPECT_NE(ledger.error().message.find("newer than this program"), std::string::npos);
}

TEST_F(SqliteLedgerTest, RefusesAnotherProgramsDatabaseAndLeavesItAsItWas) {
    ASSERT_EQ(run("CREATE TABLE notes (text TEXT)"), "");
    const std::string before = bytes();

    const auto ledger = SqliteLedger::open(path_);

    ASSERT_FALSE(ledger.has_value());
    EXPECT_NE(ledger.error().message.find("another program's"), std::string::npos);
    EXPECT_EQ(bytes(), before);
}

TEST_F(SqliteLedgerTest, ACopyOfANewerSchemaIsRefusedByteForByteAsItWas) {
    fill();
    const auto copy = directory_ / "copy.db";
    ASSERT_EQ(run("VACUUM INTO '" + copy.string() + "'"), "");
    std::filesystem::rename(copy, path_);
    ASSERT_EQ(run("INSERT INTO ledger_schema VALUES (99)"), "");
    const std::string before = bytes();

    ASSERT_FALSE(SqliteLedger::open(path_).has_value());

    EXPECT_EQ(bytes(), before);
}

TEST_F(SqliteLedgerTest, RefusesADirectoryThatIsNotThere) {
    const auto ledger = SqliteLedger::open(directory_ / "none" / "ledger.db");

    ASSERT_FALSE(ledger.has_value());
    EXPECT_EQ(ledger.error().code, ErrorCode::ledger_unavailable);
}

TEST_F(SqliteLedgerTest, CallsARowThatItCannotHaveWrittenDamaged) {
    fill();
    ASSERT_EQ(
        run("UPDATE withdraw_records SET version = version + 1, next_call = 'submit', waiting = 'for Godot'"),
        "");
    auto ledger = SqliteLedger::open(path_).value();

    const auto found = ledger->find(WithdrawalId::parse("WD1").value());

    ASSERT_FALSE(found.has_value());
    EXPECT_EQ(found.error().code, ErrorCode::ledger_damaged);
}

TEST_F(SqliteLedgerTest, OneDamagedRowDoesNotStopTheClaimsOfTheOthers) {
    fill();
    auto ledger = SqliteLedger::open(path_).value();
    for (const char* id : {"WD2", "WD3"}) {
        Withdrawal w;
        w.id = WithdrawalId::parse(id).value();
        w.order = {UserId::parse("u1").value(),          IdempotencyKey::parse(id).value(), 100_fen,
                   ChannelName::parse("wechat").value(), Openid::parse("o1").value(),       ""};
        w.version = 1;
        w.due_at = Timestamp{};
        commit(*ledger, Step{w, Entry::hold(w.order.user, 100_fen), {}, "requested"});
    }
    ASSERT_EQ(run("UPDATE withdraw_records SET version = version + 1, waiting = 'for Godot' WHERE "
                  "withdraw_id = 'WD2'"),
              "");

    const auto due = ledger->due(Timestamp{}, 1, {});

    ASSERT_TRUE(due.has_value());
    ASSERT_EQ(due->size(), 1u);
    EXPECT_EQ(due->front().id.text(), "WD3");
}

TEST_F(SqliteLedgerTest, AChangeThatTheSchemaRefusesDoesNotHarmItsNeighbours) {
    auto ledger = SqliteLedger::open(path_).value();
    const UserId user = UserId::parse("u1").value();
    const auto deposit = [&](const char* reference, Money amount) {
        return Change{make_change_id(random_), Timestamp{},
                      Deposit{user, Reference::parse(reference).value(), amount}};
    };
    const std::vector<Change> batch{deposit("d1", 100_fen), deposit("d2", Money()), deposit("d3", 300_fen)};

    const auto outcomes = ledger->commit(batch);

    EXPECT_TRUE(is_applied(outcomes[0]));
    EXPECT_TRUE(std::holds_alternative<Unknown>(outcomes[1]));
    EXPECT_TRUE(is_applied(outcomes[2]));
    EXPECT_EQ(ledger->balance(user).value().available, 400_fen);
}

TEST(SqlRow, IsRefusedWhenTheProgramCannotHaveWrittenIt) {
    Withdrawal w;
    w.id = WithdrawalId::parse("WD1").value();
    w.order = {UserId::parse("u1").value(),          IdempotencyKey::parse("k").value(), 100_fen,
               ChannelName::parse("wechat").value(), Openid::parse("o1").value(),        ""};
    w.version = 1;
    w.due_at = Timestamp{};
    ASSERT_TRUE(sql::from_row(sql::to_row(w)).has_value());
    struct {
        std::string_view column;
        sql::Value value;
    } const rows[] = {
        {"attempts", std::int64_t{4294967297}},
        {"attempts", std::int64_t{-1}},
        {"version", std::int64_t{-5}},
        {"amount", std::int64_t{-1234}},
        {"parked", std::int64_t{7}},
        {"raised", std::int64_t{1} << 32},
        {"status", std::string("success")},
        {"completed_at", std::int64_t{5}},
        {"wechat_mchid", std::string("1")},
        {"attempts", std::int64_t{1}},
        {"due_at", sql::Value()},
        {"state", std::string("lost")},
        {"released_by", std::string("absence")},
        {"user_id", sql::Value()},
        {"calls", std::string("1")},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.column);
        sql::Row damaged = sql::to_row(w);
        const auto at = std::find_if(sql::columns.begin(), sql::columns.end(),
                                     [&](const sql::Column& column) { return column.name == row.column; });
        damaged[static_cast<std::size_t>(at - sql::columns.begin())] = row.value;
        EXPECT_FALSE(sql::from_row(damaged).has_value());
    }
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
        {"UPDATE withdraw_records SET version = 3, state = 'succeeded', status = 'success', released_by = "
         "'none'",
         "a final state never changes"},
        {"UPDATE withdraw_records SET version = 3, amount = 301", "the order never changes"},
        {"UPDATE withdraw_records SET version = 3, wechat_openid = 'o2'", "the order never changes"},
        {"UPDATE withdraw_records SET version = 3, idempotency_key = 'k2'", "the order never changes"},
        {"UPDATE withdraw_records SET version = 3, real_name_fingerprint = 'x'", "the order never changes"},
        {"UPDATE withdraw_records SET version = 3, real_name_sealed = 'x'", "the order never changes"},
        {"UPDATE withdraw_records SET version = 3, status = 'success'", "CHECK constraint failed"},
        {"UPDATE withdraw_records SET version = 3, released_by = 'bogus'", "CHECK constraint failed"},
        {"UPDATE withdraw_records SET version = 3, attempts = 1, wechat_api = 'a', request_body = 'b'",
         "CHECK constraint failed"},
        {"UPDATE withdraw_records SET version = 1", "facts only advance"},
        {"UPDATE withdraw_records SET version = 3, calls = -1", "facts only advance"},
        {"DELETE FROM withdraw_records", "withdrawals are kept"},
        {"DELETE FROM withdraw_changes", "changes are kept"},
        {"DELETE FROM wallet_deposits", "deposits are kept"},
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
