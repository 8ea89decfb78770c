// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "tixian/sql/reads.hpp"
#include "tixian/sql/rules.hpp"
#include "tixian/sqlite/connection.hpp"
#include "tixian/sqlite/schema.hpp"

namespace tixian {

/// The ledger in one SQLite file: WAL with synchronous FULL, so a commit that has returned survives a power
/// cut. Thread-safe, and safe beside other processes on the same file.
class SqliteLedger : public Ledger {
 public:
    /// Opens the file, makes it if it is missing, and brings an older schema forward. Refuses a file that is
    /// damaged, not a database, another program's, not writable, or of a newer schema, and leaves it
    /// untouched. A commit that
    /// waits longer than `busy_timeout` for another process's is answered Unknown.
    [[nodiscard]] static Result<std::unique_ptr<SqliteLedger>> open(
        const std::filesystem::path& path, std::chrono::milliseconds busy_timeout = std::chrono::seconds(5)) {
        auto connection = sqlite::Connection::open(path, busy_timeout);
        if (!connection) return tl::unexpected(connection.error());
        // SQLite silently opens what it may not write for reading.
        if ((*connection)->is_read_only())
            return refuse(ErrorCode::ledger_unavailable, path.string() + " is read-only");
        if (auto ready = prepare(**connection, busy_timeout); !ready) return tl::unexpected(ready.error());
        return std::unique_ptr<SqliteLedger>(new SqliteLedger(std::move(*connection)));
    }

    /// Opens the file for reports, beside the program that writes it. Every commit is answered Unknown and
    /// changes nothing. Refuses a missing file and any schema but this program's. SQLite may still need to
    /// make its `-wal` and `-shm` files beside it.
    [[nodiscard]] static Result<std::unique_ptr<SqliteLedger>> open_read_only(
        const std::filesystem::path& path, std::chrono::milliseconds busy_timeout = std::chrono::seconds(5)) {
        auto connection = sqlite::Connection::open(path, busy_timeout, sqlite::Access::read_only);
        if (!connection) return tl::unexpected(connection.error());
        const auto stored = stored_schema(**connection);
        if (!stored) return tl::unexpected(stored.error());
        if (*stored < newest_schema)
            return refuse_schema(*stored, "older than this program's " + std::to_string(newest_schema) +
                                              "; open it for writing first");
        if (*stored > newest_schema) return refuse_newer_schema(*stored);
        return std::unique_ptr<SqliteLedger>(new SqliteLedger(std::move(*connection)));
    }

    [[nodiscard]] std::vector<Outcome> commit(std::span<const Change> changes) override {
        const std::lock_guard lock(mutex_);
        // SQLite would begin a transaction that only reads, and what it reads is no decision.
        if (connection_->is_read_only())
            return std::vector<Outcome>(changes.size(), Unknown{"the ledger is open read-only"});
        auto outcomes = commit_together(changes);
        // The schema refused one of them: the others must not suffer for it.
        if (!outcomes && outcomes.error().code == ErrorCode::not_allowed && changes.size() > 1)
            return commit_apart(changes);
        if (outcomes) return std::move(*outcomes);
        // Nothing was acknowledged, so nobody may act; the same changes may be committed again (R15).
        return std::vector<Outcome>(changes.size(), Unknown{outcomes.error().message});
    }

    [[nodiscard]] Result<std::vector<Withdrawal>> due(Timestamp now, std::size_t limit) override {
        const std::lock_guard lock(mutex_);
        return reads().due(now, limit);
    }
    [[nodiscard]] Result<std::optional<Withdrawal>> find(const WithdrawalId& id) override {
        const std::lock_guard lock(mutex_);
        return reads().find(id);
    }
    [[nodiscard]] Result<std::optional<Withdrawal>> find_by_key(const UserId& user,
                                                                const IdempotencyKey& key) override {
        const std::lock_guard lock(mutex_);
        return reads().find_by_key(user, key);
    }
    [[nodiscard]] Result<std::vector<Withdrawal>> history(const UserId& user, std::size_t limit,
                                                          const std::optional<Cursor>& after) override {
        const std::lock_guard lock(mutex_);
        return reads().history(user, limit, after);
    }
    [[nodiscard]] Result<Balance> balance(const UserId& user) override {
        const std::lock_guard lock(mutex_);
        // In one transaction, so that both accounts are of one moment.
        return in_transaction(*connection_, "BEGIN", [&] { return reads().balance(user); });
    }
    [[nodiscard]] Result<std::vector<Note>> notes(const WithdrawalId& id) override {
        const std::lock_guard lock(mutex_);
        return reads().notes(id);
    }
    [[nodiscard]] Result<std::vector<Withdrawal>> waiting_for_person(
        std::size_t limit, const std::optional<Cursor>& after) override {
        const std::lock_guard lock(mutex_);
        return reads().waiting_for_person(limit, after);
    }
    [[nodiscard]] Result<std::vector<Note>> notes_of(NoteKind kind, std::size_t limit) override {
        const std::lock_guard lock(mutex_);
        return reads().notes_of(kind, limit);
    }
    [[nodiscard]] Result<std::vector<NoteCount>> note_counts() override {
        const std::lock_guard lock(mutex_);
        return reads().note_counts();
    }
    [[nodiscard]] Result<Usage> usage(const UsageCounter& counter) override {
        const std::lock_guard lock(mutex_);
        return reads().usage(counter);
    }
    [[nodiscard]] Result<std::optional<Timestamp>> last_at(const UserId& user) override {
        const std::lock_guard lock(mutex_);
        return reads().last_at(user);
    }
    [[nodiscard]] Result<std::vector<Correction>> corrections(const WithdrawalId& about) override {
        const std::lock_guard lock(mutex_);
        return reads().corrections(about);
    }
    [[nodiscard]] Result<std::vector<Switch>> switches() override {
        const std::lock_guard lock(mutex_);
        return reads().switches();
    }
    [[nodiscard]] Result<std::vector<AccountBalance>> trial_balance() override {
        const std::lock_guard lock(mutex_);
        return reads().trial_balance();
    }

 private:
    explicit SqliteLedger(std::unique_ptr<sqlite::Connection> connection)
        : connection_(std::move(connection)) {}

    [[nodiscard]] sql::Reads reads() { return {*connection_, statements_}; }

    [[nodiscard]] Result<std::vector<Outcome>> commit_together(std::span<const Change> changes) {
        return in_transaction(*connection_, "BEGIN IMMEDIATE",
                              [&] { return sql::Rules(*connection_, statements_).commit(changes); });
    }

    [[nodiscard]] std::vector<Outcome> commit_apart(std::span<const Change> changes) {
        std::vector<Outcome> outcomes;
        outcomes.reserve(changes.size());
        for (const Change& change : changes) {
            auto one = commit_together(std::span(&change, 1));
            outcomes.push_back(one ? std::move(one->front()) : Outcome(Unknown{one.error().message}));
        }
        return outcomes;
    }

    /// Runs `work` in a transaction and commits when it succeeds. After BEGIN IMMEDIATE no other writer comes
    /// between.
    template <class Work>
    [[nodiscard]] static auto in_transaction(sqlite::Connection& connection, const char* begin,
                                             const Work& work) -> decltype(work()) {
        if (auto begun = connection.run(begin); !begun) return tl::unexpected(begun.error());
        auto result = work();
        if (result) {
            auto committed = connection.run("COMMIT");
            if (!committed) result = tl::unexpected(committed.error());
        }
        if (!result && connection.is_in_transaction()) static_cast<void>(connection.run("ROLLBACK"));
        return result;
    }

    [[nodiscard]] static Result<void> prepare(sqlite::Connection& connection,
                                              std::chrono::milliseconds busy_timeout) {
        // Looked at before the first write, so that what is not ours stays as it was.
        return in_transaction(connection, "BEGIN", [&] { return next_schema(connection); })
            .and_then([&](std::size_t) { return connection.use_wal(busy_timeout); })
            .and_then([&] { return connection.run("PRAGMA synchronous = FULL"); })
            .and_then([&] {
                return in_transaction(connection, "BEGIN IMMEDIATE", [&] { return migrate(connection); });
            });
    }

    static constexpr std::size_t newest_schema = sqlite::schema_first + sqlite::schema_versions.size() - 1;

    /// Zero in a file without any.
    [[nodiscard]] static Result<std::size_t> stored_schema(sqlite::Connection& connection) {
        auto rows = connection.execute("PRAGMA user_version", {});
        if (!rows) return tl::unexpected(rows.error());
        return static_cast<std::size_t>(std::get<std::int64_t>(rows->rows.at(0).at(0)));
    }

    [[nodiscard]] static tl::unexpected<Error> refuse_schema(std::size_t stored, const std::string& why) {
        return refuse(ErrorCode::ledger_unavailable,
                      "the file's schema is version " + std::to_string(stored) + ", " + why);
    }
    [[nodiscard]] static tl::unexpected<Error> refuse_newer_schema(std::size_t stored) {
        return refuse_schema(
            stored, "newer than this program's " + std::to_string(newest_schema) + "; upgrade the program");
    }

    /// The first version that the file still lacks; refuses a file that is not a ledger of ours.
    [[nodiscard]] static Result<std::size_t> next_schema(sqlite::Connection& connection) {
        const auto stored = stored_schema(connection);
        if (!stored) return tl::unexpected(stored.error());
        if (*stored > newest_schema) return refuse_newer_schema(*stored);
        if (*stored >= sqlite::schema_first) return *stored + 1;
        if (*stored != 0) return refuse_schema(*stored, "from before the first release; begin a new file");
        auto tables = connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1", {});
        if (!tables) return tl::unexpected(tables.error());
        if (!tables->rows.empty())
            return refuse(ErrorCode::ledger_unavailable, "the file is another program's database");
        return sqlite::schema_first;
    }

    [[nodiscard]] static Result<void> migrate(sqlite::Connection& connection) {
        const auto next = next_schema(connection);
        if (!next) return tl::unexpected(next.error());
        if (*next > newest_schema) return {};
        for (std::size_t version = *next; version <= newest_schema; ++version) {
            auto done = connection.run(std::string(sqlite::schema_versions[version - sqlite::schema_first]));
            if (!done) return done;
        }
        return connection.run("PRAGMA user_version = " + std::to_string(newest_schema));
    }

    std::mutex mutex_;
    std::unique_ptr<sqlite::Connection> connection_;
    const sql::Statements statements_;
};

}  // namespace tixian
