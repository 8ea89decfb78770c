// SPDX-License-Identifier: MIT
#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>

#include <sys/vfs.h>

namespace tixian::bench {

/// A new folder in `parent`, which goes away with everything in it.
class WorkFolder {
 public:
    explicit WorkFolder(const std::filesystem::path& parent) {
        std::string name = (parent / "tixian-bench.XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr)
            throw std::runtime_error("cannot make a folder in " + parent.string());
        path_ = name;
    }
    WorkFolder(const WorkFolder&) = delete;
    WorkFolder& operator=(const WorkFolder&) = delete;
    ~WorkFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
    std::filesystem::path path_;
};

/// Where files are unless somebody says otherwise: /tmp is in memory on many machines.
[[nodiscard]] inline std::filesystem::path usual_parent() {
    const char* chosen = std::getenv("TMPDIR");
    return chosen != nullptr && *chosen != '\0' ? chosen : "/var/tmp";
}

/// Whether what is written there never reaches a disk.
[[nodiscard]] inline bool is_in_memory(const std::filesystem::path& path) {
    constexpr decltype(statfs::f_type) tmpfs = 0x01021994;
    struct statfs system{};
    return statfs(path.c_str(), &system) == 0 && system.f_type == tmpfs;
}

}  // namespace tixian::bench
