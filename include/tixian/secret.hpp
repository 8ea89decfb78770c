// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace tixian {

/// Overwrites bytes that must not stay in memory, and is not optimised away.
inline void wipe(std::span<char> bytes) {
    volatile char* const start = bytes.data();
    for (std::size_t i = 0; i < bytes.size(); ++i) start[i] = 0;
}

/// Owns bytes that must not stay in memory: they are wiped when the Secret goes, and one that was moved from
/// holds nothing. It cannot be copied or printed. Bytes from which it was made are the caller's to wipe.
class Secret {
 public:
    explicit Secret(std::string_view bytes) : bytes_(bytes.begin(), bytes.end()) {}

    /// That many zero bytes, to be filled through writable().
    explicit Secret(std::size_t size) : bytes_(size) {}

    Secret(Secret&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
    Secret& operator=(Secret&& other) noexcept {
        if (this == &other) return *this;
        tixian::wipe(bytes_);
        bytes_ = std::exchange(other.bytes_, {});
        return *this;
    }
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    ~Secret() { tixian::wipe(bytes_); }

    /// Valid until this Secret is moved from, assigned to or destroyed.
    [[nodiscard]] std::string_view view() const { return {bytes_.data(), bytes_.size()}; }
    [[nodiscard]] std::span<char> writable() { return bytes_; }

 private:
    std::vector<char> bytes_;  // never resized, so no unwiped copy is left behind
};

}  // namespace tixian
