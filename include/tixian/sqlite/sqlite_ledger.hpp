// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
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
    /// damaged, not a database, or of a newer schema, and leaves it untouched. A commit that waits longer
    /// than `busy_timeout` for another process's is answered Unknown.
    [[nodiscard]] static Result<std::unique_ptr<SqliteLedger>> open(
        const std::filesystem::path& path, std::chrono::milliseconds busy_timeout = std::chrono::seconds(5)) {
        auto connection = sqlite::Connection::open(path, busy_timeout);
        if (!connection) return tl::unexpected(connection.error());
        if (auto ready = prepare(**connection); !ready) return tl::unexpected(ready.error());
        return std::unique_ptr<SqliteLedger>(new SqliteLedger(std::move(*connection)));
    }

    [[nodiscard]] std::vector<Outcome> commit(std::span<const Change> changes) override {
        const std::lock_guard lock(mutex_);
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

    [[nodiscard]] static Result<void> prepare(sqlite::Connection& connection) {
        return connection.run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL").and_then([&] {
            return in_transaction(connection, "BEGIN IMMEDIATE", [&] { return migrate(connection); });
        });
    }

    [[nodiscard]] static Result<void> migrate(sqlite::Connection& connection) {
        auto rows = connection.execute("PRAGMA user_version", {});
        if (!rows) return tl::unexpected(rows.error());
        const auto stored = static_cast<std::size_t>(std::get<std::int64_t>(rows->rows.at(0).at(0)));
        constexpr std::size_t newest = sqlite::schema_first + sqlite::schema_versions.size() - 1;
        const auto refused = [&](const std::string& why) {
            return refuse(ErrorCode::ledger_unavailable,
                          "the file's schema is version " + std::to_string(stored) + ", " + why);
        };
        if (stored > newest)
            return refused("newer than this program's " + std::to_string(newest) + "; upgrade the program");
        if (stored != 0 && stored < sqlite::schema_first)
            return refused("from before the first release; begin a new file");
        if (stored == newest) return {};
        for (std::size_t version = std::max(stored + 1, sqlite::schema_first); version <= newest; ++version) {
            auto done = connection.run(std::string(sqlite::schema_versions[version - sqlite::schema_first]));
            if (!done) return done;
        }
        return connection.run("PRAGMA user_version = " + std::to_string(newest));
    }

    std::mutex mutex_;
    std::unique_ptr<sqlite::Connection> connection_;
    const sql::Statements statements_;
};

}  // namespace tixian
