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

    /// Nothing when there is none, it is another merchant's, or its time is over.
    [[nodiscard]] std::optional<File> find(const std::string& token, const std::string& mchid,
                                           Timestamp now) const {
        const std::lock_guard lock(mutex_);
        const auto found = files_.find(token);
        if (found == files_.end() || found->second.mchid != mchid || found->second.expires_at < now) {
            return std::nullopt;
        }
        return found->second;
    }

 private:
    mutable std::mutex mutex_;
    std::map<std::string, File> files_;
};

}  // namespace tixian::mock
