// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "mock/crypto.hpp"
#include "tixian/clock.hpp"

namespace tixian::mock {

/// Files that can be had for a while under a token. Thread-safe.
class Downloads {
 public:
    struct File {
        std::string mchid;
        std::string path;  ///< under which alone it can be had
        std::string content;
        std::string content_type;
        Timestamp expires_at;
    };

    /// Answers the token.
    [[nodiscard]] std::string add(File file, Timestamp now) {
        constexpr std::size_t token_length = 64;
        std::string token = random_text(token_length);
        const std::lock_guard lock(mutex_);
        std::erase_if(files_, [now](const auto& entry) { return entry.second.expires_at < now; });
        files_.emplace(token, std::move(file));
        return token;
    }

    /// Nothing when there is none, it is another merchant's or path's, or its time is over.
    [[nodiscard]] std::optional<File> find(const std::string& token, const std::string& mchid,
                                           const std::string& path, Timestamp now) const {
        const std::lock_guard lock(mutex_);
        const auto found = files_.find(token);
        if (found == files_.end()) return std::nullopt;
        const File& file = found->second;
        if (file.mchid != mchid || file.path != path || file.expires_at < now) return std::nullopt;
        return file;
    }

    /// One merchant's, or all when it is empty.
    void forget(const std::string& mchid) {
        const std::lock_guard lock(mutex_);
        std::erase_if(files_,
                      [&](const auto& entry) { return mchid.empty() || entry.second.mchid == mchid; });
    }

 private:
    mutable std::mutex mutex_;
    std::map<std::string, File> files_;
};

}  // namespace tixian::mock
