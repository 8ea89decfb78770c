// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "tixian/ledger.hpp"
#include "tixian/testing/ledger_fixture.hpp"
#include "tixian/testing/ledger_limits_contract.hpp"  // IWYU pragma: export
#include "tixian/testing/ledger_people_contract.hpp"  // IWYU pragma: export

namespace tixian::testing {

// What every ledger promises. It defines tests, so one unit of a program includes it; a team runs it on its
// own adapter:
//
//     INSTANTIATE_TEST_SUITE_P(Mine, LedgerContract, ::testing::Values(LedgerFactory{"mine", make_mine}));

TEST_P(LedgerContract, BeginsEmpty) {
    EXPECT_EQ(ledger_->balance(user("u1")).value(), Balance{});
    EXPECT_TRUE(ledger_->trial_balance().value().empty());
    EXPECT_FALSE(ledger_->find(WithdrawalId::parse("WD1").value()).value().has_value());
}

TEST_P(LedgerContract, MovesTheHeldMoneyWithTheRow) {
    deposit(user("u1"), 1000_fen);

    EXPECT_TRUE(is_applied(commit(request_change("WD1", user("u1"), 300_fen, "k1"))));

    EXPECT_EQ(ledger_->balance(user("u1")).value(), (Balance{700_fen, 300_fen}));
    EXPECT_EQ(sum_of_all_accounts(), 0);
}

TEST_P(LedgerContract, SettlesAmountAndFeeApart) {
    deposit(user("u1"), 1000_fen);
    Change request = request_change("WD1", user("u1"), 300_fen, "k1");
    Withdrawal w = std::get<Step>(request.what).next;
    w.fee = 7_fen;
    std::get<Step>(request.what) = {w, Entry::hold(w.order.user, 307_fen), {}, "requested"};
    ASSERT_TRUE(is_applied(commit(request)));
    ++w.version;
    w.state = State::succeeded;
    w.due_at.reset();
    w.completed_at = now_;

    ASSERT_TRUE(is_applied(commit(change({w, Entry::settle(w.order.user, 300_fen, 7_fen), {}, "settled"}))));

    const std::vector<AccountBalance> expected{{"fees", 7_fen},
                                               {"funding", -1000_fen},
                                               {"user:u1:available", 693_fen},
                                               {"user:u1:held", Money()},
                                               {"wechat:clearing", 300_fen}};
    EXPECT_EQ(ledger_->trial_balance().value(), expected);
}

TEST_P(LedgerContract, ReadsBackEveryFieldOfAWithdrawal) {
    deposit(user("u1"), 1000_fen);
    Change request = request_change("WD1", user("u1"), 300_fen, "k1");
    Withdrawal w = std::get<Step>(request.what).next;
    w.terms = {.minimum = 2_fen,
               .single_max = 3000_fen,
               .day_amount_max = 4000_fen,
               .day_count_max = 5,
               .month_amount_max = 6000_fen,
               .minimum_interval = Duration(7000),
               .merchant_day_max = 8000_fen,
               .review_from = 9000_fen,
               .fee = {10_fen, 6000, Rounding::up, 11_fen, 12_fen, 130_fen}};
    w.fee = 12_fen;
    w.free_amount = 130_fen;
    w.counted_on = today;
    w.order.real_name = {"K1:AAEC+/==", "f0e1d2c3"};
    std::get<Step>(request.what) = {w, Entry::hold(w.order.user, total_of(w)), {}, "requested"};
    ASSERT_TRUE(is_applied(commit(request)));
    EXPECT_EQ(*ledger_->find(w.id).value(), w);
    ++w.version;
    w.state = State::live;
    w.destination =
        Destination{"transfer-bills", Mchid::parse("1900000001").value(), Appid::parse("wx1").value()};
    w.submission = {R"({"out_bill_no":"WD1","说明":"'quoted' \" and \\"})", "SERIAL"};
    w.attempts = {
        2, now_, now_ + Duration(1), now_ + Duration(2), 5, AttemptAnswer::refused, now_ + Duration(3)};
    w.bill_seen = w.number_taken = w.refused = w.refused_for_content = w.parked = true;
    w.bill_state = BillState::wait_user_confirm;
    w.raw_bill_state = "WAIT_USER_CONFIRM";
    w.transfer_bill_no = "1330000071100999991182020050700019480001";
    w.wechat_batch_id = "1030000071100999991182020050700019480001";
    w.wechat_detail_id = "1040000071100999991182020050700019500100";
    w.package_info = "affffddafdfafddffda==";
    w.waiting = NoNewsKind::merchant_trouble;
    w.refused_at = now_ + Duration(4);
    w.absence_at = now_ + Duration(5);
    w.raised = 5;
    w.watches_left = 2;
    w.next_call = CallKind::cancel;
    w.due_at = now_ + Duration(6);
    w.lease_until = now_ + Duration(7);
    w.calls = 6;
    w.retries = 3;
    w.error_code = "NOT_ENOUGH";
    w.error_message = "余额不足";
    w.updated_at = now_ + Duration(8);

    ASSERT_TRUE(is_applied(commit(change({w, {}, {}, "test"}))));

    EXPECT_EQ(*ledger_->find(w.id).value(), w);
}

TEST_P(LedgerContract, RefusesMoreThanIsAvailableAndLeavesEverythingAsItWas) {
    deposit(user("u1"), 1000_fen);
    const std::string before = everything({"u1"});

    const Outcome outcome = commit(request_change("WD1", user("u1"), 1001_fen, "k1"));

    EXPECT_TRUE(std::holds_alternative<InsufficientFunds>(outcome));
    EXPECT_EQ(everything({"u1"}), before);
}

TEST_P(LedgerContract, TakesTheWholeBalance) {
    deposit(user("u1"), 1000_fen);

    EXPECT_TRUE(is_applied(commit(request_change("WD1", user("u1"), 1000_fen, "k1"))));

    EXPECT_EQ(ledger_->balance(user("u1")).value(), (Balance{Money(), 1000_fen}));
}

TEST_P(LedgerContract, AnswersAReplayedKeyWithTheFirst) {
    deposit(user("u1"), 1000_fen);
    ASSERT_TRUE(is_applied(commit(request_change("WD1", user("u1"), 300_fen, "k1"))));
    const std::string before = everything({"u1"});

    const Outcome outcome = commit(request_change("WD2", user("u1"), 300_fen, "k1"));

    ASSERT_TRUE(std::holds_alternative<Duplicate>(outcome));
    EXPECT_EQ(std::get<Duplicate>(outcome).first.text(), "WD1");
    EXPECT_EQ(std::get<Duplicate>(outcome).field, "");
    EXPECT_EQ(everything({"u1"}), before);
}

TEST_P(LedgerContract, NamesTheFieldThatDiffersUnderTheSameKeyEvenWithoutFunds) {
    deposit(user("u1"), 1000_fen);
    ASSERT_TRUE(is_applied(commit(request_change("WD1", user("u1"), 1000_fen, "k1"))));

    const Outcome outcome = commit(request_change("WD2", user("u1"), 300_fen, "k1"));

    ASSERT_TRUE(std::holds_alternative<Duplicate>(outcome));
    EXPECT_EQ(std::get<Duplicate>(outcome).field, "amount");
}

TEST_P(LedgerContract, ComparesRealNamesByTheirFingerprintNotByTheirCiphertext) {
    deposit(user("u1"), 1000_fen);
    const auto asked = [&](const std::string& id, RealName name) {
        Change change = request_change(id, user("u1"), 300_fen, "k1");
        std::get<Step>(change.what).next.order.real_name = std::move(name);
        return commit(change);
    };
    ASSERT_TRUE(is_applied(asked("WD1", {"sealed once", "print of Zhang"})));

    const Outcome again = asked("WD2", {"sealed twice", "print of Zhang"});
    const Outcome other = asked("WD3", {"sealed once", "print of Li"});
    const Outcome none = asked("WD4", {});

    EXPECT_EQ(std::get<Duplicate>(again).field, "");
    EXPECT_EQ(std::get<Duplicate>(other).field, "real_name");
    EXPECT_EQ(std::get<Duplicate>(none).field, "real_name");
}

TEST_P(LedgerContract, KeepsTheKeysOfUsersApart) {
    deposit(user("u1"), 1000_fen);
    deposit(user("u2"), 1000_fen);

    EXPECT_TRUE(is_applied(commit(request_change("WD1", user("u1"), 300_fen, "k1"))));
    EXPECT_TRUE(is_applied(commit(request_change("WD2", user("u2"), 300_fen, "k1"))));
}

TEST_P(LedgerContract, RefusesATakenNumberAsAConflict) {
    deposit(user("u1"), 1000_fen);
    ASSERT_TRUE(is_applied(commit(request_change("WD1", user("u1"), 300_fen, "k1"))));

    EXPECT_TRUE(std::holds_alternative<Conflict>(commit(request_change("WD1", user("u1"), 300_fen, "k2"))));
}

TEST_P(LedgerContract, RefusesAChangeThatWasDecidedOnAnotherVersion) {
    deposit(user("u1"), 1000_fen);
    ASSERT_TRUE(is_applied(commit(request_change("WD1", user("u1"), 300_fen, "k1"))));
    const Change first = release_change(WithdrawalId::parse("WD1").value());
    const Change second = release_change(WithdrawalId::parse("WD1").value());
    ASSERT_TRUE(is_applied(commit(first)));

    EXPECT_TRUE(std::holds_alternative<Conflict>(commit(second)));

    EXPECT_EQ(ledger_->balance(user("u1")).value(), (Balance{1000_fen, Money()}));
}

TEST_P(LedgerContract, KnowsAChangeThatItHasAppliedEvenAfterOthers) {
    deposit(user("u1"), 1000_fen);
    const Change request = request_change("WD1", user("u1"), 300_fen, "k1");
    ASSERT_TRUE(is_applied(commit(request)));
    ASSERT_TRUE(is_applied(commit(release_change(WithdrawalId::parse("WD1").value()))));

    EXPECT_TRUE(std::holds_alternative<AlreadyApplied>(commit(request)));

    EXPECT_EQ(ledger_->balance(user("u1")).value(), (Balance{1000_fen, Money()}));
}

TEST_P(LedgerContract, ActsOnABatchAsIfOneByOneInOrder) {
    deposit(user("u1"), 1000_fen);
    const std::vector<Change> batch{
        request_change("WD1", user("u1"), 600_fen, "k1"),
        request_change("WD2", user("u1"), 600_fen, "k2"),  // refused: the first one took the money
        request_change("WD3", user("u1"), 400_fen, "k3"),
        request_change("WD4", user("u1"), 400_fen, "k3"),  // a replay inside the batch
    };

    const auto outcomes = ledger_->commit(batch);

    ASSERT_EQ(outcomes.size(), 4u);
    EXPECT_TRUE(is_applied(outcomes[0]));
    EXPECT_TRUE(std::holds_alternative<InsufficientFunds>(outcomes[1]));
    EXPECT_TRUE(is_applied(outcomes[2]));
    EXPECT_TRUE(std::holds_alternative<Duplicate>(outcomes[3]) ||
                std::holds_alternative<InsufficientFunds>(outcomes[3]));
    EXPECT_EQ(ledger_->balance(user("u1")).value(), (Balance{Money(), 1000_fen}));
}

TEST_P(LedgerContract, AppliesEveryChangeOfOneAccountInABatch) {
    const std::vector<Change> batch{
        deposit_change(user("u1"), 500_fen, "order-1"),
        deposit_change(user("u1"), 300_fen, "order-2"),
        request_change("WD1", user("u1"), 100_fen, "k1"),
        request_change("WD2", user("u1"), 200_fen, "k2"),
    };

    const auto outcomes = ledger_->commit(batch);

    for (const Outcome& outcome : outcomes) EXPECT_TRUE(std::holds_alternative<Applied>(outcome));
    EXPECT_EQ(ledger_->balance(user("u1")).value(), (Balance{500_fen, 300_fen}));
    EXPECT_EQ(sum_of_all_accounts(), 0);
}

TEST_P(LedgerContract, KnowsTheSameChangeTwiceInABatch) {
    const Change once = deposit_change(user("u1"), 500_fen, "order-1");

    const auto outcomes = ledger_->commit(std::vector<Change>{once, once});

    ASSERT_EQ(outcomes.size(), 2u);
    EXPECT_TRUE(std::holds_alternative<Applied>(outcomes[0]));
    EXPECT_TRUE(std::holds_alternative<AlreadyApplied>(outcomes[1]));
    EXPECT_EQ(ledger_->balance(user("u1")).value(), (Balance{500_fen, Money()}));
}

TEST_P(LedgerContract, TakesADepositOncePerReference) {
    EXPECT_TRUE(is_applied(commit(deposit_change(user("u1"), 500_fen, "order-1"))));

    const Outcome replay = commit(deposit_change(user("u1"), 500_fen, "order-1"));
    const Outcome other_amount = commit(deposit_change(user("u1"), 501_fen, "order-1"));
    const Outcome other_user = commit(deposit_change(user("u2"), 500_fen, "order-1"));

    EXPECT_EQ(std::get<Duplicate>(replay).field, "");
    EXPECT_EQ(std::get<Duplicate>(other_amount).field, "amount");
    EXPECT_EQ(std::get<Duplicate>(other_user).field, "user_id");
    EXPECT_EQ(ledger_->balance(user("u1")).value(), (Balance{500_fen, Money()}));
}

TEST_P(LedgerContract, RefusesABalanceOutOfBounds) {
    deposit(user("u1"), 1'000'000'000'000'000_fen);

    EXPECT_TRUE(std::holds_alternative<LimitReached>(commit(deposit_change(user("u1"), 1_fen, "one-more"))));

    EXPECT_EQ(sum_of_all_accounts(), 0);
}

TEST_P(LedgerContract, ListsWhatIsDueAndNotLeasedLongestDueFirst) {
    deposit(user("u1"), 1000_fen);
    for (int i = 1; i <= 3; ++i) {
        Change request =
            request_change("WD" + std::to_string(i), user("u1"), 100_fen, "k" + std::to_string(i));
        auto& next = std::get<Step>(request.what).next;
        next.due_at = now_ + Duration(i == 1 ? 5 : i == 2 ? 3 : 50);
        if (i == 1) next.lease_until = now_ + Duration(20);
        ASSERT_TRUE(is_applied(commit(request)));
    }

    const auto numbers = [&](int after, std::size_t limit) {
        std::string text;
        const auto rows = ledger_->due(now_ + Duration(after), limit, {}).value();
        for (const auto& w : rows) text += w.id.text() + " ";
        return text;
    };

    EXPECT_EQ(numbers(2, 10), "");
    EXPECT_EQ(numbers(3, 10), "WD2 ");
    EXPECT_EQ(numbers(10, 10), "WD2 ");
    EXPECT_EQ(numbers(20, 10), "WD2 WD1 ");
    EXPECT_EQ(numbers(50, 10), "WD2 WD1 WD3 ");
    EXPECT_EQ(numbers(50, 2), "WD2 WD1 ");
}

TEST_P(LedgerContract, FindsByKey) {
    deposit(user("u1"), 1000_fen);
    ASSERT_TRUE(is_applied(commit(request_change("WD1", user("u1"), 100_fen, "k1"))));
    const auto key = [](const char* text) { return IdempotencyKey::parse(text).value(); };

    EXPECT_EQ(ledger_->find_by_key(user("u1"), key("k1")).value()->id.text(), "WD1");
    EXPECT_FALSE(ledger_->find_by_key(user("u1"), key("k2")).value().has_value());
    EXPECT_FALSE(ledger_->find_by_key(user("u2"), key("k1")).value().has_value());
}

TEST_P(LedgerContract, PagesThroughTheHistoryNewestFirst) {
    deposit(user("u1"), 1000_fen);
    for (int i = 1; i <= 5; ++i) {
        if (i != 3) now_ += Duration(10);  // two of them share a moment
        ASSERT_TRUE(is_applied(
            commit(request_change("WD" + std::to_string(i), user("u1"), 100_fen, "k" + std::to_string(i)))));
    }

    std::string seen;
    std::optional<Cursor> after;
    for (int page = 0; page < 10; ++page) {
        const auto rows = ledger_->history(user("u1"), 2, after).value();
        if (rows.empty()) break;
        for (const auto& w : rows) seen += w.id.text() + " ";
        seen += "| ";
        after = Cursor{rows.back().created_at, rows.back().id};
    }

    EXPECT_EQ(seen, "WD5 WD4 | WD3 WD2 | WD1 | ");
    EXPECT_TRUE(ledger_->history(user("u2"), 10, std::nullopt).value().empty());
}

TEST_P(LedgerContract, KeepsNotesWithTheirWithdrawal) {
    deposit(user("u1"), 1000_fen);
    Change request = request_change("WD1", user("u1"), 100_fen, "k1");
    Step& step = std::get<Step>(request.what);
    step.notes.push_back({step.next.id, NoteKind::other_identity, 1, now_, {}, "openid"});
    ASSERT_TRUE(is_applied(commit(request)));

    EXPECT_EQ(ledger_->notes(step.next.id).value(), step.notes);
    EXPECT_TRUE(ledger_->notes(WithdrawalId::parse("WD2").value()).value().empty());
}

TEST_P(LedgerContract, LetsOnlyAsManyConcurrentRequestsPassAsTheBalanceBears) {
    deposit(user("u1"), 500_fen);  // bears five of eight
    std::vector<Change> changes;
    for (int i = 0; i < 8; ++i)
        changes.push_back(
            request_change("WD" + std::to_string(i), user("u1"), 100_fen, "k" + std::to_string(i)));

    EXPECT_EQ(commit_at_once(changes), 5);

    EXPECT_EQ(ledger_->balance(user("u1")).value(), (Balance{Money(), 500_fen}));
}

}  // namespace tixian::testing
