// SPDX-License-Identifier: MIT
#include "faults/magic.hpp"

#include <string>

namespace tixian::faults {
namespace {

using std::string_literals::operator""s;

constexpr std::int64_t minute = 60'000;

const std::vector<MagicRow>& rows() {
    static const std::vector<MagicRow> table = {
        {14401, "", Fault::answer_lost, "", {}, 1, true, "the first create executes and its answer is lost"},
        {14402,
         "",
         Fault::error_though_executed,
         "",
         {},
         1,
         true,
         "500 to the first create, though executed"},
        {14403, "", Fault::executed_later, "after", 2 * minute, 1, true,
         "500, and executed two minutes later"},
        {14404, "", Fault::not_yet_visible, "within", 10'000, 0, false,
         "queries say NOT_FOUND for ten seconds"},
        {14405, "", Fault::not_enough, "", {}, 2, true, "NOT_ENOUGH to the first two creates, then money"},
        {14406, "", Fault::rate_limited, "retry_after", 2'000, 2, true,
         "429 with Retry-After to the first two creates"},
        {14407, "", Fault::unknown_code, "", {}, 1, true, "an undocumented error code to the first create"},
        {14408,
         "",
         Fault::unknown_state,
         "",
         {},
         1,
         false,
         "an undocumented state in the first answer of each kind"},
        {14409, "", Fault::unsigned_answer, "", {}, 1, false, "the first answer of each kind is unsigned"},
        {14410,
         "",
         Fault::probe_signature,
         "",
         {},
         1,
         false,
         "the first answer of each kind carries the probe"},
        {14411, "", Fault::timeout_after, "", {}, 1, true, "executed, and the first call hangs"},
        {14412, "", Fault::reset_after, "", {}, 1, true, "executed, and the first call is reset"},
        {14413, "", Fault::bill_fails, "reason", "ACCOUNT_FROZEN"s, 0, false, "fails with ACCOUNT_FROZEN"},
        {14414, "", Fault::bill_fails, "reason", "REAL_NAME_CHECK_FAIL"s, 0, false,
         "fails with REAL_NAME_CHECK_FAIL"},
        {14415, "", Fault::bill_fails, "reason", "TRANSFER_RISK"s, 0, false, "fails with TRANSFER_RISK"},
        {14416, "", Fault::bill_fails, "reason", "DAY_RECEIVED_QUOTA_EXCEED"s, 0, false,
         "fails with DAY_RECEIVED_QUOTA_EXCEED"},
        {14417, "", Fault::notification_lost, "", {}, 0, false, "no notification ever arrives"},
        {14418, "", Fault::notification_repeated, "times", std::int64_t{2}, 0, false,
         "each notification comes three times"},
        {14419, "", Fault::notification_forged, "", {}, 0, false, "a forgery comes before each notification"},
        {14420,
         "",
         Fault::notification_contradicting,
         "",
         {},
         0,
         false,
         "a contradicting notification follows"},
        {0, "oConfirms*", Fault::user_confirms, "after", std::int64_t{0}, 0, false,
         "takes the money at once"},
        {0, "oNever*", Fault::user_never_confirms, "", {}, 0, false, "never takes the money"},
        {0,
         "oLast*",
         Fault::user_confirms_at_last,
         "",
         {},
         0,
         false,
         "takes the money a second before it closes"},
        {0,
         "oRaces*",
         Fault::user_confirms_while_cancelled,
         "",
         {},
         0,
         false,
         "takes it as the cancel arrives"},
        {0, "oFrozen*", Fault::bill_fails, "reason", "ACCOUNT_FROZEN"s, 0, false,
         "fails with ACCOUNT_FROZEN"},
        {0, "oUnnamed*", Fault::bill_fails, "reason", "REAL_NAME_CHECK_FAIL"s, 0, false,
         "fails with REAL_NAME_CHECK_FAIL"},
    };
    return table;
}

}  // namespace

std::span<const MagicRow> magic_table() { return rows(); }

std::vector<Rule> magic_rules() {
    std::vector<Rule> rules;
    for (const MagicRow& row : magic_table()) {
        Rule rule = make_rule(row.fault);
        rule.name = "magic:" + (row.fen != 0 ? std::to_string(row.fen) : std::string(row.openid));
        if (row.fen != 0) rule.match.amount_min = rule.match.amount_max = Money::from_fen(row.fen).value();
        rule.match.openid = row.openid;
        if (row.is_for_creates) rule.match.endpoints = {Endpoint::create};
        if (row.attempt_max != 0) rule.match.attempt_max = row.attempt_max;
        // A test sees that no row holds what the catalogue refuses.
        if (!row.parameter.empty()) static_cast<void>(set_parameter(rule, row.parameter, row.value));
        rules.push_back(std::move(rule));
    }
    return rules;
}

}  // namespace tixian::faults
