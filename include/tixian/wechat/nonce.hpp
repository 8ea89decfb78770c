// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <openssl/rand.h>

#include "tixian/random.hpp"

namespace tixian::wechat {

/// The operating system's entropy through OpenSSL's generator. Thread-safe. Aborts where there is no entropy:
/// to go on with guessable ids would be worse.
class SystemRandom final : public Random {
 public:
    [[nodiscard]] std::uint64_t next() override {
        std::uint64_t bits = 0;
        if (RAND_bytes(reinterpret_cast<unsigned char*>(&bits), sizeof bits) != 1) std::abort();
        return bits;
    }
};

/// 32 letters and digits, the longest that WeChat takes (wechat_spec 4.1); about 190 bits. Draws exactly four
/// times.
[[nodiscard]] inline std::string make_nonce(Random& random) {
    constexpr std::string_view alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    constexpr std::size_t draws = 4;
    constexpr std::size_t letters_per_draw =
        8;  // 62^8 is under 2^48, so no letter is preferred by more than 2^-16
    std::string nonce;
    nonce.reserve(draws * letters_per_draw);
    for (std::size_t draw = 0; draw < draws; ++draw) {
        std::uint64_t bits = random.next();
        for (std::size_t i = 0; i < letters_per_draw; ++i) {
            nonce += alphabet[bits % alphabet.size()];
            bits /= alphabet.size();
        }
    }
    return nonce;
}

}  // namespace tixian::wechat
