// SPDX-License-Identifier: MIT
#include <set>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tixian/wechat/classification.hpp"

namespace tixian::wechat {
namespace {

constexpr CallKind calls[] = {CallKind::submit, CallKind::query, CallKind::cancel};

// wechat_spec 5: what is documented or has been seen, by call.
constexpr std::string_view submit_codes[] = {"PARAM_ERROR",
                                             "INVALID_REQUEST",
                                             "NO_AUTH",
                                             "SIGN_ERROR",
                                             "SYSTEM_ERROR",
                                             "NOT_ENOUGH",
                                             "FREQUENCY_LIMIT_EXCEED",
                                             "RATELIMIT_EXCEEDED",
                                             "FREQUENCY_LIMIT",
                                             "ALREADY_EXISTS",
                                             "USER_ERROR",
                                             "ACCOUNT_ERROR",
                                             "ACCOUNTERROR",
                                             "MCH_NOT_EXISTS",
                                             "APPID_MCHID_NOT_MATCH",
                                             "QUOTA_EXCEED",
                                             "QUOTA_EXCEEDED",
                                             "FREQUENCY_LIMITED"};
constexpr std::string_view query_codes[] = {
    "PARAM_ERROR",  "INVALID_REQUEST",        "NO_AUTH",           "SIGN_ERROR", "FREQUENCY_LIMITED",
    "SYSTEM_ERROR", "FREQUENCY_LIMIT_EXCEED", "RATELIMIT_EXCEEDED"};

TEST(RuleR14, EveryCodeOfTheSheetIsInTheTable) {
    for (const auto code : submit_codes) EXPECT_NE(classify(CallKind::submit, 403, code).source, "") << code;
    for (const auto code : query_codes) {
        EXPECT_NE(classify(CallKind::query, 403, code).source, "") << code;
        EXPECT_NE(classify(CallKind::cancel, 403, code).source, "") << code;
    }
    for (const CallKind call : {CallKind::query, CallKind::cancel})
        EXPECT_NE(classify(call, 404, "NOT_FOUND").source, "");
    EXPECT_NE(classify(CallKind::query, 404, "RESOURCE_NOT_EXISTS").source, "");
}

TEST(RuleR14, EveryRowNamesItsSource) {
    for (const auto& row : detail::answer_table) EXPECT_NE(row.meaning.source, "") << row.code;
}

TEST(RuleR14, NoRowIsHiddenBehindAnEarlierOne) {
    for (std::size_t i = 0; i < detail::answer_table.size(); ++i) {
        const auto& row = detail::answer_table[i];
        bool decides = false;
        for (const CallKind call : calls) {
            if (row.call && row.call != call) continue;
            const auto found = detail::find_class(call, row.failure, row.status_least, row.code);
            decides |= found.source == row.meaning.source && found.kind == row.meaning.kind;
        }
        EXPECT_TRUE(decides) << row.code << " " << row.status_least;
    }
}

TEST(RuleR14, ARefusedQueryOrCancelProvesNothingOfTheContent) {
    for (const auto& row : detail::answer_table) {
        EXPECT_FALSE(classify(CallKind::query, row.status_least, row.code).content_only) << row.code;
        EXPECT_FALSE(classify(CallKind::cancel, row.status_least, row.code).content_only) << row.code;
    }
}

RC_GTEST_PROP(RuleR14, WhatTheTableDoesNotKnowIsUnknown, (const std::string& code)) {
    const CallKind call = *rc::gen::element(CallKind::submit, CallKind::query, CallKind::cancel);
    const int status = *rc::gen::inRange(300, 500);
    const AnswerClass meaning = classify(call, status, code);
    if (meaning.source.empty()) {
        RC_ASSERT(meaning.kind == NoNewsKind::unknown && !meaning.content_only && !meaning.not_found);
    } else {
        RC_ASSERT(status < 400 || status == 429 || status == 404 || !code.empty());
    }
}

RC_GTEST_PROP(RuleR14, OnlyAQueryFindsNothingAndOnlyByThatCode, (const std::string& any)) {
    const CallKind call = *rc::gen::element(CallKind::submit, CallKind::query, CallKind::cancel);
    const std::string code = *rc::gen::element<std::string>("NOT_FOUND", "RESOURCE_NOT_EXISTS", any);
    const int status = *rc::gen::element(200, 400, 404, 410, 500);
    const bool expected = call == CallKind::query && status == 404 && code == "NOT_FOUND";
    RC_ASSERT(classify(call, status, code).not_found == expected);
}

RC_GTEST_PROP(RuleR14, AServerErrorSaysNothingWhateverItsCode, ()) {
    const CallKind call = *rc::gen::element(CallKind::submit, CallKind::query, CallKind::cancel);
    const auto code =
        *rc::gen::elementOf(std::vector<std::string_view>(std::begin(submit_codes), std::end(submit_codes)));
    RC_ASSERT(classify(call, *rc::gen::inRange(500, 600), code).kind == NoNewsKind::server_error);
}

}  // namespace
}  // namespace tixian::wechat
