// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

// The one function that every target defines: libFuzzer calls it with what it makes up, main.cpp with files.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace tixian::fuzz {

/// What must hold for every input. Otherwise says so and aborts, so that the input is kept.
inline void require(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "fuzz: broken: %s\n", what);
    std::abort();
}

/// Takes an input apart: lines in front, and the rest as it stands. So seeds can be written by hand.
class Input {
 public:
    Input(const std::uint8_t* data, std::size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}

    /// Up to the next line feed, which is dropped.
    [[nodiscard]] std::string_view line() {
        const std::size_t end = std::min(rest_.find('\n'), rest_.size());
        const std::string_view line = rest_.substr(0, end);
        rest_.remove_prefix(std::min(end + 1, rest_.size()));
        return line;
    }
    /// A line that is a whole number; 0 where it is none.
    [[nodiscard]] std::int64_t number() {
        const std::string_view text = line();
        std::int64_t number = 0;
        std::from_chars(text.data(), text.data() + text.size(), number);
        return number;
    }
    [[nodiscard]] std::string_view rest() const { return rest_; }

 private:
    std::string_view rest_;
};

/// One byte of a text altered, as a fault or a forger might: which one and how is part of the input.
struct Mutation {
    std::int64_t place = 0;

    void apply(std::string& text) const {
        if (text.empty()) return;
        constexpr std::uint64_t changes = 255;  // of a byte into another one
        const auto chosen = static_cast<std::uint64_t>(place);
        char& byte = text[chosen / changes % text.size()];
        byte = static_cast<char>(static_cast<unsigned char>(byte) ^ (1 + chosen % changes));
    }
};

}  // namespace tixian::fuzz
