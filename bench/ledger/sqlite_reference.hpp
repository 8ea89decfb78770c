// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <variant>

#include "ledger/load.hpp"
#include "ledger/sqlite_file.hpp"
#include "ledger/subject.hpp"
#include "tixian/terms_text.hpp"

namespace tixian::bench {

/// What a careful hand writes against SQLite for the three steps of a Load: what is the same for all stands
/// in the statement, an update names only the columns that change, and each account and counter is written
/// once in a transaction. It reads nothing and checks nothing.
class SqliteReference : public ReferenceWriter {
 public:
    explicit SqliteReference(const std::filesystem::path& path) : file_(path) {
        file_.run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    }

    void write(std::span<const Change> changes) override {
        balances_.clear();
        counters_.clear();
        begin_.run();
        for (const Change& change : changes) write(change);
        for (const auto& [account, amount] : balances_) {
            if (move_.run(amount, account) == 0) open_account_.run(account, amount);
        }
        for (const auto& [counter, count] : counters_) count_.run(counter, count.amount, count.times);
        commit_.run();
    }

 private:
    struct Count {
        std::int64_t amount = 0, times = 0;
    };

    void write(const Change& change) {
        const Step& step = std::get<Step>(change.what);
        const Withdrawal& w = step.next;
        const std::int64_t at = to_millis(change.at);
        insert_change_.run(change.id.text(), w.id.text(), w.version, step.event, at);
        if (w.version == 1)
            request(w);
        else if (w.version == 2)
            submit(w);
        else
            settle(w);
        std::int64_t line = 0;
        for (const Posting& posting : step.entry.postings()) {
            const std::string account = posting.account.name();
            insert_posting_.run(change.id.text(), line++, w.version == 1 ? "hold" : "settle", account,
                                posting.amount.fen(), at);
            balances_[account] += posting.amount.fen();
        }
        for (const Claim& claim : step.claims) {
            Count& count = counters_[claim.counter.text()];
            count.amount += claim.amount.fen();
            count.times += claim.count;
        }
    }

    void request(const Withdrawal& w) {
        request_.run(w.id.text(), w.order.user.text(), w.order.key.text(), w.order.amount.fen(), w.fee.fen(),
                     w.free_amount.fen(), terms_, w.counted_on, w.order.channel.text(), w.order.openid.text(),
                     w.order.remark, to_millis(w.created_at), to_millis(*w.due_at), to_millis(w.updated_at));
    }
    void submit(const Withdrawal& w) {
        submit_.run(w.destination->api, w.destination->mchid.text(), w.destination->appid.text(),
                    w.submission.body, to_millis(w.attempts.first_at), to_millis(w.attempts.signed_at),
                    to_millis(w.attempts.send_by), to_millis(w.lease_until), to_millis(w.updated_at),
                    w.id.text());
    }
    void settle(const Withdrawal& w) {
        settle_.run(w.transfer_bill_no, to_millis(w.updated_at), to_millis(*w.completed_at), w.id.text());
    }

    const std::string terms_ = terms_text(Load::terms());
    std::map<std::string, std::int64_t> balances_;
    std::map<std::string, Count> counters_;

    SqliteFile file_;
    SqliteStatement begin_{file_.raw(), "BEGIN IMMEDIATE"};
    SqliteStatement commit_{file_.raw(), "COMMIT"};
    SqliteStatement insert_change_{file_.raw(),
                                   "INSERT INTO withdraw_changes (change_id, withdraw_id, version, event, at)"
                                   " VALUES (?, ?, ?, ?, ?)"};
    SqliteStatement insert_posting_{file_.raw(),
                                    "INSERT INTO journal (change_id, line, kind, account, amount, at)"
                                    " VALUES (?, ?, ?, ?, ?, ?)"};
    SqliteStatement move_{file_.raw(), "UPDATE accounts SET balance = balance + ? WHERE account = ?"};
    SqliteStatement open_account_{file_.raw(), "INSERT INTO accounts (account, balance) VALUES (?, ?)"};
    SqliteStatement count_{file_.raw(),
                           "INSERT INTO withdraw_usage (counter, amount, count) VALUES (?, ?, ?)"
                           " ON CONFLICT (counter) DO UPDATE SET amount = amount + excluded.amount,"
                           " count = count + excluded.count"};
    SqliteStatement request_{
        file_.raw(),
        "INSERT INTO withdraw_records (withdraw_id, user_id, idempotency_key, amount, fee, free_amount,"
        " terms, counted_on, channel, wechat_openid, remark, created_at, due_at, updated_at, state, status,"
        " version, attempts, first_submit_at, signed_at, send_by, submit_call, submit_answer,"
        " earlier_doubt_until, bill_seen, number_taken, refused, refused_for_content, refused_at, parked,"
        " waits_for_person, raised, released_by, watches_left, next_call, due_queue, lease_until, calls,"
        " retries) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'held', 'pending', 1, 0, 0, 0, 0, 0,"
        " 'none', 0, 0, 0, 0, 0, 0, 0, 0, 0, 'none', 0, 'submit', 'held', 0, 0, 0)"};
    SqliteStatement submit_{
        file_.raw(),
        "UPDATE withdraw_records SET state = 'submitting', status = 'processing', version = 2,"
        " wechat_api = ?, wechat_mchid = ?, wechat_appid = ?, request_body = ?, attempts = 1,"
        " first_submit_at = ?, signed_at = ?, send_by = ?, submit_call = 1, due_queue = 'submit',"
        " lease_until = ?, calls = 1, updated_at = ? WHERE withdraw_id = ?"};
    SqliteStatement settle_{
        file_.raw(),
        "UPDATE withdraw_records SET state = 'succeeded', status = 'success', version = 3, bill_seen = 1,"
        " wechat_state = 'SUCCESS', wechat_raw_state = 'SUCCESS', transfer_bill_no = ?, due_at = NULL,"
        " lease_until = 0, updated_at = ?, completed_at = ? WHERE withdraw_id = ?"};
};

}  // namespace tixian::bench
