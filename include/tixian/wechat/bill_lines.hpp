// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tixian/error.hpp"
#include "tixian/local_time.hpp"
#include "tixian/money.hpp"
#include "tixian/wechat/utf8.hpp"

namespace tixian::wechat {

/// Each field of a bill's data begins with it, and nothing is quoted (wechat_spec 7).
inline constexpr char bill_field_mark = '`';

/// A line of a bill; a longer one is refused, so that reading takes constant memory.
inline constexpr std::size_t bill_line_bytes_max = std::size_t{16} * 1024;

/// A field's text for people: WeChat writes line breaks as `\r` and `\n`, and \1 stands for a blank
/// (wechat_spec 7).
[[nodiscard]] inline std::string readable(std::string_view field) {
    std::string text;
    for (std::size_t i = 0; i < field.size(); ++i) {
        const std::string_view pair = field.substr(i, 2);
        const char plain = pair == "\\r" ? '\r' : pair == "\\n" ? '\n' : pair == "\\1" ? ' ' : '\0';
        if (plain != '\0') ++i;
        text += plain != '\0' ? plain : field[i] == '\1' ? ' ' : field[i];
    }
    return text;
}

namespace detail {

struct BillColumn {
    std::string_view title;  ///< as the bill's header has it
    std::string_view field;  ///< as we call it
};

struct BillLine {
    std::string_view text;    ///< without its end
    std::int64_t number = 0;  ///< from 1
};

inline tl::unexpected<Error> refuse_bill(const BillLine& line, const BillColumn& column,
                                         std::string_view what) {
    std::string message = "line " + std::to_string(line.number);
    if (!column.title.empty()) message += ", " + std::string(column.title);
    message += ": ";
    return refuse(ErrorCode::malformed, message.append(what), std::string(column.field));
}

/// Cuts a text that comes in pieces into lines, which end with LF or CRLF; the last may end without. A BOM in
/// front is passed over. After a refusal it refuses the same for ever.
class BillLines {
 public:
    template <class Read>
    Result<void> feed(std::string_view piece, const Read& read) {
        while (!piece.empty() && !refusal_) {
            const std::size_t end = piece.find('\n');
            const std::string_view part = piece.substr(0, end);
            if (part.size() > bill_line_bytes_max - pending_.size()) {
                refusal_ = refuse_bill({{}, number_ + 1}, {}, "is too long").value();
            } else if (end == std::string_view::npos) {
                pending_.append(part);
            } else if (pending_.empty()) {
                give(part, read);
            } else {
                pending_.append(part);
                give_pending(read);
            }
            piece.remove_prefix(end == std::string_view::npos ? piece.size() : end + 1);
        }
        return verdict();
    }

    template <class Read>
    Result<void> finish(const Read& read) {
        if (!pending_.empty() && !refusal_) give_pending(read);
        return verdict();
    }

 private:
    template <class Read>
    void give_pending(const Read& read) {
        give(pending_, read);
        pending_.clear();
    }
    template <class Read>
    void give(std::string_view text, const Read& read) {
        constexpr std::string_view bom = "\xEF\xBB\xBF";
        BillLine line{text, ++number_};
        if (line.number == 1 && line.text.starts_with(bom)) line.text.remove_prefix(bom.size());
        if (line.text.ends_with('\r')) line.text.remove_suffix(1);
        if (Result<void> taken = read(line); !taken) refusal_ = std::move(taken.error());
    }
    [[nodiscard]] Result<void> verdict() const {
        if (refusal_) return tl::unexpected(*refusal_);
        return {};
    }

    std::string pending_;
    std::int64_t number_ = 0;
    std::optional<Error> refusal_;
};

/// Refuses a header that is not exactly these titles, naming the first one that differs.
inline Result<void> check_titles(const BillLine& line, std::span<const BillColumn> columns) {
    std::string_view rest = line.text;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const bool is_last = i + 1 == columns.size();
        const std::size_t end = is_last ? rest.size() : std::min(rest.find(','), rest.size());
        if (rest.substr(0, end) != columns[i].title)
            return refuse_bill(line, columns[i], "the header must have this title here");
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return {};
}

/// Takes one cell after the other off a row of data, and remembers the first thing that was wrong.
class BillCells {
 public:
    enum class Sign { never_negative, any };

    BillCells(const BillLine& line, std::span<const BillColumn> columns) : line_(line), columns_(columns) {
        constexpr std::string_view separator = ",`";
        std::string_view rest = line.text;
        if (!rest.starts_with(bill_field_mark)) {
            fail({}, "each field must begin with a back-tick");
            return;
        }
        rest.remove_prefix(1);
        cells_.reserve(columns.size());
        for (std::size_t end = 0; end != std::string_view::npos;) {
            end = rest.find(separator);
            cells_.push_back(rest.substr(0, end));
            if (end != std::string_view::npos) rest.remove_prefix(end + separator.size());
        }
        if (cells_.size() != columns.size())
            fail({}, "must have " + std::to_string(columns.size()) + " fields, and has " +
                         std::to_string(cells_.size()));
    }

    std::string text() {
        const std::string_view cell = take();
        if (!utf8_characters(cell)) fail_here("must be UTF-8");
        return std::string(cell);
    }

    /// `2018-02-01 04:21:23`, in Beijing's time.
    Timestamp time() {
        std::string cell = text();
        constexpr std::size_t blank = 10;
        const bool has_blank = cell.size() == 19 && cell[blank] == ' ';
        if (has_blank) cell[blank] = 'T';
        const auto at = parse_rfc3339(cell + "+08:00");
        if (!at || !has_blank) fail_here("must be a time like 2018-02-01 04:21:23");
        return at.value_or(Timestamp());
    }
    /// Yuan with exactly two decimals.
    Money yuan(Sign sign) {
        const std::string_view cell = take();
        const bool has_two_decimals = cell.size() > 3 && cell[cell.size() - 3] == '.';
        const auto amount = Money::parse_yuan(cell);
        if (!amount || !has_two_decimals) fail_here("must be yuan with two decimals, like 12.34");
        if (amount && amount->is_negative() && sign == Sign::never_negative)
            fail_here("must not be negative");
        return amount.value_or(Money());
    }
    /// A sum in yuan, which WeChat also prints with one decimal: `0.0`.
    Money total() {
        const auto amount = Money::parse_yuan(take());
        if (!amount || amount->is_negative()) fail_here("must be yuan, like 12.34");
        return amount.value_or(Money());
    }
    /// A whole number, which WeChat also prints as `20.0`.
    std::int64_t count() {
        const std::string_view cell = take();
        std::int64_t number = -1;
        const char* const end = std::to_address(cell.end());
        const auto [stop, code] = std::from_chars(std::to_address(cell.begin()), end, number);
        const std::string_view rest(stop, static_cast<std::size_t>(end - stop));
        if (code != std::errc() || number < 0 || (!rest.empty() && rest != ".0"))
            fail_here("must be a whole number, like 20 or 20.0");
        return number;
    }
    /// Whether it is the second of two words.
    bool one_of(std::string_view first, std::string_view second) {
        const std::string_view cell = take();
        if (cell != first && cell != second)
            fail_here("must be " + std::string(first) + " or " + std::string(second));
        return cell == second;
    }

    [[nodiscard]] Result<void> finish() const {
        if (refusal_) return tl::unexpected(*refusal_);
        return {};
    }

 private:
    std::string_view take() { return next_ < cells_.size() ? cells_[next_++] : std::string_view(); }
    void fail_here(std::string_view what) {
        if (!refusal_) fail(columns_[next_ - 1], what);
    }
    void fail(const BillColumn& column, std::string_view what) {
        if (!refusal_) refusal_ = refuse_bill(line_, column, what).value();
    }

    BillLine line_;
    std::span<const BillColumn> columns_;
    std::vector<std::string_view> cells_;
    std::size_t next_ = 0;
    std::optional<Error> refusal_;
};

}  // namespace detail

}  // namespace tixian::wechat
