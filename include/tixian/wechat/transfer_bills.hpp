// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "tixian/name_vault.hpp"
#include "tixian/random.hpp"
#include "tixian/signer.hpp"
#include "tixian/wechat/bill_query.hpp"
#include "tixian/wechat/bill_report.hpp"
#include "tixian/wechat/call_news.hpp"
#include "tixian/wechat/create_bill.hpp"
#include "tixian/wechat/exchange.hpp"
#include "tixian/wechat/http.hpp"
#include "tixian/wechat/key_ring.hpp"
#include "tixian/wechat/merchant.hpp"
#include "tixian/wechat/sealed_name.hpp"
#include "tixian/wechat/transfers.hpp"

namespace tixian::wechat {

/// WeChat's current transfers (`/v3/fund-app/mch-transfer/transfer-bills`, wechat_spec 1.1 A, B, D) without
/// I/O: a call becomes an HTTP request, an HTTP result becomes an answer. Thread-safe. Borrows signer, keys,
/// random and names.
class TransferBills : public Transfers {
 public:
    static constexpr std::string_view api = "transfer-bills";

    /// Without a vault no real name is sent, and amounts that need one are refused.
    TransferBills(Merchant merchant, const Signer& signer, const KeyRing& keys, Random& random,
                  const NameVault* names = nullptr)
        : merchant_(std::move(merchant)),
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
    const NameVault* names_;
};

inline Result<void> TransferBills::check(const Order& order) const {
    return wechat::check(merchant_)
        .and_then([&] { return check_names_set_up(merchant_, names_, order); })
        .and_then([&] { return check_order(merchant_, order); });
}

inline Result<Submission> TransferBills::compose(const Withdrawal& w, Timestamp now) const {
    if (auto possible = check(w.order); !possible) return tl::unexpected(possible.error());
    if (name_use(merchant_.names, w.order) == NameUse::left_out)
        return Submission{create_body(merchant_, w, {}), {}};
    return seal_name(names_, exchange_.keys(), w, now).map([&](const SealedName& name) {
        return Submission{create_body(merchant_, w, name.user_name), name.key_serial};
    });
}

inline Result<std::optional<Submission>> TransferBills::renew(const Withdrawal& w, Timestamp now) const {
    // Without any key, such as before the first download of certificates, nothing is known of this one.
    const KeyRing& keys = exchange_.keys();
    if (keys.find(w.submission.key_serial, now) || !keys.newest(now)) return std::optional<Submission>{};
    const auto name = seal_name(names_, keys, w, now);
    if (!name) return tl::unexpected(name.error());
    auto body = with_user_name(w.submission.body, name->user_name);
    if (!body) return refuse(ErrorCode::ledger_damaged, "the stored request holds no name to encrypt anew");
    return Submission{std::move(*body), name->key_serial};
}

inline Result<HttpRequest> TransferBills::request(const Call& call) const {
    if (call.destination != destination_)
        return refuse(ErrorCode::not_allowed, "this withdrawal belongs to another merchant", "mchid");
    if (auto ready = exchange_.check_keys(call.signed_at); !ready) return tl::unexpected(ready.error());
    const auto sign = [&](const ApiRequest& request) {
        return exchange_.sign(request, call.signed_at, call.send_deadline);
    };
    switch (call.kind) {
        case CallKind::submit:
            return sign({"POST", std::string(detail::transfer_bills_path), call.submission.body,
                         call.submission.key_serial});
        case CallKind::query:
            return sign(bill_query(call.id));
        case CallKind::cancel:
            return sign(bill_cancel(call.id));
    }
    return refuse(ErrorCode::invalid_argument, "there is no such call", "kind");
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
