// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/choices.hpp"
#include "tixian/clock.hpp"

namespace tixian::sim {

/// Who takes part in a run, in the order of the picture's lanes.
enum class Lane { user, service, ledger, network, wechat };

/// One line of the story of a run: something goes from one to the other, or happens to one of them.
struct Line {
    Timestamp at{};
    Lane from{}, to{};
    std::string text;
    std::optional<std::uint32_t> withdrawal;
    bool is_mishap = false;
};

/// The money of the whole world at one moment, in fen.
struct MoneyAt {
    Timestamp at{};
    std::int64_t available = 0, held = 0, clearing = 0, fees = 0, paid = 0;
};

/// What happened, as a hash always, and in words when somebody wants to read it.
class Trace {
 public:
    void add(std::uint64_t a, std::uint64_t b) { hash_ = mix(hash_ ^ a, b); }
    void add(std::string_view text) {
        std::uint64_t word = text.size();
        for (const char c : text) word = word * 0x100000001B3u + static_cast<unsigned char>(c);
        hash_ = mix(hash_, word);
    }
    [[nodiscard]] std::uint64_t hash() const { return hash_; }

    void write_down() { is_written_ = true; }
    [[nodiscard]] bool is_written() const { return is_written_; }
    void line(Line line) { lines_.push_back(std::move(line)); }
    void money(MoneyAt money) { money_.push_back(money); }
    [[nodiscard]] std::vector<Line>& lines() { return lines_; }
    [[nodiscard]] std::vector<MoneyAt>& moneys() { return money_; }

 private:
    std::uint64_t hash_ = 0;
    bool is_written_ = false;
    std::vector<Line> lines_;
    std::vector<MoneyAt> money_;
};

}  // namespace tixian::sim
