// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tixian/wechat/rsa_key.hpp"

namespace tixian::wechat {

/// The keys with which WeChat may have signed: platform certificates and the WeChat Pay public key at once,
/// by serial (wechat_spec 4.4). A serial is an opaque, case-sensitive text. Thread-safe: keys change while
/// others verify.
class KeyRing {
 public:
    /// Adds the key as the newest one; a key with the same serial is replaced. Where several come at once,
    /// add them in the order in which they become valid.
    void add(std::string serial, const PublicKey& key) {
        const std::unique_lock lock(mutex_);
        std::erase_if(keys_, [&serial](const Entry& entry) { return entry.first == serial; });
        keys_.emplace_back(std::move(serial), key);
    }

    /// Stops trusting a serial; answers whether it was there.
    bool remove(std::string_view serial) {
        const std::unique_lock lock(mutex_);
        return std::erase_if(keys_, [serial](const Entry& entry) { return entry.first == serial; }) != 0;
    }

    [[nodiscard]] std::optional<PublicKey> find(std::string_view serial) const {
        const std::shared_lock lock(mutex_);
        const auto found = std::find_if(keys_.begin(), keys_.end(),
                                        [serial](const Entry& entry) { return entry.first == serial; });
        if (found == keys_.end()) return std::nullopt;
        return found->second;
    }

    /// The key that was added last, with its serial: the one to encrypt with. Empty while there is none.
    [[nodiscard]] std::optional<std::pair<std::string, PublicKey>> newest() const {
        const std::shared_lock lock(mutex_);
        if (keys_.empty()) return std::nullopt;
        return keys_.back();
    }

 private:
    using Entry = std::pair<std::string, PublicKey>;

    mutable std::shared_mutex mutex_;
    std::vector<Entry> keys_;  // a handful, oldest first
};

}  // namespace tixian::wechat
