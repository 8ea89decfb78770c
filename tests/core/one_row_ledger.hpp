// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "tixian/ledger.hpp"

namespace tixian {

/// A ledger of one withdrawal, cheap to set to any state: the explorer walks through millions of them. Its
/// next commit can lose its answer, and somebody else can come between that and the next try.
class OneRowLedger : public Ledger {
 public:
    using Row = std::shared_ptr<const Withdrawal>;
    enum class Loss { none, before, after };

    void load(Row row) {
        row_ = std::move(row);
        steps_.clear();
        applied_.clear();
        loss_ = Loss::none;
        between_ = nullptr;
    }
    void lose(Loss loss, std::function<void()> between = nullptr) {
        loss_ = loss;
        between_ = std::move(between);
    }
    [[nodiscard]] const Row& row() const { return row_; }
    /// What has been applied since load(), each with the row that it was applied to.
    struct Applied1 {
        Row before;
        Step step;
    };
    [[nodiscard]] const std::vector<Applied1>& steps() const { return steps_; }

    [[nodiscard]] std::vector<Outcome> commit(std::span<const Change> changes) override {
        const Loss loss = std::exchange(loss_, Loss::none);
        std::vector<Outcome> outcomes;
        for (const Change& change : changes)
            outcomes.push_back(loss == Loss::before ? Outcome(Unknown{}) : commit_one(change));
        if (loss == Loss::none) return outcomes;
        if (between_) std::exchange(between_, nullptr)();
        return std::vector<Outcome>(changes.size(), Unknown{});
    }

    [[nodiscard]] Result<std::vector<Withdrawal>> due(Timestamp now, std::size_t, const DueFilter&) override {
        if (!row_->due_at || *row_->due_at > now || row_->lease_until > now) return std::vector<Withdrawal>{};
        return std::vector<Withdrawal>{*row_};
    }
    [[nodiscard]] Result<std::optional<Withdrawal>> find(const WithdrawalId&) override { return *row_; }

    // Nothing that the explorer does asks for these.
    [[nodiscard]] Result<std::optional<Withdrawal>> find_by_key(const UserId&,
                                                                const IdempotencyKey&) override {
        return std::nullopt;
    }
    [[nodiscard]] Result<std::vector<Withdrawal>> history(const UserId&, std::size_t,
                                                          const std::optional<Cursor>&) override {
        return std::vector<Withdrawal>{};
    }
    [[nodiscard]] Result<std::vector<Withdrawal>> waiting_for_person(std::size_t,
                                                                     const std::optional<Cursor>&) override {
        return std::vector<Withdrawal>{};
    }
    [[nodiscard]] Result<Balance> balance(const UserId&) override { return Balance{}; }
    [[nodiscard]] Result<std::vector<Note>> notes(const WithdrawalId&) override {
        return std::vector<Note>{};
    }
    [[nodiscard]] Result<std::vector<Note>> notes_of(NoteKind, std::size_t) override {
        return std::vector<Note>{};
    }
    [[nodiscard]] Result<std::vector<NoteCount>> note_counts() override { return std::vector<NoteCount>{}; }
    [[nodiscard]] Result<Usage> usage(const UsageCounter&) override { return Usage{}; }
    [[nodiscard]] Result<std::optional<Timestamp>> last_at(const UserId&) override { return std::nullopt; }
    [[nodiscard]] Result<std::vector<Correction>> corrections(const WithdrawalId&) override {
        return std::vector<Correction>{};
    }
    [[nodiscard]] Result<std::vector<Switch>> switches() override { return std::vector<Switch>{}; }
    [[nodiscard]] Result<std::vector<AccountBalance>> trial_balance() override {
        return std::vector<AccountBalance>{};
    }

 private:
    [[nodiscard]] Outcome commit_one(const Change& change) {
        if (std::find(applied_.begin(), applied_.end(), change.id) != applied_.end()) return AlreadyApplied{};
        const Step& step = std::get<Step>(change.what);
        if (step.next.version != row_->version + 1) return Conflict{};
        steps_.push_back({row_, step});
        row_ = std::make_shared<const Withdrawal>(step.next);
        applied_.push_back(change.id);
        return Applied{};
    }

    Row row_;
    std::vector<Applied1> steps_;
    std::vector<ChangeId> applied_;
    Loss loss_ = Loss::none;
    std::function<void()> between_;
};

}  // namespace tixian
