// SPDX-License-Identifier: MIT
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// Every test as `Suite.Name`, and every suite as `Suite.*`.
std::set<std::string> all_tests() {
    const std::regex in_code(
        R"((?:TEST|TEST_F|TEST_P|RC_GTEST_PROP|RC_GTEST_FIXTURE_PROP)\(\s*(\w+),\s*(\w+))");
    const std::regex in_cmake(R"(NAME (\w+)\.(\w+))");
    const fs::path root = TIXIAN_SOURCE_DIR;
    std::set<std::string> tests;
    for (const char* folder : {"tests", "include/tixian/testing"}) {
        for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
            const auto extension = entry.path().extension();
            if (extension != ".cpp" && extension != ".hpp" && extension != ".txt") continue;
            const std::string text = read(entry.path());
            const std::regex& pattern = extension == ".txt" ? in_cmake : in_code;
            for (auto it = std::sregex_iterator(text.begin(), text.end(), pattern);
                 it != std::sregex_iterator(); ++it) {
                tests.insert((*it)[1].str() + "." + (*it)[2].str());
                tests.insert((*it)[1].str() + ".*");
            }
        }
    }
    return tests;
}

/// A test is named as `Suite.Name`, a whole suite as `Suite.*`.
class NamedTests : public ::testing::TestWithParam<const char*> {};

TEST_P(NamedTests, Exist) {
    const std::set<std::string> tests = all_tests();
    const std::string text = read(fs::path(TIXIAN_SOURCE_DIR) / GetParam());
    const std::regex named(R"(`([A-Z]\w*\.(?:\w+|\*))`)");
    int checked = 0;
    for (auto it = std::sregex_iterator(text.begin(), text.end(), named); it != std::sregex_iterator();
         ++it) {
        EXPECT_TRUE(tests.contains((*it)[1])) << it->str();
        ++checked;
    }
    EXPECT_GT(checked, 20);
}

INSTANTIATE_TEST_SUITE_P(Documents, NamedTests,
                         ::testing::Values("docs/original_feature.md", "docs/money-safety.md"));

}  // namespace
