// SPDX-License-Identifier: MIT
#pragma once

// What users ask for: the part of Service before the first submit.

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "tixian/service.hpp"

namespace tixian {

inline Result<std::optional<Receipt>> Service::replay(const Order& order) {
    auto found = ledger_.find_by_key(order.user, order.key);
    if (!found) return tl::unexpected(found.error());
    if (!*found) return std::optional<Receipt>{};
    if (const auto field = first_difference(order, (*found)->order); !field.empty())
        return detail::refuse_mismatch("idempotency key", std::string(field));
    return Receipt{**found, true};
}

inline Result<Step> Service::first_step(const Order& order, const Terms& terms, Timestamp now) {
    Withdrawal w;
    w.id = make_withdrawal_id(now, options_.offset, random_);
    w.order = order;
    w.terms = terms;
    w.counted_on = local_date(now, options_.offset);
    if (terms.fee.free_per_month.is_positive()) {
        auto used = ledger_.usage(free_counter(order.user, w.counted_on));
        if (!used) return tl::unexpected(used.error());
        w.free_amount = std::min(detail::left_under(terms.fee.free_per_month, used->amount), order.amount);
    }
    w.fee = fee_on(terms.fee, order.amount, w.free_amount);
    w.version = 1;
    w.created_at = w.updated_at = now;

    std::string review = options_.wants_review ? options_.wants_review(order) : std::string();
    if (review.empty() && terms.review_from && order.amount >= *terms.review_from)
        review = "from " + terms.review_from->yuan() + " yuan on";
    std::vector<Note> notes;
    if (review.empty()) {
        w.due_at = now;
    } else {
        w.state = State::in_review;
        notes.push_back({w.id, NoteKind::review_wanted, 1, now, {}, std::move(review)});
    }

    Step step{w, Entry::hold(order.user, total_of(w)), std::move(notes), "requested", claims_of(w)};
    step.needs_interval = terms.minimum_interval > Duration{0};
    return step;
}

inline std::optional<Timestamp> Service::more_at(const LimitReached& limit, const Withdrawal& w) {
    if (limit.name != LimitName::minimum_interval)
        return resets_at(limit.name, w.created_at, options_.offset);
    const auto last = ledger_.last_at(w.order.user);
    return last && *last ? std::optional(**last + w.terms.minimum_interval) : std::nullopt;
}

inline tl::unexpected<Error> Service::refuse_limit(const LimitReached& limit,
                                                   std::optional<Timestamp> more_at) const {
    std::string message = "the limit " + std::string(name(limit.name)) + " is reached";
    if (limit.left.is_positive()) message += "; " + limit.left.yuan() + " yuan are left";
    if (more_at) message += "; more from " + format_rfc3339(*more_at, options_.offset) + " on";
    return refuse(ErrorCode::limit_reached, std::move(message), std::string(name(limit.name)));
}

inline Result<Receipt> Service::create(const Order& order, const Terms& terms) {
    for (int i = 0; i < conflicts_max; ++i) {
        const Timestamp now = clock_.now();
        auto decided = first_step(order, terms, now);
        if (!decided) return tl::unexpected(decided.error());
        const Change change{make_change_id(random_), now, std::move(*decided)};
        const Step& step = std::get<Step>(change.what);
        const Outcome outcome = commit(change);

        if (is_applied(outcome)) {
            observe(step);
            return Receipt{step.next, false};
        }
        if (std::holds_alternative<InsufficientFunds>(outcome))
            return refuse(ErrorCode::insufficient_funds, "the available balance is not enough", "amount");
        // The free quota was taken by another request meanwhile: count the fee anew.
        const auto* limit = std::get_if<LimitReached>(&outcome);
        if (limit != nullptr && limit->name != LimitName::free_quota)
            return refuse_limit(*limit, more_at(*limit, step.next));
        if (std::holds_alternative<Unknown>(outcome)) return detail::refuse_in_doubt();
        if (const auto* duplicate = std::get_if<Duplicate>(&outcome)) {
            if (!duplicate->field.empty())
                return detail::refuse_mismatch("idempotency key", duplicate->field);
            auto first = replay(order);
            if (!first) return tl::unexpected(first.error());
            if (*first) return **first;
        }
    }
    return refuse(ErrorCode::conflict, "too many others request at once; try again");
}

inline Result<Order> Service::sealed(Order order, std::string_view real_name) const {
    if (real_name.empty()) return order;
    if (options_.names == nullptr)
        return refuse(ErrorCode::invalid_argument, "real names are not taken here", "real_name");
    auto name = options_.names->seal(order.user, real_name);
    if (!name) return tl::unexpected(name.error());
    order.real_name = std::move(*name);
    return order;
}

inline Result<Receipt> Service::request(const Order& plain, const Terms& terms, std::string_view real_name) {
    const auto sealed_order = sealed(plain, real_name);
    if (!sealed_order) return tl::unexpected(sealed_order.error());
    const Order& order = *sealed_order;
    auto first = replay(order);
    if (!first) return tl::unexpected(first.error());
    if (*first) return **first;

    const Channel* channel = find_channel(order.channel);
    if (channel == nullptr) {
        // A channel kind that people ask for by name, but that is not built.
        if (order.channel.text() == "alipay")
            return refuse(ErrorCode::channel_not_supported, "channel alipay is not supported yet", "channel");
        return refuse(ErrorCode::unknown_channel, "no such channel", "channel");
    }
    if (auto sane = check(terms); !sane) return tl::unexpected(sane.error());
    if (auto allowed = check_amount(terms, order.amount); !allowed) return tl::unexpected(allowed.error());
    if (auto possible = channel->check(order); !possible) return tl::unexpected(possible.error());
    if (!real_name.empty()) {
        if (auto sendable = channel->check_name(real_name); !sendable)
            return tl::unexpected(sendable.error());
    }
    return create(order, terms);
}

inline Result<Allowance> Service::allowance(const UserId& user, const ChannelName& channel,
                                            const Terms& terms) {
    if (auto sane = check(terms); !sane) return tl::unexpected(sane.error());
    const Timestamp now = clock_.now();
    const std::string today = local_date(now, options_.offset);
    const auto balance = ledger_.balance(user);
    if (!balance) return tl::unexpected(balance.error());
    Counted counted;
    const std::pair<UsageCounter, Usage*> counters[] = {
        {day_counter(user, today), &counted.day},
        {month_counter(user, today), &counted.month},
        {free_counter(user, today), &counted.free_month},
        {channel_counter(channel, today), &counted.channel_day},
    };
    for (const auto& [counter, usage] : counters) {
        auto used = ledger_.usage(counter);
        if (!used) return tl::unexpected(used.error());
        *usage = *used;
    }
    auto last = ledger_.last_at(user);
    if (!last) return tl::unexpected(last.error());
    counted.last_at = *last;
    return tixian::allowance(terms, balance->available, counted, now, options_.offset);
}

inline Result<bool> Service::deposit(const UserId& user, Money amount, const Reference& reference) {
    if (!amount.is_positive())
        return refuse(ErrorCode::invalid_amount, "amount must be greater than zero", "amount");
    if (user.is_empty()) return refuse(ErrorCode::invalid_argument, "whose wallet?", "user_id");
    if (reference.is_empty())
        return refuse(ErrorCode::invalid_argument, "a deposit needs its reference", "reference");
    const Outcome outcome =
        commit(Change{make_change_id(random_), clock_.now(), Deposit{user, reference, amount}});
    if (is_applied(outcome)) return false;
    if (const auto* duplicate = std::get_if<Duplicate>(&outcome)) {
        if (duplicate->field.empty()) return true;
        return detail::refuse_mismatch("reference", duplicate->field);
    }
    if (std::holds_alternative<LimitReached>(outcome))
        return refuse(ErrorCode::limit_reached, "the wallet would hold more than can be counted", "amount");
    return detail::refuse_in_doubt();
}

}  // namespace tixian
