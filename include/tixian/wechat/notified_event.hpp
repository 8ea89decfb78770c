// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "tixian/bill.hpp"
#include "tixian/clock.hpp"
#include "tixian/error.hpp"
#include "tixian/ids.hpp"
#include "tixian/money.hpp"
#include "tixian/wechat/bill_report.hpp"
#include "tixian/wechat/json.hpp"
#include "tixian/wechat/member_reader.hpp"
#include "tixian/wechat/user_authorization.hpp"

// What notifications tell (wechat_spec 3).
namespace tixian::wechat {

/// MCHTRANSFER.BILL.FINISHED: a bill of the current transfers has ended.
struct BillFinished {
    Report report;
};

/// What both notifications of the older batches hold. It tells nothing of a withdrawal but that it is time to
/// ask.
struct BatchSummary {
    Mchid mchid;
    std::string out_batch_no;
    std::string batch_id;
    std::string batch_status;
    std::int64_t total_num = 0;
    Money total_amount;
    std::optional<Timestamp> update_time;
};

/// MCHTRANSFER.BATCH.FINISHED: each detail has ended, one way or the other.
struct BatchFinished {
    BatchSummary batch;
    std::int64_t success_num = 0;
    Money success_amount{};
    std::int64_t fail_num = 0;
    Money fail_amount{};
};

/// MCHTRANSFER.BATCH.CLOSED: it never began.
struct BatchClosed {
    BatchSummary batch;
    std::string close_reason;
};

/// MCHTRANSFER.AUTHORIZATION.CONFIRMED: a user allows to be paid without confirming (wechat_spec 1.7).
struct AuthorizationConfirmed {
    UserAuthorization authorization;
};
/// MCHTRANSFER.AUTHORIZATION.CLOSED: and no longer.
struct AuthorizationClosed {
    UserAuthorization authorization;
};

/// An event that is not known here; its content is in the envelope.
struct UnknownEvent {};

using NotifiedEvent = std::variant<BillFinished, BatchFinished, BatchClosed, AuthorizationConfirmed,
                                   AuthorizationClosed, UnknownEvent>;

namespace detail {

/// The value, unless something was refused.
template <class T>
[[nodiscard]] Result<NotifiedEvent> whole(const MemberReader& members, T value) {
    if (members.refusal()) return tl::unexpected(*members.refusal());
    return NotifiedEvent(std::move(value));
}

inline BatchSummary read_batch(MemberReader& r) {
    BatchSummary batch;
    const auto mchid = r.mchid();
    r.require(mchid.has_value(), "mchid");
    if (mchid) batch.mchid = *mchid;
    batch.out_batch_no = r.text("out_batch_no");
    batch.batch_id = r.text("batch_id");
    batch.batch_status = r.text("batch_status");
    batch.total_num = r.count("total_num");
    batch.total_amount = r.amount("total_amount");
    batch.update_time = r.time("update_time");
    return batch;
}

}  // namespace detail

/// Reads the decrypted content of an event. Refuses (`malformed`) a known event that lacks a member or has
/// one of the wrong type, naming it.
[[nodiscard]] inline Result<NotifiedEvent> parse_event(std::string_view event_type,
                                                       const json::Value& content) {
    if (event_type == "MCHTRANSFER.BILL.FINISHED")
        return parse_bill(content).map(
            [](Report report) { return NotifiedEvent(BillFinished{std::move(report)}); });
    if (event_type == "MCHTRANSFER.AUTHORIZATION.CONFIRMED")
        return parse_user_authorization(content).map(
            [](UserAuthorization a) { return NotifiedEvent(AuthorizationConfirmed{std::move(a)}); });
    if (event_type == "MCHTRANSFER.AUTHORIZATION.CLOSED")
        return parse_user_authorization(content).map(
            [](UserAuthorization a) { return NotifiedEvent(AuthorizationClosed{std::move(a)}); });

    detail::MemberReader r(content);
    if (event_type == "MCHTRANSFER.BATCH.FINISHED") {
        BatchFinished finished{detail::read_batch(r)};
        finished.success_num = r.count("success_num");
        finished.success_amount = r.amount("success_amount");
        finished.fail_num = r.count("fail_num");
        finished.fail_amount = r.amount("fail_amount");
        return detail::whole(r, std::move(finished));
    }
    if (event_type == "MCHTRANSFER.BATCH.CLOSED") {
        BatchClosed closed{detail::read_batch(r), {}};
        closed.close_reason = r.text("close_reason", false);
        return detail::whole(r, std::move(closed));
    }
    return NotifiedEvent(UnknownEvent{});
}

}  // namespace tixian::wechat
