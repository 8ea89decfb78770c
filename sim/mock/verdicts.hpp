// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mock/journal.hpp"

#include "wechat_bank/bill.hpp"

namespace tixian::mock {

/// What a payout service must never do. Each can cost money.
enum class Sin {
    second_number,        ///< a new number for a debt whose bill is still open
    changed_content,      ///< a number again, with other content
    submit_after_end,     ///< a submit after its cancel was accepted or its end was told
    over_the_rate,        ///< more calls within a second than WeChat allows
    believed_a_forgery,   ///< 2xx to a notification that does not verify
    left_unanswered,      ///< no answer to a notification within five seconds
    acted_on_unverified,  ///< a new number after an answer that does not verify, without having asked
};

[[nodiscard]] std::string_view name(Sin sin);

/// One sin, with the journal's entries that show it.
struct Verdict {
    Sin sin{};
    std::string mchid;
    std::string number;
    std::string sentence;
    std::vector<std::uint64_t> evidence;
};

/// What the client has done so far, judged by the journal and by the bills as they stand; in the order of the
/// journal. A debt is one openid and amount of one merchant, since the mock cannot know more of it.
[[nodiscard]] std::vector<Verdict> verdicts(std::span<const JournalEntry> journal,
                                            std::span<const bank::Bill> bills);

}  // namespace tixian::mock
