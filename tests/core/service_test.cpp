// SPDX-License-Identifier: MIT
#include <memory>

#include <gtest/gtest.h>

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

class ServiceTest : public ::testing::Test {
 protected:
    void SetUp() override {
        ASSERT_TRUE(service_.deposit(user_, 10000_fen, Reference::parse("d0").value()).has_value());
    }

    [[nodiscard]] Order order(Money amount, const std::string& key) const {
        return {user_,
                IdempotencyKey::parse(key).value(),
                amount,
                ChannelName::parse("wechat").value(),
                Openid::parse("o1").value(),
                ""};
    }
    [[nodiscard]] Withdrawal request(const std::string& key = "k1") {
        return service_.request(order(1234_fen, key), terms_).value().withdrawal;
    }
    [[nodiscard]] Withdrawal stored(const WithdrawalId& id) { return *memory_.find(id).value(); }
    [[nodiscard]] Balance balance() { return memory_.balance(user_).value(); }

    [[nodiscard]] Answer answer(const Call& call, std::string_view state) const {
        Report report;
        report.id = call.id;
        report.state = parse_bill_state(state);
        report.raw_state = state;
        report.transfer_bill_no = "1330000001";
        return {call.id, call.kind, call.number, report};
    }

    testing::ManualClock clock_;
    testing::SeededRandom random_{1};
    MemoryLedger memory_;
    testing::FaultyLedger ledger_{memory_};
    PlainChannel channel_;
    Terms terms_;
    Service service_{ledger_, {&channel_}, clock_, random_};
    UserId user_ = UserId::parse("u1").value();
};

TEST_F(ServiceTest, HoldsTheMoneyWithTheRequest) {
    const auto receipt = service_.request(order(1234_fen, "k1"), terms_).value();

    EXPECT_FALSE(receipt.replayed);
    EXPECT_EQ(receipt.withdrawal.state, State::held);
    EXPECT_EQ(balance(), (Balance{8766_fen, 1234_fen}));
}

TEST_F(ServiceTest, AnswersTheSameKeyWithTheSameWithdrawalForEver) {
    const Withdrawal first = request();
    clock_.advance(std::chrono::days(400));

    const auto again = service_.request(order(1234_fen, "k1"), terms_).value();

    EXPECT_TRUE(again.replayed);
    EXPECT_EQ(again.withdrawal.id, first.id);
    EXPECT_EQ(balance().held, 1234_fen);
}

TEST_F(ServiceTest, RefusesAnotherOrderUnderTheSameKeyNamingTheField) {
    static_cast<void>(request());

    const auto refused = service_.request(order(1235_fen, "k1"), terms_);

    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::idempotency_mismatch);
    EXPECT_EQ(refused.error().field, "amount");
    EXPECT_NE(refused.error().message.find("another amount"), std::string::npos);
}

TEST_F(ServiceTest, LooksTheKeyUpBeforeEveryOtherCheck) {
    static_cast<void>(service_.request(order(10000_fen, "k1"), terms_).value());  // the whole balance

    EXPECT_TRUE(service_.request(order(10000_fen, "k1"), terms_).value().replayed);
    EXPECT_TRUE(service_.request(order(10000_fen, "k1"), Terms{100_fen, 200_fen}).value().replayed);
}

TEST_F(ServiceTest, DoesNotBurnTheKeyOfARefusedRequest) {
    ASSERT_EQ(service_.request(order(10001_fen, "k1"), terms_).error().code, ErrorCode::insufficient_funds);

    EXPECT_FALSE(service_.request(order(1234_fen, "k1"), terms_).value().replayed);
}

TEST_F(ServiceTest, RefusesByNameAndChangesNothing) {
    const auto refused = [&](Order bad) { return name(service_.request(bad, terms_).error().code); };
    Order unknown = order(1234_fen, "k"), alipay = unknown, remark = unknown;
    unknown.channel = ChannelName::parse("cash").value();
    alipay.channel = ChannelName::parse("alipay").value();
    remark.remark = "too long";

    EXPECT_EQ(refused(unknown), "unknown_channel");
    EXPECT_EQ(refused(alipay), "channel_not_supported");
    EXPECT_EQ(refused(remark), "invalid_argument");
    EXPECT_EQ(refused(order(Money(), "k")), "invalid_amount");
    EXPECT_EQ(refused(order(99_fen, "k")), "amount_below_minimum");
    EXPECT_EQ(refused(order(20001_fen, "k")), "amount_above_maximum");
    EXPECT_EQ(refused(order(10001_fen, "k")), "insufficient_funds");
    EXPECT_EQ(balance(), (Balance{10000_fen, Money()}));
    EXPECT_TRUE(memory_.history(user_, 10, std::nullopt).value().empty());
}

TEST_F(ServiceTest, PaysExactlyOneYuan) {
    EXPECT_TRUE(service_.request(order(100_fen, "k1"), terms_).has_value());
}

TEST_F(ServiceTest, CommitsTheIntentOfACallBeforeItAnswersIt) {
    const Withdrawal w = request();

    const auto calls = service_.claim(10).value();

    ASSERT_EQ(calls.size(), 1u);
    EXPECT_EQ(calls[0].kind, CallKind::submit);
    EXPECT_EQ(calls[0].submission.body, "pay " + w.id.text());
    EXPECT_EQ(calls[0].signed_at, stored(w.id).attempts.signed_at);
    EXPECT_EQ(calls[0].send_by, stored(w.id).attempts.send_by);
    EXPECT_EQ(calls[0].send_deadline, clock_.monotonic() + service_.policy().send_window);
    EXPECT_EQ(stored(w.id).state, State::submitting);
}

TEST_F(ServiceTest, GivesNoCallToAnybodyWhileItsCommitIsInDoubt) {
    const Withdrawal w = request();
    ledger_.fail(std::vector<CommitFault>(100, CommitFault::lost_before));

    EXPECT_TRUE(service_.claim(10).value().empty());

    EXPECT_EQ(stored(w.id).state, State::held);
}

TEST_F(ServiceTest, FinishesACommitInDoubtInsteadOfGuessing) {
    for (const auto fault : {CommitFault::lost_before, CommitFault::lost_after}) {
        const std::string key = fault == CommitFault::lost_after ? "after" : "before";
        ledger_.fail({fault});
        const Withdrawal w = request(key);
        ledger_.fail({fault});
        const auto calls = service_.claim(10).value();

        ASSERT_EQ(calls.size(), 1u) << key;
        EXPECT_EQ(stored(w.id).attempts.count, 1);
        ledger_.fail({fault});
        EXPECT_TRUE(service_.record(answer(calls[0], "SUCCESS")).has_value());
        EXPECT_EQ(stored(w.id).state, State::succeeded);
    }
    EXPECT_EQ(balance(), (Balance{7532_fen, Money()}));
}

TEST_F(ServiceTest, AnswersCommitInDoubtWhenTheLedgerStaysAwayAndTheKeyFindsItLater) {
    ledger_.fail(std::vector<CommitFault>(8, CommitFault::lost_after));
    const auto doubtful = service_.request(order(1234_fen, "k1"), terms_);
    ASSERT_FALSE(doubtful.has_value());
    EXPECT_EQ(doubtful.error().code, ErrorCode::commit_in_doubt);

    EXPECT_TRUE(service_.request(order(1234_fen, "k1"), terms_).value().replayed);
    EXPECT_EQ(balance().held, 1234_fen);
}

TEST_F(ServiceTest, LeasesAClaimedRowUntilItsAnswerOrTheLeaseRunsOut) {
    static_cast<void>(request());
    const auto first = service_.claim(10).value();
    ASSERT_EQ(first.size(), 1u);

    EXPECT_TRUE(service_.claim(10).value().empty());
    clock_.advance(service_.policy().lease);

    const auto second = service_.claim(10).value();
    ASSERT_EQ(second.size(), 1u);
    EXPECT_EQ(second[0].submission.body, first[0].submission.body);
}

TEST_F(ServiceTest, TakesTheSameAnswerAnyNumberOfTimes) {
    const Withdrawal w = request();
    const auto calls = service_.claim(10).value();
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(service_.record(answer(calls[0], "SUCCESS")).has_value());

    EXPECT_EQ(balance(), (Balance{8766_fen, Money()}));
    EXPECT_EQ(stored(w.id).version, 3);
}

TEST_F(ServiceTest, StoresANotificationOnce) {
    const Withdrawal w = request();
    const auto calls = service_.claim(10).value();
    const Report report = std::get<Report>(answer(calls[0], "SUCCESS").result);
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(service_.notify(report).has_value());

    EXPECT_EQ(stored(w.id).state, State::succeeded);
    EXPECT_EQ(balance(), (Balance{8766_fen, Money()}));
}

TEST_F(ServiceTest, TakesANotificationOnlyOnceItIsStored) {
    const Withdrawal w = request();
    const auto calls = service_.claim(10).value();
    const Report report = std::get<Report>(answer(calls[0], "SUCCESS").result);
    ledger_.fail(std::vector<CommitFault>(8, CommitFault::lost_before));

    EXPECT_EQ(service_.notify(report).error().code, ErrorCode::commit_in_doubt);

    EXPECT_EQ(stored(w.id).state, State::submitting);
    EXPECT_TRUE(service_.notify(report).has_value());
    EXPECT_EQ(stored(w.id).state, State::succeeded);
}

TEST_F(ServiceTest, RefusesANotificationOfAnUnknownNumber) {
    Report report;
    report.id = WithdrawalId::parse("WD404").value();

    EXPECT_EQ(service_.notify(report).error().code, ErrorCode::unknown_withdrawal);
}

TEST_F(ServiceTest, CancelsAHeldWithdrawalAtOnceAndOnlyForItsUser) {
    const Withdrawal w = request();
    EXPECT_EQ(service_.cancel(UserId::parse("u2").value(), w.id).error().code, ErrorCode::unknown_withdrawal);

    EXPECT_EQ(service_.cancel(user_, w.id).value().state, State::cancelled);

    EXPECT_EQ(balance(), (Balance{10000_fen, Money()}));
    EXPECT_TRUE(service_.claim(10).value().empty());
}

TEST_F(ServiceTest, TakesADepositOnce) {
    const Reference reference = Reference::parse("order-7").value();

    EXPECT_FALSE(service_.deposit(user_, 100_fen, reference).value());
    EXPECT_TRUE(service_.deposit(user_, 100_fen, reference).value());
    EXPECT_EQ(service_.deposit(user_, 101_fen, reference).error().code, ErrorCode::idempotency_mismatch);
    EXPECT_EQ(service_.deposit(user_, Money(), reference).error().code, ErrorCode::invalid_amount);
    EXPECT_EQ(balance().available, 10100_fen);
}

TEST_F(ServiceTest, KeepsRunningWithdrawalsWhenTheirChannelIsGone) {
    const Withdrawal w = request();
    Service without(ledger_, {}, clock_, random_);

    EXPECT_TRUE(without.claim(10).value().empty());

    EXPECT_EQ(stored(w.id).state, State::held);
    EXPECT_EQ(memory_.notes(w.id).value().at(0).kind, NoteKind::channel_missing);
    clock_.advance(service_.policy().backoff_max);
    EXPECT_EQ(service_.claim(10).value().size(), 1u);
}

}  // namespace
}  // namespace tixian
