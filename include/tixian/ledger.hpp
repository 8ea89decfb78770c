// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "tixian/change.hpp"

namespace tixian {

struct Applied {};
/// This very change was applied before: the answer to its commit was lost (R15).
struct AlreadyApplied {};
/// The row is not at the version that the change was decided on, or its number is taken. Read, and decide
/// again.
struct Conflict {};
struct InsufficientFunds {};
/// The key or reference is taken. An empty `field` means by the same content: a replay; else it names what
/// differs.
struct Duplicate {
    WithdrawalId first;
    std::string field;
};
/// The channel's switch is off.
struct Closed {};
/// The commit is in doubt, or the ledger could not be reached. Commit the same change again; act on nothing
/// (R15).
struct Unknown {
    std::string reason;
};

using Outcome = std::variant<Applied, AlreadyApplied, Conflict, InsufficientFunds, LimitReached, Duplicate,
                             Closed, Unknown>;

[[nodiscard]] inline bool is_applied(const Outcome& outcome) {
    return std::holds_alternative<Applied>(outcome) || std::holds_alternative<AlreadyApplied>(outcome);
}

struct Balance {
    Money available;
    Money held;
    bool operator==(const Balance&) const = default;
};

/// Where a page of the history ends; the next page begins behind it.
struct Cursor {
    Timestamp created_at{};
    WithdrawalId id;
};

struct NoteCount {
    NoteKind kind{};
    std::int64_t count = 0;
    bool operator==(const NoteCount&) const = default;
};

struct AccountBalance {
    std::string account;
    Money balance;
    bool operator==(const AccountBalance&) const = default;
};

/// Which of the due rows are wanted; what is empty is no condition.
struct DueFilter {
    std::optional<ChannelName> channel;
    std::optional<CallKind> call;
    std::vector<ChannelName> except;  ///< rows of these channels are not wanted

    [[nodiscard]] bool wants(const ChannelName& name) const {
        return (!channel || *channel == name) &&
               std::find(except.begin(), except.end(), name) == except.end();
    }
    [[nodiscard]] bool wants(CallKind kind) const { return !call || *call == kind; }
};

/// The port to where withdrawals and money are kept. Thread-safe.
///
/// Reads answer from what is committed. A read that fails answers `ledger_unavailable` or `ledger_damaged`.
class Ledger {
 public:
    virtual ~Ledger() = default;

    /// Applies each change whole or not at all, as if one by one in this order; one outcome for each. Durable
    /// when it returns. A refused change leaves every byte as it was.
    [[nodiscard]] virtual std::vector<Outcome> commit(std::span<const Change> changes) = 0;

    /// Rows that are due and not leased at `now`, the longest due first. What is `held` is not due while its
    /// channel's switch is off.
    [[nodiscard]] virtual Result<std::vector<Withdrawal>> due(Timestamp now, std::size_t limit,
                                                              const DueFilter& filter) = 0;

    [[nodiscard]] virtual Result<std::optional<Withdrawal>> find(const WithdrawalId& id) = 0;
    [[nodiscard]] virtual Result<std::optional<Withdrawal>> find_by_key(const UserId& user,
                                                                        const IdempotencyKey& key) = 0;
    /// The user's withdrawals, newest first, behind `after`.
    [[nodiscard]] virtual Result<std::vector<Withdrawal>> history(const UserId& user, std::size_t limit,
                                                                  const std::optional<Cursor>& after) = 0;
    /// Rows that wait for a person: in review or parked, the oldest first, behind `after`.
    [[nodiscard]] virtual Result<std::vector<Withdrawal>> waiting_for_person(
        std::size_t limit, const std::optional<Cursor>& after) = 0;
    /// Zero for a user that the ledger does not know.
    [[nodiscard]] virtual Result<Balance> balance(const UserId& user) = 0;
    /// In the order in which they were written.
    [[nodiscard]] virtual Result<std::vector<Note>> notes(const WithdrawalId& id) = 0;
    /// Notes of one kind, the newest first.
    [[nodiscard]] virtual Result<std::vector<Note>> notes_of(NoteKind kind, std::size_t limit) = 0;
    /// How many notes of each kind there are; kinds without any are left out.
    [[nodiscard]] virtual Result<std::vector<NoteCount>> note_counts() = 0;
    /// Zero for a counter that nothing was counted on.
    [[nodiscard]] virtual Result<Usage> usage(const UsageCounter& counter) = 0;
    /// When the user's last withdrawal that has neither failed nor been cancelled was made.
    [[nodiscard]] virtual Result<std::optional<Timestamp>> last_at(const UserId& user) = 0;
    /// The corrections about one withdrawal, in the order in which they were made.
    [[nodiscard]] virtual Result<std::vector<Correction>> corrections(const WithdrawalId& about) = 0;
    /// The last act on each channel's switch; a channel without any is open.
    [[nodiscard]] virtual Result<std::vector<Switch>> switches() = 0;
    /// Every account with its balance, by name. Sums to zero (R11).
    [[nodiscard]] virtual Result<std::vector<AccountBalance>> trial_balance() = 0;
};

}  // namespace tixian
