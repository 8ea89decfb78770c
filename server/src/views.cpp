// SPDX-License-Identifier: MIT
#include "views.hpp"

#include <charconv>

#include <nlohmann/json.hpp>

#include "tixian/local_time.hpp"
#include "words.hpp"

namespace tixian::server {
namespace {

using Json = nlohmann::ordered_json;

Json text_or_null(std::string_view text) { return text.empty() ? Json() : Json(text); }

std::string percent_encoded(std::string_view text) {
    constexpr std::string_view hex = "0123456789ABCDEF";
    std::string encoded;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (detail::is_alphanumeric(c) || c == '-' || c == '_' || c == '.' || c == '~')
            encoded += c;
        else
            encoded.append({'%', hex[byte >> 4], hex[byte & 15]});
    }
    return encoded;
}

/// What a client needs to open WeChat's confirm page (wechat_spec 1.6).
Json confirm_view(const Withdrawal& w, const std::string& confirm_page) {
    const bool can_confirm =
        w.bill_state == BillState::wait_user_confirm || w.bill_state == BillState::transfering;
    if (is_final(w.state) || !can_confirm || w.package_info.empty()) return {};
    const std::string page =
        confirm_page.empty() ? "" : confirm_page + "?package=" + percent_encoded(w.package_info);
    return {{"mch_id", w.destination->mchid.text()},
            {"app_id", w.destination->appid.text()},
            {"package", w.package_info},
            {"page", text_or_null(page)}};
}

Json time_or_null(const std::optional<Timestamp>& at) { return at ? Json(format_rfc3339(*at)) : Json(); }
Json yuan_or_null(const std::optional<Money>& amount) { return amount ? Json(amount->yuan()) : Json(); }

Json withdrawal_view(const Withdrawal& w, bool replayed, const std::string& confirm_page) {
    const std::string_view progress = progress_of(w);
    const bool has_failed =
        w.state == State::failed || (w.state == State::cancelled && !w.error_code.empty());
    Json confirm = confirm_view(w, confirm_page);
    Json view{
        {"withdraw_id", w.id.text()},
        {"amount", w.order.amount.yuan()},
        {"fee", w.fee.yuan()},
        {"channel", w.order.channel.text()},
        {"status", name(status_of(w))},
        {"state", name(w.state)},
        {"progress", progress},
        {"progress_message", progress_message(progress)},
        {"cancellable", !is_final(w.state) && w.state != State::cancelling},
        {"package_info", confirm.is_null() ? Json() : Json(w.package_info)},
        {"confirm", std::move(confirm)},
        {"transfer_bill_no", text_or_null(w.transfer_bill_no)},
        {"error_code", has_failed ? Json(w.error_code.empty() ? "UNKNOWN" : w.error_code) : Json()},
        {"error_message", has_failed ? Json(failure_message(w.error_code)) : Json()},
        {"created_at", format_rfc3339(w.created_at)},
        {"updated_at", format_rfc3339(w.updated_at)},
        {"completed_at", time_or_null(w.completed_at)},
        {"replayed", replayed},
    };
    return view;
}

Json note_view(const Note& note) {
    return {{"withdraw_id", note.id.text()},
            {"kind", name(note.kind)},
            {"anomaly", is_anomaly(note.kind)},
            {"version", note.version},
            {"at", format_rfc3339(note.at)},
            {"operator", text_or_null(note.by.text())},
            {"text", note.text}};
}

Json note_views(const std::vector<Note>& notes) {
    Json views = Json::array();
    for (const Note& note : notes) views.push_back(note_view(note));
    return views;
}

/// What a decision needs: the version to decide at, what is known of the bill, and WeChat's own words.
Json operator_view(const Withdrawal& w) {
    return {
        {"withdraw_id", w.id.text()},
        {"user_id", w.order.user.text()},
        {"version", w.version},
        {"amount", w.order.amount.yuan()},
        {"fee", w.fee.yuan()},
        {"channel", w.order.channel.text()},
        {"status", name(status_of(w))},
        {"state", name(w.state)},
        {"parked", w.parked},
        {"waiting", w.waiting ? Json(name(*w.waiting)) : Json()},
        {"submits", w.attempts.count},
        {"transfer_bill_no", text_or_null(w.transfer_bill_no)},
        {"wechat_state", text_or_null(w.raw_bill_state)},
        {"error_code", text_or_null(w.error_code)},
        {"error_message", text_or_null(w.error_message)},
        {"created_at", format_rfc3339(w.created_at)},
        {"updated_at", format_rfc3339(w.updated_at)},
        {"completed_at", time_or_null(w.completed_at)},
    };
}

/// WeChat's and people's words are not always UTF-8; no answer fails for that.
std::string text_of(const Json& view) { return view.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace

std::string withdrawal_json(const Withdrawal& w, bool replayed, const std::string& confirm_page) {
    return withdrawal_view(w, replayed, confirm_page).dump();
}

std::string wallet_json(const Balance& balance, const Terms& terms, const Allowance& allowance,
                        std::optional<Money> real_name_from) {
    const bool has_free_quota = terms.fee.free_per_month.is_positive();
    return Json{
        {"available", balance.available.yuan()},
        {"held", balance.held.yuan()},
        {"withdrawable", allowance.maximum.yuan()},
        {"fee", allowance.fee.yuan()},
        {"bound_by", allowance.bound_by ? Json(name(*allowance.bound_by)) : Json()},
        {"bound_by_message", text_or_null(bound_message(allowance, terms))},
        {"more_at", time_or_null(allowance.more_at)},
        {"day_left", yuan_or_null(allowance.day_left)},
        {"day_count_left", allowance.day_count_left ? Json(*allowance.day_count_left) : Json()},
        {"month_left", yuan_or_null(allowance.month_left)},
        {"free_left", has_free_quota ? Json(allowance.free_left.yuan()) : Json()},
        {"minimum", terms.minimum.yuan()},
        {"single_max", terms.single_max.yuan()},
        {"real_name_from", yuan_or_null(real_name_from)},
        {"currency", "CNY"},
    }
        .dump();
}

std::string fee_json(Money amount, Money fee) {
    const Money total = checked_add(amount, fee).value();
    return Json{{"amount", amount.yuan()}, {"fee", fee.yuan()}, {"total", total.yuan()}}.dump();
}

std::string history_json(const std::vector<Withdrawal>& page, bool has_more,
                         const std::string& confirm_page) {
    Json rows = Json::array();
    for (const Withdrawal& w : page) rows.push_back(withdrawal_view(w, false, confirm_page));
    const Json next = has_more ? Json(cursor_text({page.back().created_at, page.back().id})) : Json();
    return Json{{"withdrawals", std::move(rows)}, {"next_cursor", next}}.dump();
}

std::string replayed_json(bool replayed) { return Json{{"replayed", replayed}}.dump(); }

std::string error_json(std::string_view code, const std::string& message, const std::string& field,
                       const std::string& request_id) {
    return text_of({{"error",
                     {{"code", code},
                      {"message", message},
                      {"field", text_or_null(field)},
                      {"request_id", request_id}}}});
}

std::string operator_json(const Withdrawal& w) { return text_of(operator_view(w)); }

std::string noted_json(const NotedWithdrawal& noted, const std::vector<Correction>& corrections) {
    Json view = operator_view(noted.withdrawal);
    view["notes"] = note_views(noted.notes);
    view["corrections"] = Json::array();
    for (const Correction& c : corrections)
        view["corrections"].push_back({{"reference", c.reference.text()},
                                       {"account", c.account.name()},
                                       {"amount", c.amount.yuan()},
                                       {"operator", c.person.id.text()},
                                       {"reason", c.person.reason}});
    return text_of(view);
}

std::string waiting_json(const std::vector<NotedWithdrawal>& page, bool has_more) {
    Json rows = Json::array();
    for (const NotedWithdrawal& noted : page) {
        rows.push_back(operator_view(noted.withdrawal));
        rows.back()["notes"] = note_views(noted.notes);
    }
    Json next;
    if (has_more) next = cursor_text({page.back().withdrawal.created_at, page.back().withdrawal.id});
    return text_of({{"withdrawals", std::move(rows)}, {"next_cursor", std::move(next)}});
}

std::string notes_json(const std::vector<Note>& notes) { return text_of({{"notes", note_views(notes)}}); }

std::string note_counts_json(const std::vector<NoteCount>& counts) {
    Json view = Json::object();
    for (const NoteCount& count : counts) view[std::string(name(count.kind))] = count.count;
    return text_of({{"counts", std::move(view)}});
}

std::string switch_json(const Switch& act) {
    return text_of({{"channel", act.channel.text()},
                    {"open", act.is_open},
                    {"operator", text_or_null(act.person.id.text())},
                    {"reason", text_or_null(act.person.reason)}});
}

Result<NoteKind> parse_note_kind(std::string_view text) {
    const auto kind = detail::note_kind_text.parse(text);
    if (!kind) return refuse(ErrorCode::invalid_argument, "there is no such kind of note", "kind");
    return *kind;
}

std::string cursor_text(const Cursor& cursor) {
    return std::to_string(to_millis(cursor.created_at)) + "-" + cursor.id.text();
}

Result<Cursor> parse_cursor(std::string_view text) {
    std::int64_t millis = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), millis);
    const std::string_view rest(end, static_cast<std::size_t>(text.data() + text.size() - end));
    if (code == std::errc() && rest.starts_with("-")) {
        if (auto id = WithdrawalId::parse(rest.substr(1))) return Cursor{from_millis(millis), *id};
    }
    return refuse(ErrorCode::invalid_argument, "cursor must be the next_cursor of a page before", "cursor");
}

}  // namespace tixian::server
