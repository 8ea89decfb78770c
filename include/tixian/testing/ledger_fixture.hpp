// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tixian/claims.hpp"
#include "tixian/ledger.hpp"
#include "tixian/testing/seeded_random.hpp"
#include "tixian/withdrawal_id.hpp"

namespace tixian::testing {

/// Makes a new, empty ledger for one test.
struct LedgerFactory {
    std::string name;
    std::function<std::unique_ptr<Ledger>()> make;
};

// GoogleTest finds it by this name.
inline void PrintTo(const LedgerFactory& factory, std::ostream* out)  // NOLINT(readability-identifier-naming)
{
    *out << factory.name;
}

/// What every test of what a ledger promises begins with: a new ledger, a fixed moment, and changes as a
/// service would make them.
class LedgerContract : public ::testing::TestWithParam<LedgerFactory> {
 protected:
    void SetUp() override {
        ledger_ = GetParam().make();
        ASSERT_NE(ledger_, nullptr);
    }

    [[nodiscard]] static UserId user(const std::string& text) { return UserId::parse(text).value(); }

    [[nodiscard]] Change change(Step step) { return {make_change_id(random_), now_, std::move(step)}; }

    [[nodiscard]] Change deposit_change(const UserId& who, Money amount, const std::string& reference) {
        return {make_change_id(random_), now_, Deposit{who, Reference::parse(reference).value(), amount}};
    }

    /// A new withdrawal as a change: number, key and amount are the test's.
    [[nodiscard]] Change request_change(const std::string& id, const UserId& who, Money amount,
                                        const std::string& key) {
        Withdrawal w;
        w.id = WithdrawalId::parse(id).value();
        w.order = {who,
                   IdempotencyKey::parse(key).value(),
                   amount,
                   ChannelName::parse("wechat").value(),
                   Openid::parse("openid-1").value(),
                   "提现"};
        w.version = 1;
        w.due_at = now_;
        w.created_at = w.updated_at = now_;
        return change({w, Entry::hold(who, amount), {}, "requested"});
    }

    /// The next version of a stored withdrawal, released; what it counted is given back.
    [[nodiscard]] Change release_change(const WithdrawalId& id) {
        Withdrawal next = *ledger_->find(id).value();
        ++next.version;
        next.state = State::cancelled;
        next.released_by = Proof::never_submitted;
        next.completed_at = next.updated_at = now_;
        next.due_at.reset();
        Change release = change({next, Entry::release(next.order.user, total_of(next)), {}, "cancelled"});
        std::get<Step>(release.what).claims = given_back(claims_of(next));
        return release;
    }
    [[nodiscard]] Change release_change(const std::string& id) {
        return release_change(WithdrawalId::parse(id).value());
    }

    [[nodiscard]] static Fee free_a_month(Money amount) {
        Fee fee;
        fee.free_per_month = amount;
        return fee;
    }

    /// The same request under these terms: counted on the local date of the fixture's moment.
    [[nodiscard]] static Change under(const Terms& terms, Change request) {
        Step& step = std::get<Step>(request.what);
        step.next.terms = terms;
        step.next.counted_on = today;
        step.claims = claims_of(step.next);
        step.needs_interval = terms.minimum_interval > Duration{0};
        return request;
    }

    /// A submit's intent on a stored withdrawal that was never submitted.
    [[nodiscard]] Change submit_change(const std::string& id) {
        Withdrawal next = *ledger_->find(WithdrawalId::parse(id).value()).value();
        ++next.version;
        next.state = State::submitting;
        next.destination =
            Destination{"transfer-bills", Mchid::parse("1900000001").value(), Appid::parse("wx1").value()};
        next.submission = {"{}", ""};
        next.calls = 1;
        next.attempts.count = 1;
        Change submit = change({next, {}, {}, "submit_begun"});
        std::get<Step>(submit.what).needs_open_channel = true;
        return submit;
    }

    [[nodiscard]] Change switch_change(const std::string& channel, bool open,
                                       const std::string& reason = "test") {
        return {make_change_id(random_), now_,
                Switch{ChannelName::parse(channel).value(), open, person("op", reason)}};
    }

    [[nodiscard]] Change correction_change(const std::string& reference, const std::string& about,
                                           const Account& account, Money amount) {
        return {make_change_id(random_), now_,
                Correction{Reference::parse(reference).value(), WithdrawalId::parse(about).value(), account,
                           amount, person("op", "fund bill 7")}};
    }

    [[nodiscard]] static Person person(const std::string& id, const std::string& reason) {
        return {OperatorId::parse(id).value(), reason};
    }

    [[nodiscard]] Outcome commit(const Change& one) { return ledger_->commit(std::span(&one, 1)).front(); }

    void deposit(const UserId& who, Money amount) {
        ASSERT_TRUE(is_applied(commit(deposit_change(who, amount, "d" + std::to_string(random_.next())))));
    }

    /// Everything that can be read, as text: two equal ledgers read the same.
    [[nodiscard]] std::string everything(const std::vector<std::string>& users) {
        std::string text;
        const auto accounts = ledger_->trial_balance().value();
        for (const auto& row : accounts) text += row.account + "=" + row.balance.yuan() + "\n";
        for (const auto& name : users) text += everything_of(user(name));
        text += "wechat: " + used(channel_counter(ChannelName::parse("wechat").value(), today)) + "\n";
        const auto switches = ledger_->switches().value();
        for (const Switch& s : switches)
            text += s.channel.text() + (s.is_open ? " open: " : " closed: ") + s.person.reason + "\n";
        const auto counts = ledger_->note_counts().value();
        for (const NoteCount& count : counts)
            text += std::string(tixian::name(count.kind)) + " " + std::to_string(count.count) + "\n";
        return text;
    }

    [[nodiscard]] std::string everything_of(const UserId& who) {
        std::string text = who.text() + ":";
        for (const auto& counter :
             {day_counter(who, today), month_counter(who, today), free_counter(who, today)})
            text += " " + used(counter);
        const auto last = ledger_->last_at(who).value();
        text += " last " + std::to_string(last ? to_millis(*last) : 0) + "\n";
        const auto withdrawals = ledger_->history(who, 1000, std::nullopt).value();
        for (const auto& w : withdrawals)
            text += w.id.text() + " v" + std::to_string(w.version) + " " +
                    std::string(tixian::name(w.state)) + " corrections " +
                    std::to_string(ledger_->corrections(w.id).value().size()) + "\n";
        return text;
    }

    /// `3.00 in 1`: what was counted, as text.
    [[nodiscard]] std::string used(const UsageCounter& counter) {
        const Usage usage = ledger_->usage(counter).value();
        return usage.amount.yuan() + " in " + std::to_string(usage.count);
    }

    [[nodiscard]] static std::string numbers_of(const std::vector<Withdrawal>& withdrawals) {
        std::string text;
        for (const auto& w : withdrawals) text += w.id.text() + " ";
        return text;
    }

    /// Commits each change in a thread of its own; how many were applied.
    [[nodiscard]] int commit_at_once(const std::vector<Change>& changes) {
        std::vector<int> applied(changes.size());
        std::vector<std::thread> running;
        running.reserve(changes.size());
        for (std::size_t i = 0; i < changes.size(); ++i)
            running.emplace_back([&, i] { applied[i] = is_applied(commit(changes[i])) ? 1 : 0; });
        for (auto& thread : running) thread.join();
        int total = 0;
        for (const int one : applied) total += one;
        return total;
    }

    [[nodiscard]] std::int64_t sum_of_all_accounts() {
        std::int64_t fen = 0;
        const auto accounts = ledger_->trial_balance().value();
        for (const auto& row : accounts) fen += row.balance.fen();
        return fen;
    }

    static constexpr const char* today = "2025-01-01";

    std::unique_ptr<Ledger> ledger_;
    SeededRandom random_{20261123};
    Timestamp now_ = from_millis(1'735'705'000'000);
};

}  // namespace tixian::testing
