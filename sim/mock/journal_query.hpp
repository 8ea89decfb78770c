// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mock/journal.hpp"
#include "tixian/error.hpp"

#include "wechat_bank/bill.hpp"

namespace tixian::mock {

using QueryParameters = std::map<std::string, std::string>;

/// The entries that `mchid`, `number`, `openid`, `endpoint`, `kind`, `status`, `fault`, `since` (an id,
/// excluded) and `limit` (the last so many) leave. Refuses a value that cannot be meant; other keys are
/// overlooked.
[[nodiscard]] Result<std::vector<JournalEntry>> filtered(std::vector<JournalEntry> entries,
                                                         const QueryParameters& query);

[[nodiscard]] std::string journal_json(std::span<const JournalEntry> entries);

/// Whether the bills and requests that the filters leave are as many as asserted.
struct Assertion {
    bool holds = true;
    std::string explanation;
};

/// `bills=1`, `paid=0`, `requests=3`, `notifications=1`: exactly so many. `entries` and `bills` are those
/// that the filters leave. Refuses without any of these, and what is no number.
[[nodiscard]] Result<Assertion> assert_counts(std::span<const JournalEntry> entries,
                                              std::span<const bank::Bill> bills,
                                              const QueryParameters& query);

/// The bills that `mchid`, `number` and `openid` leave.
[[nodiscard]] std::vector<bank::Bill> filtered(std::vector<bank::Bill> bills, const QueryParameters& query);

}  // namespace tixian::mock
