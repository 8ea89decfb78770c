// SPDX-License-Identifier: MIT
#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tixian/sqlite/sqlite_ledger.hpp"
#include "tixian/testing/seeded_random.hpp"
#include "tixian/withdrawal_id.hpp"

namespace tixian {
namespace {

using std::filesystem::path;

/// While it lives, no file of this process can grow beyond `bytes`: a full disk.
class FullDisk {
 public:
    explicit FullDisk(std::uintmax_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
        getrlimit(RLIMIT_FSIZE, &before_);
        rlimit limit = before_;
        limit.rlim_cur = bytes;
        setrlimit(RLIMIT_FSIZE, &limit);
    }
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;
    ~FullDisk() {
        setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, handler_);
    }

 private:
    rlimit before_{};
    void (*handler_)(int);
};

/// Another program's connection to a file.
class OtherProgram {
 public:
    explicit OtherProgram(const path& file) { EXPECT_EQ(sqlite3_open(file.c_str(), &database_), SQLITE_OK); }
    OtherProgram(const OtherProgram&) = delete;
    OtherProgram& operator=(const OtherProgram&) = delete;
    ~OtherProgram() { sqlite3_close(database_); }

    [[nodiscard]] int run(const std::string& script) {
        return sqlite3_exec(database_, script.c_str(), nullptr, nullptr, nullptr);
    }
    [[nodiscard]] sqlite3* database() { return database_; }

 private:
    sqlite3* database_ = nullptr;
};

/// Runs `work` in a process of its own, which must not inherit an open ledger. True when it returned true.
class Child {
 public:
    explicit Child(const std::function<bool()>& work) : id_(fork()) {
        if (id_ != 0) return;
        alarm(60);
        _exit(work() ? 0 : 1);
    }
    [[nodiscard]] bool succeeded() const {
        int status = 0;
        return waitpid(id_, &status, 0) == id_ && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    }

 private:
    pid_t id_;
};

bool wait_until(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::yield();
    }
    return true;
}

std::string bytes_of(const path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void write_bytes(const path& file, const std::string& bytes) {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

/// Commits deposits in a thread of its own for as long as it lives.
class BusyWriter {
 public:
    BusyWriter(Ledger& ledger, std::function<Change(int)> make)
        : thread_([this, &ledger, make = std::move(make)] {
              for (int i = 0; !stop_; ++i) {
                  const Change change = make(i);
                  if (!is_applied(ledger.commit(std::span(&change, 1)).front())) break;
                  acknowledged_ = i + 1;
              }
          }) {}
    BusyWriter(const BusyWriter&) = delete;
    BusyWriter& operator=(const BusyWriter&) = delete;
    ~BusyWriter() {
        stop_ = true;
        thread_.join();
    }

    [[nodiscard]] int acknowledged() const { return acknowledged_; }
    [[nodiscard]] bool wait_for(int more) const {
        return wait_until([&, enough = acknowledged_ + more] { return acknowledged_ >= enough; });
    }

 private:
    std::atomic<bool> stop_ = false;
    std::atomic<int> acknowledged_ = 0;
    std::thread thread_;
};

class SqliteHardened : public ::testing::Test {
 protected:
    void SetUp() override {
        directory_ = path(::testing::TempDir()) / ("sqlite-hardened-" + std::to_string(getpid()));
        std::filesystem::remove_all(directory_);
        std::filesystem::create_directories(directory_);
        path_ = directory_ / "ledger.db";
    }
    void TearDown() override { std::filesystem::remove_all(directory_); }

    [[nodiscard]] static UserId user() { return UserId::parse("u1").value(); }

    /// One yuan for the user. The change is the same wherever the reference is.
    [[nodiscard]] static Change deposit(const std::string& reference) {
        testing::SeededRandom random(std::hash<std::string>{}(reference));
        return {make_change_id(random), Timestamp{},
                Deposit{user(), Reference::parse(reference).value(), 100_fen}};
    }

    [[nodiscard]] static Outcome commit(Ledger& ledger, const Change& change) {
        return ledger.commit(std::span(&change, 1)).front();
    }

    [[nodiscard]] static Money available(Ledger& ledger) { return ledger.balance(user()).value().available; }

    [[nodiscard]] static std::int64_t sum_of_all_accounts(Ledger& ledger) {
        std::int64_t fen = 0;
        const auto accounts = ledger.trial_balance().value();
        for (const auto& row : accounts) fen += row.balance.fen();
        return fen;
    }

    /// Deposits `from`0, `from`1 and so on; true when each is Applied.
    [[nodiscard]] static bool commit_deposits(Ledger& ledger, const std::string& from, int count) {
        bool all = true;
        for (int i = 0; i < count; ++i)
            all = std::holds_alternative<Applied>(commit(ledger, deposit(from + std::to_string(i)))) && all;
        return all;
    }

    [[nodiscard]] std::size_t first_page_of(const std::string& table) const {
        auto connection = sqlite::Connection::open(path_, std::chrono::seconds(5)).value();
        const std::vector<sql::Value> name{table};
        const auto rows =
            connection->execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", name).value();
        return static_cast<std::size_t>(std::get<std::int64_t>(rows.rows.at(0).at(0)));
    }

    /// A closed file with three deposits and a withdrawal in progress.
    void fill() {
        auto ledger = SqliteLedger::open(path_).value();
        ASSERT_TRUE(commit_deposits(*ledger, "d", 3));
        Withdrawal w;
        w.id = WithdrawalId::parse("WD1").value();
        w.order = {user(),
                   IdempotencyKey::parse("k1").value(),
                   100_fen,
                   ChannelName::parse("wechat").value(),
                   Openid::parse("o1").value(),
                   ""};
        w.version = 1;
        w.due_at = Timestamp{};
        testing::SeededRandom random(1);
        const Change request{make_change_id(random), Timestamp{},
                             Step{w, Entry::hold(user(), 100_fen), {}, "requested"}};
        ASSERT_TRUE(is_applied(commit(*ledger, request)));
    }

    /// Takes a copy while a thread deposits, and checks it.
    void check_backup(const std::function<void(OtherProgram&, const path&, const BusyWriter&)>& back_up) {
        const path copy = directory_ / "copy.db";
        int before = 0;
        {
            auto ledger = SqliteLedger::open(path_).value();
            const BusyWriter writer(*ledger, [](int i) { return deposit("d" + std::to_string(i)); });
            ASSERT_TRUE(writer.wait_for(20));
            OtherProgram other(path_);
            before = writer.acknowledged();
            back_up(other, copy, writer);
            ASSERT_TRUE(writer.wait_for(1)) << "the backup stopped the writer";
        }

        auto restored = SqliteLedger::open(copy).value();

        EXPECT_EQ(sum_of_all_accounts(*restored), 0);
        EXPECT_GE(available(*restored).fen(), 100 * before);
        for (int i = 0; i < before; ++i) {
            const Outcome outcome = commit(*restored, deposit("d" + std::to_string(i)));
            EXPECT_TRUE(std::holds_alternative<AlreadyApplied>(outcome)) << i;
        }
    }

    path directory_, path_;
};

TEST_F(SqliteHardened, AFullDiskLeavesACommitUnknownAndTheSameChangeIsAppliedOnceThereIsRoom) {
    // The disk is full before a frame of the log, inside one, and between the frames of one transaction.
    for (const std::uintmax_t room :
         std::initializer_list<std::uintmax_t>{0, 100, 4096 + 24, 3 * (4096 + 24)}) {
        SCOPED_TRACE(room);
        std::filesystem::remove_all(directory_);
        std::filesystem::create_directories(directory_);
        auto ledger = SqliteLedger::open(path_).value();
        ASSERT_TRUE(commit_deposits(*ledger, "d", 3));
        const Change change = deposit("last");

        const Outcome full = [&] {
            const FullDisk disk(std::filesystem::file_size(path_.string() + "-wal") + room);
            return commit(*ledger, change);
        }();
        const Money while_full = available(*ledger);
        const std::int64_t sum_while_full = sum_of_all_accounts(*ledger);
        const Outcome again = commit(*ledger, change);
        const Outcome once_more = commit(*ledger, change);

        EXPECT_TRUE(std::holds_alternative<Unknown>(full));
        EXPECT_EQ(while_full, 300_fen);
        EXPECT_EQ(sum_while_full, 0);
        EXPECT_TRUE(std::holds_alternative<Applied>(again));
        EXPECT_TRUE(std::holds_alternative<AlreadyApplied>(once_more));
        EXPECT_EQ(available(*ledger), 400_fen);
        EXPECT_EQ(sum_of_all_accounts(*ledger), 0);
    }
}

TEST_F(SqliteHardened, WhatWasCommittedBeforeAFullDiskIsThereAfterOpeningAgain) {
    {
        auto ledger = SqliteLedger::open(path_).value();
        ASSERT_TRUE(commit_deposits(*ledger, "d", 3));
        // Also the close, which moves the log into the file, finds no room.
        const FullDisk disk(std::filesystem::file_size(path_.string() + "-wal"));
        ASSERT_TRUE(std::holds_alternative<Unknown>(commit(*ledger, deposit("last"))));
        ledger.reset();
    }

    auto ledger = SqliteLedger::open(path_).value();

    EXPECT_EQ(available(*ledger), 300_fen);
    EXPECT_EQ(sum_of_all_accounts(*ledger), 0);
}

TEST_F(SqliteHardened, ANewFileOnAFullDiskIsRefused) {
    const auto refused = [&] {
        const FullDisk disk(4096);
        return SqliteLedger::open(path_);
    }();

    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::ledger_unavailable);
    EXPECT_TRUE(SqliteLedger::open(path_).has_value());
}

TEST_F(SqliteHardened, AReadOnlyLedgerReadsBesideTheOneThatWrites) {
    fill();
    auto writing = SqliteLedger::open(path_).value();
    auto reading = SqliteLedger::open_read_only(path_).value();

    ASSERT_TRUE(std::holds_alternative<Applied>(commit(*writing, deposit("d3"))));

    EXPECT_EQ(reading->balance(user()).value(), (Balance{300_fen, 100_fen}));
    EXPECT_EQ(reading->history(user(), 10, std::nullopt).value().size(), 1u);
    EXPECT_EQ(sum_of_all_accounts(*reading), 0);
}

TEST_F(SqliteHardened, AReadOnlyLedgerAnswersEachCommitUnknownAndChangesNothing) {
    fill();
    const std::string before = bytes_of(path_);
    auto ledger = SqliteLedger::open_read_only(path_).value();
    // One new, one applied before, one that would be a duplicate.
    Change duplicate = deposit("d1");
    duplicate.id = deposit("other").id;
    const std::vector<Change> changes{deposit("new"), deposit("d0"), duplicate};

    const auto outcomes = ledger->commit(changes);

    ASSERT_EQ(outcomes.size(), 3u);
    for (const Outcome& outcome : outcomes) {
        ASSERT_TRUE(std::holds_alternative<Unknown>(outcome));
        EXPECT_NE(std::get<Unknown>(outcome).reason.find("read-only"), std::string::npos);
    }
    EXPECT_EQ(available(*ledger), 200_fen);
    ledger.reset();
    EXPECT_EQ(bytes_of(path_), before);
}

TEST_F(SqliteHardened, AMissingFileIsNotMadeByOpeningItReadOnly) {
    const auto ledger = SqliteLedger::open_read_only(path_);

    ASSERT_FALSE(ledger.has_value());
    EXPECT_EQ(ledger.error().code, ErrorCode::ledger_unavailable);
    EXPECT_NE(ledger.error().message.find(path_.string()), std::string::npos);
    EXPECT_TRUE(std::filesystem::is_empty(directory_));
}

TEST_F(SqliteHardened, OnlyThisProgramsSchemaIsOpenedReadOnly) {
    struct {
        const char* statement;
        const char* why;
    } constexpr rows[] = {{"INSERT INTO ledger_schema VALUES (99)", "newer than this program"},
                          {"DROP TABLE ledger_schema", "the tables are missing"}};
    fill();
    for (const auto& row : rows) {
        SCOPED_TRACE(row.statement);
        ASSERT_EQ(OtherProgram(path_).run(row.statement), SQLITE_OK);
        const std::string before = bytes_of(path_);

        const auto ledger = SqliteLedger::open_read_only(path_);

        ASSERT_FALSE(ledger.has_value());
        EXPECT_EQ(ledger.error().code, ErrorCode::ledger_unavailable);
        EXPECT_NE(ledger.error().message.find(row.why), std::string::npos);
        EXPECT_EQ(bytes_of(path_), before);
    }
}

TEST_F(SqliteHardened, AFileThatThisProcessMayOnlyReadIsRefusedForWriting) {
    fill();
    std::filesystem::permissions(directory_, std::filesystem::perms::all);
    std::filesystem::permissions(path_, static_cast<std::filesystem::perms>(0444));
    const std::string before = bytes_of(path_);

    const Child child([&] {
        // Modes do not bind root.
        if (geteuid() == 0 && setuid(65534) != 0) return false;
        const auto written = SqliteLedger::open(path_);
        return !written && written.error().code == ErrorCode::ledger_unavailable &&
               written.error().message.find("read-only") != std::string::npos &&
               available(*SqliteLedger::open_read_only(path_).value()) == 200_fen;
    });

    EXPECT_TRUE(child.succeeded());
    EXPECT_EQ(bytes_of(path_), before);
}

// SQLite keeps no checksums, so that a changed letter or digit passes; a page that is no page must not.
TEST_F(SqliteHardened, APageThatIsOverwrittenIsCalledDamagedOrIsNotReadAndTheFileIsLeftAsItWas) {
    fill();
    const std::string sound = bytes_of(path_);
    constexpr std::size_t page = 4096;
    ASSERT_GT(sound.size(), 20 * page);
    int damaged = 0;
    for (std::size_t at = 0; at < sound.size(); at += page) {
        SCOPED_TRACE(at / page);
        std::string bytes = sound;
        // Behind the header of the file, which is in its first page.
        bytes.replace(at == 0 ? 100 : at, 1000, 1000, '\xff');
        write_bytes(path_, bytes);

        {
            const auto check = [&](const auto& answer) {
                if (!answer) {
                    EXPECT_EQ(answer.error().code, ErrorCode::ledger_damaged) << answer.error().message;
                    ++damaged;
                }
                return answer.has_value();
            };
            const auto ledger = SqliteLedger::open(path_);
            if (check(ledger)) {
                const auto balance = (*ledger)->balance(user());
                if (check(balance)) {
                    EXPECT_EQ(*balance, (Balance{200_fen, 100_fen}));
                }
                const auto due = (*ledger)->due(Timestamp{}, 10, {});
                if (check(due)) {
                    EXPECT_EQ(due->size(), 1u);
                }
                const auto found = (*ledger)->find_by_key(user(), IdempotencyKey::parse("k1").value());
                if (check(found)) {
                    EXPECT_TRUE(found->has_value());
                }
                const auto history = (*ledger)->history(user(), 10, std::nullopt);
                if (check(history)) {
                    EXPECT_EQ(history->size(), 1u);
                }
                check((*ledger)->trial_balance());
                check((*ledger)->notes(WithdrawalId::parse("WD1").value()));
                check((*ledger)->switches());
            }
        }
        EXPECT_EQ(bytes_of(path_), bytes);
    }
    EXPECT_GT(damaged, 10);
}

TEST_F(SqliteHardened, ACommitThatMeetsADamagedPageIsUnknownAndLeavesTheFileAsItWas) {
    fill();
    std::string bytes = bytes_of(path_);
    // The balances, which a deposit changes.
    const std::size_t at = 4096 * (first_page_of("accounts") - 1);
    bytes.replace(at, 4096, 4096, '\xff');
    write_bytes(path_, bytes);

    {
        const auto ledger = SqliteLedger::open(path_);
        ASSERT_TRUE(ledger.has_value());
        EXPECT_TRUE(std::holds_alternative<Unknown>(commit(**ledger, deposit("new"))));
    }

    EXPECT_EQ(bytes_of(path_), bytes);
}

TEST_F(SqliteHardened, ATruncatedFileIsCalledDamagedAndLeftAsItWas) {
    fill();
    const std::string sound = bytes_of(path_);
    for (const std::size_t size : {sound.size() - 4096, sound.size() / 2, std::size_t{4096 + 100},
                                   std::size_t{4096}, std::size_t{2000}, std::size_t{50}}) {
        SCOPED_TRACE(size);
        write_bytes(path_, sound.substr(0, size));

        const auto ledger = SqliteLedger::open(path_);

        ASSERT_FALSE(ledger.has_value());
        EXPECT_EQ(ledger.error().code, ErrorCode::ledger_damaged);
        EXPECT_EQ(bytes_of(path_), sound.substr(0, size));
    }
}

TEST_F(SqliteHardened, ACopyMadeWithVacuumWhileDepositsRunIsAWholeLedger) {
    check_backup([](OtherProgram& other, const path& copy, const BusyWriter&) {
        ASSERT_EQ(other.run("VACUUM INTO '" + copy.string() + "'"), SQLITE_OK);
    });
}

TEST_F(SqliteHardened, ACopyMadePageByPageWhileDepositsRunIsAWholeLedger) {
    check_backup([](OtherProgram& other, const path& copy, const BusyWriter& writer) {
        OtherProgram target(copy);
        sqlite3_backup* backup = sqlite3_backup_init(target.database(), "main", other.database(), "main");
        ASSERT_NE(backup, nullptr);
        for (int i = 0; i < 5; ++i) {
            EXPECT_EQ(sqlite3_backup_step(backup, 5), SQLITE_OK);
            EXPECT_TRUE(writer.wait_for(1));
        }
        EXPECT_EQ(sqlite3_backup_step(backup, -1), SQLITE_DONE);
        EXPECT_EQ(sqlite3_backup_finish(backup), SQLITE_OK);
    });
}

TEST_F(SqliteHardened, TwoProcessesCommitToOneFileAndEachCommitIsApplied) {
    constexpr int count = 200;
    int ready[2];
    ASSERT_EQ(pipe(ready), 0);
    const Child child([&] {
        auto ledger = SqliteLedger::open(path_);
        const char byte = ledger ? '1' : '0';
        return write(ready[1], &byte, 1) == 1 && ledger && commit_deposits(**ledger, "child-", count);
    });
    close(ready[1]);
    char byte = 0;
    // So that both run at once.
    EXPECT_EQ(read(ready[0], &byte, 1), 1);
    close(ready[0]);

    auto ledger = SqliteLedger::open(path_).value();
    const bool all = commit_deposits(*ledger, "parent-", count);

    EXPECT_TRUE(child.succeeded());
    EXPECT_TRUE(all);
    EXPECT_EQ(available(*ledger).fen(), 2 * count * 100);
    EXPECT_EQ(sum_of_all_accounts(*ledger), 0);
}

TEST_F(SqliteHardened, TwoProcessesThatCommitTheSameChangesApplyEachOnce) {
    constexpr int count = 100;
    {
        ASSERT_TRUE(SqliteLedger::open(path_).has_value());
    }
    const auto commit_all = [&] {
        auto ledger = SqliteLedger::open(path_);
        for (int i = 0; ledger && i < count; ++i) {
            if (!is_applied(commit(**ledger, deposit("d" + std::to_string(i))))) return false;
        }
        return ledger.has_value();
    };
    const Child child(commit_all);

    const bool all = commit_all();

    EXPECT_TRUE(child.succeeded());
    EXPECT_TRUE(all);
    auto ledger = SqliteLedger::open(path_).value();
    EXPECT_EQ(available(*ledger).fen(), count * 100);
    EXPECT_EQ(sum_of_all_accounts(*ledger), 0);
}

TEST_F(SqliteHardened, TwoProcessesMayMakeOneFileAtOnce) {
    for (int i = 0; i < 20; ++i) {
        SCOPED_TRACE(i);
        const path file = directory_ / ("new-" + std::to_string(i) + ".db");
        const Child child([&] { return SqliteLedger::open(file).has_value(); });

        const auto ledger = SqliteLedger::open(file);

        EXPECT_TRUE(child.succeeded());
        EXPECT_TRUE(ledger.has_value()) << ledger.error().message;
    }
}

TEST_F(SqliteHardened, ReadsAreAnsweredWhileAnotherWriterBlocks) {
    fill();
    auto ledger = SqliteLedger::open(path_, {.busy_timeout = std::chrono::milliseconds(50)}).value();
    OtherProgram other(path_);
    ASSERT_EQ(other.run("BEGIN IMMEDIATE; UPDATE accounts SET balance = 7"), SQLITE_OK);

    EXPECT_EQ(ledger->balance(user()).value(), (Balance{200_fen, 100_fen}));
    EXPECT_EQ(sum_of_all_accounts(*ledger), 0);
}

TEST_F(SqliteHardened, EveryChangeOfABatchIsUnknownWhileAnotherWriterBlocksAndAppliedAfterwards) {
    auto ledger = SqliteLedger::open(path_, {.busy_timeout = std::chrono::milliseconds(50)}).value();
    const std::vector<Change> batch{deposit("a"), deposit("b"), deposit("c")};
    std::vector<Outcome> blocked;
    {
        OtherProgram other(path_);
        ASSERT_EQ(other.run("BEGIN IMMEDIATE"), SQLITE_OK);
        blocked = ledger->commit(batch);
    }

    const auto again = ledger->commit(batch);

    for (const Outcome& outcome : blocked) EXPECT_TRUE(std::holds_alternative<Unknown>(outcome));
    for (const Outcome& outcome : again) EXPECT_TRUE(std::holds_alternative<Applied>(outcome));
    EXPECT_EQ(available(*ledger), 300_fen);
}

TEST_F(SqliteHardened, AFileIsNotOpenedWhileAnotherWriterBlocks) {
    fill();
    OtherProgram other(path_);
    ASSERT_EQ(other.run("BEGIN IMMEDIATE"), SQLITE_OK);

    const auto blocked = SqliteLedger::open(path_, {.busy_timeout = std::chrono::milliseconds(50)});
    const auto reading = SqliteLedger::open_read_only(path_, {.busy_timeout = std::chrono::milliseconds(50)});

    ASSERT_FALSE(blocked.has_value());
    EXPECT_EQ(blocked.error().code, ErrorCode::ledger_unavailable);
    EXPECT_TRUE(reading.has_value());
}

}  // namespace
}  // namespace tixian
