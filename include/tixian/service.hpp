// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

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

/// The payout service: decide, commit, act. It keeps nothing between calls but what it is given, so any
/// number of services may work on one ledger, and a crash anywhere loses nothing. Thread-safe when its ports
/// are.
///
/// The channels, ledger, clock, random source and observer are borrowed and must live longer.
class Service {
 public:
    Service(Ledger& ledger, std::vector<const Channel*> channels, const Clock& clock, Random& random,
            Policy policy = {}, UtcOffset offset = {}, Observer* observer = nullptr)
        : ledger_(ledger),
          channels_(std::move(channels)),
          clock_(clock),
          random_(random),
          policy_(policy),
          offset_(offset),
          observer_(observer) {}

    /// Holds the money and promises the payout. The key is looked up before every other check, for ever: the
    /// same order answers the first withdrawal, another one `idempotency_mismatch` naming the field. A
    /// refusal changes nothing and does not burn the key. On `commit_in_doubt` ask again with the same key.
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

    /// Puts money into a user's wallet, once per reference; answers whether it was done before. The same
    /// reference with another user or amount is an `idempotency_mismatch`.
    [[nodiscard]] Result<bool> deposit(const UserId& user, Money amount, const Reference& reference);

    [[nodiscard]] const Policy& policy() const { return policy_; }

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
        if (observer_ != nullptr) observer_->on_step(step);
    }

    /// The stored withdrawal of this key, if there is one: a replay or a mismatch.
    [[nodiscard]] Result<std::optional<Receipt>> replay(const Order& order);
    [[nodiscard]] Result<Receipt> create(const Order& order);
    [[nodiscard]] BeginCall begin_call_event(const Withdrawal& withdrawal) const;
    [[nodiscard]] Result<Withdrawal> decide(const WithdrawalId& id, const Event& event);

    Ledger& ledger_;
    std::vector<const Channel*> channels_;
    const Clock& clock_;
    Random& random_;
    Policy policy_;
    UtcOffset offset_;
    Observer* observer_;
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

inline Result<Receipt> Service::create(const Order& order) {
    for (int i = 0; i < conflicts_max; ++i) {
        const Timestamp now = clock_.now();
        Withdrawal next;
        next.id = make_withdrawal_id(now, offset_, random_);
        next.order = order;
        next.version = 1;
        next.due_at = now;
        next.created_at = next.updated_at = now;
        Step step{next, Entry::hold(order.user, total_of(next)), {}, "requested"};
        const Outcome outcome = commit(Change{make_change_id(random_), now, step});

        if (is_applied(outcome)) {
            observe(step);
            return Receipt{std::move(next), false};
        }
        if (std::holds_alternative<InsufficientFunds>(outcome))
            return refuse(ErrorCode::insufficient_funds, "the available balance is not enough", "amount");
        if (const auto* limit = std::get_if<LimitReached>(&outcome))
            return refuse(ErrorCode::limit_reached, limit->name, "amount");
        if (std::holds_alternative<Closed>(outcome))
            return refuse(ErrorCode::channel_closed, "the channel takes no withdrawals now", "channel");
        if (std::holds_alternative<Unknown>(outcome)) return detail::refuse_in_doubt();
        if (const auto* duplicate = std::get_if<Duplicate>(&outcome)) {
            if (!duplicate->field.empty())
                return detail::refuse_mismatch("idempotency key", duplicate->field);
            auto first = replay(order);
            if (!first) return tl::unexpected(first.error());
            if (*first) return **first;
        }
    }
    return refuse(ErrorCode::conflict, "no free withdrawal number was found");
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
    if (auto allowed = check_amount(terms, order.amount); !allowed) return tl::unexpected(allowed.error());
    if (auto possible = channel->check(order); !possible) return tl::unexpected(possible.error());
    return create(order);
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
        auto decision = apply(w, begin_call_event(w), policy_, Moment{now, random_.next()});
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
        if (kinds[i]) calls.push_back(detail::call_of(step.next, *kinds[i], policy_, now, monotonic));
    }
    return calls;
}

inline Result<Withdrawal> Service::decide(const WithdrawalId& id, const Event& event) {
    for (int i = 0; i < conflicts_max; ++i) {
        auto found = ledger_.find(id);
        if (!found) return tl::unexpected(found.error());
        if (!*found) return refuse(ErrorCode::unknown_withdrawal, "no such withdrawal", "withdraw_id");
        const Moment when = moment();
        auto decision = apply(**found, event, policy_, when);
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
    if (observer_ != nullptr) observer_->on_answer(answer);
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
