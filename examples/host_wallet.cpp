// SPDX-License-Identifier: MIT
// tixian in a shop that has a wallet table, an order table and a database connection already: the withdrawal,
// the wallet and the order commit together, or vanish together.
//
//     host_wallet shop.db
//
// The same with PostgreSQL or MySQL: postgres::Session over a PGconn, mysql::Session over a MYSQL.
#include <cstdio>
#include <string>

#include <sqlite3.h>

#include <tixian/sql/transaction_ledger.hpp>
#include <tixian/sqlite/session.hpp>
#include <tixian/sqlite/sqlite_ledger.hpp>
#include <tixian/threads/system_clock.hpp>
#include <tixian/tixian.hpp>

namespace {

using namespace tixian;  // NOLINT: an example

// --- The shop, as it was before tixian.

sqlite3* shop = nullptr;

void run(const std::string& statement) {
    char* message = nullptr;
    if (sqlite3_exec(shop, statement.c_str(), nullptr, nullptr, &message) != SQLITE_OK)
        std::printf("%s: %s\n", statement.c_str(), message);
}

long long number(const std::string& query) {
    sqlite3_stmt* statement = nullptr;
    sqlite3_prepare_v2(shop, query.c_str(), -1, &statement, nullptr);
    sqlite3_step(statement);
    const long long value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return value;
}

// --- tixian, in the shop's transaction. All of this is made once.

sql::Names names() { return sql::Names::parse("", "pay_").value(); }
const sql::Statements statements(sql::Dialect::sqlite, names());
sql::WalletTable wallets(sql::Dialect::sqlite, {"t_wallet", "user_id", "available"});

/// Where payouts go; a real program gives wechat::TransferBills.
class Wechat : public Channel {
 public:
    const ChannelName& name() const override { return name_; }
    const Destination& destination() const override { return destination_; }
    Result<void> check(const Order&) const override { return {}; }
    Result<Submission> compose(const Withdrawal&, Timestamp) const override { return Submission{}; }

 private:
    ChannelName name_ = ChannelName::parse("wechat").value();
    Destination destination_{"transfer-bills", Mchid::parse("1900000001").value(),
                             Appid::parse("wx1").value()};
};

struct Counter : Random {
    std::uint64_t next() override { return ++value; }
    std::uint64_t value = 20261123;
};

const Wechat channel;
const SystemClock system_clock;
Counter random_numbers;

/// One order of the shop: its own row, and the withdrawal.
Result<Receipt> withdraw(sql::Session& session, const std::string& order, const char* yuan) {
    run("INSERT INTO t_order (id) VALUES ('" + order + "')");
    sql::TransactionLedger ledger(session, statements, &wallets);
    Service service(ledger, {&channel}, system_clock, random_numbers);
    return service.request({UserId::parse("u1").value(), IdempotencyKey::parse(order).value(),
                            Money::parse_yuan(yuan).value(), channel.name(), Openid::parse("o1").value(), ""},
                           Terms{});
}

void show(const char* what) {
    std::printf("%-28s wallet %lld fen, %lld orders, %lld withdrawals\n", what,
                number("SELECT available FROM t_wallet"), number("SELECT COUNT(*) FROM t_order"),
                number("SELECT COUNT(*) FROM pay_withdraw_records"));
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: host_wallet FILE\n");
        return 2;
    }
    sqlite3_open(argv[1], &shop);
    run("CREATE TABLE t_wallet (user_id TEXT PRIMARY KEY, available INTEGER NOT NULL)");
    run("CREATE TABLE t_order (id TEXT PRIMARY KEY)");
    run("INSERT INTO t_wallet VALUES ('u1', 1000)");
    run(SqliteLedger::schema_script(names()));  // or in the shop's own migrations

    {
        sqlite::Session session(*shop);

        run("BEGIN IMMEDIATE");
        const auto taken = withdraw(session, "order-1", "3.00");
        run(taken ? "COMMIT" : "ROLLBACK");
        show("committed:");

        run("BEGIN IMMEDIATE");
        static_cast<void>(withdraw(session, "order-2", "2.00"));
        run("ROLLBACK");  // the shop changed its mind
        show("rolled back:");

        run("BEGIN IMMEDIATE");
        const auto refused = withdraw(session, "order-3", "7.01");
        run(refused ? "COMMIT" : "ROLLBACK");
        show(refused ? "?" : std::string(name(refused.error().code)).append(":").c_str());
    }
    sqlite3_close(shop);
}
