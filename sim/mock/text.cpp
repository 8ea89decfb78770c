// SPDX-License-Identifier: MIT
#include "mock/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace tixian::mock {
namespace {

constexpr std::string_view base64_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::uint32_t byte(char c) { return static_cast<unsigned char>(c); }

constexpr std::array<std::int8_t, 256> make_base64_values() {
    std::array<std::int8_t, 256> values{};
    values.fill(-1);
    for (std::size_t i = 0; i < base64_alphabet.size(); ++i) {
        values[byte(base64_alphabet[i])] = static_cast<std::int8_t>(i);
    }
    return values;
}
constexpr std::array<std::int8_t, 256> base64_values = make_base64_values();

int hex_value(char c) {
    if ('0' <= c && c <= '9') return c - '0';
    if ('a' <= c && c <= 'f') return c - 'a' + 10;
    if ('A' <= c && c <= 'F') return c - 'A' + 10;
    return -1;
}

// With zeros before it.
std::string digits(std::int64_t number, std::size_t count) {
    std::string text(count, '0');
    for (std::size_t i = count; i > 0; --i, number /= 10) text[i - 1] = static_cast<char>('0' + number % 10);
    return text;
}

// std::chrono knows the civil calendar; only the zone's fixed offset is ours.
std::string local_text(Timestamp at, bool with_millis) {
    using namespace std::chrono;
    const auto local = at + hours(8);
    const auto day = floor<days>(local);
    const year_month_day date(day);
    const hh_mm_ss<milliseconds> time(local - day);
    std::string text = digits(int(date.year()), 4);
    text += '-' + digits(unsigned(date.month()), 2) + '-' + digits(unsigned(date.day()), 2);
    text += 'T' + digits(time.hours().count(), 2) + ':' + digits(time.minutes().count(), 2) + ':' +
            digits(time.seconds().count(), 2);
    if (with_millis) text += '.' + digits(time.subseconds().count(), 3);
    return text + "+08:00";
}

}  // namespace

std::string base64(std::string_view bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t group = byte(bytes[i]) << 16;
        if (count > 1) group |= byte(bytes[i + 1]) << 8;
        if (count > 2) group |= byte(bytes[i + 2]);
        text += base64_alphabet[group >> 18];
        text += base64_alphabet[group >> 12 & 63];
        text += count > 1 ? base64_alphabet[group >> 6 & 63] : '=';
        text += count > 2 ? base64_alphabet[group & 63] : '=';
    }
    return text;
}

std::optional<std::string> parse_base64(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    std::size_t padding = 0;
    while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3);
    for (std::size_t i = 0; i < text.size(); i += 4) {
        std::uint32_t group = 0;
        for (std::size_t k = i; k < i + 4; ++k) {
            const bool is_padding = k >= text.size() - padding;
            const int value = is_padding ? 0 : base64_values[byte(text[k])];
            if (value < 0) return std::nullopt;
            group = group << 6 | static_cast<std::uint32_t>(value);
        }
        for (const int shift : {16, 8, 0}) bytes += static_cast<char>(group >> shift & 0xff);
    }
    bytes.resize(bytes.size() - padding);
    if (base64(bytes) != text) return std::nullopt;  // unused bits that are not zero
    return bytes;
}

std::string time_text(Timestamp at) { return local_text(at, false); }
std::string precise_time_text(Timestamp at) { return local_text(at, true); }

std::string escape_html(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        switch (c) {
            case '&':
                escaped += "&amp;";
                break;
            case '<':
                escaped += "&lt;";
                break;
            case '>':
                escaped += "&gt;";
                break;
            case '"':
                escaped += "&quot;";
                break;
            case '\'':
                escaped += "&#39;";
                break;
            default:
                escaped += c;
        }
    }
    return escaped;
}

std::optional<std::string> url_decode(std::string_view text) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+') {
            decoded += ' ';
        } else if (text[i] == '%') {
            if (i + 2 >= text.size()) return std::nullopt;
            const int high = hex_value(text[i + 1]), low = hex_value(text[i + 2]);
            if (high < 0 || low < 0) return std::nullopt;
            decoded += static_cast<char>(high * 16 + low);
            i += 2;
        } else {
            decoded += text[i];
        }
    }
    return decoded;
}

std::string url_encode(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string encoded;
    for (const char c : text) {
        const bool is_plain = ('0' <= c && c <= '9') || ('A' <= c && c <= 'Z') || ('a' <= c && c <= 'z') ||
                              c == '-' || c == '_' || c == '.' || c == '~';
        if (is_plain) {
            encoded += c;
        } else {
            encoded += {'%', digits[byte(c) >> 4], digits[byte(c) & 15]};
        }
    }
    return encoded;
}

std::map<std::string, std::string> parse_query(std::string_view text) {
    std::map<std::string, std::string> values;
    while (!text.empty()) {
        const std::size_t end = text.find('&');
        const std::string_view pair = text.substr(0, end);
        const std::size_t equals = pair.find('=');
        const auto name = url_decode(pair.substr(0, equals));
        const auto value = url_decode(equals == std::string_view::npos ? "" : pair.substr(equals + 1));
        if (name && value && !name->empty()) values.emplace(*name, *value);
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    }
    return values;
}

bool nests_deeper(std::string_view json, int depth_max) {
    bool is_text = false;
    int depth = 0;
    for (std::size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (is_text && c == '\\') {
            ++i;
        } else if (c == '"') {
            is_text = !is_text;
        } else if (!is_text && (c == '[' || c == '{')) {
            if (++depth > depth_max) return true;
        } else if (!is_text && (c == ']' || c == '}')) {
            --depth;
        }
    }
    return false;
}

std::size_t character_count(std::string_view utf8) {
    std::size_t count = 0;
    for (const char c : utf8) count += (byte(c) & 0xc0U) != 0x80U;
    return count;
}

std::string_view cut_utf8(std::string_view utf8, std::size_t bytes_max) {
    if (utf8.size() <= bytes_max) return utf8;
    while (bytes_max > 0 && (byte(utf8[bytes_max]) & 0xc0U) == 0x80U) --bytes_max;
    return utf8.substr(0, bytes_max);
}

std::optional<Url> parse_http_url(std::string_view text) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (!text.starts_with(scheme)) continue;
        for (const char c : text) {
            if (byte(c) <= 0x20 || byte(c) >= 0x7f) return std::nullopt;
        }
        const std::size_t path = text.find('/', scheme.size());
        const std::string_view origin = text.substr(0, path);
        if (origin.size() == scheme.size()) return std::nullopt;
        return Url{std::string(origin),
                   path == std::string_view::npos ? "/" : std::string(text.substr(path))};
    }
    return std::nullopt;
}

}  // namespace tixian::mock
