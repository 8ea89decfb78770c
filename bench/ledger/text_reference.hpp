// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "ledger/load.hpp"
#include "ledger/server_kind.hpp"
#include "ledger/subject.hpp"
#include "tixian/terms_text.hpp"

namespace tixian::bench {

/// What a careful hand writes against a database server for the three steps of a Load: one text a batch, and
/// so one round trip; a statement of many rows for each table and kind of step; an update names only the
/// columns that change; each account and counter is written once. It reads nothing and checks nothing.
class TextReference : public ReferenceWriter {
 public:
    TextReference(Line line, sql::Dialect dialect, sql::Names names)
        : line_(std::move(line)), is_mysql_(dialect == sql::Dialect::mysql), names_(std::move(names)) {}

    void write(std::span<const Change> changes) override {
        for (const Change& change : changes) add(change);
        std::string text = "BEGIN;";
        put(text, "INSERT INTO {withdraw_changes} (change_id, withdraw_id, version, event, at) VALUES ",
            changes_);
        put(text, request_head, requests_);
        put_update(text, "withdraw_records", "withdraw_id", submit_set, submit_columns, submits_);
        put_update(text, "withdraw_records", "withdraw_id", settle_set, settle_columns, settles_);
        put(text, "INSERT INTO {journal} (change_id, line, kind, account, amount, at) VALUES ", postings_);
        put_balances(text);
        put_counters(text);
        line_.run(text + "COMMIT");
        balances_.clear();
        counters_.clear();
    }

 private:
    using Values = std::vector<std::string>;  // literals
    struct Count {
        std::int64_t amount = 0, times = 0;
    };

    static constexpr const char* request_head =
        "INSERT INTO {withdraw_records} (withdraw_id, user_id, idempotency_key, amount, fee, free_amount,"
        " terms, counted_on, channel, wechat_openid, remark, created_at, due_at, updated_at, state, status,"
        " version, attempts, first_submit_at, signed_at, send_by, submit_call, submit_answer,"
        " earlier_doubt_until, bill_seen, number_taken, refused, refused_for_content, refused_at, parked,"
        " waits_for_person, raised, released_by, watches_left, next_call, due_queue, lease_until, calls,"
        " retries) VALUES ";
    static constexpr const char* submit_set =
        "state = 'submitting', status = 'processing', version = 2, wechat_api = v.api, wechat_mchid = "
        "v.mchid,"
        " wechat_appid = v.appid, request_body = v.body, attempts = 1, first_submit_at = v.first_at,"
        " signed_at = v.signed, send_by = v.by_then, submit_call = 1, due_queue = 'submit',"
        " lease_until = v.lease, calls = 1, updated_at = v.updated";
    static constexpr std::array<std::string_view, 10> submit_columns{
        "id", "api", "mchid", "appid", "body", "first_at", "signed", "by_then", "lease", "updated"};
    static constexpr const char* settle_set =
        "state = 'succeeded', status = 'success', version = 3, bill_seen = 1, wechat_state = 'SUCCESS',"
        " wechat_raw_state = 'SUCCESS', transfer_bill_no = v.bill, due_at = NULL, lease_until = 0,"
        " updated_at = v.updated, completed_at = v.completed";
    static constexpr std::array<std::string_view, 4> settle_columns{"id", "bill", "updated", "completed"};
    static constexpr std::array<std::string_view, 2> move_columns{"id", "amount"};

    /// What a Load makes holds nothing that would have to be escaped.
    static std::string literal(std::string_view text) { return "'" + std::string(text) + "'"; }
    static std::string literal(std::int64_t number) { return std::to_string(number); }
    template <class... Each>
    static Values values(const Each&... each) {
        return {literal(each)...};
    }
    template <class... Each>
    static std::string row(const Each&... each) {
        return joined(values(each...));
    }

    void add(const Change& change) {
        const Step& step = std::get<Step>(change.what);
        const Withdrawal& w = step.next;
        const std::int64_t at = to_millis(change.at);
        changes_.push_back(row(change.id.text(), w.id.text(), w.version, step.event, at));
        if (w.version == 1)
            requests_.push_back(
                row(w.id.text(), w.order.user.text(), w.order.key.text(), w.order.amount.fen(), w.fee.fen(),
                    w.free_amount.fen(), terms_, w.counted_on, w.order.channel.text(), w.order.openid.text(),
                    w.order.remark, to_millis(w.created_at), to_millis(*w.due_at), to_millis(w.updated_at)) +
                ",'held','pending',1,0,0,0,0,0,'none',0,0,0,0,0,0,0,0,0,'none',0,'submit','held',0,0,0");
        else if (w.version == 2)
            submits_.push_back(values(
                w.id.text(), w.destination->api, w.destination->mchid.text(), w.destination->appid.text(),
                w.submission.body, to_millis(w.attempts.first_at), to_millis(w.attempts.signed_at),
                to_millis(w.attempts.send_by), to_millis(w.lease_until), to_millis(w.updated_at)));
        else
            settles_.push_back(
                values(w.id.text(), w.transfer_bill_no, to_millis(w.updated_at), to_millis(*w.completed_at)));
        std::int64_t line = 0;
        for (const Posting& posting : step.entry.postings()) {
            const std::string account = posting.account.name();
            postings_.push_back(row(change.id.text(), line++, std::string(w.version == 1 ? "hold" : "settle"),
                                    account, posting.amount.fen(), at));
            balances_[account] += posting.amount.fen();
        }
        for (const Claim& claim : step.claims) {
            Count& count = counters_[claim.counter.text()];
            count.amount += claim.amount.fen();
            count.times += claim.count;
        }
    }

    /// One statement of all rows, which are forgotten.
    void put(std::string& text, std::string_view head, std::vector<std::string>& rows,
             std::string_view tail = "") const {
        if (rows.empty()) return;
        text += names_.in(head);
        for (std::size_t i = 0; i < rows.size(); ++i) text += (i == 0 ? "(" : ",(") + rows[i] + ")";
        text.append(names_.in(tail)).append(";");
        rows.clear();
    }

    /// Updates the rows of a table whose key is the first value of the given ones.
    void put_update(std::string& text, const std::string& table, const std::string& key, std::string_view set,
                    std::span<const std::string_view> columns, std::vector<Values>& rows) const {
        if (rows.empty()) return;
        const std::string head = "UPDATE " + names_.table(table) + " AS r SET ";
        if (is_mysql_) {
            // It has no VALUES to join with; the statements still go as one text.
            for (const Values& row : rows)
                text +=
                    head + filled(std::string(set), columns, row) + " WHERE r." + key + " = " + row[0] + ";";
        } else {
            text.append(head).append(set).append(" FROM (VALUES ");
            for (const Values& row : rows) text += (&row == rows.data() ? "(" : ",(") + joined(row) + ")";
            text += ") AS v(";
            for (const auto& column : columns)
                text.append(&column == columns.data() ? "" : ",").append(column);
            text += ") WHERE r." + key + " = v.id;";
        }
        rows.clear();
    }

    /// The text with each `v.column` as its value.
    static std::string filled(std::string text, std::span<const std::string_view> columns,
                              const Values& row) {
        for (std::size_t i = 0; i < columns.size(); ++i) {
            const std::string mark = "v." + std::string(columns[i]);
            for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + row[i].size()))
                text.replace(at, mark.size(), row[i]);
        }
        return text;
    }
    static std::string joined(const Values& row) {
        std::string text;
        for (const std::string& value : row) text += (text.empty() ? "" : ",") + value;
        return text;
    }

    void put_balances(std::string& text) {
        std::vector<std::string> fresh;
        std::vector<Values> moved;
        for (const auto& [account, amount] : balances_) {
            if (known_.insert(account).second) fresh.push_back(row(account, std::int64_t{0}));
            moved.push_back(values(account, amount));
        }
        put(text,
            (is_mysql_ ? "INSERT IGNORE" : "INSERT") +
                std::string(" INTO {accounts} (account, balance) VALUES "),
            fresh, is_mysql_ ? "" : " ON CONFLICT DO NOTHING");
        put_update(text, "accounts", "account", "balance = r.balance + v.amount", move_columns, moved);
    }

    void put_counters(std::string& text) {
        std::vector<std::string> rows;
        for (const auto& [counter, count] : counters_)
            rows.push_back(row(counter, count.amount, count.times));
        put(text, "INSERT INTO {withdraw_usage} (counter, amount, count) VALUES ", rows,
            is_mysql_
                ? " ON DUPLICATE KEY UPDATE amount = amount + VALUES(amount), count = count + VALUES(count)"
                : " ON CONFLICT (counter) DO UPDATE SET amount = {withdraw_usage}.amount + excluded.amount,"
                  " count = {withdraw_usage}.count + excluded.count");
    }

    Line line_;
    const bool is_mysql_;
    const sql::Names names_;
    const std::string terms_ = terms_text(Load::terms());
    std::vector<std::string> changes_, requests_, postings_;
    std::vector<Values> submits_, settles_;
    std::map<std::string, std::int64_t> balances_;
    std::map<std::string, Count> counters_;
    std::set<std::string> known_;
};

}  // namespace tixian::bench
