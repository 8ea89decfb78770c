// SPDX-License-Identifier: MIT
#include "mock/delivery.hpp"

#include <algorithm>
#include <charconv>

namespace tixian::mock {
namespace {

constexpr std::string_view length_name = "Content-Length: ", line_end = "\r\n", head_end = "\r\n\r\n";

std::string with_length_off(std::string head, std::int64_t off) {
    const std::size_t begin = head.find(length_name);
    if (off == 0 || begin == std::string::npos) return head;
    const std::size_t digits = begin + length_name.size();
    const std::size_t end = head.find(line_end, digits);
    std::int64_t length = 0;
    std::from_chars(head.data() + digits, head.data() + end, length);
    return head.replace(digits, end - digits, std::to_string(std::max<std::int64_t>(0, length + off)));
}

// In pieces of `size`, each after a pause.
void add_pieces(std::vector<Piece>& pieces, const std::string& text, std::size_t size, Duration pause) {
    for (std::size_t i = 0; i < text.size(); i += size) pieces.push_back({text.substr(i, size), pause});
}

void add_lines(std::vector<Piece>& pieces, const std::string& head, Duration pause) {
    for (std::size_t begin = 0; begin < head.size();) {
        const std::size_t end = std::min(head.find(line_end, begin), head.size() - line_end.size());
        pieces.push_back({head.substr(begin, end + line_end.size() - begin), pause});
        begin = end + line_end.size();
    }
}

void cut_to(std::vector<Piece>& pieces, std::size_t size) {
    std::size_t used = 0;
    for (Piece& piece : pieces) {
        piece.bytes.resize(std::min(piece.bytes.size(), size - used));
        used += piece.bytes.size();
    }
    std::erase_if(pieces, [](const Piece& piece) { return piece.bytes.empty(); });
}

}  // namespace

Shipment pack(const std::string& raw, const Delivery& delivery) {
    Shipment shipment;
    shipment.half_open = delivery.half_open;
    if (delivery.is_reset) {
        shipment.ending = Ending::resets;
        return shipment;
    }
    const std::size_t mark = raw.find(head_end);
    const std::size_t head_size = mark == std::string::npos ? raw.size() : mark + head_end.size();
    const std::string head = with_length_off(raw.substr(0, head_size), delivery.length_off);
    const std::string body = raw.substr(head_size);
    if (delivery.line_every.count() > 0) {
        add_lines(shipment.pieces, head, delivery.line_every);
    } else {
        shipment.pieces.push_back({head, Duration(0)});
    }
    if (delivery.piece_bytes > 0) {
        add_pieces(shipment.pieces, body, delivery.piece_bytes, delivery.piece_every);
    } else if (!body.empty()) {
        shipment.pieces.push_back({body, Duration(0)});
    }
    const std::size_t all = head.size() + body.size();
    if (delivery.cut_at_percent) {
        cut_to(shipment.pieces,
               head.size() + body.size() * static_cast<std::size_t>(*delivery.cut_at_percent) / 100);
        shipment.ending = Ending::closes;
    }
    if (delivery.reset_at_percent) {
        cut_to(shipment.pieces, all * static_cast<std::size_t>(*delivery.reset_at_percent) / 100);
        shipment.ending = Ending::resets;
    }
    // Otherwise what is missing or too much would be taken for the next answer.
    if (delivery.length_off != 0 && shipment.ending == Ending::keeps_open) shipment.ending = Ending::closes;
    return shipment;
}

}  // namespace tixian::mock
