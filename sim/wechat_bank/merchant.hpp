// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include "tixian/clock.hpp"
#include "tixian/money.hpp"

#include "wechat_bank/account.hpp"
#include "wechat_bank/day.hpp"
#include "wechat_bank/rate.hpp"

namespace tixian::bank {

/// Set on WeChat's merchant platform, so settings here, too (wechat_spec 1.4). Days and months are Beijing's.
struct Quotas {
    Money per_bill_min = 10_fen;
    Money per_bill_max = 20000000_fen;
    std::optional<Money> per_user_and_day;  ///< beyond it the bill fails with DAY_RECEIVED_QUOTA_EXCEED
    std::optional<Money> per_day;           ///< beyond it a create is refused
    std::optional<Money> per_month;
};

/// How a merchant begins.
struct MerchantTerms {
    Money balance;
    Quotas quotas;
    Rates rates = wechat_rates();
    bool has_transfers = true;  ///< the product of wechat_spec 1; without it NO_AUTH
    bool has_batches = true;    ///< the older product of wechat_spec 2
};

/// What was used of one quota in its current period.
struct Usage {
    std::int64_t period = 0;
    Money used;

    [[nodiscard]] bool allows(std::int64_t now, Money amount, const std::optional<Money>& quota) const {
        if (!quota) return true;
        const auto sum = checked_add(now == period ? used : Money(), amount);
        return sum && *sum <= *quota;
    }
    void add(std::int64_t now, Money amount) {
        if (now != period) *this = {now, Money()};
        used = checked_add(used, amount).value_or(used);
    }
    void give_back(std::int64_t of, Money amount) {
        if (of == period) used = checked_subtract(used, amount).value_or(used);
    }
};

class Merchant {
 public:
    explicit Merchant(const MerchantTerms& terms) : terms_(terms), account_(terms.balance) {}

    [[nodiscard]] const MerchantTerms& terms() const { return terms_; }
    void set_quotas(const Quotas& quotas) { terms_.quotas = quotas; }
    void set_rates(const Rates& rates) { terms_.rates = rates; }
    void set_products(bool transfers, bool batches) {
        terms_.has_transfers = transfers;
        terms_.has_batches = batches;
    }

    [[nodiscard]] Account& account() { return account_; }
    [[nodiscard]] const Account& account() const { return account_; }

    [[nodiscard]] bool admit(Endpoint endpoint, Timestamp now) {
        const auto index = static_cast<std::size_t>(endpoint);
        return windows_[index].admit(terms_.rates[index], now);
    }

    [[nodiscard]] bool is_within_day(Money amount, Timestamp now) const {
        return day_.allows(day_number(now), amount, terms_.quotas.per_day);
    }
    [[nodiscard]] bool is_within_month(Money amount, Timestamp now) const {
        return month_.allows(month_of(now), amount, terms_.quotas.per_month);
    }
    [[nodiscard]] bool is_within_user_day(const std::string& openid, Money amount, Timestamp now) const {
        const auto found = user_days_.find(openid);
        const Usage usage = found == user_days_.end() ? Usage{} : found->second;
        return usage.allows(day_number(now), amount, terms_.quotas.per_user_and_day);
    }

    void count_created(Money amount, Timestamp at) {
        day_.add(day_number(at), amount);
        month_.add(month_of(at), amount);
    }
    void count_received(const std::string& openid, Money amount, Timestamp at) {
        user_days_[openid].add(day_number(at), amount);
    }
    /// Of what was created at `created` and ended unpaid.
    void uncount_created(Money amount, Timestamp created) {
        day_.give_back(day_number(created), amount);
        month_.give_back(month_of(created), amount);
    }
    void uncount_received(const std::string& openid, Money amount, Timestamp counted) {
        user_days_[openid].give_back(day_number(counted), amount);
    }

 private:
    static std::int64_t day_number(Timestamp at) { return day_of(at).time_since_epoch().count(); }

    MerchantTerms terms_;
    Account account_;
    std::array<RateWindow, endpoint_count> windows_;
    Usage day_, month_;
    std::unordered_map<std::string, Usage> user_days_;
};

}  // namespace tixian::bank
