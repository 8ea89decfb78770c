// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tixian/clock.hpp"
#include "tixian/money.hpp"

/// What the auditor is told, in words of its own: what users asked and heard, what the books say, what was
/// sent to WeChat, and what WeChat did. Withdrawals and users are numbers, as the simulator counts them.
namespace tixian::audit {

/// What a user sees of a withdrawal.
enum class Status { pending, processing, success, failed, cancelled };
[[nodiscard]] constexpr bool is_final(Status status) { return status >= Status::success; }

enum class CallKind { submit, query, cancel };

/// WeChat's word for a bill, in the order in which a bill moves.
enum class Bill { none, accepted, processing, waiting, transferring, cancelling, paid, failed, cancelled };
[[nodiscard]] constexpr bool is_final(Bill bill) { return bill >= Bill::paid; }
/// The three final states share a rank, since none follows another.
[[nodiscard]] constexpr int rank(Bill bill) { return static_cast<int>(is_final(bill) ? Bill::paid : bill); }

enum class AccountKind { available, held, clearing, fees, funding, suspense };
struct Posting {
    AccountKind account{};
    std::uint32_t user = 0;  ///< of the first two
    std::int64_t fen = 0;
};

/// The terms of one request, as they were offered.
struct Terms {
    std::int64_t minimum = 0, single_max = 0;
    std::optional<std::int64_t> day_amount_max, day_count_max, month_amount_max, merchant_day_max;
    std::optional<std::int64_t> review_from;
    Duration minimum_interval{0};
    std::int64_t fee_flat = 0, fee_per_million = 0, fee_minimum = 0, free_per_month = 0;
    std::optional<std::int64_t> fee_maximum;
};

/// A request as its user made it.
struct Asked {
    std::uint32_t user = 0;
    std::uint32_t key = 0;    ///< which of the world's keys
    std::int64_t fen = 0;     ///< what the user wrote, in yuan
    std::uint32_t terms = 0;  ///< which of the world's terms
    Timestamp asked_at{};     ///< true time
    Timestamp begun_at{};     ///< by the clock of whoever answered
    Timestamp ended_at{};
};

/// One stored change of a withdrawal.
struct Stored {
    std::uint32_t withdrawal = 0;  ///< which of the world's keys made it
    std::uint32_t user = 0;        ///< who asked for it, by the user's side
    std::string_view payee;        ///< the user's openid, by the user's side
    std::string_view number;       ///< withdraw_id, out_bill_no
    std::int64_t version = 0;
    Status status{};
    bool is_wanted_back = false;  ///< its cancellation is on the way
    bool waits_for_person = false;
    bool is_by_person = false;  ///< a person's decision
    Bill shown{};               ///< how far the bill is, as the user sees it
    std::int64_t fen = 0, fee = 0, free = 0;
    Timestamp created_at{};
    std::vector<Posting> postings;
    /// The call whose intent is stored with it.
    std::optional<CallKind> intent;
    std::int64_t call = 0;
    Timestamp signed_at{};
};

/// A call that leaves a process.
struct Sent {
    std::uint32_t withdrawal = 0;
    std::string_view number;
    CallKind kind{};
    std::int64_t call = 0;
    Timestamp signed_at{};     ///< as it stands in the signature
    std::string_view content;  ///< of a submit
    std::string_view place;    ///< mchid and appid
    Duration since_claim{};    ///< since its process was given it, on a clock that never steps
};

/// A bill as the bank's own books have it.
struct BankBill {
    Bill state = Bill::none;
    std::int64_t fen = 0;
    std::string payee;  ///< openid
};

struct Account {
    AccountKind kind{};
    std::uint32_t user = 0;
    std::int64_t fen = 0;
};

/// A rule that broke: `rule` is 1 for R1 and so on.
struct Violation {
    int rule = 0;
    std::string what;
    std::optional<std::uint32_t> withdrawal;
};

}  // namespace tixian::audit
