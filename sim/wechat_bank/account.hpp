// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "tixian/clock.hpp"
#include "tixian/money.hpp"

namespace tixian::bank {

enum class MovementKind : std::uint8_t { deposit, withdrawal, bill, bill_return, batch, batch_return };

/// One change of the account; `subject` is the bank's index of the bill or batch.
struct Movement {
    std::uint64_t number = 0;  ///< of all movements of all merchants
    Timestamp at;
    MovementKind kind = MovementKind::deposit;
    std::size_t subject = 0;
    Money amount;   ///< without a sign
    Money balance;  ///< afterwards
    [[nodiscard]] bool is_income() const {
        return kind == MovementKind::deposit || kind == MovementKind::bill_return ||
               kind == MovementKind::batch_return;
    }
};

/// A merchant's operation account with all that ever moved it.
class Account {
 public:
    explicit Account(Money opening = Money()) : balance_(opening) {}

    [[nodiscard]] Money balance() const { return balance_; }
    [[nodiscard]] const std::vector<Movement>& movements() const { return movements_; }

    /// False, and nothing changes, when the balance does not cover it.
    [[nodiscard]] bool take(std::uint64_t number, Money amount, MovementKind kind, std::size_t subject,
                            Timestamp at) {
        const auto rest = checked_subtract(balance_, amount);
        if (!rest || rest->is_negative()) return false;
        balance_ = *rest;
        movements_.push_back({number, at, kind, subject, amount, balance_});
        return true;
    }

    void put(std::uint64_t number, Money amount, MovementKind kind, std::size_t subject, Timestamp at) {
        if (amount.is_zero()) return;
        // What comes back was taken from here, so the sum is in bounds.
        balance_ = checked_add(balance_, amount).value_or(balance_);
        movements_.push_back({number, at, kind, subject, amount, balance_});
    }

    /// A deposit or a withdrawal that makes the balance this.
    void set_balance(std::uint64_t number, Money balance, Timestamp at) {
        if (balance == balance_) return;
        const bool is_more = balance > balance_;
        const auto amount = checked_subtract(is_more ? balance : balance_, is_more ? balance_ : balance);
        balance_ = balance;
        movements_.push_back({number, at, is_more ? MovementKind::deposit : MovementKind::withdrawal, 0,
                              amount.value_or(Money()), balance_});
    }

 private:
    Money balance_;
    std::vector<Movement> movements_;
};

}  // namespace tixian::bank
