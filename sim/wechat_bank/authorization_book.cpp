// SPDX-License-Identifier: MIT
#include "wechat_bank/authorization_book.hpp"

#include <algorithm>

namespace tixian::bank {
namespace {

std::string scope_of(const AuthorizationOrder& order) {
    return order.mchid + '/' + order.appid + '/' + order.openid + '/' + order.transfer_scene_id;
}

AuthorizationOrder order_of_wish(const Order& order) {
    return {order.mchid,
            order.wish.out_authorization_no,
            order.appid,
            order.openid,
            order.transfer_scene_id,
            order.wish.user_display_name,
            order.perception,
            order.wish.notify_url};
}

}  // namespace

Answered<std::size_t> AuthorizationBook::ask(Core& core, const AuthorizationOrder& order, Timestamp now) {
    if (const auto found = find(order.mchid, order.out_authorization_no)) {
        if (authorization(*found).order != order) return number_taken();
        return *found;
    }
    if (auto refusal = refusal_of_second(order)) return tl::unexpected<Refusal>(std::move(*refusal));
    Row& row = add(core, order, now);
    std::optional<Timestamp> next = now + core.terms.expire_after;
    if (const auto after = core.confirms_after(order.openid)) next = std::min(*next, now + *after);
    core.agenda.arm(Subject::authorization, row.index, row.timer, next);
    return row.index;
}

AuthorizationBook::Row& AuthorizationBook::add(Core& core, const AuthorizationOrder& order, Timestamp now) {
    const std::size_t index = rows_.size();
    Row& row = rows_.emplace_back();
    row.index = index;
    row.authorization.order = order;
    row.authorization.authorization_id = make_number("1350000", core.number(index), 34);
    row.authorization.package_info = make_package_info(core.terms.seed + 7, core.number(index));
    row.authorization.created_at = now;
    by_number_[key_of(order.mchid, order.out_authorization_no)] = index;
    by_id_[row.authorization.authorization_id] = index;
    by_package_[row.authorization.package_info] = index;
    return row;
}

std::optional<Refusal> AuthorizationBook::refusal_of_second(const AuthorizationOrder& order) const {
    if (!in_effect_.contains(scope_of(order))) return std::nullopt;
    return Refusal{400, "INVALID_REQUEST", "用户在当前场景下的授权数量达到限制"};
}

std::optional<Refusal> AuthorizationBook::refusal_of_wish(const Order& order) const {
    const AuthorizationOrder wished = order_of_wish(order);
    if (find(wished.mchid, wished.out_authorization_no)) return number_taken().value();
    return refusal_of_second(wished);
}

Answered<std::size_t> AuthorizationBook::confirm(Core& core, const std::string& package_info, Timestamp now) {
    auto found = by_package(package_info);
    if (!found) return found;
    Row& row = rows_[*found];
    if (row.authorization.state != AuthorizationState::wait_user_confirm) {
        return refused(400, "INVALID_REQUEST",
                       "当前授权状态不支持该操作：" + std::string(name(row.authorization.state)));
    }
    if (auto refusal = refusal_of_second(row.authorization.order)) {
        return tl::unexpected<Refusal>(std::move(*refusal));
    }
    take_effect(core, row, now);
    return found;
}

void AuthorizationBook::grant_wish(Core& core, const Order& order, Timestamp at) {
    const AuthorizationOrder wished = order_of_wish(order);
    if (find(wished.mchid, wished.out_authorization_no) || refusal_of_second(wished)) return;
    take_effect(core, add(core, wished, at), at);
}

Answered<std::size_t> AuthorizationBook::close(Core& core, const std::string& mchid,
                                               const std::string& out_authorization_no,
                                               const std::string& reason, Timestamp now) {
    auto found = query(mchid, out_authorization_no);
    if (!found) return found;
    Row& row = rows_[*found];
    if (row.authorization.state != AuthorizationState::closed) end(core, row, reason, now);
    return found;
}

Answered<std::size_t> AuthorizationBook::query(const std::string& mchid,
                                               const std::string& out_authorization_no) const {
    const auto found = find(mchid, out_authorization_no);
    if (!found) return not_found();
    return *found;
}

Answered<std::size_t> AuthorizationBook::by_package(const std::string& package_info) const {
    const auto found = by_package_.find(package_info);
    if (found == by_package_.end()) return not_found();
    return found->second;
}

void AuthorizationBook::take_effect(Core& core, Row& row, Timestamp at) {
    row.authorization.state = AuthorizationState::taking_effect;
    row.authorization.authorized_at = at;
    in_effect_[scope_of(row.authorization.order)] = row.index;
    core.agenda.arm(Subject::authorization, row.index, row.timer, std::nullopt);
    core.notify(EventKind::authorization_confirmed, row.index, at);
}

void AuthorizationBook::end(Core& core, Row& row, const std::string& reason, Timestamp at) {
    if (row.authorization.state == AuthorizationState::taking_effect) {
        in_effect_.erase(scope_of(row.authorization.order));
    }
    row.authorization.state = AuthorizationState::closed;
    row.authorization.closed_at = at;
    row.authorization.close_reason = reason;
    core.agenda.arm(Subject::authorization, row.index, row.timer, std::nullopt);
    core.notify(EventKind::authorization_closed, row.index, at);
}

void AuthorizationBook::step(Core& core, std::size_t index, Timestamp at) {
    Row& row = rows_[index];
    const bool is_overdue = at >= row.authorization.created_at + core.terms.expire_after;
    if (is_overdue || refusal_of_second(row.authorization.order)) {
        return end(core, row, "USER_OVERDUE_UNCONFIRMED", at);
    }
    take_effect(core, row, at);
}

void AuthorizationBook::forget(Core& core, const std::string& mchid) {
    for (Row& row : rows_) {
        const Authorization& forgotten = row.authorization;
        if (row.is_forgotten || forgotten.order.mchid != mchid) continue;
        core.agenda.arm(Subject::authorization, row.index, row.timer, std::nullopt);
        by_number_.erase(key_of(mchid, forgotten.order.out_authorization_no));
        by_id_.erase(forgotten.authorization_id);
        by_package_.erase(forgotten.package_info);
        in_effect_.erase(scope_of(forgotten.order));
        row.is_forgotten = true;
    }
}

std::optional<std::size_t> AuthorizationBook::find(const std::string& mchid,
                                                   const std::string& out_authorization_no) const {
    const auto found = by_number_.find(key_of(mchid, out_authorization_no));
    if (found == by_number_.end()) return std::nullopt;
    return found->second;
}

std::optional<std::size_t> AuthorizationBook::find_by_id(const std::string& mchid,
                                                         const std::string& authorization_id) const {
    const auto found = by_id_.find(authorization_id);
    if (found == by_id_.end() || authorization(found->second).order.mchid != mchid) return std::nullopt;
    return found->second;
}

}  // namespace tixian::bank
