// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "life.hpp"
#include "plain_channel.hpp"
#include "tixian/memory/memory_ledger.hpp"
#include "tixian/testing/manual_clock.hpp"
#include "tixian/testing/seeded_random.hpp"
#include "tixian/tixian.hpp"

namespace tixian {
namespace {

/// Seals by numbering, so that no two seals are the same.
class NumberedVault : public NameVault {
 public:
    [[nodiscard]] Result<RealName> seal(const UserId& owner, std::string_view name) const override {
        names_.emplace_back(name);
        return RealName{std::to_string(names_.size() - 1), "print of " + owner.text() + std::string(name)};
    }
    [[nodiscard]] Result<Secret> open(const UserId&, const RealName& name) const override {
        return Secret(names_.at(static_cast<std::size_t>(std::stoi(name.sealed))));
    }

 private:
    mutable std::vector<std::string> names_;
};

/// Encrypts names with the key that is valid now.
class NamingChannel : public PlainChannel {
 public:
    explicit NamingChannel(const NameVault& vault) : vault_(vault) {}

    [[nodiscard]] Result<void> check_name(std::string_view name) const override {
        if (name == "?") return refuse(ErrorCode::invalid_argument, "no name", "real_name");
        return {};
    }
    [[nodiscard]] Result<Submission> compose(const Withdrawal& w, Timestamp) const override {
        if (key.empty()) return refuse(ErrorCode::invalid_key, "no key");
        const auto name = vault_.open(w.order.user, w.order.real_name);
        return Submission{key + " of " + std::string(name->view()), key};
    }
    [[nodiscard]] Result<std::optional<Submission>> renew(const Withdrawal& w, Timestamp now) const override {
        if (w.submission.key_serial == key) return std::optional<Submission>{};
        return compose(w, now).map([](Submission made) { return std::optional(std::move(made)); });
    }

    std::string key = "KEY1";

 private:
    const NameVault& vault_;
};

class RealNameTest : public ::testing::Test {
 protected:
    RealNameTest() {
        EXPECT_TRUE(service_.deposit(user_, 10000_fen, Reference::parse("d0").value()).has_value());
    }
    [[nodiscard]] Result<Receipt> request(std::string_view name, const std::string& key = "k1") {
        const Order order{user_,           IdempotencyKey::parse(key).value(), 100_fen,
                          channel_.name(), Openid::parse("o1").value(),        ""};
        return service_.request(order, {}, name);
    }
    [[nodiscard]] Withdrawal stored(const WithdrawalId& id) { return *ledger_.find(id).value(); }
    void answer(const Call& call, std::string_view state) {
        Report report;
        report.id = call.id;
        report.state = parse_bill_state(state);
        report.raw_state = state;
        report.transfer_bill_no = "1330";
        ASSERT_TRUE(service_.record({call.id, call.kind, call.number, report}).has_value());
    }
    void not_sent(const Call& call) {
        NoNews news;
        news.kind = NoNewsKind::not_sent;
        news.verified = true;
        ASSERT_TRUE(service_.record({call.id, call.kind, call.number, news}).has_value());
    }
    [[nodiscard]] Call claim() {
        clock_.advance(std::chrono::hours(1));
        return service_.claim(1).value().at(0);
    }

    testing::ManualClock clock_;
    testing::SeededRandom random_{1};
    MemoryLedger ledger_;
    NumberedVault vault_;
    NamingChannel channel_{vault_};
    Service service_{ledger_, {&channel_}, clock_, random_, {{}, {}, nullptr, {}, &vault_}};
    UserId user_ = UserId::parse("u1").value();
};

TEST_F(RealNameTest, IsStoredSealedOnly) {
    const Withdrawal w = request("Zhang").value().withdrawal;

    EXPECT_EQ(stored(w.id).order.real_name, (RealName{"0", "print of u1Zhang"}));
}

// R8
TEST_F(RealNameTest, OfAReplayIsComparedByItsFingerprint) {
    const Withdrawal first = request("Zhang").value().withdrawal;

    const auto again = request("Zhang").value();
    const auto other = request("Li");
    const auto none = request("");

    EXPECT_TRUE(again.replayed);
    EXPECT_EQ(again.withdrawal.id, first.id);
    EXPECT_EQ(other.error().code, ErrorCode::idempotency_mismatch);
    EXPECT_EQ(other.error().field, "real_name");
    EXPECT_EQ(other.error().message.find("Li"), std::string::npos);
    EXPECT_EQ(none.error().field, "real_name");
}

TEST_F(RealNameTest, OfAReplayIsStillComparedWhenTheWithdrawalIsFinal) {
    const Withdrawal w = request("Zhang").value().withdrawal;
    answer(claim(), "SUCCESS");

    EXPECT_TRUE(request("Zhang").value().replayed);
    EXPECT_EQ(request("Li").error().field, "real_name");
}

TEST_F(RealNameTest, IsRefusedWhereNobodyCouldKeepOrSendIt) {
    Service without(ledger_, {&channel_}, clock_, random_);
    PlainChannel plain;
    Service nameless(ledger_, {&plain}, clock_, random_, {{}, {}, nullptr, {}, &vault_});
    const Order order{user_,           IdempotencyKey::parse("k9").value(), 100_fen,
                      channel_.name(), Openid::parse("o1").value(),         ""};

    EXPECT_EQ(without.request(order, {}, "Zhang").error().field, "real_name");
    EXPECT_EQ(nameless.request(order, {}, "Zhang").error().field, "real_name");
    EXPECT_EQ(request("?").error().field, "real_name");
    EXPECT_TRUE(ledger_.history(user_, 10, std::nullopt).value().empty());
}

TEST_F(RealNameTest, IsWipedFromTheRowByEveryEnd) {
    for (const char* state : {"SUCCESS", "FAIL", "CANCELLED"}) {
        SCOPED_TRACE(state);
        const Withdrawal w = request("Zhang", state).value().withdrawal;
        const Call call = claim();
        EXPECT_FALSE(stored(w.id).order.real_name.sealed.empty());
        answer(call, state);
        EXPECT_TRUE(stored(w.id).order.real_name.sealed.empty());
        EXPECT_EQ(stored(w.id).order.real_name.fingerprint, "print of u1Zhang");
    }
    const Withdrawal cancelled = request("Zhang", "k9").value().withdrawal;
    EXPECT_TRUE(service_.cancel(user_, cancelled.id).value().order.real_name.sealed.empty());
}

// R2
TEST_F(RealNameTest, IsSentAgainAsItWasWhileItsKeyHolds) {
    const Withdrawal w = request("Zhang").value().withdrawal;
    const Call first = claim();
    not_sent(first);

    const Call second = claim();

    EXPECT_EQ(first.submission, (Submission{"KEY1 of Zhang", "KEY1"}));
    EXPECT_EQ(second.submission, first.submission);
}

TEST_F(RealNameTest, IsEncryptedAnewInTheCommitOfTheSubmitWhenItsKeyIsGone) {
    const Withdrawal w = request("Zhang").value().withdrawal;
    not_sent(claim());
    channel_.key = "KEY2";

    const Call second = claim();

    EXPECT_EQ(second.kind, CallKind::submit);
    EXPECT_EQ(second.submission, (Submission{"KEY2 of Zhang", "KEY2"}));
    EXPECT_EQ(stored(w.id).submission, second.submission);
    EXPECT_EQ(stored(w.id).attempts.count, 2);
}

TEST_F(RealNameTest, WaitsWithItsMoneyHeldWhileThereIsNoKey) {
    channel_.key.clear();
    const Withdrawal w = request("Zhang").value().withdrawal;
    clock_.advance(std::chrono::hours(1));

    EXPECT_TRUE(service_.claim(1).value().empty());

    EXPECT_EQ(stored(w.id).state, State::held);
    channel_.key = "KEY1";
    clock_.advance(std::chrono::hours(48));
    EXPECT_EQ(service_.claim(1).value().at(0).submission.key_serial, "KEY1");
}

TEST(RuleR2, TheContentOfASubmitChangesOnlyWithTheKeyOfItsCiphertext) {
    struct {
        const char* stored_key;
        const char* renewed_key;
        bool is_allowed;
    } constexpr rows[] = {{"KEY1", "KEY2", true}, {"KEY1", "KEY1", false}, {"", "KEY2", false}};
    for (const auto& row : rows) {
        SCOPED_TRACE(row.stored_key + std::string(row.renewed_key));
        Life life;
        life.happen(BeginCall{Life::here(), Submission{"{}", row.stored_key}});
        life.now = life.w.lease_until;
        BeginCall again{Life::here(), std::nullopt};
        again.renewed = Submission{"{new}", row.renewed_key};

        const auto decided = life.decide(again);

        EXPECT_EQ(decided.has_value(), row.is_allowed);
        if (decided) {
            EXPECT_EQ((*decided)->next.submission.body, "{new}");
        }
    }
}

}  // namespace
}  // namespace tixian
