// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "wechat_bank/agenda.hpp"
#include "wechat_bank/merchant.hpp"
#include "wechat_bank/notification.hpp"
#include "wechat_bank/refusal.hpp"
#include "wechat_bank/terms.hpp"
#include "wechat_bank/token.hpp"

namespace tixian::bank {

/// What one user does, other than all others.
struct User {
    std::string real_name;  ///< a transfer with another name fails with NAME_NOT_CORRECT; empty: any is right
    std::string fail_reason;  ///< every transfer fails with it; empty: none
    bool never_confirms = false;
    std::optional<Duration> confirms_after;  ///< none: as the terms say
};

/// What the books of bills, batches and authorisations share.
struct Core {
    explicit Core(Terms with) : terms(std::move(with)), notifications(terms.notify_retries) {}

    [[nodiscard]] Merchant& merchant(const std::string& mchid) {
        return merchants.try_emplace(mchid, terms.merchant).first->second;
    }
    [[nodiscard]] const User& user(const std::string& openid) const {
        static const User plain;
        const auto found = users.find(openid);
        return found == users.end() ? plain : found->second;
    }
    /// After how long this user confirms by himself; none: only when told to.
    [[nodiscard]] std::optional<Duration> confirms_after(const std::string& openid) const {
        const User& who = user(openid);
        if (who.never_confirms) return std::nullopt;
        return who.confirms_after ? who.confirms_after : terms.auto_confirm_after;
    }
    /// Why a transfer to this user fails; empty: it does not.
    [[nodiscard]] std::string fail_reason(const std::string& openid, const std::string& name) const {
        const User& who = user(openid);
        if (!who.fail_reason.empty()) return who.fail_reason;
        const bool is_other = !name.empty() && !who.real_name.empty() && name != who.real_name;
        return is_other ? "NAME_NOT_CORRECT" : "";
    }
    [[nodiscard]] std::uint64_t number(std::size_t index) const {
        return terms.bills_made_before + index + 1;
    }
    /// The number of one more movement of some account.
    [[nodiscard]] std::uint64_t next_movement() { return number(movements_made++); }
    void notify(EventKind kind, std::size_t index, Timestamp at) {
        // Each kind draws from a seed of its own, so that no two events share an id.
        const std::uint64_t seed = terms.seed + static_cast<std::uint64_t>(kind) * 1'000'003;
        notifications.add(make_event_id(seed, number(index)), kind, index, at);
    }

    Terms terms;
    std::size_t movements_made = 0;
    Agenda agenda;
    NotificationQueue notifications;
    std::unordered_map<std::string, Merchant> merchants;
    std::unordered_map<std::string, User> users;
};

[[nodiscard]] inline std::string key_of(const std::string& mchid, const std::string& number) {
    return mchid + '/' + number;
}

/// What refuses a new order of this size, whatever the product; nothing when it is within all quotas.
[[nodiscard]] inline std::optional<Refusal> check_merchant_quotas(const Core& core, const Merchant& merchant,
                                                                  Money amount, Timestamp now) {
    const bool is_day = !merchant.is_within_day(amount, now);
    if (!is_day && merchant.is_within_month(amount, now)) return std::nullopt;
    const std::string message = is_day ? "超出商户单日转账额度" : "超出商户单月转账额度";
    if (core.terms.behaviour.quota_exceed_429) return Refusal{429, "QUOTA_EXCEED", message};
    return Refusal{400, "INVALID_REQUEST", message};
}

}  // namespace tixian::bank
