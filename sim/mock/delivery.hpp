// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tixian/clock.hpp"

namespace tixian::mock {

/// How an answer's bytes go out; as it is by default, whole and at once.
struct Delivery {
    bool is_reset = false;                ///< reset before the first byte
    std::optional<int> reset_at_percent;  ///< reset when so much of all is out
    std::optional<int> cut_at_percent;    ///< ended when so much of the body is out
    std::int64_t length_off = 0;          ///< added to Content-Length
    std::size_t piece_bytes = 0;          ///< of the body, when not 0: one piece each `piece_every`
    Duration piece_every{0};
    Duration line_every{0};  ///< when not 0: one header line each
    Duration half_open{0};   ///< afterwards the connection stays open for so long, unread
    Duration refuse{0};      ///< nobody listens for so long

    [[nodiscard]] bool is_plain() const { return *this == Delivery{}; }
    bool operator==(const Delivery&) const = default;
};

enum class Ending { keeps_open, closes, resets };

struct Piece {
    std::string bytes;
    Duration pause_before{0};
};

/// What is sent, in order, and how it ends.
struct Shipment {
    std::vector<Piece> pieces;
    Ending ending = Ending::keeps_open;
    Duration half_open{0};
};

/// `raw` is a whole answer, head and body.
[[nodiscard]] Shipment pack(const std::string& raw, const Delivery& delivery);

}  // namespace tixian::mock
