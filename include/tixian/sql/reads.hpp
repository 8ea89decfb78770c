// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "tixian/ledger.hpp"
#include "tixian/sql/books.hpp"
#include "tixian/sql/statements.hpp"

namespace tixian::sql {

/// The reads of a ledger as SQL, on any session. Each is one statement, so it is of one moment; only due()
/// asks more than once.
class Reads {
 public:
    Reads(Session& session, const Statements& statements, Books* books = nullptr)
        : session_(session), statements_(statements), books_(books) {}

    /// Rows that cannot be read are passed over, so that one damaged row does not stop all others;
    /// `ledger_damaged` when there are no others.
    [[nodiscard]] Result<std::vector<Withdrawal>> due(Timestamp now, std::size_t limit,
                                                      const DueFilter& filter) {
        auto queues = due_queues(filter);
        if (!queues) return tl::unexpected(queues.error());
        constexpr std::size_t page_max = 4096;
        for (std::size_t page = limit;; page *= 2) {
            auto rows = due_rows(*queues, now, page);
            if (!rows) return tl::unexpected(rows.error());
            std::vector<Withdrawal> found;
            bool is_full = false;
            for (const auto& of_queue : *rows) {
                is_full |= of_queue.size() == page;
                for (const Row& row : of_queue) {
                    if (auto withdrawal = from_row(row)) found.push_back(std::move(*withdrawal));
                }
            }
            const bool is_all = !is_full || page >= page_max;
            const bool is_empty = std::all_of(rows->begin(), rows->end(),
                                              [](const auto& of_queue) { return of_queue.empty(); });
            if (found.empty() && !is_empty && is_all) return damaged("withdraw_records");
            if (found.size() < limit && !is_all) continue;
            std::sort(found.begin(), found.end(), [](const Withdrawal& a, const Withdrawal& b) {
                return std::tie(*a.due_at, a.id) < std::tie(*b.due_at, b.id);
            });
            if (found.size() > limit) found.resize(limit);
            return found;
        }
    }

    [[nodiscard]] Result<std::optional<Withdrawal>> find(const WithdrawalId& id) {
        return first(withdrawals(" WHERE withdraw_id = ?", {id.text()}));
    }

    [[nodiscard]] Result<std::optional<Withdrawal>> find_by_key(const UserId& user,
                                                                const IdempotencyKey& key) {
        return first(withdrawals(" WHERE user_id = ? AND idempotency_key = ?", {user.text(), key.text()}));
    }

    [[nodiscard]] Result<std::vector<Withdrawal>> history(const UserId& user, std::size_t limit,
                                                          const std::optional<Cursor>& after) {
        const auto count = static_cast<std::int64_t>(limit);
        if (!after)
            return withdrawals(" WHERE user_id = ? ORDER BY created_at DESC, withdraw_id DESC LIMIT ?",
                               {user.text(), count});
        // Not as a comparison of rows, for which MySQL uses no index.
        return withdrawals(
            " WHERE user_id = ? AND created_at <= ? AND (created_at < ? OR withdraw_id < ?)"
            " ORDER BY created_at DESC, withdraw_id DESC LIMIT ?",
            {user.text(), to_millis(after->created_at), to_millis(after->created_at), after->id.text(),
             count});
    }

    [[nodiscard]] Result<std::vector<Withdrawal>> waiting_for_person(std::size_t limit,
                                                                     const std::optional<Cursor>& after) {
        const auto count = static_cast<std::int64_t>(limit);
        const std::string which = " WHERE waits_for_person = 1";
        const std::string order = " ORDER BY created_at, withdraw_id LIMIT ?";
        if (!after) return withdrawals(which + order, {count});
        return withdrawals(
            which + " AND created_at >= ? AND (created_at > ? OR withdraw_id > ?)" + order,
            {to_millis(after->created_at), to_millis(after->created_at), after->id.text(), count});
    }

    [[nodiscard]] Result<Balance> balance(const UserId& user) {
        const Account available{AccountKind::user_available, user}, held{AccountKind::user_held, user};
        auto rows = read<AccountBalance>(
            "accounts", in("SELECT account, balance FROM {accounts} WHERE account IN (?, ?)"),
            {available.name(), held.name()}, read_account);
        if (!rows) return tl::unexpected(rows.error());
        Balance balance;
        for (const AccountBalance& row : *rows)
            (row.account == held.name() ? balance.held : balance.available) = row.balance;
        if (books_ == nullptr) return balance;
        auto elsewhere = books_->available(session_, user);
        if (!elsewhere) return tl::unexpected(elsewhere.error());
        balance.available = elsewhere->value_or(Money());
        return balance;
    }

    [[nodiscard]] Result<std::vector<Note>> notes(const WithdrawalId& id) {
        return read_notes(" WHERE withdraw_id = ? ORDER BY version, line", {id.text()});
    }

    [[nodiscard]] Result<std::vector<Note>> notes_of(NoteKind kind, std::size_t limit) {
        return read_notes(" WHERE kind = ? ORDER BY at DESC, withdraw_id DESC, version DESC LIMIT ?",
                          {std::string(name(kind)), static_cast<std::int64_t>(limit)});
    }

    [[nodiscard]] Result<std::vector<NoteCount>> note_counts() {
        return read<NoteCount>("withdraw_notes",
                               in("SELECT kind, COUNT(*) FROM {withdraw_notes} GROUP BY kind"), {},
                               [](detail::RowReader& r) {
                                   return NoteCount{r.word(tixian::detail::note_kind_text), r.integer()};
                               })
            .map([](std::vector<NoteCount> counts) {
                std::sort(counts.begin(), counts.end(),
                          [](const NoteCount& a, const NoteCount& b) { return a.kind < b.kind; });
                return counts;
            });
    }

    [[nodiscard]] Result<Usage> usage(const UsageCounter& counter) {
        return read<Usage>(
                   "withdraw_usage", in("SELECT amount, count FROM {withdraw_usage} WHERE counter = ?"),
                   {counter.text()}, [](detail::RowReader& r) { return Usage{r.money(), r.integer()}; })
            .map([](const std::vector<Usage>& found) { return found.empty() ? Usage{} : found.front(); });
    }

    [[nodiscard]] Result<std::optional<Timestamp>> last_at(const UserId& user) {
        return read<Timestamp>("withdraw_records",
                               in("SELECT created_at FROM {withdraw_records} WHERE user_id = ? AND ") +
                                   Statements::is_counted +
                                   " ORDER BY created_at DESC, withdraw_id DESC LIMIT 1",
                               {user.text()}, [](detail::RowReader& r) { return r.time(); })
            .map([](const std::vector<Timestamp>& found) {
                return found.empty() ? std::nullopt : std::optional(found.front());
            });
    }

    [[nodiscard]] Result<std::vector<Correction>> corrections(const WithdrawalId& about) {
        return read<Correction>("corrections",
                                in("SELECT reference, account, amount, operator, reason FROM {corrections}"
                                   " WHERE withdraw_id = ? ORDER BY number"),
                                {about.text()}, [&](detail::RowReader& r) {
                                    Correction c{r.id<Reference>(), about, {}, {}, {}};
                                    c.account = r.parsed(Account::parse(r.text()));
                                    c.amount = r.money();
                                    c.person = {r.id<OperatorId>(), r.text()};
                                    return c;
                                });
    }

    [[nodiscard]] Result<std::vector<Switch>> switches() {
        return read<Switch>(
            "channel_switches",
            in("SELECT channel, is_open, operator, reason FROM {channel_switches} WHERE number IN"
               " (SELECT MAX(number) FROM {channel_switches} GROUP BY channel) ORDER BY channel"),
            {}, [](detail::RowReader& r) {
                Switch s{r.id<ChannelName>(), r.flag(), {}};
                s.person = {r.id<OperatorId>(), r.text()};
                return s;
            });
    }

    [[nodiscard]] Result<std::vector<AccountBalance>> trial_balance() {
        return read<AccountBalance>(
            "accounts", in("SELECT account, balance FROM {accounts} ORDER BY account"), {}, read_account);
    }

 private:
    [[nodiscard]] static tl::unexpected<Error> damaged(const std::string& table) {
        return refuse(ErrorCode::ledger_damaged, table + " holds a row that cannot be read");
    }

    /// Every row of a statement as a value; one that cannot be read makes the answer `ledger_damaged`.
    template <class T, class Make>
    [[nodiscard]] Result<std::vector<T>> read(const std::string& table, std::string_view statement,
                                              const std::vector<Value>& arguments, const Make& make) {
        auto rows = session_.execute(statement, arguments);
        if (!rows) return tl::unexpected(rows.error());
        std::vector<T> values;
        for (const Row& row : rows->rows) {
            detail::RowReader reader(row);
            T value = make(reader);
            if (reader.is_damaged()) return damaged(table);
            values.push_back(std::move(value));
        }
        return values;
    }

    [[nodiscard]] Result<std::vector<Note>> read_notes(const std::string& where,
                                                       const std::vector<Value>& arguments) {
        return read<Note>(
            "withdraw_notes",
            in("SELECT withdraw_id, kind, version, at, operator, text FROM {withdraw_notes}") + where,
            arguments, [](detail::RowReader& r) {
                return Note{r.id<WithdrawalId>(),
                            r.word(tixian::detail::note_kind_text),
                            r.integer(),
                            r.time(),
                            r.optional_id<OperatorId>(),
                            r.text()};
            });
    }

    [[nodiscard]] Result<std::vector<Withdrawal>> withdrawals(const std::string& where,
                                                              const std::vector<Value>& arguments) {
        auto rows = session_.execute(statements_.select_withdrawal + where, arguments);
        if (!rows) return tl::unexpected(rows.error());
        std::vector<Withdrawal> found;
        found.reserve(rows->rows.size());
        for (const Row& row : rows->rows) {
            auto withdrawal = from_row(row);
            if (!withdrawal) return tl::unexpected(withdrawal.error());
            found.push_back(std::move(*withdrawal));
        }
        return found;
    }

    [[nodiscard]] static Result<std::optional<Withdrawal>> first(Result<std::vector<Withdrawal>> found) {
        if (!found) return tl::unexpected(found.error());
        if (found->empty()) return std::optional<Withdrawal>{};
        return std::move(found->front());
    }

    [[nodiscard]] std::string in(std::string_view text) const { return statements_.names.in(text); }

    static AccountBalance read_account(detail::RowReader& r) {
        std::string account = r.text();
        return {std::move(account), r.money()};
    }

    using Queue = std::pair<std::string, DueQueue>;  // of a channel

    /// The queues that the filter allows and no switch stops.
    [[nodiscard]] Result<std::vector<Queue>> due_queues(const DueFilter& filter) {
        auto channels = read<std::pair<ChannelName, bool>>(
            "channels", in("SELECT channel, is_open FROM {channels}"), {}, [](detail::RowReader& r) {
                auto channel = r.id<ChannelName>();
                return std::pair(std::move(channel), r.flag());
            });
        if (!channels) return tl::unexpected(channels.error());
        std::vector<Queue> queues;
        for (const auto& [channel, is_open] : *channels) {
            if (!filter.wants(channel)) continue;
            for (const DueQueue queue :
                 {DueQueue::held, DueQueue::submit, DueQueue::query, DueQueue::cancel}) {
                if (!filter.wants(call_of(queue))) continue;
                if (queue != DueQueue::held || is_open) queues.emplace_back(channel.text(), queue);
            }
        }
        return queues;
    }

    /// The first of each queue.
    [[nodiscard]] Result<std::vector<std::vector<Row>>> due_rows(const std::vector<Queue>& queues,
                                                                 Timestamp now, std::size_t limit) {
        std::vector<Lookup> lookups;
        for (const auto& [channel, queue] : queues)
            lookups.push_back({&statements_.due,
                               {{channel, std::string(name(queue)), to_millis(now), to_millis(now),
                                 static_cast<std::int64_t>(limit)}}});
        return session_.load({}, lookups);
    }

    Session& session_;
    const Statements& statements_;
    Books* books_;
};

}  // namespace tixian::sql
