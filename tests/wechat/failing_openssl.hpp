// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <set>
#include <string>

namespace tixian::test {

/// Makes the n-th call of one OpenSSL function fail. The whole program's calls go through it
/// (failing_openssl.cpp); while nothing is chosen they reach OpenSSL. For one thread.
class FailingOpenssl {
 public:
    /// From here on counts the calls of each function, and lets the n-th one of `function` fail.
    static void choose(const std::string& function, int nth);
    /// Counts only.
    static void count() { choose("", 0); }
    /// Neither counts nor fails any more.
    static void stop();

    /// How often each function was called since.
    [[nodiscard]] static const std::map<std::string, int>& calls();
    /// Every function that can be made to fail.
    [[nodiscard]] static const std::set<std::string>& functions();
};

}  // namespace tixian::test
