// SPDX-License-Identifier: MIT
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace {

namespace fs = std::filesystem;

/// The direction of dependencies (docs/architecture.md): who may include whose headers, and which foreign
/// ones.
struct Layer {
    std::set<std::string> own;      ///< folders of include/tixian; "" is the core
    std::set<std::string> foreign;  ///< what is not the standard library, by its first part
};

const std::map<std::string, Layer> allowed{
    {"include/tixian", {{"", "transition", "service"}, {"tl"}}},
    {"include/tixian/transition", {{"", "transition"}, {}}},
    {"include/tixian/service", {{"", "service"}, {}}},
    {"include/tixian/threads", {{"", "threads"}, {}}},
    {"include/tixian/memory", {{"", "memory"}, {}}},
    {"include/tixian/sql", {{"", "sql"}, {}}},
    {"include/tixian/sqlite", {{"", "sql", "sqlite"}, {"sqlite3.h"}}},
    {"include/tixian/postgres", {{"", "sql", "postgres"}, {"libpq-fe.h"}}},
    {"include/tixian/mysql", {{"", "sql", "mysql"}, {"mysql.h"}}},
    {"include/tixian/wechat", {{"", "wechat"}, {"openssl", "nlohmann", "zlib.h", "POSIX"}}},
    {"include/tixian/httplib", {{"", "wechat", "httplib"}, {"httplib.h", "POSIX"}}},
    {"include/tixian/testing", {{"", "testing"}, {"gtest", "rapidcheck"}}},
    // The other side signs, checks and counts with code of its own, so that a mistake of ours cannot hide in
    // both.
    {"sim/wechat_bank", {{"ids.hpp", "money.hpp", "error.hpp", "clock.hpp"}, {"tl"}}},
    {"sim/faults",
     {{"ids.hpp", "money.hpp", "error.hpp", "clock.hpp", "enum_text.hpp"}, {"tl", "toml++", "nlohmann"}}},
    // The auditor shares nothing with the core but how money is bounded.
    {"sim/auditor", {{"ids.hpp", "money.hpp", "error.hpp", "clock.hpp"}, {"tl"}}},
    {"sim/simulator",
     {{"", "transition", "service", "memory", "wechat"}, {"tl", "nlohmann", "CLI", "fmt", "POSIX"}}},
    {"sim/mock",
     {{"ids.hpp", "money.hpp", "error.hpp", "clock.hpp", "enum_text.hpp"},
      {"tl", "openssl", "nlohmann", "httplib.h", "zlib.h", "CLI", "fmt", "spdlog", "POSIX"}}},
};

/// totals.hpp is the only one of the core that is not for everybody, and the only include of Boost.
const std::string totals = "include/tixian/totals.hpp";

struct Include {
    std::string file;
    std::string name;
    bool is_quoted;
};

std::vector<Include> includes_of(const fs::path& path, const std::string& shown) {
    static const std::regex pattern(R"re(^\s*#\s*include\s*([<"])([^>"]+)[>"])re");
    std::vector<Include> found;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        std::smatch match;
        if (std::regex_search(line, match, pattern)) found.push_back({shown, match[2], match[1] == "\""});
    }
    return found;
}

std::vector<fs::path> sources_in(const fs::path& folder) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder)) {
        const auto extension = entry.path().extension();
        if (extension == ".hpp" || extension == ".cpp") files.push_back(entry.path());
    }
    return files;
}

std::string first_part(const std::string& text) { return text.substr(0, text.find('/')); }

bool is_posix(const std::string& name) {
    static const std::set<std::string> names{"fcntl.h", "unistd.h",  "poll.h",
                                             "netdb.h", "pthread.h", "signal.h"};
    return names.contains(name) || name.starts_with("sys/") || name.starts_with("netinet/") ||
           name.starts_with("arpa/");
}

bool is_allowed(const Layer& layer, const Include& include) {
    if (include.is_quoted) {
        if (!include.name.starts_with("tixian/")) return !include.file.starts_with("include/");
        const std::string rest = include.name.substr(7);
        const bool is_core = rest.find('/') == std::string::npos;
        return layer.own.contains(rest) || layer.own.contains(is_core ? std::string() : first_part(rest));
    }
    if (is_posix(include.name)) return layer.foreign.contains("POSIX");
    const bool is_standard = include.name.find_first_of("/.") == std::string::npos;
    return is_standard || layer.foreign.contains(first_part(include.name));
}

TEST(House, EveryIncludeGoesInTheAllowedDirection) {
    const fs::path root = TIXIAN_SOURCE_DIR;
    int checked = 0;
    for (const auto& [folder, layer] : allowed) {
        for (const auto& path : sources_in(root / folder)) {
            const std::string shown = folder + "/" + path.filename().string();
            if (shown == totals) continue;
            for (const Include& include : includes_of(path, shown)) {
                EXPECT_TRUE(is_allowed(layer, include)) << shown << " includes " << include.name;
                EXPECT_NE(include.name, "tixian/totals.hpp") << shown;
                ++checked;
            }
        }
    }
    EXPECT_GT(checked, 300);
}

TEST(House, TheTableNamesEveryFolderOfHeaders) {
    const fs::path root = TIXIAN_SOURCE_DIR;
    for (const auto& entry : fs::recursive_directory_iterator(root / "include" / "tixian")) {
        if (!entry.is_directory()) continue;
        EXPECT_TRUE(allowed.contains(fs::relative(entry.path(), root).generic_string())) << entry.path();
    }
}

TEST(House, HeadersStayShortAndCarryTheirLicence) {
    const fs::path root = TIXIAN_SOURCE_DIR;
    constexpr int lines_max = 400;
    for (const auto& entry : fs::recursive_directory_iterator(root / "include")) {
        if (entry.path().extension() != ".hpp") continue;
        std::ifstream file(entry.path());
        std::string first, line;
        std::getline(file, first);
        int lines = 1;
        while (std::getline(file, line)) ++lines;
        EXPECT_EQ(first, "// SPDX-License-Identifier: MIT") << entry.path();
        EXPECT_LE(lines, lines_max) << entry.path();
    }
}

TEST(House, MoneyNeverMeetsFloatingPoint) {
    const fs::path root = TIXIAN_SOURCE_DIR;
    const std::regex floating(R"(\b(double|float|strtod|stod|atof)\b)");
    for (const char* folder : {"include", "server/src", "sim"}) {
        for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
            const auto extension = entry.path().extension();
            if (extension != ".hpp" && extension != ".cpp") continue;
            if (entry.path().filename() == "command_line.cpp") continue;  // a factor of time, no money
            std::ifstream file(entry.path());
            for (std::string line; std::getline(file, line);) {
                const std::string code = line.substr(0, line.find("//"));
                EXPECT_FALSE(std::regex_search(code, floating)) << entry.path() << ": " << line;
            }
        }
    }
}

}  // namespace
