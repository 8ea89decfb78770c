// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tixian/allowance.hpp"
#include "tixian/apply.hpp"
#include "tixian/channel.hpp"
#include "tixian/ledger.hpp"
#include "tixian/local_time.hpp"
#include "tixian/observer.hpp"
#include "tixian/policy.hpp"
#include "tixian/random.hpp"
#include "tixian/terms.hpp"
#include "tixian/withdrawal_id.hpp"

namespace tixian {

/// What a request is answered with; `replayed` when the same request was made before (R8).
struct Receipt {
    Withdrawal withdrawal;
    bool replayed = false;
};

/// Whether a person has to approve an order, and why: the reason, or empty. Called before the commit, by the
/// thread that requests; must not throw. The terms' threshold holds beside it.
using ReviewHook = std::function<std::string(const Order&)>;

struct ServiceOptions {
    Policy policy;
    UtcOffset offset;  ///< the time zone of days and months, and of withdrawal numbers
    Observer* observer = nullptr;
    ReviewHook wants_review;
};

/// The payout service: decide, commit, act. It keeps nothing between calls but what it is given, so any
/// number of services may work on one ledger, and a crash anywhere loses nothing. Thread-safe when its ports
/// are.
///
/// The channels, ledger, clock, random source and observer are borrowed and must live longer.
class Service {
 public:
    Service(Ledger& ledger, std::vector<const Channel*> channels, const Clock& clock, Random& random,
            ServiceOptions options = {})
        : ledger_(ledger),
          channels_(std::move(channels)),
          clock_(clock),
          random_(random),
          options_(std::move(options)) {}

    /// Holds amount and fee, and promises the payout. The key is looked up before every other check, for
    /// ever: the same order answers the first withdrawal, another one `idempotency_mismatch` naming the
    /// field. A refusal changes nothing and does not burn the key; a `limit_reached` names the limit as its
    /// field. On `commit_in_doubt` ask again with the same key.
    [[nodiscard]] Result<Receipt> request(const Order& order, const Terms& terms);

    /// Commits the intent of up to `limit` due calls and answers those that may be made now. Each belongs to
    /// the caller for the policy's lease; whatever happens to the caller, the row becomes due again.
    [[nodiscard]] Result<std::vector<Call>> claim(std::size_t limit);

    /// Stores what came of a call. Any answer may be given late, twice, or in any order.
    [[nodiscard]] Result<void> record(const Answer& answer);

    /// Stores a verified notification. WeChat may be answered 2xx once this has succeeded, not before (R13).
    [[nodiscard]] Result<void> notify(const Report& report);

    /// The user wants the money back. Answers the withdrawal as it is then: `cancelled` at once when nothing
    /// was ever submitted, else `cancelling` until WeChat's word. `unknown_withdrawal` also for another
    /// user's.
    [[nodiscard]] Result<Withdrawal> cancel(const UserId& user, const WithdrawalId& id);

    /// The same by an operator, from every state that is not final; recorded.
    [[nodiscard]] Result<Withdrawal> cancel(const WithdrawalId& id, const Person& by_operator);

    // What a person decides at the version that he saw: `conflict` when the withdrawal has changed since,
    // `not_allowed` in a state that knows no such decision. Who, when and why stand in its notes.

    /// A withdrawal in review goes out.
    [[nodiscard]] Result<Withdrawal> approve(const WithdrawalId& id, std::int64_t version, const Person& who);
    /// A withdrawal in review goes back to the user.
    [[nodiscard]] Result<Withdrawal> reject(const WithdrawalId& id, std::int64_t version, const Person& who);
    /// A parked withdrawal goes on by itself, beginning with a query.
    [[nodiscard]] Result<Withdrawal> resume(const WithdrawalId& id, std::int64_t version, const Person& who);
    /// A parked withdrawal was paid, by evidence (R4 e).
    [[nodiscard]] Result<Withdrawal> settle(const WithdrawalId& id, std::int64_t version, const Person& who);
    /// A parked withdrawal was not and will not be paid, by evidence (R4 e). If it was submitted it is
    /// watched, and a bill that surfaces is cancelled and raised.
    [[nodiscard]] Result<Withdrawal> release(const WithdrawalId& id, std::int64_t version, const Person& who);

    /// Moves money between `suspense` and another account to put the books right, once per reference; answers
    /// whether it was done before. Held money and `suspense` itself are refused, a user's wallet goes not
    /// below zero.
    [[nodiscard]] Result<bool> correct(const Correction& correction);

    /// Turns a channel's submits off or on. Running withdrawals are asked after and finished meanwhile;
    /// requests are taken and wait. Works on channels that are not configured here, too.
    [[nodiscard]] Result<void> switch_channel(const ChannelName& channel, bool open, const Person& who);

    /// What this user may withdraw now, and why not more.
    [[nodiscard]] Result<Allowance> allowance(const UserId& user, const ChannelName& channel,
                                              const Terms& terms);

    /// Puts money into a user's wallet, once per reference; answers whether it was done before. The same
    /// reference with another user or amount is an `idempotency_mismatch`.
    [[nodiscard]] Result<bool> deposit(const UserId& user, Money amount, const Reference& reference);

    [[nodiscard]] const Policy& policy() const { return options_.policy; }

 private:
    static constexpr int commits_in_doubt_max = 8;
    static constexpr int conflicts_max = 64;

    [[nodiscard]] const Channel* find_channel(const ChannelName& channel) const {
        for (const Channel* candidate : channels_) {
            if (candidate->name() == channel) return candidate;
        }
        return nullptr;
    }

    [[nodiscard]] Moment moment() { return {clock_.now(), random_.next()}; }

    /// Commits until no outcome is in doubt (R15), within a bound; what is still in doubt then is answered
    /// so.
    [[nodiscard]] std::vector<Outcome> commit(const std::vector<Change>& changes) {
        std::vector<Outcome> outcomes = ledger_.commit(changes);
        for (int i = 1; i < commits_in_doubt_max; ++i) {
            bool in_doubt = false;
            for (const Outcome& outcome : outcomes) in_doubt |= std::holds_alternative<Unknown>(outcome);
            if (!in_doubt) break;
            outcomes = ledger_.commit(changes);
        }
        return outcomes;
    }

    [[nodiscard]] Outcome commit(Change change) {
        Outcome outcome = commit(std::vector<Change>{std::move(change)}).front();
        return outcome;
    }

    void observe(const Step& step) {
        if (options_.observer != nullptr) options_.observer->on_step(step);
    }

    /// The stored withdrawal of this key, if there is one: a replay or a mismatch.
    [[nodiscard]] Result<std::optional<Receipt>> replay(const Order& order);
    [[nodiscard]] Result<Receipt> create(const Order& order, const Terms& terms);
    [[nodiscard]] Result<Step> first_step(const Order& order, const Terms& terms, Timestamp now);
    [[nodiscard]] tl::unexpected<Error> refuse_limit(const LimitReached& limit, Timestamp now) const;
    [[nodiscard]] BeginCall begin_call_event(const Withdrawal& withdrawal) const;
    [[nodiscard]] Result<Withdrawal> decide(const WithdrawalId& id, const Event& event);

    Ledger& ledger_;
    std::vector<const Channel*> channels_;
    const Clock& clock_;
    Random& random_;
    ServiceOptions options_;
};

namespace detail {

inline tl::unexpected<Error> refuse_mismatch(std::string_view key, std::string field) {
    std::string message = "this " + std::string(key) + " was used before with another " + field;
    return refuse(ErrorCode::idempotency_mismatch, std::move(message), std::move(field));
}

inline tl::unexpected<Error> refuse_in_doubt() {
    return refuse(ErrorCode::commit_in_doubt, "the ledger did not answer; ask again with the same key");
}

inline Call call_of(const Withdrawal& w, CallKind kind, const Policy& policy, Timestamp now,
                    MonotonicTime monotonic) {
    Call call;
    call.id = w.id;
    call.channel = w.order.channel;
    call.kind = kind;
    call.number = w.calls;
    call.destination = *w.destination;
    if (kind == CallKind::submit) call.submission = w.submission;
    call.signed_at = now;
    call.send_by = now + policy.send_window;
    call.send_deadline = monotonic + policy.send_window;
    return call;
}

}  // namespace detail

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

inline tl::unexpected<Error> Service::refuse_limit(const LimitReached& limit, Timestamp now) const {
    auto more_at = resets_at(limit.name, now, options_.offset);
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
        const Step& step = *decided;
        const Outcome outcome = commit(Change{make_change_id(random_), now, step});

        if (is_applied(outcome)) {
            observe(step);
            return Receipt{step.next, false};
        }
        if (std::holds_alternative<InsufficientFunds>(outcome))
            return refuse(ErrorCode::insufficient_funds, "the available balance is not enough", "amount");
        // The free quota was taken by another request meanwhile: count the fee anew.
        const auto* limit = std::get_if<LimitReached>(&outcome);
        if (limit != nullptr && limit->name != LimitName::free_quota) return refuse_limit(*limit, now);
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

inline Result<Receipt> Service::request(const Order& order, const Terms& terms) {
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
    return create(order, terms);
}

inline BeginCall Service::begin_call_event(const Withdrawal& w) const {
    BeginCall event;
    const Channel* channel = find_channel(w.order.channel);
    if (channel == nullptr) return event;
    event.destination = channel->destination();
    if (w.next_call == CallKind::submit && !w.destination) {
        auto submission = channel->compose(w);
        // What the channel cannot write cannot be sent: the same as a channel that is not there.
        if (!submission) return BeginCall{};
        event.submission = std::move(*submission);
    }
    return event;
}

inline Result<std::vector<Call>> Service::claim(std::size_t limit) {
    // The monotonic clock is read first, so that the deadline can only be too early.
    const MonotonicTime monotonic = clock_.monotonic();
    const Timestamp now = clock_.now();
    auto rows = ledger_.due(now, limit);
    if (!rows) return tl::unexpected(rows.error());

    std::vector<Change> changes;
    std::vector<std::optional<CallKind>> kinds;
    for (const Withdrawal& w : *rows) {
        auto decision = apply(w, begin_call_event(w), options_.policy, Moment{now, random_.next()});
        if (!decision || !*decision) continue;
        const bool begins = (*decision)->next.calls > w.calls;
        kinds.push_back(begins ? std::optional(w.next_call) : std::nullopt);
        changes.push_back(Change{make_change_id(random_), now, std::move(**decision)});
    }
    if (changes.empty()) return std::vector<Call>{};

    std::vector<Call> calls;
    const std::vector<Outcome> outcomes = commit(changes);
    for (std::size_t i = 0; i < changes.size(); ++i) {
        if (!is_applied(outcomes[i])) continue;
        const Step& step = std::get<Step>(changes[i].what);
        observe(step);
        if (kinds[i]) calls.push_back(detail::call_of(step.next, *kinds[i], options_.policy, now, monotonic));
    }
    return calls;
}

inline Result<Withdrawal> Service::decide(const WithdrawalId& id, const Event& event) {
    for (int i = 0; i < conflicts_max; ++i) {
        auto found = ledger_.find(id);
        if (!found) return tl::unexpected(found.error());
        if (!*found) return refuse(ErrorCode::unknown_withdrawal, "no such withdrawal", "withdraw_id");
        const Moment when = moment();
        auto decision = apply(**found, event, options_.policy, when);
        if (!decision) return tl::unexpected(decision.error());
        if (!*decision) return **found;

        Step& step = **decision;
        const Outcome outcome = commit(Change{make_change_id(random_), when.now, step});
        if (is_applied(outcome)) {
            observe(step);
            return std::move(step.next);
        }
        if (std::holds_alternative<Unknown>(outcome)) return detail::refuse_in_doubt();
        if (!std::holds_alternative<Conflict>(outcome))
            return refuse(ErrorCode::ledger_damaged, "the ledger refused a step that its own books allow");
    }
    return refuse(ErrorCode::conflict, "too many others change this withdrawal; try again");
}

inline Result<void> Service::record(const Answer& answer) {
    if (options_.observer != nullptr) options_.observer->on_answer(answer);
    return decide(answer.id, event_of(answer)).map([](const Withdrawal&) {});
}

inline Result<void> Service::notify(const Report& report) {
    return decide(report.id, Reported{report, std::nullopt}).map([](const Withdrawal&) {});
}

inline Result<Withdrawal> Service::cancel(const UserId& user, const WithdrawalId& id) {
    auto found = ledger_.find(id);
    if (!found) return tl::unexpected(found.error());
    if (!*found || (*found)->order.user != user)
        return refuse(ErrorCode::unknown_withdrawal, "no such withdrawal", "withdraw_id");
    return decide(id, CancelRequested{});
}

inline Result<Withdrawal> Service::cancel(const WithdrawalId& id, const Person& by_operator) {
    if (auto named = check(by_operator); !named) return tl::unexpected(named.error());
    return decide(id, CancelRequested{by_operator});
}

inline Result<Withdrawal> Service::approve(const WithdrawalId& id, std::int64_t version, const Person& who) {
    return decide(id, Approved{{who, version}});
}
inline Result<Withdrawal> Service::reject(const WithdrawalId& id, std::int64_t version, const Person& who) {
    return decide(id, Rejected{{who, version}});
}
inline Result<Withdrawal> Service::resume(const WithdrawalId& id, std::int64_t version, const Person& who) {
    return decide(id, Resumed{{who, version}});
}
inline Result<Withdrawal> Service::settle(const WithdrawalId& id, std::int64_t version, const Person& who) {
    return decide(id, PaidByEvidence{{who, version}});
}
inline Result<Withdrawal> Service::release(const WithdrawalId& id, std::int64_t version, const Person& who) {
    return decide(id, UnpaidByEvidence{{who, version}});
}

inline Result<bool> Service::correct(const Correction& correction) {
    if (auto named = check(correction.person); !named) return tl::unexpected(named.error());
    if (correction.amount.is_zero())
        return refuse(ErrorCode::invalid_amount, "a correction moves an amount", "amount");
    const AccountKind kind = correction.account.kind;
    if (kind == AccountKind::user_held || kind == AccountKind::suspense)
        return refuse(ErrorCode::not_allowed, "held money moves only with its withdrawal", "account");
    auto about = ledger_.find(correction.about);
    if (!about) return tl::unexpected(about.error());
    if (!*about) return refuse(ErrorCode::unknown_withdrawal, "no such withdrawal", "withdraw_id");

    const Outcome outcome = commit(Change{make_change_id(random_), clock_.now(), correction});
    if (is_applied(outcome)) return false;
    if (const auto* duplicate = std::get_if<Duplicate>(&outcome)) {
        if (duplicate->field.empty()) return true;
        return detail::refuse_mismatch("reference", duplicate->field);
    }
    if (std::holds_alternative<InsufficientFunds>(outcome))
        return refuse(ErrorCode::insufficient_funds, "the wallet does not hold that much", "amount");
    if (const auto* limit = std::get_if<LimitReached>(&outcome)) return refuse_limit(*limit, clock_.now());
    return detail::refuse_in_doubt();
}

inline Result<void> Service::switch_channel(const ChannelName& channel, bool open, const Person& who) {
    if (auto named = check(who); !named) return named;
    const Outcome outcome = commit(Change{make_change_id(random_), clock_.now(), Switch{channel, open, who}});
    if (is_applied(outcome)) return {};
    return detail::refuse_in_doubt();
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
