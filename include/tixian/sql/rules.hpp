// SPDX-License-Identifier: MIT
#pragma once

#include <set>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tixian/sql/books.hpp"
#include "tixian/sql/loading.hpp"
#include "tixian/sql/storing.hpp"

namespace tixian::sql {

/// The rules of the ledger in a database, in a transaction that somebody else opened and will commit: lock,
/// load what the batch touches, judge one change after the other in memory, and store what is left of them.
/// A refused change writes nothing and leaves its neighbours alone.
///
/// Until that transaction ends, every other writer of this ledger waits.
class Rules {
 public:
    /// `books`: where users' available money is, if it is not in tixian's accounts. All are borrowed.
    Rules(Session& session, const Statements& statements, Books* books = nullptr)
        : session_(session), statements_(statements), books_(books) {}

    /// Applies each change whole or not at all, as if one by one in this order; one outcome for each. Durable
    /// when the transaction commits. An error means that it must be rolled back: then no change is applied.
    [[nodiscard]] Result<std::vector<Outcome>> commit(std::span<const Change> changes) {
        return run(changes, {}, {});
    }

    /// The same, with statements before the first and after the last of it, for who opens and commits the
    /// transaction in the same round trips.
    [[nodiscard]] Result<std::vector<Outcome>> run(std::span<const Change> changes,
                                                   std::vector<std::string> before,
                                                   std::span<const std::string> after) {
        if (!statements_.lock.empty()) before.push_back(statements_.lock);
        std::vector<Outcome> outcomes;
        outcomes.reserve(changes.size());
        do {
            const auto segment = changes.first(segment_of(changes));
            changes = changes.subspan(segment.size());
            auto done = run_segment(segment, before, changes.empty() ? after : std::span<const std::string>(),
                                    outcomes);
            if (!done) return tl::unexpected(done.error());
            before.clear();
        } while (!changes.empty());
        return outcomes;
    }

 private:
    /// How many of the changes can be judged by what is loaded once: up to a second step of one withdrawal,
    /// and up to a question that only the database can answer after what came before it.
    [[nodiscard]] static std::size_t segment_of(std::span<const Change> changes) {
        std::set<WithdrawalId> stepped;
        std::set<UserId> released;
        for (std::size_t i = 0; i < changes.size(); ++i) {
            const auto* step = std::get_if<Step>(&changes[i].what);
            if (step == nullptr) continue;
            const Withdrawal& next = step->next;
            if (!stepped.insert(next.id).second) return i;
            if (step->needs_interval && released.contains(next.order.user)) return i;
            if (next.state == State::failed || next.state == State::cancelled)
                released.insert(next.order.user);
        }
        return changes.size();
    }

    [[nodiscard]] Result<void> run_segment(std::span<const Change> changes,
                                           std::span<const std::string> before,
                                           std::span<const std::string> after,
                                           std::vector<Outcome>& outcomes) {
        const Loading loading(statements_, changes, books_ != nullptr);
        const std::vector<Lookup> lookups = loading.lookups();
        auto found = session_.load(before, lookups);
        if (!found) return tl::unexpected(found.error());
        WorkingSet set;
        Money wallets;
        if (auto read = loading.read(lookups, *found, set, wallets); !read) return read;
        std::set<UserId> missing;
        if (auto locked = lock_wallets(loading.users(), set, missing); !locked) return locked;

        Storing storing(statements_);
        std::vector<WalletMovement> movements;
        for (const Change& change : changes) {
            Effects effects;
            Outcome outcome = judge(change, set, effects);
            if (std::holds_alternative<Applied>(outcome)) {
                if (auto moved = move_wallet(change, effects, missing, movements, wallets); !moved)
                    return moved;
                set.accept(change, effects);
                storing.add(change);
            }
            outcomes.push_back(std::move(outcome));
        }
        if (!movements.empty()) {
            if (auto stored = books_->store(session_, movements); !stored) return stored;
        }
        std::vector<Write> writes = std::move(storing).writes(set, movements.empty() ? nullptr : &wallets);
        return session_.store(writes, after);
    }

    [[nodiscard]] Result<void> lock_wallets(const std::set<UserId>& users, WorkingSet& set,
                                            std::set<UserId>& missing) {
        if (users.empty()) return {};
        const std::vector<UserId> all(users.begin(), users.end());
        auto locked = books_->lock(session_, all);
        if (!locked) return tl::unexpected(locked.error());
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (const auto& money = locked->at(i))
                set.set_balance({AccountKind::user_available, all[i]}, *money);
            else
                missing.insert(all[i]);
        }
        return {};
    }

    /// What an accepted change moves in the host's wallets.
    [[nodiscard]] Result<void> move_wallet(const Change& change, const Effects& effects,
                                           const std::set<UserId>& missing,
                                           std::vector<WalletMovement>& movements, Money& wallets) const {
        if (books_ == nullptr) return {};
        const Entry entry = entry_of(change);
        for (const Posting& posting : entry.postings()) {
            if (posting.account.kind != AccountKind::user_available) continue;
            const UserId& user = posting.account.user;
            if (missing.contains(user))
                return refuse(ErrorCode::not_allowed, "user " + user.text() + " has no wallet", "user_id");
            const auto sum = checked_add(wallets, posting.amount);
            if (!sum) return refuse(ErrorCode::not_allowed, "more money than can be counted");
            wallets = *sum;
            for (const auto& [account, after] : effects.balances) {
                if (account == posting.account) movements.push_back({user, posting.amount, after, &change});
            }
        }
        return {};
    }

    Session& session_;
    const Statements& statements_;
    Books* books_;
};

}  // namespace tixian::sql
