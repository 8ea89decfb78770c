// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auditor/facts.hpp"

namespace tixian::audit {

/// What the auditor knows before anything happens.
struct Ground {
    std::vector<Terms> terms;
    std::uint32_t users = 0;
    std::uint32_t keys = 0;
    Duration send_window{};      ///< no byte leaves so long after its claim (R2)
    Duration clock_error_max{};  ///< how far the clock of a service may be off
    /// A submit may surface for so long after its signing, whatever it was answered (R4).
    Duration settling_min{};
    std::array<int, 3> calls_per_second{};  ///< by CallKind; 0: any number (R7)
    Duration horizon = Duration::max();     ///< after the first submit none may begin (R5)
    /// What WeChat's own books say of a number now.
    std::function<BankBill(std::string_view number)> bank;
};

/// Rebuilds from the users' and WeChat's side what must be true, and compares. It shares no code with the
/// core: it counts money, fees, limits and days by itself. The first broken rule is kept; later ones may only
/// follow from it.
class Auditor {
 public:
    explicit Auditor(Ground ground);

    [[nodiscard]] const std::optional<Violation>& violation() const { return violation_; }

    // The user's side.
    void deposit_asked(std::uint32_t user, std::int64_t fen) { wallet_of(user).deposit_asked += fen; }
    void deposit_answered(std::uint32_t user, std::int64_t fen) { wallet_of(user).deposit_answered += fen; }
    void accepted(const Asked& asked, std::string_view number, bool replayed, Timestamp now);
    /// `code` and `field` as the API words them.
    void refused(const Asked& asked, std::string_view code, std::string_view field);
    /// A person decided at a version that he saw.
    void person_decided(std::uint32_t withdrawal, std::int64_t seen_version, bool was_accepted);

    // The books.
    void stored(const Stored& stored);
    /// What came in from the host, and belongs to no withdrawal.
    void deposited(const std::vector<Posting>& postings);
    /// Everything the ledger has, against what was counted here.
    void check_books(const std::vector<Account>& accounts);
    void check_wallet(std::uint32_t user, std::int64_t available, std::int64_t held);

    // Towards WeChat, and from it.
    void sent(const Sent& sent, Timestamp now);
    /// A copy of a submit is on its way, or waits inside WeChat; and is not any more.
    void submit_pending(std::uint32_t withdrawal) { ++row(withdrawal).pending; }
    void submit_done(std::uint32_t withdrawal) { --row(withdrawal).pending; }
    void bill_ended(std::uint32_t withdrawal, Bill state);
    /// The service has stored that WeChat reported the bill; and that it said FAIL or CANCELLED.
    void told(std::uint32_t withdrawal) { row(withdrawal).was_told = true; }
    void told_unpaid(std::uint32_t withdrawal) { row(withdrawal).was_told_unpaid = true; }
    /// The service is told now that WeChat has no bill, by a query that left at that time; none: something
    /// else. Answers what stood there before.
    std::optional<Timestamp> absence_told(std::uint32_t withdrawal, std::optional<Timestamp> asked_at) {
        return std::exchange(row(withdrawal).absence_asked_at, asked_at);
    }
    /// The service said 2xx to a notification of this final state.
    void acknowledged(std::uint32_t withdrawal);
    /// Something that WeChat did not sign was taken for its word.
    void believed_unverified(std::uint32_t withdrawal, std::string_view what);

    /// Everything must be final, except what waits for a person, and agree with WeChat's statement (R12).
    void check_end();

    void report(int rule, std::string what, std::optional<std::uint32_t> withdrawal = {});

 private:
    struct Row {
        bool exists = false;
        std::string number, payee;
        std::uint32_t user = 0, terms = 0;
        std::int64_t fen = 0, fee = 0, free = 0;
        std::int64_t day = 0, month = 0;
        Timestamp created_at{};
        std::int64_t version = 0;
        Status status{};
        bool is_wanted_back = false, waits_for_person = false;
        Bill shown = Bill::none;
        int money_moves = 0;  ///< of the held money
        bool is_released = false;
        std::int64_t persons_version = 0;
        bool was_resumed = false;  ///< a person let it go on: what he decides is his
        std::map<std::int64_t, std::pair<CallKind, Timestamp>> open_intents;  ///< not sent yet
        std::string content, place;
        int submits = 0;
        Timestamp first_submit_at{}, last_submit_at{};
        std::optional<Timestamp> absence_asked_at;
        int pending = 0;
        bool was_told = false, was_told_unpaid = false;
        std::optional<Timestamp> answered_at;  ///< the first time that its user heard of it
    };
    struct Wallet {
        std::int64_t available = 0, held = 0;
        std::int64_t deposit_asked = 0, deposit_answered = 0, deposited = 0;
    };
    struct Counter {
        std::int64_t fen = 0, count = 0;
    };

    [[nodiscard]] Row& row(std::uint32_t withdrawal) { return rows_[withdrawal]; }
    [[nodiscard]] Wallet& wallet_of(std::uint32_t user) { return wallets_[user]; }
    [[nodiscard]] std::int64_t fee_of(const Terms& terms, std::int64_t fen, std::int64_t free) const;

    void check_create(Row& row, const Stored& stored);
    void check_limits(const Row& row, const Terms& terms);
    void check_moves(Row& row, const Stored& stored);
    void check_owner(const Row& row, const Stored& stored);
    void check_intent(Row& row, const Stored& stored);
    void check_paid(const Row& row, std::uint32_t withdrawal);
    void post(const std::vector<Posting>& postings);
    void check_held_money(Row& row, const Stored& stored);
    void check_settled(const Row& row, const Stored& stored);
    void check_released(Row& row, const Stored& stored);
    void count(const Row& row, int sign);
    /// Whether a refusal is right, by what has been counted here.
    [[nodiscard]] bool stands_in_the_way(const Asked& asked, Timestamp now, std::string_view code,
                                         std::string_view field) const;
    [[nodiscard]] bool is_limit_in_the_way(const Asked& asked, Timestamp now, std::string_view limit) const;
    [[nodiscard]] Counter counter(const std::map<std::pair<std::int64_t, std::int64_t>, Counter>& counters,
                                  std::int64_t a, std::int64_t b) const;

    Ground ground_;
    std::optional<Violation> violation_;
    std::vector<Row> rows_;
    std::vector<Wallet> wallets_;
    std::int64_t clearing_ = 0, fees_ = 0, funding_ = 0, suspense_ = 0;
    std::map<std::pair<std::int64_t, std::int64_t>, Counter> by_day_, by_month_, free_by_month_;
    std::map<std::pair<std::int64_t, std::int64_t>, Counter> merchant_by_day_;
    std::array<std::deque<Timestamp>, 3> last_sends_;
};

}  // namespace tixian::audit
