// SPDX-License-Identifier: MIT
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "auditor/auditor.hpp"

namespace tixian::audit {
namespace {

/// An auditor that watches one withdrawal of 10 yuan, held, of user 0.
class AuditorTest : public ::testing::Test {
 protected:
    AuditorTest() {
        auditor_.deposit_asked(0, 5000);
        auditor_.deposited({{AccountKind::funding, 0, -5000}, {AccountKind::available, 0, 5000}});
        auditor_.deposit_answered(0, 5000);
        Stored held = next(Status::pending);
        held.postings = {{AccountKind::available, 0, -1000}, {AccountKind::held, 0, 1000}};
        auditor_.stored(held);
        EXPECT_FALSE(auditor_.violation());
    }

    Ground ground() {
        Ground ground;
        Terms terms;
        terms.single_max = 100'000;
        ground.terms = {terms};
        ground.users = ground.keys = 2;
        ground.send_window = std::chrono::seconds(60);
        ground.settling_min = std::chrono::minutes(20);
        ground.calls_per_second = {2, 2, 2};
        ground.bank = [this](std::string_view) { return bill_; };
        return ground;
    }
    Stored next(Status status) {
        Stored stored;
        stored.number = "WD1";
        stored.payee = "o1";
        stored.version = ++version_;
        stored.status = status;
        stored.fen = 1000;
        return stored;
    }
    Stored submit() {
        Stored stored = next(Status::processing);
        stored.intent = CallKind::submit;
        stored.call = ++call_;
        return stored;
    }
    /// The second time ten minutes after the first.
    void submit_twice() {
        auditor_.stored(submit());
        Stored second = submit();
        second.signed_at = Timestamp(std::chrono::minutes(10));
        auditor_.stored(second);
    }
    Sent sent() {
        Sent sent;
        sent.number = "WD1";
        sent.call = call_;
        sent.content = "10 yuan";
        sent.place = "m/a";
        return sent;
    }
    Stored release() {
        Stored stored = next(Status::failed);
        stored.postings = {{AccountKind::held, 0, -1000}, {AccountKind::available, 0, 1000}};
        return stored;
    }
    Stored settle() {
        Stored stored = next(Status::success);
        stored.postings = {{AccountKind::held, 0, -1000}, {AccountKind::clearing, 0, 1000}};
        return stored;
    }
    [[nodiscard]] std::string broken() const {
        return auditor_.violation() ? "R" + std::to_string(auditor_.violation()->rule) : "";
    }

    BankBill bill_;
    std::int64_t version_ = 0, call_ = 0;
    Auditor auditor_{ground()};
};

TEST_F(AuditorTest, HasNothingToSayOfAnOrdinaryPayout) {
    auditor_.stored(submit());
    auditor_.sent(sent(), {});
    bill_ = {Bill::paid, 1000, "o1"};
    auditor_.bill_ended(0, Bill::paid);
    auditor_.stored(settle());
    auditor_.check_books({{AccountKind::available, 0, 4000},
                          {AccountKind::clearing, 0, 1000},
                          {AccountKind::funding, 0, -5000}});
    auditor_.check_end();

    EXPECT_EQ(broken(), "");
}

TEST_F(AuditorTest, SeesMoneyGoBackToSomebodyElse) {
    Stored other = release();
    other.postings[1].user = 1;
    auditor_.stored(other);

    EXPECT_EQ(broken(), "R11");
}

TEST_F(AuditorTest, SeesAFeeBookedAsPaidOut) {
    bill_ = {Bill::paid, 1000, "o1"};
    Stored whole = settle();
    whole.postings = {
        {AccountKind::held, 0, -1000}, {AccountKind::clearing, 0, 900}, {AccountKind::fees, 0, 100}};
    auditor_.stored(whole);

    EXPECT_EQ(broken(), "R11");
}

TEST_F(AuditorTest, SeesSomebodyElsePaid) {
    bill_ = {Bill::paid, 1000, "o2"};
    auditor_.bill_ended(0, Bill::paid);

    EXPECT_EQ(broken(), "R1");
}

TEST_F(AuditorTest, SeesADepositOnAnotherWallet) {
    auditor_.deposit_asked(0, 100);
    auditor_.deposited({{AccountKind::funding, 0, -100}, {AccountKind::available, 1, 100}});
    auditor_.check_books({{AccountKind::available, 0, 4000},
                          {AccountKind::available, 1, 100},
                          {AccountKind::held, 0, 1000},
                          {AccountKind::funding, 0, -5100}});

    EXPECT_EQ(broken(), "R15");
}

TEST_F(AuditorTest, SeesASubmitBeyondTheHorizon) {
    Ground short_ground = ground();
    short_ground.horizon = std::chrono::hours(8);
    Auditor auditor(short_ground);
    const auto submit_at = [&](Duration at) {
        Stored stored = submit();
        stored.postings = {};
        stored.signed_at = Timestamp(at);
        auditor.stored(stored);
    };
    version_ = 0;
    Stored held = next(Status::pending);
    held.postings = {{AccountKind::available, 0, -1000}, {AccountKind::held, 0, 1000}};
    auditor.deposited({{AccountKind::funding, 0, -5000}, {AccountKind::available, 0, 5000}});
    auditor.stored(held);
    submit_at(std::chrono::minutes(1));
    submit_at(std::chrono::hours(8));
    EXPECT_FALSE(auditor.violation());

    submit_at(std::chrono::hours(9));

    EXPECT_EQ(auditor.violation()->rule, 5);
}

TEST_F(AuditorTest, SeesMoneyGoBackThatWasPaid) {
    bill_ = {Bill::paid, 1000, "o1"};
    auditor_.stored(release());

    EXPECT_EQ(broken(), "R4");
}

TEST_F(AuditorTest, SeesMoneyGoBackWhileASubmitIsOnItsWay) {
    auditor_.submit_pending(0);
    auditor_.stored(release());

    EXPECT_EQ(broken(), "R4");
}

TEST_F(AuditorTest, SeesMoneyGoBackOnAQueryThatWasAskedTooEarly) {
    submit_twice();
    auditor_.absence_told(0, Timestamp(std::chrono::minutes(29)));
    auditor_.stored(release());

    EXPECT_EQ(broken(), "R4");
}

TEST_F(AuditorTest, AcceptsThatMoneyGoesBackOnceTheLastSubmitHasSettled) {
    submit_twice();
    auditor_.absence_told(0, Timestamp(std::chrono::minutes(30)));
    auditor_.stored(release());

    EXPECT_EQ(broken(), "");
}

TEST_F(AuditorTest, SeesWechatPayWhatHasGoneBack) {
    auditor_.stored(release());
    auditor_.bill_ended(0, Bill::paid);

    EXPECT_EQ(broken(), "R4");
}

TEST_F(AuditorTest, SeesAPayoutBookedThatWechatHasNotMade) {
    bill_ = {Bill::accepted, 1000, {}};
    auditor_.stored(settle());

    EXPECT_EQ(broken(), "R3");
}

TEST_F(AuditorTest, SeesHeldMoneyMoveTwice) {
    bill_ = {Bill::paid, 1000, "o1"};
    auditor_.stored(settle());
    auditor_.stored(settle());

    EXPECT_EQ(broken(), "R11") << "the held account falls below zero before anything else is looked at";
}

TEST_F(AuditorTest, SeesACallWithoutItsIntentAndOneThatIsSentTwice) {
    auditor_.stored(submit());
    auditor_.sent(sent(), {});
    EXPECT_EQ(broken(), "");
    auditor_.sent(sent(), {});

    EXPECT_EQ(broken(), "R2");
}

TEST_F(AuditorTest, SeesACallThatLeavesTooLate) {
    auditor_.stored(submit());
    Sent late = sent();
    late.since_claim = std::chrono::seconds(60);
    auditor_.sent(late, {});

    EXPECT_EQ(broken(), "R2");
}

TEST_F(AuditorTest, SeesTheRatePassed) {
    for (int i = 0; i < 3; ++i) {
        Stored query = next(Status::processing);
        query.intent = CallKind::query;
        query.call = ++call_;
        auditor_.stored(query);
        Sent asked = sent();
        asked.kind = CallKind::query;
        auditor_.sent(asked, Timestamp(std::chrono::milliseconds(499 * i)));
    }

    EXPECT_EQ(broken(), "R7");
}

TEST_F(AuditorTest, SeesOneChangeOverwriteAnother) {
    auditor_.stored(submit());
    --version_;
    auditor_.stored(submit());

    EXPECT_EQ(broken(), "R11");
}

TEST_F(AuditorTest, SeesARepeatedRequestRefused) {
    Asked asked;
    asked.fen = 1000;
    auditor_.refused(asked, "insufficient_funds", "amount");

    EXPECT_EQ(broken(), "R8");
}

TEST_F(AuditorTest, SeesARefusalWithoutReason) {
    Asked asked;
    asked.key = 1;
    asked.fen = 4000;
    auditor_.refused(asked, "insufficient_funds", "amount");

    EXPECT_EQ(broken(), "R9");
}

TEST_F(AuditorTest, AcceptsThatWhatIsTooMuchIsRefused) {
    Asked asked;
    asked.key = 1;
    asked.fen = 4001;
    auditor_.refused(asked, "insufficient_funds", "amount");

    EXPECT_EQ(broken(), "");
}

TEST_F(AuditorTest, SeesWhatIsStuck) {
    auditor_.check_end();

    EXPECT_EQ(broken(), "R12");
}

TEST_F(AuditorTest, SeesBooksThatDifferFromTheirPostings) {
    auditor_.check_books({{AccountKind::available, 0, 4001}});

    EXPECT_EQ(broken(), "R11");
}

}  // namespace
}  // namespace tixian::audit
