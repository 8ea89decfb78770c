// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>

#include "wechat_bank/bill.hpp"
#include "wechat_bank/core.hpp"

namespace tixian::bank {

/// The bills of wechat_spec 1. Answers name a bill by its index; the caller lets happen what is due before
/// and after.
class BillBook {
 public:
    [[nodiscard]] Answered<std::size_t> create(Core& core, const Order& order, Timestamp now);
    [[nodiscard]] Answered<std::size_t> query(const Core& core, const std::string& mchid,
                                              const std::string& out_bill_no, Timestamp now) const;
    [[nodiscard]] Answered<std::size_t> query_by_transfer_bill_no(const Core& core, const std::string& mchid,
                                                                  const std::string& number,
                                                                  Timestamp now) const;
    [[nodiscard]] Answered<std::size_t> cancel(Core& core, const std::string& mchid,
                                               const std::string& out_bill_no, Timestamp now);
    [[nodiscard]] Answered<std::size_t> confirm(Core& core, const std::string& package_info, Timestamp now);
    [[nodiscard]] Answered<std::size_t> confirm_against_cancel(Core& core, const std::string& package_info,
                                                               Timestamp now);
    [[nodiscard]] Answered<std::size_t> fail(Core& core, const std::string& mchid,
                                             const std::string& out_bill_no, const std::string& fail_reason,
                                             Timestamp now);
    [[nodiscard]] Answered<std::size_t> by_package(const std::string& package_info) const;
    [[nodiscard]] std::optional<std::size_t> find(const std::string& mchid,
                                                  const std::string& out_bill_no) const;
    [[nodiscard]] std::optional<std::size_t> find_by_transfer_bill_no(const std::string& mchid,
                                                                      const std::string& number) const;

    /// Also moves the bill when it waits already; waits for it when it is not there yet.
    void set_fate(Core& core, const std::string& mchid, const std::string& out_bill_no, Fate fate,
                  Timestamp now);

    /// What the agenda has for this bill.
    void step(Core& core, std::size_t index, Timestamp at);
    /// The users' habits have changed: moves what waits already.
    void rearm_waiting(Core& core, Timestamp now);
    void notified(std::size_t index, int attempts, bool ok);
    /// As if the merchant had never made any.
    void forget(Core& core, const std::string& mchid);

    [[nodiscard]] const Bill& bill(std::size_t index) const { return rows_[index].bill; }
    [[nodiscard]] bool is_forgotten(std::size_t index) const { return rows_[index].is_forgotten; }
    [[nodiscard]] std::size_t size() const { return rows_.size(); }

 private:
    struct Row {
        Bill bill;
        std::size_t index = 0;
        std::optional<Timestamp> step_at;      // when it moves on by itself; its ends come on top
        std::optional<Timestamp> timer;        // the entry in the agenda
        std::optional<Timestamp> received_at;  // when it was counted for the user
        Fate fate;
        bool will_succeed = false;  // a user's confirm was faster than the cancel
        bool is_forgotten = false;
    };

    [[nodiscard]] Answered<std::size_t> re_enter(Core& core, Row& row, const Order& order, Timestamp now);
    [[nodiscard]] std::optional<Refusal> refusal_of_new(Core& core, const Order& order, Timestamp now) const;
    [[nodiscard]] static Timestamp expires_at(const Core& core, const Row& row);
    /// When its fate lets it fail; none: not at all, or it can no more.
    [[nodiscard]] static std::optional<Timestamp> fails_at(const Row& row);
    /// When the user of a bill that waits since `since` takes the money by himself.
    [[nodiscard]] static std::optional<Timestamp> confirms_at(const Core& core, const Row& row,
                                                              Timestamp since);
    void move(Core& core, Row& row, BillState state, Timestamp at, std::optional<Timestamp> step_at);
    void arm(Core& core, Row& row);
    void lock_funds(Core& core, Row& row, Timestamp at);
    void finish(Core& core, Row& row, BillState state, const std::string& fail_reason, Timestamp at);

    std::deque<Row> rows_;
    std::unordered_map<std::string, std::size_t> by_out_bill_no_;  // mchid/out_bill_no
    std::unordered_map<std::string, std::size_t> by_transfer_bill_no_;
    std::unordered_map<std::string, std::size_t> by_package_;
    std::map<std::string, Fate> fates_;  // mchid/out_bill_no, of bills that are not there yet
};

}  // namespace tixian::bank
