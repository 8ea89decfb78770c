// SPDX-License-Identifier: MIT
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "make_databases.hpp"
#include "tixian/testing/seeded_random.hpp"
#include "tixian/withdrawal_id.hpp"

namespace tixian::testing {
namespace {

/// A deposit of 10.00 and a cancelled withdrawal of 3.00.
void fill(Ledger& ledger) {
    SeededRandom random(7);
    const auto commit = [&](decltype(Change::what) what) {
        const Change change{make_change_id(random), Timestamp{}, std::move(what)};
        ASSERT_TRUE(is_applied(ledger.commit(std::span(&change, 1)).front()));
    };
    const UserId user = UserId::parse("u1").value();
    commit(Deposit{user, Reference::parse("d1").value(), 1000_fen});
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
    commit(Step{w, Entry::hold(user, 300_fen), {}, "requested"});
    w.version = 2;
    w.state = State::cancelled;
    w.released_by = Proof::never_submitted;
    w.due_at.reset();
    w.completed_at = Timestamp{};
    commit(Step{w, Entry::release(user, 300_fen), {}, "cancelled"});
}

/// What no program may do to the tables; `{name}` is a table.
constexpr const char* forbidden[] = {
    "UPDATE {journal} SET amount = 1",
    "DELETE FROM {journal}",
    "UPDATE {withdraw_records} SET version = 3, state = 'succeeded', status = 'success', released_by = "
    "'none'",
    "UPDATE {withdraw_records} SET version = 3, amount = 301",
    "UPDATE {withdraw_records} SET version = 3, wechat_openid = 'o2'",
    "UPDATE {withdraw_records} SET version = 3, idempotency_key = 'k2'",
    "UPDATE {withdraw_records} SET version = 3, real_name_fingerprint = 'x'",
    "UPDATE {withdraw_records} SET version = 3, real_name_sealed = 'x'",
    "UPDATE {withdraw_records} SET version = 3, status = 'success'",
    "UPDATE {withdraw_records} SET version = 3, released_by = 'bogus'",
    "UPDATE {withdraw_records} SET version = 3, due_queue = 'submit', next_call = 'query'",
    "UPDATE {withdraw_records} SET version = 3, waits_for_person = 1",
    "UPDATE {withdraw_records} SET version = 1",
    "UPDATE {withdraw_records} SET version = 3, calls = -1",
    "DELETE FROM {withdraw_records}",
    "DELETE FROM {withdraw_changes}",
    "DELETE FROM {wallet_deposits}",
    "DELETE FROM {ledger_lock}",
    "INSERT INTO {ledger_lock} (id, turn) VALUES (2, 0)",
    "UPDATE {accounts} SET balance = -1 WHERE account = 'user:u1:available'",
    "INSERT INTO {withdraw_changes} SELECT 'other', withdraw_id, version, event, at FROM {withdraw_changes}"
    " WHERE withdraw_id = 'WD1'",
};

TEST(PostgresSchema, ItselfRefusesWhatMayNeverBe) {
    const std::string schema = unique_name();
    ASSERT_EQ(run_on_postgres("CREATE SCHEMA " + schema), "");
    PostgresOptions options;
    options.names = names_in(schema, "pay_");
    fill(*PostgresLedger::open(postgres_address(), options).value());

    for (const char* statement : forbidden) {
        SCOPED_TRACE(statement);
        EXPECT_NE(run_on_postgres(options.names.in(statement)), "");
    }
    EXPECT_EQ(run_on_postgres(options.names.in("UPDATE {withdraw_records} SET version = 3")), "");
}

TEST(MysqlSchema, ItselfRefusesWhatMayNeverBe) {
    const std::string database = unique_name();
    ASSERT_EQ(run_on_mysql("CREATE DATABASE " + database), "");
    MysqlOptions options;
    options.names = names_in(database, "pay_");
    fill(*MysqlLedger::open(mysql_address(), options).value());

    for (const char* statement : forbidden) {
        SCOPED_TRACE(statement);
        EXPECT_NE(run_on_mysql(options.names.in(statement)), "");
    }
    EXPECT_EQ(run_on_mysql(options.names.in("UPDATE {withdraw_records} SET version = 3")), "");
}

/// Opens eight at once; how many could be.
template <class Open>
int open_at_once(const Open& open) {
    std::vector<int> opened(8);
    std::vector<std::thread> threads;
    threads.reserve(opened.size());
    for (int& one : opened) threads.emplace_back([&] { one = open() ? 1 : 0; });
    for (auto& thread : threads) thread.join();
    int total = 0;
    for (const int one : opened) total += one;
    return total;
}

TEST(PostgresSchema, IsMadeOnceByServersThatStartTogether) {
    const std::string schema = unique_name();
    ASSERT_EQ(run_on_postgres("CREATE SCHEMA " + schema), "");
    PostgresOptions options;
    options.names = names_in(schema);

    EXPECT_EQ(open_at_once([&] { return PostgresLedger::open(postgres_address(), options).has_value(); }), 8);

    fill(*PostgresLedger::open(postgres_address(), options).value());
}

TEST(MysqlSchema, IsMadeOnceByServersThatStartTogether) {
    const std::string database = unique_name();
    ASSERT_EQ(run_on_mysql("CREATE DATABASE " + database), "");
    MysqlOptions options;
    options.names = names_in(database);

    EXPECT_EQ(open_at_once([&] { return MysqlLedger::open(mysql_address(), options).has_value(); }), 8);

    fill(*MysqlLedger::open(mysql_address(), options).value());
}

TEST(PostgresSchema, NeedsNoRightToMakeTablesOnceTheyAreThere) {
    const std::string schema = unique_name();
    ASSERT_EQ(run_on_postgres("CREATE SCHEMA " + schema), "");
    PostgresOptions options;
    options.names = names_in(schema);
    ASSERT_TRUE(PostgresLedger::open(postgres_address(), options).has_value());
    ASSERT_EQ(run_on_postgres("GRANT USAGE ON SCHEMA " + schema +
                              " TO tixian_app; GRANT SELECT, INSERT, UPDATE"
                              " ON ALL TABLES IN SCHEMA " +
                              schema + " TO tixian_app"),
              "");
    std::string address = postgres_address();
    address.replace(address.find("//tixian@"), 9, "//tixian_app@");

    fill(*PostgresLedger::open(address, options).value());
}

TEST(MysqlSchema, NeedsNoRightToMakeTablesOnceTheyAreThere) {
    const std::string database = unique_name();
    ASSERT_EQ(run_on_mysql("CREATE DATABASE " + database), "");
    MysqlOptions options;
    options.names = names_in(database);
    ASSERT_TRUE(MysqlLedger::open(mysql_address(), options).has_value());
    ASSERT_EQ(run_on_mysql("GRANT SELECT, INSERT, UPDATE ON " + database + ".* TO tixian_app@'%'"), "");
    std::string address = mysql_address();
    address.replace(address.find("//tixian:"), 9, "//tixian_app:");
    address.replace(address.rfind('/'), std::string::npos, "/" + database);

    fill(*MysqlLedger::open(address, options).value());
}

TEST(PostgresSchema, OfANewerProgramIsRefused) {
    const std::string schema = unique_name();
    ASSERT_EQ(run_on_postgres("CREATE SCHEMA " + schema), "");
    PostgresOptions options;
    options.names = names_in(schema);
    ASSERT_TRUE(PostgresLedger::open(postgres_address(), options).has_value());
    ASSERT_EQ(run_on_postgres(options.names.in("INSERT INTO {ledger_schema} VALUES (99)")), "");

    const auto ledger = PostgresLedger::open(postgres_address(), options);

    ASSERT_FALSE(ledger.has_value());
    EXPECT_NE(ledger.error().message.find("newer than this program"), std::string::npos);
}

TEST(MysqlUrl, IsReadWithItsEscapes) {
    const auto url = mysql::Url::parse("mysql://a%40b:p%3Aw@db.example:3307/pay?ca=/etc/ca.pem").value();

    EXPECT_EQ(url.user, "a@b");
    EXPECT_EQ(url.password, "p:w");
    EXPECT_EQ(url.host, "db.example");
    EXPECT_EQ(url.port, 3307);
    EXPECT_EQ(url.database, "pay");
    EXPECT_EQ(url.tls, mysql::Tls::verify);
}

TEST(MysqlUrl, RefusesWhatIsNoneWithoutShowingIt) {
    for (const char* text :
         {"postgresql://u:secret@h/d", "mysql://u:secret@h", "mysql://:secret@h/d", "mysql://u:secret@h:x/d",
          "mysql://u:secret%2@h/d", "mysql://u:secret@h/d?tls=maybe"}) {
        SCOPED_TRACE(text);
        const auto url = mysql::Url::parse(text);
        ASSERT_FALSE(url.has_value());
        EXPECT_EQ(url.error().message.find("secret"), std::string::npos);
    }
}

TEST(MysqlLiteral, MeansTheSameUnderEveryModeAndCharacterSet) {
    auto connection = mysql::Connection::open(mysql_address()).value();
    const std::string texts[] = {"",          "plain", "it's", "back\\slash", "提现", std::string("\0x", 2),
                                 "\xbf\\'\"?"};
    for (const char* mode : {"", "NO_BACKSLASH_ESCAPES", "ANSI"}) {
        ASSERT_TRUE(
            connection->execute(std::string("SET SESSION sql_mode = '") + mode + "'", {}).has_value());
        for (const std::string& text : texts) {
            if (text.starts_with("\xbf")) continue;  // no UTF-8: refused by the server, below
            const auto rows = connection->execute("SELECT ?", std::vector<sql::Value>{text});
            ASSERT_TRUE(rows.has_value());
            EXPECT_EQ(std::get<std::string>(rows->rows[0][0]), text);
        }
    }
    std::string literal;
    mysql::append_literal(literal, texts[6]);
    EXPECT_EQ(literal, "_utf8mb4 x'BF5C27223F'");
}

}  // namespace
}  // namespace tixian::testing
