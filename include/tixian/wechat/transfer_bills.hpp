// SPDX-License-Identifier: MIT
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "tixian/channel.hpp"
#include "tixian/random.hpp"
#include "tixian/signer.hpp"
#include "tixian/wechat/bill_report.hpp"
#include "tixian/wechat/classification.hpp"
#include "tixian/wechat/http.hpp"
#include "tixian/wechat/key_ring.hpp"
#include "tixian/wechat/nonce.hpp"
#include "tixian/wechat/scene.hpp"
#include "tixian/wechat/signing.hpp"
#include "tixian/wechat/verification.hpp"

namespace tixian::wechat {

/// One merchant's way to pay out, as configured.
struct Merchant {
    ChannelName channel;
    Mchid mchid;
    Appid appid;
    Scene scene;
    std::string remark = "提现";  ///< shown to the user where the order has none of its own
    std::string notify_url;       ///< empty: WeChat sends no notifications, and everything is queried
    /// WeChat leaves error answers unsigned (wechat_spec 4.3 leaves it open). Then an unsigned refusal stops
    /// the submits and proves nothing, and absence takes two queries (R4).
    bool unsigned_errors = false;
};

/// WeChat's current transfers (`/v3/fund-app/mch-transfer/transfer-bills`, wechat_spec 1.1 A, B, D) without
/// I/O: a call becomes an HTTP request, an HTTP result becomes an answer. Thread-safe. Borrows signer, keys
/// and random.
class TransferBills : public Channel {
 public:
    static constexpr std::string_view api = "transfer-bills";
    static constexpr std::string_view path = "/v3/fund-app/mch-transfer/transfer-bills";
    static constexpr std::size_t remark_characters_max = 32;  // wechat_spec 1.2

    TransferBills(Merchant merchant, const Signer& signer, const KeyRing& keys, Random& random)
        : merchant_(std::move(merchant)),
          destination_{std::string(api), merchant_.mchid, merchant_.appid},
          signer_(signer),
          keys_(keys),
          random_(random) {}

    [[nodiscard]] const ChannelName& name() const override { return merchant_.channel; }
    [[nodiscard]] const Destination& destination() const override { return destination_; }
    [[nodiscard]] Result<void> check(const Order& order) const override;
    [[nodiscard]] Result<Submission> compose(const Withdrawal& withdrawal) const override;
    /// Of one merchant: 100 creates, 100 queries (O), and 20 cancels, for which WeChat's pages say 20 and 100
    /// (wechat_spec 1.1, A, B and D).
    [[nodiscard]] int calls_per_second(CallKind kind) const override {
        return kind == CallKind::cancel ? 20 : 100;
    }

    /// The request to send for this call, signed with the time that its intent was committed with (R2).
    /// Refuses a call that belongs to another merchant (R1), or when the signer fails.
    [[nodiscard]] Result<HttpRequest> request(const Call& call) const;

    /// What the result means. Never fails: whatever cannot be verified or read is in doubt (R3, R13).
    [[nodiscard]] Answer answer(const Call& call, const HttpResult& result) const;

    /// The answer to a call that could not even be made into a request: no byte was sent.
    [[nodiscard]] static Answer not_sent(const Call& call, const Error& why) {
        NoNews news;
        news.kind = NoNewsKind::not_sent;
        news.verified = true;
        news.code = tixian::name(why.code);
        news.message = why.message;
        return {call.id, call.kind, call.number, std::move(news)};
    }

 private:
    [[nodiscard]] std::variant<Report, NotFound, NoNews> read(const Call& call, const HttpResponse& response,
                                                              const HttpResult& result) const;
    [[nodiscard]] std::variant<Report, NotFound, NoNews> read_error(const Call& call,
                                                                    const HttpResponse& response,
                                                                    const HttpResult& result,
                                                                    const Result<Timestamp>& signed_at) const;

    Merchant merchant_;
    Destination destination_;
    const Signer& signer_;
    const KeyRing& keys_;
    Random& random_;
};

namespace detail {

/// How many characters a UTF-8 text has; nullopt when it is not UTF-8.
inline std::optional<std::size_t> characters(std::string_view text) {
    // The least code point of each length: a longer form of a smaller one is not UTF-8, nor is a surrogate
    // (RFC 3629).
    constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    std::size_t count = 0;
    for (std::size_t i = 0; i < text.size(); ++count) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const std::size_t length = byte < 0x80       ? 1
                                   : byte >> 5 == 6  ? 2
                                   : byte >> 4 == 14 ? 3
                                   : byte >> 3 == 30 ? 4
                                                     : 0;
        if (length == 0 || i + length > text.size()) return std::nullopt;
        std::uint32_t code = length == 1 ? byte : byte & (0xFFu >> (length + 1));
        for (std::size_t j = 1; j < length; ++j) {
            const auto next = static_cast<unsigned char>(text[i + j]);
            if ((next & 0xC0) != 0x80) return std::nullopt;
            code = code << 6 | (next & 0x3Fu);
        }
        if (code < least[length] || code > 0x10FFFF || (0xD800 <= code && code <= 0xDFFF))
            return std::nullopt;
        i += length;
    }
    return count;
}

/// Retry-After in seconds; a date is not read, the back-off serves as well.
inline std::optional<Duration> retry_after(const Headers& headers) {
    const std::string text = headers.get("Retry-After");
    int seconds = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (text.empty() || code != std::errc() || end != text.data() + text.size() || seconds < 0)
        return std::nullopt;
    return Duration(std::chrono::seconds(seconds));
}

}  // namespace detail

inline Result<void> TransferBills::check(const Order& order) const {
    const auto length = detail::characters(order.remark);
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
    HttpRequest request;
    request.url = std::string(path);
    if (call.kind != CallKind::submit) request.url += "/out-bill-no/" + call.id.text();
    if (call.kind == CallKind::cancel) request.url += "/cancel";
    request.method = call.kind == CallKind::query ? "GET" : "POST";
    if (call.kind == CallKind::submit) request.body = call.submission.body;
    request.send_deadline = call.send_deadline;

    auto authorized = authorization(destination_.mchid, signer_, request.method, request.url, call.signed_at,
                                    make_nonce(random_), request.body);
    if (!authorized) return tl::unexpected(authorized.error());
    request.headers.add("Authorization", std::move(*authorized));
    request.headers.add("Accept", "application/json");
    if (call.kind == CallKind::submit) request.headers.add("Content-Type", "application/json");
    request.headers.add("User-Agent", "tixian/0.1");
    // Which of its keys WeChat is to answer with, and which key made the ciphertext (wechat_spec 4.4 c, 4.5).
    const auto newest = keys_.newest();
    const std::string serial = !call.submission.key_serial.empty() ? call.submission.key_serial
                               : newest                            ? newest->first
                                                                   : std::string();
    if (!serial.empty()) request.headers.add("Wechatpay-Serial", serial);
    return request;
}

inline Answer TransferBills::answer(const Call& call, const HttpResult& result) const {
    Answer answer{call.id, call.kind, call.number, NoNews{}};
    if (const auto* response = std::get_if<HttpResponse>(&result.outcome)) {
        answer.result = read(call, *response, result);
        return answer;
    }
    NoNews news;
    news.kind = classify(call.kind, std::get<TransportFailure>(result.outcome)).kind;
    news.verified = news.kind == NoNewsKind::not_sent;
    answer.result = std::move(news);
    return answer;
}

inline std::variant<Report, NotFound, NoNews> TransferBills::read(const Call& call,
                                                                  const HttpResponse& response,
                                                                  const HttpResult& result) const {
    const Headers& h = response.headers;
    const SignatureHeaders signature{h.get("Wechatpay-Timestamp"), h.get("Wechatpay-Nonce"),
                                     h.get("Wechatpay-Serial"), h.get("Wechatpay-Signature")};
    const auto signed_at = verify(keys_, signature, response.body, result.received_at);
    if (response.status != 200) return read_error(call, response, result, signed_at);

    NoNews unread;
    unread.kind = NoNewsKind::unverified;
    unread.http_status = response.status;
    unread.request_id = h.get("Request-ID");
    if (!signed_at) {
        unread.code = tixian::name(signed_at.error().code);
        unread.message = signed_at.error().message;
        return unread;
    }
    auto report = json::parse(response.body).and_then(parse_bill);
    if (report) {
        // A cancel's own answer only says that it was accepted; the final word is a query's or a
        // notification's (wechat_spec 1.3 D).
        if (call.kind == CallKind::cancel && report->state == BillState::cancelled)
            report->state = BillState::canceling;
        return std::move(*report);
    }
    unread.code = tixian::name(report.error().code);
    unread.message = report.error().field + " " + report.error().message;
    return unread;
}

inline std::variant<Report, NotFound, NoNews> TransferBills::read_error(
    const Call& call, const HttpResponse& response, const HttpResult& result,
    const Result<Timestamp>& signed_at) const {
    NoNews news;
    news.http_status = response.status;
    news.request_id = response.headers.get("Request-ID");
    news.retry_after = detail::retry_after(response.headers);
    if (const auto body = json::parse(response.body)) {
        news.code = body->string("code").value_or("");
        news.message = body->string("message").value_or("");
    }
    const AnswerClass meaning = classify(call.kind, response.status, news.code);
    news.verified = signed_at.has_value();
    // An error answer with a false signature is no better than none; one without any is, where WeChat does
    // so.
    const bool is_unsigned = response.headers.get("Wechatpay-Signature").empty();
    if (!news.verified && !(is_unsigned && merchant_.unsigned_errors)) {
        const bool is_server_error = meaning.kind == NoNewsKind::server_error;
        news.kind = is_server_error ? NoNewsKind::server_error : NoNewsKind::unverified;
        return news;
    }
    if (meaning.not_found) {
        const Timestamp ended = news.verified ? *signed_at : result.received_at;
        return NotFound{ended - result.elapsed, news.verified};
    }
    news.kind = meaning.kind;
    news.content_only = meaning.content_only;
    if (news.verified) news.answered_at = *signed_at;
    return news;
}

}  // namespace tixian::wechat
