// SPDX-License-Identifier: MIT
// docs/wechat.md and its Chinese sister show the table of answers as it is.
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "tixian/wechat/classification.hpp"

namespace tixian::wechat {
namespace {

std::string status_text(const detail::AnswerRow& row) {
    if (row.failure) return "-";
    const std::string least = std::to_string(row.status_least);
    return row.status_least == row.status_most ? least : least + " to " + std::to_string(row.status_most);
}

std::string meaning_text(const AnswerClass& meaning) {
    if (meaning.not_found) return "not found";
    return "`" + std::string(name(meaning.kind)) + "`" +
           (meaning.content_only ? ", depends on the content alone" : "");
}

std::string table() {
    std::string text = "| call | status | code | meaning |\n|---|---|---|---|\n";
    for (const detail::AnswerRow& row : detail::answer_table) {
        const std::string code = row.failure        ? "no answer"
                                 : row.code.empty() ? "any"
                                                    : "`" + std::string(row.code) + "`";
        text += "| " + (row.call ? std::string(name(*row.call)) : "any") + " | " + status_text(row) + " | " +
                code + " | " + meaning_text(row.meaning) + " |\n";
    }
    return text;
}

TEST(WechatPage, ShowsTheTableOfAnswersAsItIs) {
    for (const char* page : {"wechat.md", "wechat.zh-CN.md"}) {
        std::ifstream file(std::string(TIXIAN_DOCS_DIR) + "/" + page);
        const std::string text{std::istreambuf_iterator<char>(file), {}};

        EXPECT_NE(text.find("\n\n" + table() + "\n"), std::string::npos) << page << " must hold\n\n"
                                                                         << table();
    }
}

}  // namespace
}  // namespace tixian::wechat
