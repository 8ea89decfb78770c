// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tixian/clock.hpp"
#include "tixian/enum_text.hpp"
#include "tixian/ids.hpp"
#include "tixian/person.hpp"

namespace tixian {

/// What stands on record beside a withdrawal: first what a person has to hear of, then what a person did.
enum class NoteKind {
    merchant_trouble,      ///< the merchant's account, permission or key keeps a payout waiting (R7)
    channel_missing,       ///< the withdrawal's channel is not configured any more, or differently (R1)
    horizon_passed,        ///< 27 days without a final state (R5)
    other_identity,        ///< WeChat's bill has another number, mchid, openid or amount
    unexpected_report,     ///< a bill, though no submit was ever committed
    vanished,              ///< NOT_FOUND though the bill was seen
    other_final,           ///< another final state after a final one
    report_after_release,  ///< a bill surfaced after its money went back for its absence
    paid_after_release,    ///< and it was paid
    review_wanted,         ///< it waits for a person's approval, and why
    approved,
    rejected,
    resumed,
    settled_by_person,
    released_by_person,
    cancelled_by_operator,
};

namespace detail {
inline constexpr EnumText<NoteKind, 16> note_kind_text{
    {"merchant_trouble", "channel_missing", "horizon_passed", "other_identity", "unexpected_report",
     "vanished", "other_final", "report_after_release", "paid_after_release", "review_wanted", "approved",
     "rejected", "resumed", "settled_by_person", "released_by_person", "cancelled_by_operator"}};
}
[[nodiscard]] constexpr std::string_view name(NoteKind kind) { return detail::note_kind_text.name(kind); }

/// Whether books and WeChat disagree, or nobody can say any more what is true (R5, R6).
[[nodiscard]] constexpr bool is_anomaly(NoteKind kind) {
    return NoteKind::horizon_passed <= kind && kind <= NoteKind::paid_after_release;
}

/// An append-only remark on a withdrawal. Of what is raised there is at most one of a kind; of what a person
/// did, one for each version at which it was done.
struct Note {
    WithdrawalId id;
    NoteKind kind{};
    std::int64_t version = 0;  ///< the version of the withdrawal that this was written with
    Timestamp at{};
    OperatorId by;  ///< empty: raised by the library
    std::string text;
    bool operator==(const Note&) const = default;
};

}  // namespace tixian
