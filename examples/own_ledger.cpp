// SPDX-License-Identifier: MIT
// An adapter of your own, and the suite that says whether it keeps what every ledger promises. This one puts
// each applied change on record before another ledger; yours may keep withdrawals wherever you want.
//
//     own_ledger
#include <memory>
#include <mutex>
#include <utility>

#include <tixian/memory/memory_ledger.hpp>
#include <tixian/testing/ledger_contract.hpp>
#include <tixian/testing/ledger_linearizability.hpp>
#include <tixian/testing/ledger_properties.hpp>

namespace {

using namespace tixian;  // NOLINT: an example

class AuditedLedger : public Ledger {
 public:
    explicit AuditedLedger(std::unique_ptr<Ledger> inner) : inner_(std::move(inner)) {}

    std::vector<Outcome> commit(std::span<const Change> changes) override {
        auto outcomes = inner_->commit(changes);
        const std::lock_guard lock(mutex_);
        for (std::size_t i = 0; i < changes.size(); ++i) {
            if (is_applied(outcomes[i]))
                audit_ += changes[i].id.text() + " " + std::string(event_of(changes[i])) + "\n";
        }
        return outcomes;
    }

    Result<std::vector<Withdrawal>> due(Timestamp now, std::size_t limit, const DueFilter& filter) override {
        return inner_->due(now, limit, filter);
    }
    Result<std::optional<Withdrawal>> find(const WithdrawalId& id) override { return inner_->find(id); }
    Result<std::optional<Withdrawal>> find_by_key(const UserId& user, const IdempotencyKey& key) override {
        return inner_->find_by_key(user, key);
    }
    Result<std::vector<Withdrawal>> history(const UserId& user, std::size_t limit,
                                            const std::optional<Cursor>& after) override {
        return inner_->history(user, limit, after);
    }
    Result<std::vector<Withdrawal>> waiting_for_person(std::size_t limit,
                                                       const std::optional<Cursor>& after) override {
        return inner_->waiting_for_person(limit, after);
    }
    Result<Balance> balance(const UserId& user) override { return inner_->balance(user); }
    Result<std::vector<Note>> notes(const WithdrawalId& id) override { return inner_->notes(id); }
    Result<std::vector<Note>> notes_of(NoteKind kind, std::size_t limit) override {
        return inner_->notes_of(kind, limit);
    }
    Result<std::vector<NoteCount>> note_counts() override { return inner_->note_counts(); }
    Result<Usage> usage(const UsageCounter& counter) override { return inner_->usage(counter); }
    Result<std::optional<Timestamp>> last_at(const UserId& user) override { return inner_->last_at(user); }
    Result<std::vector<Correction>> corrections(const WithdrawalId& about) override {
        return inner_->corrections(about);
    }
    Result<std::vector<Switch>> switches() override { return inner_->switches(); }
    Result<std::vector<AccountBalance>> trial_balance() override { return inner_->trial_balance(); }

 private:
    std::unique_ptr<Ledger> inner_;
    std::mutex mutex_;
    std::string audit_;
};

std::unique_ptr<Ledger> make() { return std::make_unique<AuditedLedger>(std::make_unique<MemoryLedger>()); }

}  // namespace

namespace tixian::testing {
INSTANTIATE_TEST_SUITE_P(Own, LedgerContract, ::testing::Values(LedgerFactory{"own", make}));
TEST(Own, DoesAsTheModelSays) { check_ledger_against_model(make, 20); }
TEST(Own, IsLinearizable) { check_ledger_is_linearizable(make); }
}  // namespace tixian::testing
