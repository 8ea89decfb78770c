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
        {"completed_at", w.completed_at ? Json(format_rfc3339(*w.completed_at)) : Json()},
        {"replayed", replayed},
    };
    return view;
}

}  // namespace

std::string withdrawal_json(const Withdrawal& w, bool replayed, const std::string& confirm_page) {
    return withdrawal_view(w, replayed, confirm_page).dump();
}

std::string wallet_json(const Balance& balance, const Terms& terms) {
    return Json{
        {"available", balance.available.yuan()},
        {"held", balance.held.yuan()},
        {"withdrawable", max_withdrawable(terms, balance.available).yuan()},
        {"minimum", terms.minimum.yuan()},
        {"single_max", terms.single_max.yuan()},
        {"currency", "CNY"},
    }
        .dump();
}

std::string history_json(const std::vector<Withdrawal>& page, bool has_more,
                         const std::string& confirm_page) {
    Json rows = Json::array();
    for (const Withdrawal& w : page) rows.push_back(withdrawal_view(w, false, confirm_page));
    const Json next = has_more ? Json(cursor_text({page.back().created_at, page.back().id})) : Json();
    return Json{{"withdrawals", std::move(rows)}, {"next_cursor", next}}.dump();
}

std::string error_json(std::string_view code, const std::string& message, const std::string& field,
                       const std::string& request_id) {
    return Json{
        {"error",
         {{"code", code}, {"message", message}, {"field", text_or_null(field)}, {"request_id", request_id}}}}
        .dump(-1, ' ', false, Json::error_handler_t::replace);
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
