// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "tixian/error.hpp"
#include "tixian/sql/columns.hpp"
#include "tixian/sql/texts.hpp"

namespace tixian::sql {

/// Where the tables are, and what their names begin with, so that they can live beside the host's.
struct Names {
    std::string schema;  ///< PostgreSQL's schema, MySQL's database; empty: where the connection is
    std::string prefix;

    /// Refuses (`invalid_argument`) what is more than 32 of a-z, 0-9 and underscore.
    [[nodiscard]] static Result<Names> parse(std::string_view schema, std::string_view prefix) {
        for (const auto& [text, field] : {std::pair(schema, "schema"), std::pair(prefix, "prefix")}) {
            const bool fits = text.size() <= 32 && std::all_of(text.begin(), text.end(), [](char c) {
                                  return ('a' <= c && c <= 'z') || ('0' <= c && c <= '9') || c == '_';
                              });
            if (!fits)
                return refuse(ErrorCode::invalid_argument, "at most 32 of a-z, 0-9 and underscore", field);
        }
        return Names{std::string(schema), std::string(prefix)};
    }

    [[nodiscard]] std::string table(std::string_view name) const {
        return (schema.empty() ? "" : schema + ".") + prefix + std::string(name);
    }
    /// `text` with every `{name}` as a table's name, and every `{_name}` as that without the schema: for
    /// indexes, triggers and constraints.
    [[nodiscard]] std::string in(std::string_view text) const {
        std::string result;
        while (!text.empty()) {
            const auto open = text.find('{');
            result += text.substr(0, open);
            if (open == std::string_view::npos) break;
            const auto close = text.find('}', open);
            const std::string_view name = text.substr(open + 1, close - open - 1);
            result += name.starts_with('_') ? prefix + std::string(name.substr(1)) : table(name);
            text.remove_prefix(close + 1);
        }
        return result;
    }
};

/// Every statement of one ledger in one dialect, made once. Thread-safe.
struct Statements {
    Names names;

    // One writer at a time. It is an UPDATE, so that a transaction that began earlier under snapshot
    // isolation is refused instead of deciding on what it saw then. SQLite's transactions are that already.
    std::string lock;

    LookupText changes, versions, first_orders, channels, last_counted, usage, accounts, deposits,
        corrections;

    WriteText insert_withdrawals, update_withdrawals, insert_changes, insert_notes, insert_journal,
        upsert_accounts, upsert_usage, upsert_channels, insert_switches, insert_deposits, insert_corrections;

    LookupText due;                 ///< key: channel, queue, now, now, how many
    std::string select_withdrawal;  ///< to be continued with WHERE

    // Lanes: transactions of their own.
    std::vector<std::string> begin_lane;
    std::string make_lane;  ///< of channel and call, if there is none
    LookupText lane, now;   ///< now: the database's clock in microseconds
    WriteText upsert_lane;

    explicit Statements(Dialect dialect, Names where = {}) : names(std::move(where)) {
        if (dialect != Dialect::sqlite) lock = names.in("UPDATE {ledger_lock} SET turn = turn + 1");
        make_lookups(dialect);
        make_writes(dialect);
        make_writes_of_people(dialect);
        make_lanes(dialect);
        select_withdrawal = "SELECT " + detail::names_of(columns) + " FROM " + table("withdraw_records");
        due.one = select_withdrawal +
                  " WHERE channel = ? AND due_queue = ? AND due_at <= ? AND lease_until <= ?"
                  " ORDER BY due_at, withdraw_id LIMIT ?";
        due.types = {text, text, integer, integer, integer};
    }

    /// Withdrawals that the minimum interval looks at.
    static constexpr const char* is_counted = "state NOT IN ('failed', 'cancelled')";

 private:
    static constexpr auto text = ColumnType::text;
    static constexpr auto integer = ColumnType::integer;

    [[nodiscard]] std::string table(std::string_view name) const { return names.table(name); }

    void make_lookups(Dialect dialect) {
        using std::to_array;
        const std::string records = table("withdraw_records");
        changes = lookup_text(dialect, "change_id", table("withdraw_changes"),
                              to_array<Column>({{"change_id", text}}));
        versions =
            lookup_text(dialect, "withdraw_id, version", records, to_array<Column>({{"withdraw_id", text}}));
        first_orders = lookup_text(dialect,
                                   "withdraw_id, user_id, idempotency_key, amount, channel, wechat_openid, "
                                   "remark, real_name_fingerprint",
                                   records, to_array<Column>({{"user_id", text}, {"idempotency_key", text}}));
        channels = lookup_text(dialect, "channel, is_open", table("channels"),
                               to_array<Column>({{"channel", text}}));
        last_counted =
            lookup_text_of_one(dialect,
                               "SELECT user_id, created_at FROM " + records + " WHERE user_id = ? AND " +
                                   is_counted + " ORDER BY created_at DESC, withdraw_id DESC LIMIT 1",
                               to_array<Column>({{"user_id", text}}));
        usage = lookup_text(dialect, "counter, amount, count", table("withdraw_usage"),
                            to_array<Column>({{"counter", text}}));
        accounts = lookup_text(dialect, "account, balance", table("accounts"),
                               to_array<Column>({{"account", text}}));
        deposits = lookup_text(dialect, "reference, user_id, amount", table("wallet_deposits"),
                               to_array<Column>({{"reference", text}}));
        corrections = lookup_text(dialect, "reference, withdraw_id, account, amount", table("corrections"),
                                  to_array<Column>({{"reference", text}}));
    }

    void make_writes(Dialect dialect) {
        using std::to_array;
        const std::string records = table("withdraw_records");
        insert_withdrawals = insert_text(dialect, records, columns);
        update_withdrawals = update_text(dialect, records, columns, fixed_columns);
        insert_changes = insert_text(dialect, table("withdraw_changes"),
                                     to_array<Column>({{"change_id", text},
                                                       {"withdraw_id", text},
                                                       {"version", integer},
                                                       {"event", text},
                                                       {"at", integer}}));
        insert_notes = insert_text(dialect, table("withdraw_notes"),
                                   to_array<Column>({{"withdraw_id", text},
                                                     {"version", integer},
                                                     {"kind", text},
                                                     {"line", integer},
                                                     {"at", integer},
                                                     {"operator", text},
                                                     {"text", text}}));
        insert_journal = insert_text(dialect, table("journal"),
                                     to_array<Column>({{"change_id", text},
                                                       {"line", integer},
                                                       {"kind", text},
                                                       {"account", text},
                                                       {"amount", integer},
                                                       {"at", integer}}));
        upsert_accounts = upsert_text(dialect, table("accounts"),
                                      to_array<Column>({{"account", text}, {"balance", integer}}), 1);
        upsert_usage =
            upsert_text(dialect, table("withdraw_usage"),
                        to_array<Column>({{"counter", text}, {"amount", integer}, {"count", integer}}), 1);
        upsert_channels = upsert_text(dialect, table("channels"),
                                      to_array<Column>({{"channel", text}, {"is_open", integer}}), 1);
    }

    void make_writes_of_people(Dialect dialect) {
        using std::to_array;
        insert_switches = insert_text(dialect, table("channel_switches"),
                                      to_array<Column>({{"channel", text},
                                                        {"is_open", integer},
                                                        {"operator", text},
                                                        {"reason", text},
                                                        {"change_id", text},
                                                        {"at", integer}}));
        insert_deposits = insert_text(dialect, table("wallet_deposits"),
                                      to_array<Column>({{"reference", text},
                                                        {"user_id", text},
                                                        {"amount", integer},
                                                        {"change_id", text},
                                                        {"created_at", integer}}));
        insert_corrections = insert_text(dialect, table("corrections"),
                                         to_array<Column>({{"reference", text},
                                                           {"withdraw_id", text},
                                                           {"account", text},
                                                           {"amount", integer},
                                                           {"operator", text},
                                                           {"reason", text},
                                                           {"change_id", text},
                                                           {"at", integer}}));
    }

    void make_lanes(Dialect dialect) {
        using std::to_array;
        begin_lane = {dialect == Dialect::sqlite ? "BEGIN IMMEDIATE" : "BEGIN"};
        // A server that was killed has lost some of its time anyway.
        if (dialect == Dialect::postgres) begin_lane.emplace_back("SET LOCAL synchronous_commit = off");
        make_lane = (dialect == Dialect::mysql ? "INSERT IGNORE INTO " : "INSERT INTO ") + table("lanes") +
                    " (channel, call_kind, entered_until, next_place) VALUES (?, ?, 0, 0)" +
                    (dialect == Dialect::mysql ? "" : " ON CONFLICT DO NOTHING");
        lane.one = "SELECT entered_until, next_place FROM " + table("lanes") +
                   " WHERE channel = ? AND call_kind = ?" + (dialect == Dialect::sqlite ? "" : " FOR UPDATE");
        lane.types = {text, text};
        now.one = now_text(dialect);
        upsert_lane = upsert_text(dialect, table("lanes"),
                                  to_array<Column>({{"channel", text},
                                                    {"call_kind", text},
                                                    {"entered_until", integer},
                                                    {"next_place", integer}}),
                                  2);
    }

    [[nodiscard]] static std::string now_text(Dialect dialect) {
        switch (dialect) {
            case Dialect::postgres:
                return "SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::bigint";
            case Dialect::mysql:
                return "SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6))";
            case Dialect::sqlite:
                return "SELECT CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)";
        }
        return {};
    }
};

}  // namespace tixian::sql
