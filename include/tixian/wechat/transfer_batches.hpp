// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <nlohmann/json.hpp>

#include "tixian/name_vault.hpp"
#include "tixian/random.hpp"
#include "tixian/signer.hpp"
#include "tixian/wechat/batch_query.hpp"
#include "tixian/wechat/batch_report.hpp"
#include "tixian/wechat/call_news.hpp"
#include "tixian/wechat/create_bill.hpp"
#include "tixian/wechat/exchange.hpp"
#include "tixian/wechat/http.hpp"
#include "tixian/wechat/key_ring.hpp"
#include "tixian/wechat/merchant.hpp"
#include "tixian/wechat/scene.hpp"
#include "tixian/wechat/sealed_name.hpp"
#include "tixian/wechat/transfers.hpp"
#include "tixian/wechat/utf8.hpp"

namespace tixian::wechat {

/// What the older API wants to know of a batch beside its one payout.
struct BatchTerms {
    std::string name = "提现";  ///< shown to the merchant's people; at most 32 characters
    std::string
        transfer_scene_id;  ///< of the older API, such as 1001; at most 36 characters, empty: none is sent
};

/// Whether WeChat would take the terms (wechat_spec 2); call it at the start. Refuses (`invalid_argument`)
/// naming WeChat's field.
[[nodiscard]] inline Result<void> check(const BatchTerms& terms) {
    constexpr std::size_t name_characters_max = 32;
    const auto characters = utf8_characters(terms.name);
    if (!characters || *characters == 0 || *characters > name_characters_max)
        return refuse(ErrorCode::invalid_argument, "must be UTF-8 of 1 to 32 characters", "batch_name");
    if (!terms.transfer_scene_id.empty() &&
        !detail::has_characters(terms.transfer_scene_id, detail::scene_id_characters_max))
        return refuse(ErrorCode::invalid_argument, "must be at most 36 characters", "transfer_scene_id");
    return {};
}

/// WeChat's older transfers (`/v3/transfer/batches`, wechat_spec 2) for merchants who still have them,
/// without I/O: one withdrawal a batch. A query asks for the batch until that names its detail, and then for
/// the detail, whose state is the payout's. There is no cancel. Thread-safe. Borrows signer, keys, random
/// and names.
class TransferBatches : public Transfers {
 public:
    static constexpr std::string_view api = "transfer-batches";

    /// Without a vault no real name is sent, and amounts that need one are refused.
    TransferBatches(Merchant merchant, BatchTerms terms, const Signer& signer, const KeyRing& keys,
                    Random& random, const NameVault* names = nullptr)
        : merchant_(std::move(merchant)),
          terms_(std::move(terms)),
          destination_{std::string(api), merchant_.mchid, merchant_.appid},
          exchange_(merchant_.mchid, signer, keys, random),
          names_(names) {}

    [[nodiscard]] const ChannelName& name() const override { return merchant_.channel; }
    [[nodiscard]] const Destination& destination() const override { return destination_; }
    [[nodiscard]] Result<void> check(const Order& order) const override;
    [[nodiscard]] Result<void> check_name(std::string_view name) const override {
        if (names_ == nullptr) return Channel::check_name(name);
        return check_user_name(name);
    }
    [[nodiscard]] Result<Submission> compose(const Withdrawal& withdrawal, Timestamp now) const override;
    [[nodiscard]] Result<std::optional<Submission>> renew(const Withdrawal& withdrawal,
                                                          Timestamp now) const override;
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
    const NameVault* names_;
};

namespace detail {

/// Also for people, beside WeChat's own words, which speak of an upgrade (wechat_spec, product facts).
inline constexpr std::string_view no_batches_explanation =
    "this merchant may not use the older batches: configure the channel with the current transfers "
    "(transfer-bills)";

/// The JSON of a create (wechat_spec 2); `user_name` is the encrypted one, or empty.
inline std::string batch_body(const Merchant& merchant, const BatchTerms& terms, const Withdrawal& w,
                              const std::string& user_name) {
    const std::string& remark = w.order.remark.empty() ? merchant.remark : w.order.remark;
    nlohmann::ordered_json payout{
        {"out_detail_no", w.id.text()},
        {"transfer_amount", w.order.amount.fen()},
        {"transfer_remark", remark},
        {"openid", w.order.openid.text()},
    };
    if (!user_name.empty()) payout["user_name"] = user_name;
    nlohmann::ordered_json body{
        {"appid", merchant.appid.text()},
        {"out_batch_no", w.id.text()},
        {"batch_name", terms.name},
        {"batch_remark", remark},
        {"total_amount", w.order.amount.fen()},
        {"total_num", 1},
        {"transfer_detail_list", nlohmann::ordered_json::array({std::move(payout)})},
    };
    if (!terms.transfer_scene_id.empty()) body["transfer_scene_id"] = terms.transfer_scene_id;
    if (!merchant.notify_url.empty()) body["notify_url"] = merchant.notify_url;
    return body.dump();
}

}  // namespace detail

inline Result<void> TransferBatches::check(const Order& order) const {
    return wechat::check(merchant_)
        .and_then([&] { return wechat::check(terms_); })
        .and_then([&] { return check_names_set_up(merchant_, names_, order); })
        .and_then([&] { return check_order(merchant_, order); });
}

inline Result<Submission> TransferBatches::compose(const Withdrawal& w, Timestamp now) const {
    if (auto possible = check(w.order); !possible) return tl::unexpected(possible.error());
    if (name_use(merchant_.names, w.order) == NameUse::left_out)
        return Submission{detail::batch_body(merchant_, terms_, w, {}), {}};
    return seal_name(names_, exchange_.keys(), w, now).map([&](const SealedName& name) {
        return Submission{detail::batch_body(merchant_, terms_, w, name.user_name), name.key_serial};
    });
}

inline Result<std::optional<Submission>> TransferBatches::renew(const Withdrawal& w, Timestamp now) const {
    // Without any key, such as before the first download of certificates, nothing is known of this one.
    const KeyRing& keys = exchange_.keys();
    if (keys.find(w.submission.key_serial, now) || !keys.newest(now)) return std::optional<Submission>{};
    const auto name = seal_name(names_, keys, w, now);
    if (!name) return tl::unexpected(name.error());
    auto body = nlohmann::ordered_json::parse(w.submission.body, nullptr, false);
    const nlohmann::ordered_json::json_pointer place("/transfer_detail_list/0/user_name");
    if (!body.is_object() || !body.contains(place))
        return refuse(ErrorCode::ledger_damaged, "the stored request holds no name to encrypt anew");
    body[place] = name->user_name;
    return Submission{body.dump(), name->key_serial};
}

inline Result<HttpRequest> TransferBatches::request(const Call& call) const {
    if (call.destination != destination_)
        return refuse(ErrorCode::not_allowed, "this withdrawal belongs to another merchant", "mchid");
    if (auto ready = exchange_.check_keys(call.signed_at); !ready) return tl::unexpected(ready.error());
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
