// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tixian/gateway.hpp"
#include "tixian/testing/crash.hpp"

namespace tixian::testing {

/// What goes wrong with one call.
enum class CallFault {
    none,
    not_sent,
    lost_before,            ///< the request never arrives, and the caller waits in vain
    lost_after,             ///< it is carried out, and its answer is lost
    executed_later,         ///< it is taken in, its answer is lost, and it is carried out much later
    server_error_before,    ///< 500, and nothing was done
    server_error_after,     ///< 500, though it was carried out
    server_error_later,     ///< 500, and it is carried out much later
    unverified_after,       ///< it is carried out, and the answer's signature does not hold
    unknown_code_before,    ///< a code that no table knows, and nothing was done
    unknown_code_after,     ///< the same, though it was carried out
    throttled,              ///< 429, and nothing was done
    merchant_trouble,       ///< NOT_ENOUGH, and nothing was done
    refused,                ///< and nothing was done
    refused_for_content,    ///< the same, for what the request says
    number_taken,           ///< ALREADY_EXISTS; only where it is true
    misses_bill,            ///< a query finds no bill though there is one; only within the settling time
    notification_in_front,  ///< all is well, and a notification of the bill overtakes the answer
};

/// What becomes of one notification.
enum class NotificationFault { none, lost, doubled };

/// How the small WeChat and its user behave. Times count from the bill's creation where nothing else is said.
struct GatewayScript {
    std::optional<Duration> confirms_after = std::chrono::seconds(20);  ///< nullopt: the user never does
    std::optional<Duration> fails_after{};                              ///< WeChat finds a reason to fail it
    Duration closes_after = std::chrono::hours(24);                     ///< where the user never confirms
    Duration cancel_takes = std::chrono::seconds(5);                    ///< from CANCELING to CANCELLED
    /// From the signing of what is `executed_later`; less than `settles_within`, or our assumption is broken.
    Duration later = std::chrono::hours(23);
    Duration settles_within = std::chrono::hours(24);
    Duration send_within = std::chrono::seconds(60);  ///< after it was signed, or the caller is to blame
};

/// A Gateway with a small WeChat of its own behind it, which keeps what design, section 8, assumes of the
/// real one: one bill for a number, no signature older than five minutes, all that is taken in is done and
/// visible one settling time after its signing. It runs by the clock that it is given, fails on command, and
/// watches who calls it. Not thread-safe.
class ScriptedGateway : public Gateway {
 public:
    using Script = GatewayScript;

    explicit ScriptedGateway(const Clock& clock, Script script = {}) : clock_(clock), script_(script) {}

    /// The fault of the call number `call`, counted from 1. With `crashes`, the calling process dies instead
    /// of getting the answer.
    void fail_at(std::size_t call, CallFault fault, bool crashes = false) {
        faults_[call] = {fault, crashes};
    }
    void fail_notification_at(std::size_t notification, NotificationFault fault) {
        notification_faults_[notification] = fault;
    }
    /// Whether the merchant's account has money for new bills. Each submit answers NOT_ENOUGH while not.
    void set_funded(bool funded) { is_funded_ = funded; }

    [[nodiscard]] Answer perform(const Call& call) override {
        calls_.push_back(call.kind);
        advance();
        const auto found = faults_.find(calls_.size());
        const auto [fault, crashes] = found == faults_.end() ? Planned{} : found->second;
        Answer answer{call.id, call.kind, call.number, carry(call, fault)};
        if (crashes) throw Crash{};
        return answer;
    }

    /// Does what WeChat and the user do by themselves until now.
    void advance() {
        while (!agenda_.empty() && agenda_.begin()->first <= clock_.now()) {
            const auto [at, happens] = *agenda_.begin();
            agenda_.erase(agenda_.begin());
            happens(at);
        }
    }
    /// When something happens next by itself.
    [[nodiscard]] std::optional<Timestamp> next_event_at() const {
        return agenda_.empty() ? std::nullopt : std::optional(agenda_.begin()->first);
    }
    /// What WeChat has to tell since this was asked last. What cannot be stored is to be told again.
    [[nodiscard]] std::vector<Report> take_notifications() { return std::exchange(outbox_, {}); }

    /// The calls so far, in order.
    [[nodiscard]] const std::vector<CallKind>& calls() const { return calls_; }
    [[nodiscard]] std::size_t notifications() const { return notifications_; }
    [[nodiscard]] BillState state_of(const WithdrawalId& id) const {
        const auto bill = bills_.find(id);
        return bill == bills_.end() ? BillState::none : bill->second.state;
    }
    /// How often money was paid, under this number and under all.
    [[nodiscard]] int paid(const WithdrawalId& id) const {
        const auto bill = bills_.find(id);
        return bill == bills_.end() ? 0 : bill->second.paid;
    }
    [[nodiscard]] int paid() const {
        int all = 0;
        for (const auto& [id, bill] : bills_) all += bill.paid;
        return all;
    }
    /// What the caller did that no caller may do; empty when all was well.
    [[nodiscard]] const std::vector<std::string>& violations() const { return violations_; }

 private:
    using CallResult = decltype(Answer::result);
    /// wechat_spec 4.1.
    static constexpr Duration signature_age_max = std::chrono::minutes(5);

    struct Planned {
        CallFault fault = CallFault::none;
        bool crashes = false;
    };
    struct Bill {
        BillState state = BillState::wait_user_confirm;
        Mchid mchid;
        Timestamp signed_at{};  ///< of the submit that made it
        std::string number;
        std::string fail_reason{};
        int paid = 0;
    };

    void at(Timestamp when, std::function<void(Timestamp)> happens) {
        agenda_.emplace(when, std::move(happens));
    }

    // What arrives, and what is done of it.

    [[nodiscard]] CallResult carry(const Call& call, CallFault fault) {
        if (clock_.monotonic() > call.send_deadline) return no_news(NoNewsKind::not_sent, "", 0);
        watch(call);
        if (clock_.now() > call.signed_at + signature_age_max)
            return no_news(NoNewsKind::merchant_trouble, "SIGN_ERROR", 401);
        switch (fault) {
            case CallFault::not_sent:
                return no_news(NoNewsKind::not_sent, "", 0);
            case CallFault::lost_before:
                return no_news(NoNewsKind::lost, "", 0, false);
            case CallFault::lost_after:
                static_cast<void>(execute(call));
                return no_news(NoNewsKind::lost, "", 0, false);
            case CallFault::executed_later:
                take_in(call);
                return no_news(NoNewsKind::lost, "", 0, false);
            case CallFault::server_error_before:
                return no_news(NoNewsKind::server_error, "SYSTEM_ERROR", 500);
            case CallFault::server_error_after:
                static_cast<void>(execute(call));
                return no_news(NoNewsKind::server_error, "SYSTEM_ERROR", 500);
            case CallFault::server_error_later:
                take_in(call);
                return no_news(NoNewsKind::server_error, "SYSTEM_ERROR", 500);
            case CallFault::unverified_after:
                static_cast<void>(execute(call));
                return no_news(NoNewsKind::unverified, "", 200, false);
            case CallFault::unknown_code_before:
                return no_news(NoNewsKind::unknown, "NEW_CODE", 400);
            case CallFault::unknown_code_after:
                static_cast<void>(execute(call));
                return no_news(NoNewsKind::unknown, "NEW_CODE", 400);
            case CallFault::throttled:
                return no_news(NoNewsKind::throttled, "FREQUENCY_LIMITED", 429);
            case CallFault::merchant_trouble:
                return no_news(NoNewsKind::merchant_trouble, "NOT_ENOUGH", 403);
            case CallFault::refused:
                return no_news(NoNewsKind::refused, "INVALID_REQUEST", 400);
            case CallFault::refused_for_content:
                return refused_for_content();
            case CallFault::number_taken:
                if (call.kind != CallKind::submit || !bills_.contains(call.id)) break;
                return no_news(NoNewsKind::number_taken, "ALREADY_EXISTS", 400);
            case CallFault::misses_bill:
                if (!may_miss(call)) break;
                return NotFound{clock_.now(), true};
            case CallFault::notification_in_front: {
                CallResult result = execute(call);
                if (bills_.contains(call.id)) tell(call.id);
                return result;
            }
            case CallFault::none:
                break;
        }
        return execute(call);
    }

    [[nodiscard]] CallResult execute(const Call& call) {
        switch (call.kind) {
            case CallKind::submit:
                return submit(call);
            case CallKind::query:
                return query(call);
            case CallKind::cancel:
                return cancel(call);
        }
        return no_news(NoNewsKind::unknown, "", 404);
    }

    /// Into WeChat's inner queue: done whatever happens meanwhile.
    void take_in(const Call& call) {
        at(call.signed_at + script_.later, [this, call](Timestamp) { static_cast<void>(execute(call)); });
    }

    [[nodiscard]] CallResult submit(const Call& call) {
        if (!bills_.contains(call.id)) {
            if (!is_funded_) return no_news(NoNewsKind::merchant_trouble, "NOT_ENOUGH", 403);
            create(call);
        }
        Report report = report_of(call.id);
        if (report.state == BillState::wait_user_confirm)
            report.package_info = "package of " + call.id.text();
        return report;
    }

    [[nodiscard]] CallResult query(const Call& call) const {
        if (!bills_.contains(call.id)) return NotFound{clock_.now(), true};
        return report_of(call.id);
    }

    [[nodiscard]] CallResult cancel(const Call& call) {
        const auto bill = bills_.find(call.id);
        if (bill == bills_.end() || is_final(bill->second.state))
            return no_news(NoNewsKind::refused, "INVALID_REQUEST", 400);
        if (bill->second.state != BillState::canceling) {
            bill->second.state = BillState::canceling;
            at(clock_.now() + script_.cancel_takes,
               [this, id = call.id](Timestamp) { end(id, BillState::cancelled, "MCH_CANCEL"); });
        }
        return report_of(call.id);
    }

    // A bill's life.

    void create(const Call& call) {
        const Timestamp now = clock_.now();
        bills_[call.id] = {BillState::wait_user_confirm, call.destination.mchid, call.signed_at,
                           "1330" + std::to_string(bills_.size() + 1)};
        const auto unless_cancelled = [this, id = call.id](BillState state, std::string reason) {
            return [this, id, state, reason = std::move(reason)](Timestamp) {
                if (bills_.at(id).state == BillState::wait_user_confirm) end(id, state, reason);
            };
        };
        if (script_.fails_after)
            at(now + *script_.fails_after, unless_cancelled(BillState::fail, "PAYEE_ACCOUNT_ABNORMAL"));
        if (script_.confirms_after)
            at(now + *script_.confirms_after, unless_cancelled(BillState::success, ""));
        at(now + script_.closes_after, unless_cancelled(BillState::fail, "OVERDUE_CLOSE"));
    }

    void end(const WithdrawalId& id, BillState state, const std::string& reason) {
        Bill& bill = bills_.at(id);
        bill.state = state;
        bill.fail_reason = reason;
        if (state == BillState::success) ++bill.paid;
        tell(id);
    }

    void tell(const WithdrawalId& id) {
        const auto fault = notification_faults_.find(++notifications_);
        const NotificationFault what =
            fault == notification_faults_.end() ? NotificationFault::none : fault->second;
        const std::size_t times = what == NotificationFault::lost      ? 0
                                  : what == NotificationFault::doubled ? 2
                                                                       : 1;
        outbox_.insert(outbox_.end(), times, report_of(id));
    }

    [[nodiscard]] Report report_of(const WithdrawalId& id) const {
        const Bill& bill = bills_.at(id);
        Report report;
        report.id = id;
        report.state = bill.state;
        report.raw_state = name(bill.state);
        report.transfer_bill_no = bill.number;
        report.fail_reason = bill.fail_reason;
        report.mchid = bill.mchid;
        return report;
    }

    // Answers without news.

    [[nodiscard]] NoNews no_news(NoNewsKind kind, std::string_view code, int status,
                                 bool verified = true) const {
        NoNews news;
        news.kind = kind;
        news.verified = verified;
        news.answered_at = clock_.now();
        news.http_status = status;
        news.code = code;
        return news;
    }
    [[nodiscard]] NoNews refused_for_content() const {
        NoNews news = no_news(NoNewsKind::refused, "PARAM_ERROR", 400);
        news.content_only = true;
        return news;
    }

    // What is watched.

    void watch(const Call& call) {
        if (clock_.now() > std::min(call.send_by, call.signed_at + script_.send_within))
            violations_.emplace_back("sent after send_by");
        if (call.kind != CallKind::submit) return;
        const auto last = contents_.emplace(call.id, call.submission).first;
        // With another key the ciphertext in it is another one (R2).
        const bool has_other_key = last->second.key_serial != call.submission.key_serial;
        if (last->second != call.submission && !has_other_key)
            violations_.emplace_back("a number was sent with other content");
        last->second = call.submission;
        const auto place = places_.emplace(call.id, call.destination).first;
        if (place->second != call.destination) violations_.emplace_back("a number was sent to another place");
    }
    [[nodiscard]] bool may_miss(const Call& call) const {
        const auto bill = bills_.find(call.id);
        return call.kind == CallKind::query && bill != bills_.end() &&
               clock_.now() < bill->second.signed_at + script_.settles_within;
    }

    const Clock& clock_;
    Script script_;
    bool is_funded_ = true;
    std::map<std::size_t, Planned> faults_;
    std::map<std::size_t, NotificationFault> notification_faults_;
    std::vector<CallKind> calls_;
    std::size_t notifications_ = 0;
    std::multimap<Timestamp, std::function<void(Timestamp)>> agenda_;
    std::vector<Report> outbox_;
    std::map<WithdrawalId, Bill> bills_;
    std::map<WithdrawalId, Submission> contents_;
    std::map<WithdrawalId, Destination> places_;
    std::vector<std::string> violations_;
};

}  // namespace tixian::testing
