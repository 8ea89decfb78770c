// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "tixian/error.hpp"

namespace tixian::server {

/// One setting: `key` in `[section]` of the file, `TIXIAN_SECTION_KEY` in the environment.
struct Setting {
    std::string_view section;
    std::string_view key;
    std::string_view fallback;  ///< the default
    bool required = false;
    std::string_view help;

    [[nodiscard]] std::string name() const { return std::string(section) + "." + std::string(key); }
    [[nodiscard]] std::string variable() const;
};

[[nodiscard]] std::span<const Setting> settings();

/// The text of every setting by its name, from the file and then the environment, which wins. Refuses what it
/// does not know, naming it, the file and the line.
[[nodiscard]] Result<std::map<std::string, std::string>> read_settings(
    const std::string& file, const std::map<std::string, std::string>& environment);

}  // namespace tixian::server
