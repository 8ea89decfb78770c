// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tixian/wechat/classification.hpp"

namespace tixian::wechat {

/// R14: every answer that a test sees is one that the table knows, but for codes that a test made up to be
/// unknown: those say so by their name.
inline void expect_classified(CallKind call, int status, std::string_view code) {
    if (status < 300 || code.find("NEW") != std::string_view::npos) return;
    EXPECT_NE(classify(call, status, code).source, "")
        << name(call) << " was answered " << status << " " << code << ", which no row of the table knows";
}

inline void expect_classified(CallKind call, const NoNews& news) {
    // What could not be read or verified is classified before the table is asked.
    if (news.kind != NoNewsKind::unverified) expect_classified(call, news.http_status, news.code);
}

}  // namespace tixian::wechat
