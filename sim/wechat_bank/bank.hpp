// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "tixian/clock.hpp"
#include "tixian/money.hpp"

#include "wechat_bank/bill.hpp"
#include "wechat_bank/notification.hpp"
#include "wechat_bank/terms.hpp"

namespace tixian::bank {

template <class T>
using Answered = tl::expected<T, Refusal>;

/// A notification that is to be sent now, with the final bill it tells of.
struct DueNotification {
    std::string id;
    int attempt = 1;
    Bill bill;
};

/// The other side: WeChat's merchant transfers as a state machine. It reads no clock and does no I/O: each
/// call is given the time and first lets everything happen that is due by then. A refused call changes
/// nothing else. Not thread-safe.
class Bank {
 public:
    explicit Bank(Terms terms);

    /// Makes the bill, or re-enters it: the same number with the same content answers the bill as it stands,
    /// with other content it is refused. A re-entry also tries once more to lock funds that were short
    /// before.
    [[nodiscard]] Answered<Bill> create(const Order& order, Timestamp now);
    [[nodiscard]] Answered<Bill> query(const std::string& mchid, const std::string& out_bill_no,
                                       Timestamp now);
    [[nodiscard]] Answered<Bill> query_by_transfer_bill_no(const std::string& mchid,
                                                           const std::string& number, Timestamp now);
    /// Accepts the cancel only; the end comes later. Repeating it while it runs answers the same.
    [[nodiscard]] Answered<Bill> cancel(const std::string& mchid, const std::string& out_bill_no,
                                        Timestamp now);

    /// The user opens the page that `package_info` names and takes the money.
    [[nodiscard]] Answered<Bill> confirm(const std::string& package_info, Timestamp now);
    /// What the confirm page shows.
    [[nodiscard]] Answered<Bill> find_by_package(const std::string& package_info, Timestamp now);
    /// The transfer fails with WeChat's `fail_reason`, from any state but final ones and CANCELING.
    [[nodiscard]] Answered<Bill> fail(const std::string& mchid, const std::string& out_bill_no,
                                      const std::string& fail_reason, Timestamp now);

    /// Lets everything happen that is due.
    void advance(Timestamp now);
    /// When something happens next by itself; notifications have their own.
    [[nodiscard]] std::optional<Timestamp> next_step_at() const;

    /// Hands out each due notification once; it is in flight until notification_answered() names its id.
    [[nodiscard]] std::vector<DueNotification> due_notifications(Timestamp now,
                                                                 std::size_t count_max = std::size_t(-1));
    void notification_answered(const std::string& id, bool ok, Timestamp now);
    [[nodiscard]] std::optional<Timestamp> next_notification_at() const { return notifications_.next_at(); }

    /// The merchant's operation account, without what bills have taken or locked.
    [[nodiscard]] Money balance() const { return terms_.balance; }
    void set_balance(Money balance) { terms_.balance = balance; }

    /// Also moves the bills that wait already; none switches it off for them.
    void set_auto_confirm(std::optional<Duration> after, Timestamp now);
    [[nodiscard]] std::optional<Duration> auto_confirm() const { return terms_.auto_confirm_after; }

    /// The bill as it stood when the bank was last given a time.
    [[nodiscard]] std::optional<Bill> find(const std::string& mchid, const std::string& out_bill_no) const;
    [[nodiscard]] std::size_t bill_count() const { return rows_.size(); }
    /// In the order of their creation.
    [[nodiscard]] std::vector<Bill> bills() const;

 private:
    struct Row {
        Bill bill;
        std::optional<Timestamp> step_at;  // when it moves on by itself; the expiry comes on top
        std::optional<Timestamp> timer;    // the entry in timers_
    };

    [[nodiscard]] Row* row_of(const std::string& mchid, const std::string& out_bill_no);
    [[nodiscard]] Answered<Bill> re_enter(Row& row, const Order& order, Timestamp now);
    [[nodiscard]] std::size_t index_of(const Row& row) const;
    [[nodiscard]] Timestamp expires_at(const Row& row) const;
    void move(Row& row, BillState state, Timestamp at, std::optional<Timestamp> step_at);
    void arm(Row& row);
    void step(Row& row, Timestamp at);
    void lock_funds(Row& row, Timestamp at);
    void finish(Row& row, BillState state, std::string fail_reason, Timestamp at);

    Terms terms_;
    std::deque<Row> rows_;
    std::unordered_map<std::string, std::size_t> by_out_bill_no_;  // mchid/out_bill_no
    std::unordered_map<std::string, std::size_t> by_transfer_bill_no_;
    std::unordered_map<std::string, std::size_t> by_package_;
    std::set<std::pair<Timestamp, std::size_t>> timers_;
    NotificationQueue notifications_;
};

}  // namespace tixian::bank
