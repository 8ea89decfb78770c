// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tixian/claims.hpp"
#include "tixian/clock.hpp"
#include "tixian/ids.hpp"
#include "tixian/journal.hpp"
#include "tixian/note.hpp"
#include "tixian/person.hpp"
#include "tixian/withdrawal.hpp"

namespace tixian {

/// One step of a withdrawal's life, as decided: what to store, the money that moves with it, and what it
/// counts against the limits. It applies only to the row whose version is `next.version - 1`; version 1
/// creates the row.
struct Step {
    Withdrawal next;
    Entry entry;
    std::vector<Note> notes;
    std::string_view event;       ///< what happened, for the history: a literal
    std::vector<Claim> claims{};  ///< added to the usage, or given back; a claim over its ceiling refuses all
    bool needs_open_channel = false;  ///< a submit: refused while the channel's switch is off
    /// The user's last withdrawal that has not failed must be older than the terms' minimum interval.
    bool needs_interval = false;
};

/// Money that comes into a user's wallet, once per reference.
struct Deposit {
    UserId user;
    Reference reference;
    Money amount;
};

/// A person puts the books right: between `suspense` and an account that is neither suspense nor held money,
/// once per reference. A positive amount goes to the account.
struct Correction {
    Reference reference;
    WithdrawalId about;
    Account account;
    Money amount;
    Person person;
    bool operator==(const Correction&) const = default;
};

/// The name of the first field in which two deposits or corrections of one reference differ; empty when they
/// are the same.
[[nodiscard]] inline std::string_view first_difference(const Deposit& a, const Deposit& b) {
    if (a.user != b.user) return "user_id";
    if (a.amount != b.amount) return "amount";
    return {};
}
[[nodiscard]] inline std::string_view first_difference(const Correction& a, const Correction& b) {
    if (a.about != b.about) return "withdraw_id";
    if (a.account != b.account) return "account";
    if (a.amount != b.amount) return "amount";
    return {};
}

/// The kill switch of a channel: while it is off, no submit's intent is committed. What runs already goes on
/// to its end.
struct Switch {
    ChannelName channel;
    bool is_open = true;
    Person person;
    bool operator==(const Switch&) const = default;
};

/// The unit of work: applied whole or not at all, with its conditions inside it. Its id is stored with it, so
/// that a commit in doubt is finished by committing the same change again (R15).
struct Change {
    ChangeId id;
    Timestamp at{};
    std::variant<Step, Deposit, Correction, Switch> what;
};

/// What the change is called in the history.
[[nodiscard]] inline std::string_view event_of(const Change& change) {
    if (const auto* step = std::get_if<Step>(&change.what)) return step->event;
    if (std::holds_alternative<Deposit>(change.what)) return "deposit";
    if (std::holds_alternative<Correction>(change.what)) return "correction";
    return std::get<Switch>(change.what).is_open ? "channel_opened" : "channel_closed";
}

/// The journal entry of a change; empty when no money moves.
[[nodiscard]] inline Entry entry_of(const Change& change) {
    if (const auto* step = std::get_if<Step>(&change.what)) return step->entry;
    if (const auto* deposit = std::get_if<Deposit>(&change.what))
        return Entry::deposit(deposit->user, deposit->amount);
    if (const auto* correction = std::get_if<Correction>(&change.what))
        return Entry::correction(correction->account, correction->amount);
    return {};
}

}  // namespace tixian
