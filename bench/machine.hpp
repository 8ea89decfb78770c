// SPDX-License-Identifier: MIT
#pragma once

#include <fstream>
#include <string>
#include <thread>

#include <sys/utsname.h>

namespace tixian::bench {

namespace detail {

/// What follows `key` and `separator` in the first line of a file that begins with `key`.
inline std::string value_in(const char* file, const std::string& key, char separator) {
    std::ifstream lines(file);
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with(key)) continue;
        std::string value = line.substr(line.find(separator) + 1);
        value.erase(0, value.find_first_not_of(" \t\""));
        value.erase(value.find_last_not_of(" \t\"") + 1);
        return value;
    }
    return "unknown";
}

inline std::string compiler() {
#if defined(__clang__)
    return "clang " __clang_version__;
#else
    return "g++ " __VERSION__;
#endif
}

}  // namespace detail

/// Where the numbers come from, in one line: without it they mean nothing.
[[nodiscard]] inline std::string machine() {
    constexpr unsigned long kilobytes_of_a_gigabyte = 1024UL * 1024;
    const std::string memory = detail::value_in("/proc/meminfo", "MemTotal", ':');
    const unsigned long kilobytes = memory == "unknown" ? 0 : std::stoul(memory);
    utsname system{};
    uname(&system);
    std::string load;
    std::ifstream("/proc/loadavg") >> load;
    return std::to_string(std::thread::hardware_concurrency()) + " x " +
           detail::value_in("/proc/cpuinfo", "model name", ':') + ", " +
           std::to_string((kilobytes + kilobytes_of_a_gigabyte / 2) / kilobytes_of_a_gigabyte) + " GiB, " +
           detail::value_in("/etc/os-release", "PRETTY_NAME", '=') + ", Linux " + system.release + ", " +
           detail::compiler() + ", load " + load;
}

}  // namespace tixian::bench
