// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>

#include "wechat_bank/authorization.hpp"
#include "wechat_bank/bill.hpp"
#include "wechat_bank/core.hpp"

namespace tixian::bank {

/// The users' no-confirm authorisations (wechat_spec 1.7). One per user and scene.
class AuthorizationBook {
 public:
    [[nodiscard]] Answered<std::size_t> ask(Core& core, const AuthorizationOrder& order, Timestamp now);
    [[nodiscard]] Answered<std::size_t> confirm(Core& core, const std::string& package_info, Timestamp now);
    [[nodiscard]] Answered<std::size_t> close(Core& core, const std::string& mchid,
                                              const std::string& out_authorization_no,
                                              const std::string& reason, Timestamp now);
    [[nodiscard]] Answered<std::size_t> query(const std::string& mchid,
                                              const std::string& out_authorization_no) const;
    [[nodiscard]] Answered<std::size_t> by_package(const std::string& package_info) const;
    [[nodiscard]] std::optional<std::size_t> find(const std::string& mchid,
                                                  const std::string& out_authorization_no) const;
    [[nodiscard]] std::optional<std::size_t> find_by_id(const std::string& mchid,
                                                        const std::string& authorization_id) const;

    /// The user confirmed this bill and granted the wish that came with it.
    void grant_wish(Core& core, const Order& order, Timestamp at);
    /// Whether the wish could be granted: its number is free, and the user has no authorisation of this
    /// scene.
    [[nodiscard]] std::optional<Refusal> refusal_of_wish(const Order& order) const;

    void step(Core& core, std::size_t index, Timestamp at);
    void forget(Core& core, const std::string& mchid);

    [[nodiscard]] const Authorization& authorization(std::size_t index) const {
        return rows_[index].authorization;
    }
    [[nodiscard]] bool is_forgotten(std::size_t index) const { return rows_[index].is_forgotten; }
    [[nodiscard]] std::size_t size() const { return rows_.size(); }

 private:
    struct Row {
        Authorization authorization;
        std::size_t index = 0;
        std::optional<Timestamp> timer;
        bool is_forgotten = false;
    };

    [[nodiscard]] std::optional<Refusal> refusal_of_second(const AuthorizationOrder& order) const;
    Row& add(Core& core, const AuthorizationOrder& order, Timestamp now);
    void take_effect(Core& core, Row& row, Timestamp at);
    void end(Core& core, Row& row, const std::string& reason, Timestamp at);

    std::deque<Row> rows_;
    std::unordered_map<std::string, std::size_t> by_number_;  // mchid/out_authorization_no
    std::unordered_map<std::string, std::size_t> by_id_;
    std::unordered_map<std::string, std::size_t> by_package_;
    std::unordered_map<std::string, std::size_t> in_effect_;  // of a merchant, appid, user and scene
};

}  // namespace tixian::bank
