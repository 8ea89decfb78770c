// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "simulator/stage.hpp"
#include "tixian/forwarding_ledger.hpp"

namespace tixian::sim {

/// Thrown where a process dies; whoever runs it catches it.
struct ProcessDied {};

/// Who hears of what the ledger really did, and stands between its callers.
class LedgerWatch {
 public:
    virtual ~LedgerWatch() = default;
    /// A change was applied, whatever its caller hears.
    virtual void on_applied(const Change& change) = 0;
    /// Somebody else may act now, before a commit is looked at.
    virtual void let_another_come_between() = 0;
    /// Which withdrawal of this world has this number.
    [[nodiscard]] virtual std::uint32_t index_of(const WithdrawalId& id) const = 0;
    /// Also of one that is not stored yet.
    [[nodiscard]] virtual std::uint32_t index_of(const Withdrawal& withdrawal) const = 0;
};

/// The ledger as a service meets it on a bad day: it cannot be reached, answers are lost before or after the
/// commit was applied, a commit arrives long after its caller gave up, somebody was faster.
class FlakyLedger : public ForwardingLedger {
 public:
    FlakyLedger(Stage& stage, Ledger& inner, LedgerWatch& watch)
        : ForwardingLedger(inner), stage_(stage), watch_(watch), subjects_(stage.setup.orders + others_max) {}

    [[nodiscard]] std::vector<Outcome> commit(std::span<const Change> changes) override;
    [[nodiscard]] Result<std::vector<Withdrawal>> due(Timestamp now, std::size_t limit,
                                                      const DueFilter& filter) override {
        return read(due_reads, [&] { return ledger().due(now, limit, filter); });
    }
    [[nodiscard]] Result<std::optional<Withdrawal>> find(const WithdrawalId& id) override {
        return read(watch_.index_of(id), [&] { return ledger().find(id); });
    }
    [[nodiscard]] Result<std::optional<Withdrawal>> find_by_key(const UserId& user,
                                                                const IdempotencyKey& key) override {
        return read(key_reads, [&] { return ledger().find_by_key(user, key); });
    }
    [[nodiscard]] Result<Usage> usage(const UsageCounter& counter) override {
        return read(usage_reads, [&] { return ledger().usage(counter); });
    }

    void set_down(bool is_down) { is_down_ = is_down; }
    /// A commit in doubt reaches the ledger after all.
    void land(std::uint32_t commit);

 private:
    // Subjects of decisions that are about no withdrawal.
    static constexpr std::uint32_t due_reads = 0xFFFFF0, key_reads = 0xFFFFF1, usage_reads = 0xFFFFF2,
                                   other_commits = 0xFFFFF3, others_max = 16;
    struct Seen {
        std::uint32_t reads = 0, commits = 0;
        std::uint32_t broken_until = 0;  ///< no commit before this one arrives
        ChangeId in_doubt;               ///< the last change whose answer was lost
    };

    template <class Read>
    [[nodiscard]] auto read(std::uint32_t subject, Read&& inner) -> decltype(inner()) {
        if (is_down_ || stage_.strikes(Mishap::read_fails, subject, ++at(subject).reads))
            return refuse(ErrorCode::ledger_unavailable, "the connection broke");
        return inner();
    }
    [[nodiscard]] std::uint32_t subject_of(const Change& change) const;
    [[nodiscard]] Seen& at(std::uint32_t subject) {
        const std::uint32_t orders = stage_.setup.orders;
        return subjects_[subject < orders ? subject : orders + subject % others_max];
    }
    std::vector<Outcome> apply(std::span<const Change> changes);
    [[nodiscard]] std::vector<Outcome> in_doubt(std::span<const Change> changes, std::uint32_t subject,
                                                const char* what);

    Stage& stage_;
    LedgerWatch& watch_;
    bool is_down_ = false;
    std::vector<Seen> subjects_;
    std::vector<std::vector<Change>> landing_;
};

inline std::uint32_t FlakyLedger::subject_of(const Change& change) const {
    const auto* step = std::get_if<Step>(&change.what);
    return step == nullptr ? other_commits : watch_.index_of(step->next);
}

inline std::vector<Outcome> FlakyLedger::in_doubt(std::span<const Change> changes, std::uint32_t subject,
                                                  const char* what) {
    at(subject).in_doubt = changes.front().id;
    if (stage_.is_written()) stage_.tell(Lane::ledger, Lane::service, what, subject, true);
    return std::vector<Outcome>(changes.size(), Unknown{what});
}

inline std::vector<Outcome> FlakyLedger::apply(std::span<const Change> changes) {
    std::vector<Outcome> outcomes = ledger().commit(changes);
    for (std::size_t i = 0; i < changes.size(); ++i)
        if (std::holds_alternative<Applied>(outcomes[i])) watch_.on_applied(changes[i]);
    return outcomes;
}

inline std::vector<Outcome> FlakyLedger::commit(std::span<const Change> changes) {
    const std::uint32_t subject = subject_of(changes.front());
    Seen& seen = at(subject);
    const std::uint32_t turn = ++seen.commits;
    if (stage_.strikes(Mishap::another_comes_between, subject, turn)) watch_.let_another_come_between();
    if (is_down_) return in_doubt(changes, subject, "the ledger cannot be reached");
    if (stage_.strikes(Mishap::crash_in_commit, subject, turn)) {
        if (stage_.choices.draw(Site::length, subject, turn * 8, 2) == 1) apply(changes);
        throw ProcessDied{};
    }
    // What may have been applied is never answered with a conflict.
    const bool is_first_try = seen.in_doubt != changes.front().id;
    if (is_first_try && stage_.strikes(Mishap::commit_conflicts, subject, turn))
        return std::vector<Outcome>(changes.size(), Conflict{});
    const bool is_broken = !stage_.is_calm && turn < seen.broken_until;
    if (is_broken || stage_.strikes(Mishap::commit_lost_before, subject, turn)) {
        // Now and then the connection stays broken for longer than anybody tries.
        constexpr std::uint32_t tries = 12;
        if (is_first_try && stage_.choices.draw(Site::length, subject, turn * 8 + 1, 3) == 1)
            seen.broken_until = turn + tries;
        return in_doubt(changes, subject, "the connection broke before the commit");
    }
    if (stage_.strikes(Mishap::commit_lands_later, subject, turn)) {
        using namespace std::chrono_literals;
        landing_.emplace_back(changes.begin(), changes.end());
        const Duration after =
            stage_.one_of({Duration(1s), Duration(1min), Duration(10min)}, Site::length, subject, turn);
        stage_.queue.plan(stage_.now + after, EventKind::land,
                          static_cast<std::uint32_t>(landing_.size() - 1));
        return in_doubt(changes, subject, "the commit is stuck on its way");
    }
    std::vector<Outcome> outcomes = apply(changes);
    if (stage_.strikes(Mishap::commit_lost_after, subject, turn))
        return in_doubt(changes, subject, "committed, and the answer was lost");
    return outcomes;
}

inline void FlakyLedger::land(std::uint32_t commit) { apply(landing_[commit]); }

}  // namespace tixian::sim
