// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "tixian/sql/session.hpp"
#include "tixian/terms_text.hpp"
#include "tixian/withdrawal.hpp"

namespace tixian::sql {

/// The columns of withdraw_records, in the order in which to_row() writes and from_row() reads them. The
/// first are set once; those from `state` on change. `status`, `waits_for_person` and `due_queue` follow
/// from the others; they are for indexes, and for people.
inline constexpr std::array columns = std::to_array<Column>({
    {"withdraw_id"},
    {"user_id"},
    {"idempotency_key"},
    {"amount", ColumnType::integer},
    {"fee", ColumnType::integer},
    {"free_amount", ColumnType::integer},
    {"terms"},
    {"counted_on"},
    {"channel"},
    {"wechat_openid"},
    {"remark"},
    {"real_name_fingerprint"},
    {"created_at", ColumnType::integer},
    {"state"},
    {"status"},
    {"version", ColumnType::integer},
    {"real_name_sealed"},
    {"wechat_api"},
    {"wechat_mchid"},
    {"wechat_appid"},
    {"request_body"},
    {"request_key_serial"},
    {"attempts", ColumnType::integer},
    {"first_submit_at", ColumnType::integer},
    {"signed_at", ColumnType::integer},
    {"send_by", ColumnType::integer},
    {"submit_call", ColumnType::integer},
    {"submit_answer"},
    {"earlier_doubt_until", ColumnType::integer},
    {"bill_seen", ColumnType::integer},
    {"number_taken", ColumnType::integer},
    {"wechat_state"},
    {"wechat_raw_state"},
    {"transfer_bill_no"},
    {"wechat_batch_id"},
    {"wechat_detail_id"},
    {"package_info"},
    {"waiting"},
    {"refused", ColumnType::integer},
    {"refused_for_content", ColumnType::integer},
    {"refused_at", ColumnType::integer},
    {"absence_at", ColumnType::integer},
    {"parked", ColumnType::integer},
    {"waits_for_person", ColumnType::integer},
    {"raised", ColumnType::integer},
    {"released_by"},
    {"watches_left", ColumnType::integer},
    {"next_call"},
    {"due_queue"},
    {"due_at", ColumnType::integer},
    {"lease_until", ColumnType::integer},
    {"calls", ColumnType::integer},
    {"retries", ColumnType::integer},
    {"error_code"},
    {"error_message"},
    {"updated_at", ColumnType::integer},
    {"completed_at", ColumnType::integer},
});
inline constexpr std::size_t fixed_columns = 13;

namespace detail {

inline Value null_if_empty(std::string text) { return text.empty() ? Value() : Value(std::move(text)); }
inline Value to_value(std::string_view text) { return Value(std::string(text)); }
inline Value to_value(bool flag) { return Value(std::int64_t{flag ? 1 : 0}); }
inline Value to_value(int number) { return Value(std::int64_t{number}); }
inline Value to_value(Timestamp at) { return Value(to_millis(at)); }
inline Value to_value(const std::optional<Timestamp>& at) { return at ? to_value(*at) : Value(); }

/// Takes one value after the other off a row. A value of the wrong kind, or one that the program could not
/// have written, makes the whole row damaged; nothing is guessed.
class RowReader {
 public:
    explicit RowReader(const Row& row) : row_(row) {}

    [[nodiscard]] bool is_damaged() const { return damaged_ || next_ != row_.size(); }

    std::int64_t integer() {
        const auto* value = take<std::int64_t>();
        return value != nullptr ? *value : 0;
    }
    /// NULL reads as empty.
    std::string text() {
        if (is_null()) return skip(), std::string();
        const auto* value = take<std::string>();
        return value != nullptr ? *value : std::string();
    }
    /// An integer within bounds.
    std::int64_t integer(std::int64_t least, std::int64_t most) {
        const std::int64_t value = integer();
        damaged_ |= value < least || value > most;
        return value;
    }
    bool flag() { return integer(0, 1) == 1; }
    int small() { return static_cast<int>(integer(0, std::numeric_limits<int>::max())); }
    /// A text that follows from what was read before.
    void expect(std::string_view wanted) { damaged_ |= text() != wanted; }
    /// What the columns say together.
    void require(bool holds) { damaged_ |= !holds; }
    Timestamp time() { return from_millis(integer()); }
    std::optional<Timestamp> optional_time() {
        if (is_null()) return skip(), std::nullopt;
        return time();
    }
    Money money() { return checked(Money::from_fen(integer())); }
    template <class IdType>
    IdType id() {
        return checked(IdType::parse(text()));
    }
    /// An id, or empty where there is none.
    template <class IdType>
    IdType optional_id() {
        if (is_null()) return skip(), IdType();
        return id<IdType>();
    }
    /// What was read from a text, if it could be.
    template <class T>
    T parsed(Result<T> result) {
        return checked(std::move(result));
    }
    template <class Enum, std::size_t N>
    Enum word(const tixian::detail::EnumText<Enum, N>& words) {
        const auto value = words.parse(text());
        damaged_ |= !value;
        return value.value_or(Enum{});
    }
    [[nodiscard]] bool is_null() const {
        return next_ < row_.size() && std::holds_alternative<std::monostate>(row_[next_]);
    }
    void skip() { ++next_; }

 private:
    template <class T>
    const T* take() {
        const T* value = next_ < row_.size() ? std::get_if<T>(&row_[next_]) : nullptr;
        damaged_ |= value == nullptr;
        ++next_;
        return value;
    }
    template <class T>
    T checked(Result<T> result) {
        damaged_ |= !result;
        return result ? std::move(*result) : T();
    }

    const Row& row_;
    std::size_t next_ = 0;
    bool damaged_ = false;
};

}  // namespace detail

// NOLINTNEXTLINE(readability-function-size): a line for each column
[[nodiscard]] inline Row to_row(const Withdrawal& w) {
    using detail::null_if_empty;
    using detail::to_value;
    const Destination to = w.destination.value_or(Destination{});
    return {
        to_value(w.id.text()),
        to_value(w.order.user.text()),
        to_value(w.order.key.text()),
        Value(w.order.amount.fen()),
        Value(w.fee.fen()),
        Value(w.free_amount.fen()),
        to_value(terms_text(w.terms)),
        null_if_empty(w.counted_on),
        to_value(w.order.channel.text()),
        to_value(w.order.openid.text()),
        to_value(w.order.remark),
        null_if_empty(w.order.real_name.fingerprint),
        to_value(w.created_at),
        to_value(name(w.state)),
        to_value(name(status_of(w))),
        Value(w.version),
        null_if_empty(w.order.real_name.sealed),
        null_if_empty(to.api),
        null_if_empty(to.mchid.text()),
        null_if_empty(to.appid.text()),
        null_if_empty(w.submission.body),
        null_if_empty(w.submission.key_serial),
        to_value(w.attempts.count),
        to_value(w.attempts.first_at),
        to_value(w.attempts.signed_at),
        to_value(w.attempts.send_by),
        Value(w.attempts.call_number),
        to_value(name(w.attempts.answer)),
        to_value(w.attempts.earlier_doubt_until),
        to_value(w.bill_seen),
        to_value(w.number_taken),
        null_if_empty(std::string(name(w.bill_state))),
        null_if_empty(w.raw_bill_state),
        null_if_empty(w.transfer_bill_no),
        null_if_empty(w.wechat_batch_id),
        null_if_empty(w.wechat_detail_id),
        null_if_empty(w.package_info),
        w.waiting ? to_value(name(*w.waiting)) : Value(),
        to_value(w.refused),
        to_value(w.refused_for_content),
        to_value(w.refused_at),
        to_value(w.absence_at),
        to_value(w.parked),
        to_value(waits_for_person(w)),
        Value(static_cast<std::int64_t>(w.raised)),
        to_value(name(w.released_by)),
        to_value(w.watches_left),
        to_value(name(w.next_call)),
        to_value(name(due_queue(w))),
        to_value(w.due_at),
        to_value(w.lease_until),
        Value(w.calls),
        to_value(w.retries),
        null_if_empty(w.error_code),
        null_if_empty(w.error_message),
        to_value(w.updated_at),
        to_value(w.completed_at),
    };
}

namespace detail {

inline void read_order(RowReader& r, Withdrawal& w) {
    w.id = r.id<WithdrawalId>();
    w.order.user = r.id<UserId>();
    w.order.key = r.id<IdempotencyKey>();
    w.order.amount = r.money();
    w.fee = r.money();
    w.free_amount = r.money();
    w.terms = r.parsed(parse_terms(r.text()));
    w.counted_on = r.text();
    w.order.channel = r.id<ChannelName>();
    w.order.openid = r.id<Openid>();
    w.order.remark = r.text();
    w.order.real_name.fingerprint = r.text();
    w.created_at = r.time();
    w.state = r.word(tixian::detail::state_text);
    r.expect(name(status_of(w.state)));
    w.version = r.integer(1, std::numeric_limits<std::int64_t>::max());
    w.order.real_name.sealed = r.text();
}

inline void read_submits(RowReader& r, Withdrawal& w) {
    if (r.is_null()) {
        for (int i = 0; i < 3; ++i) r.expect("");
    } else {
        Destination& destination = w.destination.emplace();
        destination.api = r.text();
        destination.mchid = r.id<Mchid>();
        destination.appid = r.id<Appid>();
    }
    w.submission.body = r.text();
    w.submission.key_serial = r.text();
    w.attempts.count = r.small();
    w.attempts.first_at = r.time();
    w.attempts.signed_at = r.time();
    w.attempts.send_by = r.time();
    w.attempts.call_number = r.integer();
    w.attempts.answer = r.word(tixian::detail::attempt_answer_text);
    w.attempts.earlier_doubt_until = r.time();
}

inline void read_bill(RowReader& r, Withdrawal& w) {
    w.bill_seen = r.flag();
    w.number_taken = r.flag();
    w.bill_state = r.word(tixian::detail::bill_state_text);
    w.raw_bill_state = r.text();
    w.transfer_bill_no = r.text();
    w.wechat_batch_id = r.text();
    w.wechat_detail_id = r.text();
    w.package_info = r.text();
    if (r.is_null())
        r.skip();
    else
        w.waiting = r.word(tixian::detail::no_news_text);
    w.refused = r.flag();
    w.refused_for_content = r.flag();
    w.refused_at = r.time();
    w.absence_at = r.optional_time();
    w.parked = r.flag();
    r.require(r.flag() == waits_for_person(w));
    w.raised = static_cast<std::uint32_t>(r.integer(0, std::numeric_limits<std::uint32_t>::max()));
    w.released_by = r.word(tixian::detail::proof_text);
    w.watches_left = r.small();
}

inline void read_schedule(RowReader& r, Withdrawal& w) {
    w.next_call = r.word(tixian::detail::call_kind_text);
    r.expect(name(due_queue(w)));
    w.due_at = r.optional_time();
    w.lease_until = r.time();
    w.calls = r.integer();
    w.retries = r.small();
    w.error_code = r.text();
    w.error_message = r.text();
    w.updated_at = r.time();
    w.completed_at = r.optional_time();
}

inline void check_together(RowReader& r, const Withdrawal& w) {
    r.require(w.order.amount.is_positive() && !w.fee.is_negative());
    r.require(!w.free_amount.is_negative() && w.free_amount <= w.order.amount);
    r.require(w.counted_on.empty() || w.counted_on.size() == 10);
    r.require(w.completed_at.has_value() == is_final(w.state));
    r.require(w.order.real_name.sealed.empty() || (!is_final(w.state) && !w.order.real_name.is_empty()));
    r.require(w.attempts.count == 0 || (w.destination && !w.submission.body.empty()));
    r.require(w.due_at || is_final(w.state) || w.parked || w.state == State::in_review);
    r.require((w.released_by != Proof::none) == (w.state == State::failed || w.state == State::cancelled));
}

}  // namespace detail

/// Refuses (`ledger_damaged`) a row that to_row() cannot have written.
[[nodiscard]] inline Result<Withdrawal> from_row(const Row& row) {
    detail::RowReader reader(row);
    Withdrawal w;
    detail::read_order(reader, w);
    detail::read_submits(reader, w);
    detail::read_bill(reader, w);
    detail::read_schedule(reader, w);
    detail::check_together(reader, w);
    if (reader.is_damaged())
        return refuse(ErrorCode::ledger_damaged,
                      "withdraw_records holds a row that cannot be read: " + w.id.text());
    return w;
}

}  // namespace tixian::sql
