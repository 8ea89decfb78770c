// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>

namespace tixian::mock {

enum class Privacy { secret, open };

/// Exclusive and synced: a file that exists afterwards has its whole content and its mode.
[[nodiscard]] bool write_file(const std::filesystem::path& path, const std::string& content, Privacy privacy);

/// The same in the place of one that may be there: whoever opens it sees the old or the new one, whole.
[[nodiscard]] bool replace_file(const std::filesystem::path& path, const std::string& content,
                                Privacy privacy);

}  // namespace tixian::mock
