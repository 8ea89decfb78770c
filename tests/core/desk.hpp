// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "plain_channel.hpp"
#include "tixian/memory/memory_ledger.hpp"
#include "tixian/testing/faulty_ledger.hpp"
#include "tixian/testing/manual_clock.hpp"
#include "tixian/testing/seeded_random.hpp"
#include "tixian/tixian.hpp"

namespace tixian {

/// A ledger before whose next commit somebody else is quicker.
class OvertakenLedger : public testing::FaultyLedger {
 public:
    using FaultyLedger::FaultyLedger;

    void overtake(std::function<void()> by) { by_ = std::move(by); }

    [[nodiscard]] std::vector<Outcome> commit(std::span<const Change> changes) override {
        if (auto by = std::exchange(by_, nullptr)) by();
        return FaultyLedger::commit(changes);
    }

 private:
    std::function<void()> by_;
};

/// A service with its ledger, its clock, and a user u1 with 100 yuan: what tests of its rules need.
struct Desk {
    explicit Desk(ServiceOptions options = {})
        : service(ledger, {&channel}, clock, random, std::move(options)) {
        deposit("u1", 10000_fen);
    }

    void deposit(const std::string& user_id, Money amount) {
        const std::string reference = "d" + std::to_string(++deposits);
        static_cast<void>(
            service.deposit(user(user_id), amount, Reference::parse(reference).value()).value());
    }
    void go_to(std::string_view time) { clock.advance(parse_rfc3339(time).value() - clock.now()); }

    static UserId user(const std::string& id = "u1") { return UserId::parse(id).value(); }
    static Person li(std::string reason = "seen in the fund bill") {
        return {OperatorId::parse("li").value(), std::move(reason)};
    }

    [[nodiscard]] Result<Receipt> request(Money amount, const std::string& key, const Terms& terms = {},
                                          const std::string& user_id = "u1") {
        const Order order{user(user_id),  IdempotencyKey::parse(key).value(), amount,
                          channel.name(), Openid::parse("o1").value(),        ""};
        return service.request(order, terms);
    }
    [[nodiscard]] Withdrawal requested(Money amount = 1000_fen, const std::string& key = "k",
                                       const Terms& terms = {}, const std::string& user_id = "u1") {
        return request(amount, key, terms, user_id).value().withdrawal;
    }
    /// `code field`, or `accepted`.
    [[nodiscard]] std::string asked(Money amount, const std::string& key, const Terms& terms,
                                    const std::string& user_id = "u1") {
        return said(request(amount, key, terms, user_id));
    }
    template <class T>
    [[nodiscard]] static std::string said(const Result<T>& result) {
        if (result) return "accepted";
        return std::string(name(result.error().code)) + " " + result.error().field;
    }

    [[nodiscard]] Withdrawal stored(const WithdrawalId& id) { return *memory.find(id).value(); }
    [[nodiscard]] Balance balance(const std::string& user_id = "u1") {
        return memory.balance(user(user_id)).value();
    }
    [[nodiscard]] Money account(const std::string& name) {
        const auto rows = memory.trial_balance().value();
        for (const AccountBalance& row : rows) {
            if (row.account == name) return row.balance;
        }
        return {};
    }
    [[nodiscard]] std::vector<Note> notes(const WithdrawalId& id) { return memory.notes(id).value(); }
    [[nodiscard]] Usage day(const std::string& user_id = "u1") {
        return memory.usage(day_counter(user(user_id), local_date(clock.now()))).value();
    }
    [[nodiscard]] Usage month(const std::string& user_id = "u1") {
        return memory.usage(month_counter(user(user_id), local_date(clock.now()))).value();
    }
    [[nodiscard]] Usage free_month(const std::string& user_id = "u1") {
        return memory.usage(free_counter(user(user_id), local_date(clock.now()))).value();
    }
    [[nodiscard]] Usage channel_day() {
        return memory.usage(channel_counter(channel.name(), local_date(clock.now()))).value();
    }

    /// The one call that is due.
    [[nodiscard]] Call claim() { return service.claim(10).value().at(0); }

    static Report report(const WithdrawalId& id, std::string_view state) {
        Report r;
        r.id = id;
        r.state = parse_bill_state(state);
        r.raw_state = state;
        r.transfer_bill_no = "1330000001";
        return r;
    }
    void record(const Call& call, decltype(Answer::result) result) {
        const auto recorded = service.record({call.id, call.kind, call.number, std::move(result)});
        EXPECT_TRUE(recorded.has_value());
    }
    void answer(const Call& call, std::string_view state) { record(call, report(call.id, state)); }
    void no_news(const Call& call, NoNewsKind kind) {
        NoNews news;
        news.kind = kind;
        news.verified = kind != NoNewsKind::lost;
        news.answered_at = clock.now();
        record(call, news);
    }

    testing::ManualClock clock;
    testing::SeededRandom random{1};
    MemoryLedger memory;
    OvertakenLedger ledger{memory};
    PlainChannel channel;
    Service service;
    int deposits = 0;
};

}  // namespace tixian
