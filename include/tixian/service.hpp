// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "tixian/allowance.hpp"
#include "tixian/apply.hpp"
#include "tixian/channel.hpp"
#include "tixian/ledger.hpp"
#include "tixian/local_time.hpp"
#include "tixian/name_vault.hpp"
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
    const NameVault* names = nullptr;  ///< without one no real name is taken
};

/// The payout service: decide, commit, act. It keeps nothing between calls but what it is given, so any
/// number of services may work on one ledger, and a crash anywhere loses nothing. Thread-safe when its ports
/// are.
///
/// The channels, ledger, clock, random source, observer and vault are borrowed and must live longer.
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
    /// field. On `commit_in_doubt` ask again with the same key. `real_name` is the payee's, plain; empty for
    /// none. Nothing of it is kept but what the vault seals; the caller wipes its own bytes.
    [[nodiscard]] Result<Receipt> request(const Order& order, const Terms& terms,
                                          std::string_view real_name = {});

    /// Commits the intent of up to `limit` due calls and answers those that may be made now. Each belongs to
    /// the caller for the policy's lease; whatever happens to the caller, the row becomes due again. With a
    /// `filter` a channel and kind of call can be claimed at a pace of its own.
    [[nodiscard]] Result<std::vector<Call>> claim(std::size_t limit, const DueFilter& filter = {});

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

    /// Whether a claim with this filter would find anything now.
    [[nodiscard]] Result<bool> is_due(const DueFilter& filter);

    [[nodiscard]] const Policy& policy() const { return options_.policy; }
    [[nodiscard]] const std::vector<const Channel*>& channels() const { return channels_; }

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
    [[nodiscard]] std::vector<Outcome> commit(std::span<const Change> changes) {
        std::vector<Outcome> outcomes = ledger_.commit(changes);
        for (int i = 1; i < commits_in_doubt_max; ++i) {
            bool in_doubt = false;
            for (const Outcome& outcome : outcomes) in_doubt |= std::holds_alternative<Unknown>(outcome);
            if (!in_doubt) break;
            outcomes = ledger_.commit(changes);
        }
        return outcomes;
    }

    [[nodiscard]] Outcome commit(const Change& change) { return commit(std::span(&change, 1)).front(); }

    void observe(const Step& step) {
        if (options_.observer != nullptr) options_.observer->on_step(step);
    }

    /// The stored withdrawal of this key, if there is one: a replay or a mismatch.
    [[nodiscard]] Result<std::optional<Receipt>> replay(const Order& order);
    /// The order with its real name sealed.
    [[nodiscard]] Result<Order> sealed(Order order, std::string_view real_name) const;
    [[nodiscard]] Result<Receipt> create(const Order& order, const Terms& terms);
    [[nodiscard]] Result<Step> first_step(const Order& order, const Terms& terms, Timestamp now);
    [[nodiscard]] std::optional<Timestamp> more_at(const LimitReached& limit, const Withdrawal& w);
    [[nodiscard]] tl::unexpected<Error> refuse_limit(const LimitReached& limit,
                                                     std::optional<Timestamp> more_at) const;
    /// Commits the intent of the rows' next calls; leaves in `rows` those that a switch refused and that can
    /// be asked after instead.
    [[nodiscard]] std::vector<Call> begin_calls(std::vector<Withdrawal>& rows, Timestamp now,
                                                MonotonicTime monotonic, bool is_closed);
    [[nodiscard]] BeginCall begin_call_event(const Withdrawal& withdrawal, Timestamp now) const;
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

}  // namespace detail

}  // namespace tixian

#include "tixian/service/calls.hpp"    // IWYU pragma: export
#include "tixian/service/people.hpp"   // IWYU pragma: export
#include "tixian/service/request.hpp"  // IWYU pragma: export
