// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <nlohmann/json.hpp>

#include "tixian/random.hpp"
#include "tixian/signer.hpp"
#include "tixian/wechat/batch_query.hpp"
#include "tixian/wechat/batch_report.hpp"
#include "tixian/wechat/call_news.hpp"
#include "tixian/wechat/exchange.hpp"
#include "tixian/wechat/http.hpp"
#include "tixian/wechat/key_ring.hpp"
#include "tixian/wechat/merchant.hpp"
#include "tixian/wechat/transfers.hpp"
#include "tixian/wechat/utf8.hpp"

namespace tixian::wechat {

/// What the older API wants to know of a batch beside its one payout.
struct BatchTerms {
    std::string name = "提现";      ///< shown to the merchant's people; at most 32 characters
    std::string transfer_scene_id;  ///< of the older API, such as 1001; empty: none is sent
};

/// WeChat's older transfers (`/v3/transfer/batches`, wechat_spec 2) for merchants who still have them,
/// without I/O: one withdrawal a batch. A query asks for the batch until that names its detail, and then for
/// the detail, whose state is the payout's. There is no cancel. Thread-safe. Borrows signer, keys and random.
class TransferBatches : public Transfers {
 public:
    static constexpr std::string_view api = "transfer-batches";
    static constexpr std::size_t text_characters_max = 32;  // wechat_spec 2: name and remarks

    TransferBatches(Merchant merchant, BatchTerms terms, const Signer& signer, const KeyRing& keys,
                    Random& random)
        : merchant_(std::move(merchant)),
          terms_(std::move(terms)),
          destination_{std::string(api), merchant_.mchid, merchant_.appid},
          exchange_(merchant_.mchid, signer, keys, random) {}

    [[nodiscard]] const ChannelName& name() const override { return merchant_.channel; }
    [[nodiscard]] const Destination& destination() const override { return destination_; }
    [[nodiscard]] Result<void> check(const Order& order) const override;
    [[nodiscard]] Result<Submission> compose(const Withdrawal& withdrawal) const override;
    [[nodiscard]] bool can_cancel() const override { return false; }
    /// 50 creates and 50 queries (wechat_spec 2). What would be a cancel becomes a query, so these share the
    /// queries' 50.
    [[nodiscard]] int calls_per_second(CallKind kind) const override {
        return kind == CallKind::submit ? 50 : kind == CallKind::query ? 40 : 10;
    }

    /// Refuses a cancel, too (`not_allowed`).
    [[nodiscard]] Result<HttpRequest> request(const Call& call) const override;
    [[nodiscard]] Answer answer(const Call& call, const HttpResult& result) const override;

 private:
    [[nodiscard]] static bool asks_for_detail(const Call& call) {
        return call.kind == CallKind::query && !call.wechat_detail_id.empty();
    }
    [[nodiscard]] ApiResult<Report> read(const Call& call, const HttpResult& result) const;

    Merchant merchant_;
    BatchTerms terms_;
    Destination destination_;
    Exchange exchange_;
};

namespace detail {

inline bool is_short_text(std::string_view text) {
    const auto characters = utf8_characters(text);
    return characters && *characters <= TransferBatches::text_characters_max;
}

/// Also for people, beside WeChat's own words, which speak of an upgrade (wechat_spec, product facts).
inline constexpr std::string_view no_batches_explanation =
    "this merchant may not use the older batches: configure the channel with the current transfers "
    "(transfer-bills)";

}  // namespace detail

inline Result<void> TransferBatches::check(const Order& order) const {
    const auto refusal = [](const char* message, const char* field) {
        return refuse(ErrorCode::invalid_argument, message, field);
    };
    if (!detail::is_short_text(order.remark))
        return refusal("remark must be UTF-8 of at most 32 characters", "remark");
    if (terms_.name.empty() || !detail::is_short_text(terms_.name))
        return refusal("batch_name must be UTF-8 of 1 to 32 characters", "batch_name");
    // wechat_spec 2: from 2,000 yuan on the payee's real name must be sent, which this channel does not do
    // yet.
    if (order.amount >= 200000_fen)
        return refuse(ErrorCode::amount_above_maximum, "WeChat asks for the real name from 2000.00 yuan on",
                      "amount");
    return {};
}

inline Result<Submission> TransferBatches::compose(const Withdrawal& w) const {
    if (auto possible = check(w.order); !possible) return tl::unexpected(possible.error());
    const std::string& remark = w.order.remark.empty() ? merchant_.remark : w.order.remark;
    const nlohmann::ordered_json payout{
        {"out_detail_no", w.id.text()},
        {"transfer_amount", w.order.amount.fen()},
        {"transfer_remark", remark},
        {"openid", w.order.openid.text()},
    };
    nlohmann::ordered_json body{
        {"appid", merchant_.appid.text()},
        {"out_batch_no", w.id.text()},
        {"batch_name", terms_.name},
        {"batch_remark", remark},
        {"total_amount", w.order.amount.fen()},
        {"total_num", 1},
        {"transfer_detail_list", nlohmann::ordered_json::array({payout})},
    };
    if (!terms_.transfer_scene_id.empty()) body["transfer_scene_id"] = terms_.transfer_scene_id;
    if (!merchant_.notify_url.empty()) body["notify_url"] = merchant_.notify_url;
    return Submission{body.dump(), {}};
}

inline Result<HttpRequest> TransferBatches::request(const Call& call) const {
    if (call.destination != destination_)
        return refuse(ErrorCode::not_allowed, "this withdrawal belongs to another merchant", "mchid");
    if (call.kind == CallKind::cancel)
        return refuse(ErrorCode::not_allowed, "WeChat's older batches cannot be cancelled");
    if (call.kind == CallKind::submit) {
        const Submission& content = call.submission;
        return exchange_.sign({"POST", std::string(batches_path), content.body, content.key_serial},
                              call.signed_at, call.send_deadline);
    }
    const auto query =
        asks_for_detail(call) ? Result<ApiRequest>(detail_query(call.id)) : batch_query(call.id);
    return query.and_then([&](const ApiRequest& request) {
        return exchange_.sign(request, call.signed_at, call.send_deadline);
    });
}

inline ApiResult<Report> TransferBatches::read(const Call& call, const HttpResult& result) const {
    if (asks_for_detail(call)) return exchange_.read(result, parse_detail);
    if (call.kind == CallKind::query) return exchange_.read(result, parse_batch).map(report_of);
    return exchange_.read(result, parse_created_batch).map([](const Batch& batch) {
        Report report = report_of(batch);
        // A create's reply may leave its state out; and how a batch ended, only a query tells in full.
        if (batch.raw_state.empty()) report.state = BillState::accepted;
        if (is_final(report.state)) report.state = BillState::processing;
        return report;
    });
}

inline Answer TransferBatches::answer(const Call& call, const HttpResult& result) const {
    Answer answer{call.id, call.kind, call.number, NoNews{}};
    if (auto report = read(call, result)) {
        answer.result = std::move(*report);
    } else {
        answer.result = news_of(call.kind, report.error(), result, merchant_.unsigned_errors);
        // That the detail is not there says nothing of the batch.
        if (asks_for_detail(call) && std::holds_alternative<NotFound>(answer.result))
            answer.result = detail::no_news(report.error(), NoNewsKind::unknown);
    }
    auto* news = std::get_if<NoNews>(&answer.result);
    if (news != nullptr && news->code == "NO_AUTH")
        news->message = detail::join({news->message, " (", detail::no_batches_explanation, ")"});
    return answer;
}

}  // namespace tixian::wechat
