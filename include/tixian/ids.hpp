// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <compare>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "tixian/error.hpp"

namespace tixian {

/// A checked piece of text that names one kind of thing. Ids of different kinds do not mix. An Id that was
/// not default-constructed always keeps the bounds that its Kind states.
template <class Kind>
class Id {
 public:
    Id() = default;

    /// Refuses (`invalid_argument`, field = the kind's name) what is empty, too long, or has a foreign
    /// character.
    [[nodiscard]] static Result<Id> parse(std::string_view text) {
        const bool fits = !text.empty() && text.size() <= Kind::length_max &&
                          std::all_of(text.begin(), text.end(), Kind::is_allowed);
        if (!fits)
            return refuse(ErrorCode::invalid_argument, std::string(Kind::rule), std::string(Kind::name));
        return Id(std::string(text));
    }

    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] bool is_empty() const { return text_.empty(); }
    auto operator<=>(const Id&) const = default;

 private:
    explicit Id(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

namespace detail {

constexpr bool is_alphanumeric(char c) {
    return ('0' <= c && c <= '9') || ('A' <= c && c <= 'Z') || ('a' <= c && c <= 'z');
}
constexpr bool is_printable(char c) { return 0x21 <= c && c <= 0x7e; }

struct WithdrawalIdKind {
    // WeChat's out_bill_no: wechat_spec 1.2 A, [0-9A-Za-z], at most 32.
    static constexpr std::string_view name = "withdraw_id",
                                      rule = "withdraw_id must be 1 to 32 letters or digits";
    static constexpr std::size_t length_max = 32;
    static constexpr bool is_allowed(char c) { return is_alphanumeric(c); }
};
struct UserIdKind {
    // No colon, because account names are `user:<id>:available`.
    static constexpr std::string_view name = "user_id",
                                      rule =
                                          "user_id must be 1 to 64 printable characters, no space or colon";
    static constexpr std::size_t length_max = 64;
    static constexpr bool is_allowed(char c) { return is_printable(c) && c != ':'; }
};
struct IdempotencyKeyKind {
    static constexpr std::string_view name = "idempotency_key",
                                      rule = "idempotency_key must be 1 to 128 printable ASCII characters";
    static constexpr std::size_t length_max = 128;
    static constexpr bool is_allowed(char c) { return is_printable(c); }
};
struct ReferenceKind {
    static constexpr std::string_view name = "reference",
                                      rule = "reference must be 1 to 128 printable ASCII characters";
    static constexpr std::size_t length_max = 128;
    static constexpr bool is_allowed(char c) { return is_printable(c); }
};
struct ChangeIdKind {
    static constexpr std::string_view name = "change_id",
                                      rule = "change_id must be 1 to 64 letters or digits";
    static constexpr std::size_t length_max = 64;
    static constexpr bool is_allowed(char c) { return is_alphanumeric(c); }
};
struct ChannelNameKind {
    static constexpr std::string_view name = "channel",
                                      rule = "channel must be 1 to 32 of a-z, 0-9, underscore or hyphen";
    static constexpr std::size_t length_max = 32;
    static constexpr bool is_allowed(char c) {
        return ('a' <= c && c <= 'z') || ('0' <= c && c <= '9') || c == '_' || c == '-';
    }
};
struct OpenidKind {
    static constexpr std::string_view name = "openid",
                                      rule = "openid must be 1 to 64 letters, digits, underscores or hyphens";
    static constexpr std::size_t length_max = 64;
    static constexpr bool is_allowed(char c) { return is_alphanumeric(c) || c == '_' || c == '-'; }
};
struct OperatorIdKind {
    static constexpr std::string_view name = "operator",
                                      rule = "operator must be 1 to 64 printable ASCII characters";
    static constexpr std::size_t length_max = 64;
    static constexpr bool is_allowed(char c) { return is_printable(c); }
};
struct AppidKind {
    static constexpr std::string_view name = "appid", rule = "appid must be 1 to 32 letters or digits";
    static constexpr std::size_t length_max = 32;
    static constexpr bool is_allowed(char c) { return is_alphanumeric(c); }
};
struct MchidKind {
    static constexpr std::string_view name = "mchid", rule = "mchid must be 1 to 32 letters or digits";
    static constexpr std::size_t length_max = 32;
    static constexpr bool is_allowed(char c) { return is_alphanumeric(c); }
};

}  // namespace detail

/// The number of a withdrawal, for us and for WeChat (`out_bill_no`), for ever (R1).
using WithdrawalId = Id<detail::WithdrawalIdKind>;
using UserId = Id<detail::UserIdKind>;
/// The caller's key of one request; unique per user, for ever (R8).
using IdempotencyKey = Id<detail::IdempotencyKeyKind>;
/// The caller's key of one deposit; unique, for ever.
using Reference = Id<detail::ReferenceKind>;
/// Names one change, so that a commit in doubt can be finished instead of guessed (R15).
using ChangeId = Id<detail::ChangeIdKind>;
using ChannelName = Id<detail::ChannelNameKind>;
/// Whoever at the merchant decides: approves, rejects, resumes, corrects, stops a channel.
using OperatorId = Id<detail::OperatorIdKind>;
using Openid = Id<detail::OpenidKind>;
using Appid = Id<detail::AppidKind>;
using Mchid = Id<detail::MchidKind>;

}  // namespace tixian

template <class Kind>
struct std::hash<tixian::Id<Kind>> {
    std::size_t operator()(const tixian::Id<Kind>& id) const noexcept {
        return std::hash<std::string>{}(id.text());
    }
};
