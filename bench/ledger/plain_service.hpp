// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <variant>

#include "ledger/load.hpp"
#include "ledger/server_kind.hpp"
#include "tixian/terms_text.hpp"

namespace tixian::bench {

/// The three steps of a Load as a plain service takes them: a transaction for each, a statement for each row,
/// each statement a round trip, the wallet and the counters locked by their updates. One client.
class PlainService {
 public:
    PlainService(const ServerKind& kind, const sql::Names& names)
        : line_(kind.connect()), is_mysql_(kind.dialect == sql::Dialect::mysql), names_(names) {}

    void write(const Change& change) {
        const Step& step = std::get<Step>(change.what);
        const Withdrawal& w = step.next;
        const std::int64_t at = to_millis(change.at);
        run("BEGIN");
        if (w.version == 1)
            request(w);
        else if (w.version == 2)
            submit(w);
        else
            settle(w);
        run("INSERT INTO {withdraw_changes} (change_id, withdraw_id, version, event, at) VALUES (?, ?, ?, ?, "
            "?)",
            change.id.text(), w.id.text(), w.version, std::string(step.event), at);
        std::int64_t line = 0;
        for (const Posting& posting : step.entry.postings()) {
            move(posting.account.name(), posting.amount.fen());
            run("INSERT INTO {journal} (change_id, line, kind, account, amount, at) VALUES (?, ?, ?, ?, ?, "
                "?)",
                change.id.text(), line++, std::string(w.version == 1 ? "hold" : "settle"),
                posting.account.name(), posting.amount.fen(), at);
        }
        for (const Claim& claim : step.claims)
            run(is_mysql_ ? "INSERT INTO {withdraw_usage} (counter, amount, count) VALUES (?, ?, ?)"
                            " ON DUPLICATE KEY UPDATE amount = amount + VALUES(amount), count = count + 1"
                          : "INSERT INTO {withdraw_usage} AS u (counter, amount, count) VALUES (?, ?, ?)"
                            " ON CONFLICT (counter) DO UPDATE SET amount = u.amount + excluded.amount,"
                            " count = u.count + 1",
                claim.counter.text(), claim.amount.fen(), claim.count);
        run("COMMIT");
    }

 private:
    void request(const Withdrawal& w) {
        run("SELECT withdraw_id FROM {withdraw_records} WHERE user_id = ? AND idempotency_key = ?",
            w.order.user.text(), w.order.key.text());
        run("INSERT INTO {withdraw_records} (withdraw_id, user_id, idempotency_key, amount, fee, free_amount,"
            " terms, counted_on, channel, wechat_openid, remark, created_at, due_at, updated_at, state, "
            "status,"
            " version, attempts, first_submit_at, signed_at, send_by, submit_call, submit_answer,"
            " earlier_doubt_until, bill_seen, number_taken, refused, refused_for_content, refused_at, parked,"
            " waits_for_person, raised, released_by, watches_left, next_call, due_queue, lease_until, calls,"
            " retries) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'held', 'pending', 1, 0, 0, 0, 0, 0,"
            " 'none', 0, 0, 0, 0, 0, 0, 0, 0, 0, 'none', 0, 'submit', 'held', 0, 0, 0)",
            w.id.text(), w.order.user.text(), w.order.key.text(), w.order.amount.fen(), w.fee.fen(),
            w.free_amount.fen(), terms_, w.counted_on, w.order.channel.text(), w.order.openid.text(),
            w.order.remark, to_millis(w.created_at), to_millis(*w.due_at), to_millis(w.updated_at));
    }
    void submit(const Withdrawal& w) {
        run("UPDATE {withdraw_records} SET state = 'submitting', status = 'processing', version = 2,"
            " wechat_api = ?, wechat_mchid = ?, wechat_appid = ?, request_body = ?, attempts = 1,"
            " first_submit_at = ?, signed_at = ?, send_by = ?, submit_call = 1, due_queue = 'submit',"
            " lease_until = ?, calls = 1, updated_at = ? WHERE withdraw_id = ? AND version = 1",
            w.destination->api, w.destination->mchid.text(), w.destination->appid.text(), w.submission.body,
            to_millis(w.attempts.first_at), to_millis(w.attempts.signed_at), to_millis(w.attempts.send_by),
            to_millis(w.lease_until), to_millis(w.updated_at), w.id.text());
    }
    void settle(const Withdrawal& w) {
        run("UPDATE {withdraw_records} SET state = 'succeeded', status = 'success', version = 3, bill_seen = "
            "1,"
            " wechat_state = 'SUCCESS', wechat_raw_state = 'SUCCESS', transfer_bill_no = ?, due_at = NULL,"
            " lease_until = 0, updated_at = ?, completed_at = ? WHERE withdraw_id = ? AND version = 2",
            w.transfer_bill_no, to_millis(w.updated_at), to_millis(*w.completed_at), w.id.text());
    }
    void move(const std::string& account, std::int64_t amount) {
        if (run("UPDATE {accounts} SET balance = balance + ? WHERE account = ?", amount, account) == 0)
            run(is_mysql_ ? "INSERT INTO {accounts} (account, balance) VALUES (?, ?)"
                            " ON DUPLICATE KEY UPDATE balance = balance + VALUES(balance)"
                          : "INSERT INTO {accounts} AS a (account, balance) VALUES (?, ?)"
                            " ON CONFLICT (account) DO UPDATE SET balance = a.balance + excluded.balance",
                account, amount);
    }

    template <class... Arguments>
    std::int64_t run(const char* statement, const Arguments&... arguments) {
        auto text = texts_.find(statement);
        if (text == texts_.end()) text = texts_.emplace(statement, names_.in(statement)).first;
        const sql::Row values{sql::Value(arguments)...};
        return require(line_.connection->execute(text->second, values)).changed;
    }

    Line line_;
    const bool is_mysql_;
    const sql::Names names_;
    const std::string terms_ = terms_text(Load::terms());
    std::map<const char*, std::string> texts_;
};

}  // namespace tixian::bench
