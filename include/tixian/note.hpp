// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "tixian/clock.hpp"
#include "tixian/enum_text.hpp"
#include "tixian/ids.hpp"

namespace tixian {

/// What a person has to hear of. All but `merchant_trouble` and `channel_missing` are anomalies (R6).
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
};

namespace detail {
inline constexpr EnumText<NoteKind, 9> note_kind_text{
    {"merchant_trouble", "channel_missing", "horizon_passed", "other_identity", "unexpected_report",
     "vanished", "other_final", "report_after_release", "paid_after_release"}};
}
[[nodiscard]] constexpr std::string_view name(NoteKind kind) { return detail::note_kind_text.name(kind); }

/// An append-only remark on a withdrawal; at most one of a kind, so that an anomaly is raised once.
struct Note {
    WithdrawalId id;
    NoteKind kind{};
    Timestamp at{};
    std::string text;
    bool operator==(const Note&) const = default;
};

}  // namespace tixian
