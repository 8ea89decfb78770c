// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "tixian/random.hpp"
#include "tixian/signer.hpp"
#include "tixian/wechat/bill_report.hpp"
#include "tixian/wechat/call_news.hpp"
#include "tixian/wechat/exchange.hpp"
#include "tixian/wechat/http.hpp"
#include "tixian/wechat/key_ring.hpp"
#include "tixian/wechat/merchant.hpp"
#include "tixian/wechat/transfers.hpp"
#include "tixian/wechat/utf8.hpp"

namespace tixian::wechat {

/// WeChat's current transfers (`/v3/fund-app/mch-transfer/transfer-bills`, wechat_spec 1.1 A, B, D) without
/// I/O: a call becomes an HTTP request, an HTTP result becomes an answer. Thread-safe. Borrows signer, keys
/// and random.
class TransferBills : public Transfers {
 public:
    static constexpr std::string_view api = "transfer-bills";
    static constexpr std::string_view path = "/v3/fund-app/mch-transfer/transfer-bills";
    static constexpr std::size_t remark_characters_max = 32;  // wechat_spec 1.2

    TransferBills(Merchant merchant, const Signer& signer, const KeyRing& keys, Random& random)
        : merchant_(std::move(merchant)),
          destination_{std::string(api), merchant_.mchid, merchant_.appid},
          exchange_(merchant_.mchid, signer, keys, random) {}

    [[nodiscard]] const ChannelName& name() const override { return merchant_.channel; }
    [[nodiscard]] const Destination& destination() const override { return destination_; }
    [[nodiscard]] Result<void> check(const Order& order) const override;
    [[nodiscard]] Result<Submission> compose(const Withdrawal& withdrawal) const override;
    /// Of one merchant: 100 creates, 100 queries (O), and 20 cancels, for which WeChat's pages say 20 and 100
    /// (wechat_spec 1.1, A, B and D).
    [[nodiscard]] int calls_per_second(CallKind kind) const override {
        return kind == CallKind::cancel ? 20 : 100;
    }

    [[nodiscard]] Result<HttpRequest> request(const Call& call) const override;
    [[nodiscard]] Answer answer(const Call& call, const HttpResult& result) const override;

 private:
    Merchant merchant_;
    Destination destination_;
    Exchange exchange_;
};

inline Result<void> TransferBills::check(const Order& order) const {
    const auto length = utf8_characters(order.remark);
    if (!length || *length > remark_characters_max)
        return refuse(ErrorCode::invalid_argument, "remark must be UTF-8 of at most 32 characters", "remark");
    // wechat_spec 1.2: from 2,000 yuan on the payee's real name must be sent, which this channel does not do
    // yet.
    if (order.amount >= 200000_fen)
        return refuse(ErrorCode::amount_above_maximum, "WeChat asks for the real name from 2000.00 yuan on",
                      "amount");
    return {};
}

inline Result<Submission> TransferBills::compose(const Withdrawal& w) const {
    if (auto possible = check(w.order); !possible) return tl::unexpected(possible.error());
    nlohmann::ordered_json infos = nlohmann::ordered_json::array();
    for (const auto& [type, content] : merchant_.scene.report_infos)
        infos.push_back({{"info_type", type}, {"info_content", content}});

    nlohmann::ordered_json body{
        {"appid", merchant_.appid.text()},
        {"out_bill_no", w.id.text()},
        {"transfer_scene_id", merchant_.scene.id},
        {"openid", w.order.openid.text()},
        {"transfer_amount", w.order.amount.fen()},
        {"transfer_remark", w.order.remark.empty() ? merchant_.remark : w.order.remark},
    };
    if (!merchant_.notify_url.empty()) body["notify_url"] = merchant_.notify_url;
    if (!merchant_.scene.user_recv_perception.empty())
        body["user_recv_perception"] = merchant_.scene.user_recv_perception;
    body["transfer_scene_report_infos"] = std::move(infos);
    return Submission{body.dump(), {}};
}

inline Result<HttpRequest> TransferBills::request(const Call& call) const {
    if (call.destination != destination_)
        return refuse(ErrorCode::not_allowed, "this withdrawal belongs to another merchant", "mchid");
    ApiRequest request{call.kind == CallKind::query ? "GET" : "POST", std::string(path), {}, {}};
    if (call.kind == CallKind::submit) {
        request.body = call.submission.body;
        request.key_serial = call.submission.key_serial;
    } else {
        request.url += "/out-bill-no/" + call.id.text();
    }
    if (call.kind == CallKind::cancel) request.url += "/cancel";
    return exchange_.sign(request, call.signed_at, call.send_deadline);
}

inline Answer TransferBills::answer(const Call& call, const HttpResult& result) const {
    const auto report = exchange_.read(result, parse_bill);
    Answer answer{call.id, call.kind, call.number, NoNews{}};
    if (!report) {
        answer.result = news_of(call.kind, report.error(), result, merchant_.unsigned_errors);
        return answer;
    }
    Report bill = *report;
    // A cancel's own answer only says that it was accepted; the final word is a query's or a notification's
    // (wechat_spec 1.3 D).
    if (call.kind == CallKind::cancel && bill.state == BillState::cancelled)
        bill.state = BillState::canceling;
    answer.result = std::move(bill);
    return answer;
}

}  // namespace tixian::wechat
