// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "tixian/clock.hpp"
#include "tixian/money.hpp"

#include "wechat_bank/authorization_book.hpp"
#include "wechat_bank/batch_book.hpp"
#include "wechat_bank/bill_book.hpp"
#include "wechat_bank/core.hpp"
#include "wechat_bank/fund_bill.hpp"
#include "wechat_bank/receipt_book.hpp"

namespace tixian::bank {

/// A notification that is to be sent now, with what it tells of.
struct DueNotification {
    std::string id;
    int attempt = 1;
    EventKind kind = EventKind::bill_finished;
    std::string mchid;
    std::string notify_url;
    std::variant<Bill, Batch, Authorization> subject;

    /// The bill, or null when it tells of something else.
    [[nodiscard]] const Bill* bill() const { return std::get_if<Bill>(&subject); }
};

/// Money that the merchant puts into his account.
struct Deposit {
    std::string mchid;
    Money amount;
};

/// What can be given to the bank now and done later.
using Command = std::variant<Order, BatchOrder, CancelOrder, Deposit>;

/// The other side: WeChat's merchant transfers as a state machine. It reads no clock and does no I/O: each
/// call is given the time and first lets everything happen that is due by then; all it draws comes from the
/// terms' seed. A refused call changes nothing else. A merchant who was not added begins on the terms' ones.
/// Copyable; not thread-safe.
class Bank {
 public:
    explicit Bank(Terms terms) : core_(std::move(terms)) {}

    // Transfers (wechat_spec 1).

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
    /// WeChat's inner queue: the command is taken in now and executed `at` that time, as if it came then;
    /// nobody hears the answer.
    void execute_later(Command command, Timestamp at, Timestamp now);

    // Batches (wechat_spec 2).

    [[nodiscard]] Answered<Batch> create_batch(const BatchOrder& order, Timestamp now);
    [[nodiscard]] Answered<Batch> query_batch(const std::string& mchid, const std::string& out_batch_no,
                                              Timestamp now);
    [[nodiscard]] Answered<Batch> query_batch_by_id(const std::string& mchid, const std::string& batch_id,
                                                    Timestamp now);
    /// The payer confirms a batch in WAIT_PAY.
    [[nodiscard]] Answered<Batch> pay_batch(const std::string& mchid, const std::string& out_batch_no,
                                            Timestamp now);
    /// WeChat closes a batch that is not paid yet.
    [[nodiscard]] Answered<Batch> close_batch(const std::string& mchid, const std::string& out_batch_no,
                                              const std::string& reason, Timestamp now);
    [[nodiscard]] Answered<Batch> fail_detail(const std::string& mchid, const std::string& out_batch_no,
                                              const std::string& out_detail_no,
                                              const std::string& fail_reason, Timestamp now);
    /// Decides the same of a batch that may not be there yet, so that it holds also where all is paid at
    /// once.
    void doom_detail(const std::string& mchid, const std::string& out_batch_no,
                     const std::string& out_detail_no, const std::string& fail_reason) {
        batches_.doom_detail(mchid, out_batch_no, out_detail_no, fail_reason);
    }

    // Authorisations (wechat_spec 1.7).

    [[nodiscard]] Answered<Authorization> ask_authorization(const AuthorizationOrder& order, Timestamp now);
    [[nodiscard]] Answered<Authorization> query_authorization(const std::string& mchid,
                                                              const std::string& out_authorization_no,
                                                              Timestamp now);
    [[nodiscard]] Answered<Authorization> find_authorization_by_id(const std::string& mchid,
                                                                   const std::string& authorization_id,
                                                                   Timestamp now);
    [[nodiscard]] Answered<Authorization> find_authorization_by_package(const std::string& package_info,
                                                                        Timestamp now);
    /// With one of WeChat's close reasons; closing again answers the same.
    [[nodiscard]] Answered<Authorization> close_authorization(const std::string& mchid,
                                                              const std::string& out_authorization_no,
                                                              const std::string& reason, Timestamp now);
    [[nodiscard]] Answered<Authorization> confirm_authorization(const std::string& package_info,
                                                                Timestamp now);

    // Receipts (wechat_spec 1.8).

    [[nodiscard]] Answered<Receipt> ask_receipt(const Bill& bill, Timestamp now);
    [[nodiscard]] Answered<Receipt> ask_receipt(const Batch& batch, Timestamp now);
    [[nodiscard]] Answered<Receipt> ask_receipt(const BatchDetail& detail, Timestamp now);
    /// `subject`: a transfer_bill_no, batch_id or detail_id.
    [[nodiscard]] Answered<Receipt> query_receipt(const std::string& mchid, const std::string& subject,
                                                  Timestamp now);
    /// The bill's receipt that is asked for next ends in FAILED. Answers the bill.
    [[nodiscard]] Answered<Bill> fail_receipt(const std::string& mchid, const std::string& out_bill_no,
                                              const std::string& fail_reason, Timestamp now);

    // What users do.

    /// The user opens the page that `package_info` names and takes the money; with `grants`, also grants the
    /// authorisation that was asked for with it.
    [[nodiscard]] Answered<Bill> confirm(const std::string& package_info, Timestamp now, bool grants = true);
    /// The user's confirm and the merchant's cancel crossed, and the user wins: the bill still shows
    /// CANCELING and ends in SUCCESS.
    [[nodiscard]] Answered<Bill> confirm_against_cancel(const std::string& package_info, Timestamp now);
    /// What the confirm page shows.
    [[nodiscard]] Answered<Bill> find_by_package(const std::string& package_info, Timestamp now);
    /// The transfer fails with WeChat's `fail_reason`, from any state but final ones and CANCELING.
    [[nodiscard]] Answered<Bill> fail(const std::string& mchid, const std::string& out_bill_no,
                                      const std::string& fail_reason, Timestamp now);
    /// Holds also for a bill that is not there yet.
    void set_fate(const std::string& mchid, const std::string& out_bill_no, Fate fate, Timestamp now);
    void set_user(const std::string& openid, const User& user, Timestamp now);
    /// Also moves the bills that wait already; none switches it off for them.
    void set_auto_confirm(std::optional<Duration> after, Timestamp now);
    [[nodiscard]] std::optional<Duration> auto_confirm() const { return core_.terms.auto_confirm_after; }

    // Time.

    /// Lets everything happen that is due.
    void advance(Timestamp now);
    /// When something happens next by itself; notifications have their own.
    [[nodiscard]] std::optional<Timestamp> next_step_at() const { return core_.agenda.next_at(); }

    /// Hands out each due notification once; it is in flight until notification_answered() names its id.
    [[nodiscard]] std::vector<DueNotification> due_notifications(Timestamp now,
                                                                 std::size_t count_max = std::size_t(-1)) {
        return due_notifications(now, count_max, [](const std::string&) { return true; });
    }
    /// Only those of merchants that `is_wanted(mchid)`; the others stay due.
    [[nodiscard]] std::vector<DueNotification> due_notifications(
        Timestamp now, std::size_t count_max, const std::function<bool(const std::string&)>& is_wanted);
    void notification_answered(const std::string& id, bool ok, Timestamp now);
    /// One in flight is to be handed out again then. False when nobody waits for it any more.
    bool postpone_notification(const std::string& id, Timestamp until) {
        return core_.notifications.postpone(id, until);
    }
    [[nodiscard]] std::optional<Timestamp> next_notification_at() const {
        return core_.notifications.next_at();
    }

    // Merchants.

    /// Replaces what was known of this one, and forgets all that is his.
    void add_merchant(const std::string& mchid, const MerchantTerms& terms);
    /// His bills, batches, authorisations, receipts and movements are gone; he begins anew.
    void forget_merchant(const std::string& mchid, const MerchantTerms& terms);
    /// Whether this request is within the merchant's rate; counts it if so. Else WeChat's 429.
    [[nodiscard]] std::optional<Refusal> admit(const std::string& mchid, Endpoint endpoint, Timestamp now);
    [[nodiscard]] const MerchantTerms& merchant_terms(const std::string& mchid) {
        return core_.merchant(mchid).terms();
    }
    void set_quotas(const std::string& mchid, const Quotas& quotas) {
        core_.merchant(mchid).set_quotas(quotas);
    }
    void set_rates(const std::string& mchid, const Rates& rates) { core_.merchant(mchid).set_rates(rates); }
    void set_products(const std::string& mchid, bool transfers, bool batches) {
        core_.merchant(mchid).set_products(transfers, batches);
    }
    /// The merchant's operation account, without what bills have taken or locked.
    [[nodiscard]] Money balance(const std::string& mchid) {
        return core_.merchant(mchid).account().balance();
    }
    /// A deposit or withdrawal; batches that wait for money go on.
    void set_balance(const std::string& mchid, Money balance, Timestamp now);
    /// The rows of the fund-flow bill of one day of Beijing, up to now; empty when nothing moved.
    [[nodiscard]] std::vector<FundRow> fund_rows(const std::string& mchid, Day day, Timestamp now);

    /// The balance at the end of that day.
    [[nodiscard]] Money day_end_balance(const std::string& mchid, Day day, Timestamp now);

    [[nodiscard]] const Behaviour& behaviour() const { return core_.terms.behaviour; }
    void set_behaviour(const Behaviour& behaviour) { core_.terms.behaviour = behaviour; }
    [[nodiscard]] const Terms& terms() const { return core_.terms; }

    // As it stood when the bank was last given a time.

    [[nodiscard]] std::optional<Bill> find(const std::string& mchid, const std::string& out_bill_no) const;
    /// The same without a copy, until the bank is told something; null when there is none.
    [[nodiscard]] const Bill* bill_of(const std::string& mchid, const std::string& out_bill_no) const;
    /// By WeChat's number.
    [[nodiscard]] const Bill* bill_by_transfer_bill_no(const std::string& mchid,
                                                       const std::string& number) const;
    [[nodiscard]] const Batch* batch_of(const std::string& mchid, const std::string& out_batch_no) const;
    [[nodiscard]] const Batch* batch_by_id(const std::string& mchid, const std::string& batch_id) const;
    [[nodiscard]] std::optional<Batch> find_batch(const std::string& mchid,
                                                  const std::string& out_batch_no) const;
    /// At most so many of WeChat's numbers were used up: where a bank that comes after this one counts on.
    [[nodiscard]] std::size_t made_count() const {
        return bills_.size() + batches_.made_count() + authorizations_.size() + core_.movements_made;
    }
    [[nodiscard]] std::size_t bill_count() const { return bills_.size(); }
    /// In the order of their creation.
    [[nodiscard]] std::vector<Bill> bills() const;
    [[nodiscard]] std::vector<Batch> batches() const;
    [[nodiscard]] std::vector<Authorization> authorizations() const;

 private:
    template <class Act>
    [[nodiscard]] Answered<Bill> on_bill(Timestamp now, Act act);
    template <class Act>
    [[nodiscard]] Answered<Batch> on_batch(Timestamp now, Act act);
    template <class Act>
    [[nodiscard]] Answered<Authorization> on_authorization(Timestamp now, Act act);
    [[nodiscard]] Answered<std::size_t> make_bill(const Order& order, Timestamp now);
    void put_balance(const std::string& mchid, Money balance, Timestamp now);
    void execute(const Command& command, Timestamp at);
    void step(const Appointment& due);
    [[nodiscard]] DueNotification due_of(const Notification& notification) const;
    [[nodiscard]] const std::string& mchid_of(const Notification& notification) const;
    [[nodiscard]] FundRow fund_row(const std::string& mchid, const Movement& movement) const;

    struct Deferred {
        Command command;
        std::optional<Timestamp> timer;
    };

    Core core_;
    BillBook bills_;
    BatchBook batches_;
    AuthorizationBook authorizations_;
    ReceiptBook receipts_;
    std::deque<Deferred> deferred_;
};

}  // namespace tixian::bank
