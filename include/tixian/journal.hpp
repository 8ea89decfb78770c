// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <compare>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tixian/ids.hpp"
#include "tixian/money.hpp"

namespace tixian {

enum class AccountKind { user_available, user_held, wechat_clearing, fees, funding, suspense };

/// One account of the ledger. Only the two of a user name a user, and only those may never fall below zero
/// (R11).
struct Account {
    AccountKind kind{};
    UserId user;

    /// `user:<id>:available`, `user:<id>:held`, `wechat:clearing`, `fees`, `funding`, `suspense`.
    [[nodiscard]] std::string name() const {
        switch (kind) {
            case AccountKind::user_available:
                return "user:" + user.text() + ":available";
            case AccountKind::user_held:
                return "user:" + user.text() + ":held";
            case AccountKind::wechat_clearing:
                return "wechat:clearing";
            case AccountKind::fees:
                return "fees";
            case AccountKind::funding:
                return "funding";
            case AccountKind::suspense:
                return "suspense";
        }
        return {};
    }
    /// Reads a name() back; refuses (`malformed`) what is none.
    [[nodiscard]] static Result<Account> parse(std::string_view text) {
        for (const AccountKind kind :
             {AccountKind::wechat_clearing, AccountKind::fees, AccountKind::funding, AccountKind::suspense}) {
            if (text == Account{kind, {}}.name()) return Account{kind, {}};
        }
        for (const AccountKind kind : {AccountKind::user_available, AccountKind::user_held}) {
            const std::string_view end = kind == AccountKind::user_held ? ":held" : ":available";
            if (!text.starts_with("user:") || !text.ends_with(end)) continue;
            if (auto user =
                    UserId::parse(text.substr(5, text.size() - std::min(text.size(), 5 + end.size()))))
                return Account{kind, *user};
        }
        return refuse(ErrorCode::malformed, "no such account", "account");
    }
    [[nodiscard]] bool is_user() const {
        return kind == AccountKind::user_available || kind == AccountKind::user_held;
    }
    auto operator<=>(const Account&) const = default;
};

struct Posting {
    Account account;
    Money amount;
    bool operator==(const Posting&) const = default;
};

enum class EntryKind { none, hold, settle, release, deposit, correction };

[[nodiscard]] constexpr std::string_view name(EntryKind kind) {
    switch (kind) {
        case EntryKind::none:
            return "none";
        case EntryKind::hold:
            return "hold";
        case EntryKind::settle:
            return "settle";
        case EntryKind::release:
            return "release";
        case EntryKind::deposit:
            return "deposit";
        case EntryKind::correction:
            return "correction";
    }
    return "none";
}

/// A journal entry: postings that sum to zero. Only the functions below make one, so an unbalanced one cannot
/// be.
class Entry {
 public:
    Entry() = default;

    [[nodiscard]] EntryKind kind() const { return kind_; }
    [[nodiscard]] const std::vector<Posting>& postings() const { return postings_; }
    [[nodiscard]] bool is_empty() const { return postings_.empty(); }
    bool operator==(const Entry&) const = default;

    /// available -> held, in the commit that creates a withdrawal. `total` is amount and fee.
    [[nodiscard]] static Entry hold(const UserId& user, Money total) {
        return Entry(EntryKind::hold, {{{AccountKind::user_available, user}, -total},
                                       {{AccountKind::user_held, user}, total}});
    }
    /// held -> clearing and fees, in the commit that makes a withdrawal succeeded.
    [[nodiscard]] static Entry settle(const UserId& user, Money amount, Money fee) {
        const Money total = checked_add(amount, fee).value();
        Entry entry(EntryKind::settle,
                    {{{AccountKind::user_held, user}, -total}, {{AccountKind::wechat_clearing, {}}, amount}});
        if (!fee.is_zero()) entry.postings_.push_back({{AccountKind::fees, {}}, fee});
        return entry;
    }
    /// held -> available, in the commit that makes a withdrawal failed or cancelled.
    [[nodiscard]] static Entry release(const UserId& user, Money total) {
        return Entry(EntryKind::release, {{{AccountKind::user_held, user}, -total},
                                          {{AccountKind::user_available, user}, total}});
    }
    /// funding -> available.
    [[nodiscard]] static Entry deposit(const UserId& user, Money amount) {
        return Entry(EntryKind::deposit,
                     {{{AccountKind::funding, {}}, -amount}, {{AccountKind::user_available, user}, amount}});
    }
    /// suspense -> account, or back where `amount` is negative: how a person puts the books right (R6).
    [[nodiscard]] static Entry correction(const Account& account, Money amount) {
        return Entry(EntryKind::correction, {{{AccountKind::suspense, {}}, -amount}, {account, amount}});
    }

 private:
    Entry(EntryKind kind, std::vector<Posting> postings) : kind_(kind), postings_(std::move(postings)) {}

    EntryKind kind_ = EntryKind::none;
    std::vector<Posting> postings_;
};

}  // namespace tixian

template <>
struct std::hash<tixian::Account> {
    std::size_t operator()(const tixian::Account& account) const noexcept {
        return std::hash<tixian::UserId>{}(account.user) * 31 + static_cast<std::size_t>(account.kind);
    }
};
