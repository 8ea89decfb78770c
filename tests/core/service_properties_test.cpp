// SPDX-License-Identifier: MIT
#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "plain_channel.hpp"
#include "tixian/memory/memory_ledger.hpp"
#include "tixian/testing/faulty_ledger.hpp"
#include "tixian/testing/manual_clock.hpp"
#include "tixian/testing/seeded_random.hpp"
#include "tixian/tixian.hpp"

namespace tixian {
namespace {

using namespace std::chrono_literals;
using testing::CommitFault;

/// A service under random commands, with commits whose answers are lost. What it answers is compared with
/// what has been asked.
class Shop {
 public:
    Shop() {
        terms_.day_amount_max = money(500, 3000);
        terms_.day_count_max = *rc::gen::inRange(2, 8);
        terms_.month_amount_max = money(1000, 6000);
        terms_.merchant_day_max = money(1000, 5000);
        terms_.fee.parts_per_million = *rc::gen::inRange<std::int64_t>(0, 20'000);
        terms_.fee.free_per_month = money(0, 800);
        if (*rc::gen::arbitrary<bool>()) terms_.review_from = money(200, 900);
    }

    static Money money(std::int64_t least, std::int64_t most) {
        return Money::from_fen(*rc::gen::inRange(least, most)).value();
    }
    static UserId any_user() { return UserId::parse(*rc::gen::element<std::string>("u1", "u2")).value(); }

    /// One command, whatever it may be; the rules are checked after it.
    void step() {
        faults();
        clock_.advance(Duration(*rc::gen::inRange<std::int64_t>(0, Duration(4h).count())));
        switch (*rc::gen::weightedElement<int>({{3, 0}, {6, 1}, {2, 2}, {4, 3}, {1, 4}, {1, 5}})) {
            case 0:
                return deposit();
            case 1:
                return request();
            case 2:
                return cancel();
            case 3:
                return work();
            case 4:
                return review();
            default:
                static_cast<void>(
                    service_.switch_channel(channel_.name(), *rc::gen::arbitrary<bool>(), boss_));
        }
    }

    /// R11
    void check_books() {
        std::int64_t sum = 0;
        std::map<std::string, std::int64_t> held;
        for (const auto& [id, user] : made_) {
            const Withdrawal w = *memory_.find(id).value();
            if (!is_final(w.state)) held["user:" + user.text() + ":held"] += total_of(w).fen();
        }
        const auto accounts = memory_.trial_balance().value();
        for (const auto& row : accounts) {
            sum += row.balance.fen();
            if (row.account.starts_with("user:")) RC_ASSERT(!row.balance.is_negative());
            if (row.account.ends_with(":held")) RC_ASSERT(row.balance.fen() == held[row.account]);
        }
        RC_ASSERT(sum == 0);
    }

    /// R9: the counters hold exactly what counts, and no limit was passed.
    void check_usage() {
        std::map<std::string, Usage> counted;
        for (const auto& [id, user] : made_) {
            const Withdrawal w = *memory_.find(id).value();
            if (w.state == State::failed || w.state == State::cancelled) continue;
            const std::string month = w.counted_on.substr(0, 7);
            const std::pair<std::string, Money> claims[] = {
                {"user:" + user.text() + ":day:" + w.counted_on, w.order.amount},
                {"user:" + user.text() + ":month:" + month, w.order.amount},
                {"channel:wechat:day:" + w.counted_on, w.order.amount},
                {"user:" + user.text() + ":free:" + month, w.free_amount}};
            for (const auto& [counter, amount] : claims) {
                Usage& usage = counted[counter];
                usage.amount = checked_add(usage.amount, amount).value();
                if (!amount.is_zero()) ++usage.count;
            }
        }
        for (const auto& [id, user] : made_) {
            const std::string date = memory_.find(id).value()->counted_on;
            for (const UsageCounter& counter :
                 {day_counter(user, date), month_counter(user, date), free_counter(user, date),
                  channel_counter(channel_.name(), date)})
                RC_ASSERT(memory_.usage(counter).value() == counted[counter.text()]);
            RC_ASSERT(counted[day_counter(user, date).text()].amount <= *terms_.day_amount_max);
            RC_ASSERT(counted[day_counter(user, date).text()].count <= *terms_.day_count_max);
            RC_ASSERT(counted[month_counter(user, date).text()].amount <= *terms_.month_amount_max);
            RC_ASSERT(counted[free_counter(user, date).text()].amount <= terms_.fee.free_per_month);
            RC_ASSERT(counted[channel_counter(channel_.name(), date).text()].amount <=
                      *terms_.merchant_day_max);
        }
    }

    /// R15: however many answers were lost, what was promised happened once, and the rest not at all.
    void check_deposits() {
        std::int64_t funding = 0;
        const auto accounts = memory_.trial_balance().value();
        for (const auto& row : accounts)
            if (row.account == "funding") funding = row.balance.fen();
        RC_ASSERT(-funding == deposited_);
    }

 private:
    void faults() {
        if (*rc::gen::inRange(0, 3) != 0) return;
        const auto count = static_cast<std::size_t>(*rc::gen::inRange(1, 7));
        ledger_.fail(*rc::gen::container<std::vector<CommitFault>>(
            count, rc::gen::element(CommitFault::none, CommitFault::lost_before, CommitFault::lost_after)));
    }

    void deposit() {
        const Money amount = money(1, 2000);
        const auto reference = Reference::parse("d" + std::to_string(++deposits_)).value();
        const UserId user = any_user();
        RC_ASSERT(!service_.deposit(user, amount, reference).value());
        RC_ASSERT(service_.deposit(user, amount, reference).value());
        deposited_ += amount.fen();
    }

    void request() {
        const UserId user = any_user();
        const auto key = IdempotencyKey::parse("k" + std::to_string(*rc::gen::inRange(0, 25))).value();
        const Order order{user, key, money(1, 1200), channel_.name(), Openid::parse("o1").value(), ""};
        const auto receipt = service_.request(order, terms_);
        const auto first = orders_.find({user, key});
        if (first == orders_.end()) {
            if (!receipt) return;
            RC_ASSERT(!receipt->replayed);
            orders_.emplace(std::pair(user, key), order);
            made_.emplace(receipt->withdrawal.id, user);
            ids_.emplace(std::pair(user, key), receipt->withdrawal.id);
        } else if (first->second.amount == order.amount) {  // R8
            RC_ASSERT(receipt.has_value() && receipt->replayed);
            RC_ASSERT(receipt->withdrawal.id == ids_.at({user, key}));
        } else {
            RC_ASSERT(!receipt && receipt.error().code == ErrorCode::idempotency_mismatch);
            RC_ASSERT(receipt.error().field == "amount");
        }
    }

    std::optional<WithdrawalId> any_made() {
        if (made_.empty()) return std::nullopt;
        return std::next(made_.begin(),
                         *rc::gen::inRange<std::ptrdiff_t>(0, static_cast<std::ptrdiff_t>(made_.size())))
            ->first;
    }

    void cancel() {
        if (const auto id = any_made()) static_cast<void>(service_.cancel(made_.at(*id), *id));
    }

    void work() {
        const auto calls = service_.claim(3).value();
        for (const Call& call : calls) {
            Report report;
            report.id = call.id;
            report.state = *rc::gen::element(BillState::wait_user_confirm, BillState::success,
                                             BillState::fail, BillState::cancelled);
            RC_ASSERT(service_.record({call.id, call.kind, call.number, report}).has_value());
        }
    }

    void review() {
        const auto id = any_made();
        if (!id) return;
        const auto version = memory_.find(*id).value()->version;
        if (*rc::gen::arbitrary<bool>())
            static_cast<void>(service_.approve(*id, version, boss_));
        else
            static_cast<void>(service_.reject(*id, version, boss_));
    }

    testing::ManualClock clock_;
    testing::SeededRandom random_{1};
    MemoryLedger memory_;
    testing::FaultyLedger ledger_{memory_};
    PlainChannel channel_;
    Service service_{ledger_, {&channel_}, clock_, random_};
    Terms terms_;
    Person boss_{OperatorId::parse("boss").value(), "because"};
    int deposits_ = 0;
    std::int64_t deposited_ = 0;
    std::map<std::pair<UserId, IdempotencyKey>, Order> orders_;
    std::map<std::pair<UserId, IdempotencyKey>, WithdrawalId> ids_;
    std::map<WithdrawalId, UserId> made_;
};

template <class Check>
void any_commands(const Check& check) {
    Shop shop;
    const int steps = *rc::gen::inRange(1, 60);
    for (int i = 0; i < steps; ++i) {
        shop.step();
        check(shop);
    }
}

RC_GTEST_PROP(RuleR8, TheSameKeyAnswersTheSameForEver, ()) {
    any_commands([](Shop&) {});  // each request is compared with the first of its key
}
RC_GTEST_PROP(RuleR9, NoLimitIsPassedAndWhatEndsUnpaidIsGivenBack, ()) {
    any_commands([](Shop& shop) { shop.check_usage(); });
}
RC_GTEST_PROP(RuleR11, BooksBalanceAfterEveryCommand, ()) {
    any_commands([](Shop& shop) { shop.check_books(); });
}
RC_GTEST_PROP(RuleR15, ACommitInDoubtIsFinishedOnce, ()) {
    any_commands([](Shop& shop) { shop.check_deposits(); });
}

RC_GTEST_PROP(RuleR10, YuanAndFenAreTheSameAmount, (std::int64_t any)) {
    const Money money = Money::from_fen(any % (Money::fen_max + 1)).value();
    RC_ASSERT(Money::parse_yuan(money.yuan()).value() == money);
}

}  // namespace
}  // namespace tixian
