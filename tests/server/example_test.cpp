// SPDX-License-Identifier: MIT
#include <algorithm>

#include "sandbox.hpp"

namespace tixian::test {
namespace {

class Example : public Sandbox {};

TEST_F(Example, FirstPayoutPaysOneYuanAndNothingTheSecondTime) {
    const std::vector<std::string> command{binary("first_payout"), mock_address_, (folder_ / "keys").string(),
                                           (folder_ / "first.db").string()};
    Process first(command, folder_ / "first.log");
    EXPECT_EQ(first.wait(), 0) << first.output();
    EXPECT_NE(first.output().find("succeeded"), std::string::npos) << first.output();

    Process again(command, folder_ / "again.log");

    EXPECT_EQ(again.wait(), 0) << again.output();
    EXPECT_EQ(again.output(), first.output());
    EXPECT_EQ(mock("GET", "/_mock/bills").json().size(), 1u);
}

TEST_F(Example, LibcurlGatewayPaysOneYuanOnce) {
    Process example({binary("libcurl_gateway"), mock_address_, (folder_ / "keys").string()},
                    folder_ / "curl.log");

    EXPECT_EQ(example.wait(), 0) << example.output();
    EXPECT_NE(example.output().find("succeeded"), std::string::npos) << example.output();
    EXPECT_EQ(mock("GET", "/_mock/bills").json().size(), 1u);
}

/// The lines between the marks, without their indentation.
std::string marked(const std::string& text, const std::string& begin, const std::string& end) {
    const auto from = text.find('\n', text.find(begin)) + 1;
    std::istringstream lines(text.substr(from, text.find(end) - from));
    std::string result;
    for (std::string line; std::getline(lines, line);) {
        line.erase(0, line.find_first_not_of(' '));
        if (!line.empty()) result += line + "\n";
    }
    return result;
}

TEST(Readme, ShowsTheExampleThatIsBuilt) {
    const std::filesystem::path root = TIXIAN_SOURCE_DIR;
    const std::string built =
        marked(read_file(root / "examples/first_payout.cpp"), "README begins here", "// --- README ends");
    ASSERT_FALSE(built.empty());
    for (const char* readme : {"README.md", "README.zh-CN.md"})
        EXPECT_EQ(marked(read_file(root / readme), "```cpp", "```\n\n<!-- end of the example -->"), built)
            << readme;
}

TEST(WechatPage, ShowsTheExampleThatIsBuilt) {
    const std::filesystem::path root = TIXIAN_SOURCE_DIR;
    const std::string built = marked(read_file(root / "examples/libcurl_gateway.cpp"),
                                     "docs/wechat.md begins here", "// --- docs/wechat.md ends");
    ASSERT_FALSE(built.empty());
    for (const char* page : {"docs/wechat.md", "docs/wechat.zh-CN.md"})
        EXPECT_EQ(marked(read_file(root / page), "```cpp", "```\n\n<!-- end of the example -->"), built)
            << page;
}

}  // namespace
}  // namespace tixian::test
