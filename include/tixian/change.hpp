// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tixian/clock.hpp"
#include "tixian/ids.hpp"
#include "tixian/journal.hpp"
#include "tixian/note.hpp"
#include "tixian/withdrawal.hpp"

namespace tixian {

/// One step of a withdrawal's life, as decided: what to store, and the money that moves with it.
/// It applies only to the row whose version is `next.version - 1`; version 1 creates the row.
struct Step {
    Withdrawal next;
    Entry entry;
    std::vector<Note> notes;
    std::string_view event;  ///< what happened, for the history: a literal
};

/// Money that comes into a user's wallet, once per reference.
struct Deposit {
    UserId user;
    Reference reference;
    Money amount;
};

/// The unit of work: applied whole or not at all, with its conditions inside it. Its id is stored with it, so
/// that a commit in doubt is finished by committing the same change again (R15).
struct Change {
    ChangeId id;
    Timestamp at{};
    std::variant<Step, Deposit> what;
};

/// The journal entry of a change; empty when no money moves.
[[nodiscard]] inline Entry entry_of(const Change& change) {
    if (const auto* step = std::get_if<Step>(&change.what)) return step->entry;
    const auto& deposit = std::get<Deposit>(change.what);
    return Entry::deposit(deposit.user, deposit.amount);
}

}  // namespace tixian
