// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tixian::wechat {

/// How many characters a UTF-8 text has, which is how WeChat counts (wechat_spec 1.2); nullopt when it is not
/// UTF-8.
[[nodiscard]] inline std::optional<std::size_t> utf8_characters(std::string_view text) {
    // The least code point of each length: a longer form of a smaller one is not UTF-8, nor is a surrogate
    // (RFC 3629).
    constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    std::size_t count = 0;
    for (std::size_t i = 0; i < text.size(); ++count) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const std::size_t length = byte < 0x80       ? 1
                                   : byte >> 5 == 6  ? 2
                                   : byte >> 4 == 14 ? 3
                                   : byte >> 3 == 30 ? 4
                                                     : 0;
        if (length == 0 || i + length > text.size()) return std::nullopt;
        std::uint32_t code = length == 1 ? byte : byte & (0xFFu >> (length + 1));
        for (std::size_t j = 1; j < length; ++j) {
            const auto next = static_cast<unsigned char>(text[i + j]);
            if ((next & 0xC0) != 0x80) return std::nullopt;
            code = code << 6 | (next & 0x3Fu);
        }
        if (code < least[length] || code > 0x10FFFF || (0xD800 <= code && code <= 0xDFFF))
            return std::nullopt;
        i += length;
    }
    return count;
}

}  // namespace tixian::wechat
