// SPDX-License-Identifier: MIT
#include "mock/merchant_terms_json.hpp"

#include <cstdint>
#include <optional>

#include <nlohmann/json.hpp>

namespace tixian::mock {
namespace {

using bank::MerchantTerms, bank::Quotas;
using nlohmann::json;

struct QuotaRow {
    const char* key;
    std::optional<Money> Quotas::* value;
};
constexpr QuotaRow quota_rows[] = {{"per_user_and_day_fen", &Quotas::per_user_and_day},
                                   {"per_day_fen", &Quotas::per_day},
                                   {"per_month_fen", &Quotas::per_month}};

json fen_or_null(const std::optional<Money>& money) { return money ? json(money->fen()) : json(nullptr); }

bool take_fen(const json& value, Money& target) {
    if (!value.is_number_integer()) return false;
    const auto money = Money::from_fen(value.get<std::int64_t>());
    if (!money || money->is_negative()) return false;
    target = *money;
    return true;
}

bool take_quota(const std::string& key, const json& value, Quotas& quotas) {
    if (key == "per_bill_min_fen") return take_fen(value, quotas.per_bill_min);
    if (key == "per_bill_max_fen") return take_fen(value, quotas.per_bill_max);
    for (const QuotaRow& row : quota_rows) {
        if (key != row.key) continue;
        std::optional<Money>& target = quotas.*row.value;
        target.reset();
        return value.is_null() || take_fen(value, target.emplace());
    }
    return false;
}

bool take_rate(const std::string& key, const json& value, bank::Rates& rates) {
    constexpr std::int64_t rate_max = 1'000'000;
    const auto endpoint = bank::parse_endpoint(key);
    if (!endpoint || !value.is_number_integer()) return false;
    const auto rate = value.get<std::int64_t>();
    if (rate < 0 || rate > rate_max) return false;
    rates[static_cast<std::size_t>(*endpoint)] = static_cast<std::size_t>(rate);
    return true;
}

bool take_product(const std::string& key, const json& value, MerchantTerms& terms) {
    const bool is_transfers = key == "transfers";
    if (!value.is_boolean() || (!is_transfers && key != "batches")) return false;
    (is_transfers ? terms.has_transfers : terms.has_batches) = value.get<bool>();
    return true;
}

template <class Target>
std::string take_each(const json& body, const char* key, Target& target,
                      bool (*take)(const std::string&, const json&, Target&)) {
    if (!body.contains(key)) return "";
    if (!body[key].is_object()) return std::string(key) + " must be an object";
    for (const auto& [name, value] : body[key].items()) {
        if (!take(name, value, target)) return "unknown or bad " + std::string(key) + ": " + name;
    }
    return "";
}

}  // namespace

json terms_json(const MerchantTerms& terms) {
    json quotas = {{"per_bill_min_fen", terms.quotas.per_bill_min.fen()},
                   {"per_bill_max_fen", terms.quotas.per_bill_max.fen()}};
    for (const QuotaRow& row : quota_rows) quotas[row.key] = fen_or_null(terms.quotas.*row.value);
    json rates;
    for (std::size_t i = 0; i < bank::endpoint_count; ++i) {
        rates[std::string(bank::endpoint_rows[i].name)] = terms.rates[i];
    }
    return {{"balance_fen", terms.balance.fen()},
            {"quotas", quotas},
            {"rates", rates},
            {"products", {{"transfers", terms.has_transfers}, {"batches", terms.has_batches}}}};
}

std::string take_terms(const json& body, MerchantTerms& terms) {
    if (body.contains("balance_fen") && !take_fen(body["balance_fen"], terms.balance)) {
        return "balance_fen must be whole fen, not below zero";
    }
    // "rates": "unlimited" for suites that do not want to wait.
    const bool is_unlimited = body.contains("rates") && body["rates"] == "unlimited";
    if (is_unlimited) terms.rates = bank::unlimited_rates();
    for (const std::string& problem : {take_each(body, "quotas", terms.quotas, take_quota),
                                       is_unlimited ? "" : take_each(body, "rates", terms.rates, take_rate),
                                       take_each(body, "products", terms, take_product)}) {
        if (!problem.empty()) return problem;
    }
    if (terms.quotas.per_bill_min > terms.quotas.per_bill_max) {
        return "per_bill_min_fen must not be above per_bill_max_fen";
    }
    return "";
}

}  // namespace tixian::mock
