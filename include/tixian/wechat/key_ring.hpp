// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tixian/clock.hpp"
#include "tixian/wechat/rsa_key.hpp"

namespace tixian::wechat {

/// When a key may be used, both ends included. The WeChat Pay public key has none (wechat_spec 4.4 b).
struct Validity {
    std::optional<Timestamp> from;
    std::optional<Timestamp> until;
    [[nodiscard]] bool holds(Timestamp now) const {
        return (!from || *from <= now) && (!until || now <= *until);
    }
};

/// The keys with which WeChat may have signed: platform certificates and the WeChat Pay public key at once,
/// by serial (wechat_spec 4.4). A serial is an opaque, case-sensitive text. Thread-safe: keys change while
/// others verify.
class KeyRing {
 public:
    /// A key with the same serial is replaced.
    void add(std::string serial, const PublicKey& key, Validity validity = {}) {
        const std::unique_lock lock(mutex_);
        std::erase_if(keys_, [&serial](const Entry& entry) { return entry.serial == serial; });
        keys_.push_back({std::move(serial), key, validity});
    }

    /// Stops trusting a serial; answers whether it was there.
    bool remove(std::string_view serial) {
        const std::unique_lock lock(mutex_);
        return std::erase_if(keys_, [serial](const Entry& entry) { return entry.serial == serial; }) != 0;
    }

    /// The key of this serial, valid now or not.
    [[nodiscard]] std::optional<PublicKey> find(std::string_view serial) const {
        return find_if([serial](const Entry& entry) { return entry.serial == serial; });
    }
    /// The key of this serial, if it is valid now. A miss is noted: take_missed().
    [[nodiscard]] std::optional<PublicKey> find(std::string_view serial, Timestamp now) const {
        auto key = find_if([serial, now](const Entry& entry) {
            return entry.serial == serial && entry.validity.holds(now);
        });
        if (!key) has_missed_ = true;
        return key;
    }
    /// Whether a serial was looked for in vain since this was asked last: a reason to load the certificates
    /// again, at a limited rate, because anybody can send any serial.
    [[nodiscard]] bool take_missed() const { return has_missed_.exchange(false); }

    /// The key to encrypt with, and its serial; none while no key is valid. The WeChat Pay public key comes
    /// before all certificates, because it replaces them (wechat_spec 4.4 c); of several, the one that became
    /// valid last, and of equals the one that was added last.
    [[nodiscard]] std::optional<std::pair<std::string, PublicKey>> newest(Timestamp now) const {
        const std::shared_lock lock(mutex_);
        const Entry* best = nullptr;
        for (const Entry& entry : keys_) {
            if (entry.validity.holds(now) && (best == nullptr || !is_newer(*best, entry))) best = &entry;
        }
        if (best == nullptr) return std::nullopt;
        return std::pair(best->serial, best->key);
    }

    /// The first moment at which a certificate that is valid now ends; none when all are without end.
    [[nodiscard]] std::optional<Timestamp> next_end(Timestamp now) const {
        const std::shared_lock lock(mutex_);
        std::optional<Timestamp> end;
        for (const Entry& entry : keys_) {
            if (entry.validity.until && entry.validity.holds(now) && (!end || *entry.validity.until < *end))
                end = entry.validity.until;
        }
        return end;
    }

    /// Forgets the certificates that have ended.
    void remove_ended(Timestamp now) {
        const std::unique_lock lock(mutex_);
        std::erase_if(
            keys_, [now](const Entry& entry) { return entry.validity.until && *entry.validity.until < now; });
    }

 private:
    struct Entry {
        std::string serial;
        PublicKey key;
        Validity validity;
    };

    static bool is_newer(const Entry& a, const Entry& b) {
        if (a.validity.until.has_value() != b.validity.until.has_value()) return !a.validity.until;
        return a.validity.from.value_or(Timestamp::min()) > b.validity.from.value_or(Timestamp::min());
    }

    template <class Wanted>
    std::optional<PublicKey> find_if(const Wanted& wanted) const {
        const std::shared_lock lock(mutex_);
        const auto found = std::find_if(keys_.begin(), keys_.end(), wanted);
        return found == keys_.end() ? std::nullopt : std::optional(found->key);
    }

    mutable std::shared_mutex mutex_;
    mutable std::atomic<bool> has_missed_ = false;
    std::vector<Entry> keys_;  // a handful
};

}  // namespace tixian::wechat
