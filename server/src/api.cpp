// SPDX-License-Identifier: MIT
#include "api.hpp"

#include <algorithm>
#include <string_view>

#include "assets.hpp"
#include "log.hpp"
#include "request.hpp"
#include "tixian/wechat/batch_report.hpp"
#include "tixian/wechat/notification.hpp"
#include "views.hpp"

namespace tixian::server {
namespace {

wechat::Headers headers_of(const httplib::Request& request) {
    wechat::Headers headers;
    for (const auto& [name, value] : request.headers) headers.add(name, value);
    return headers;
}

/// From which amount on the user has to say the real name; none where none is taken.
std::optional<Money> real_name_from(const Config& config) {
    if (config.name_keys.empty()) return std::nullopt;
    const wechat::NameRule& names = config.merchant.names;
    return names.between == wechat::OptionalName::always ? names.refused_below : names.required_from;
}

std::string_view content_type(std::string_view name) {
    if (name.ends_with(".html")) return "text/html; charset=utf-8";
    if (name.ends_with(".css")) return "text/css; charset=utf-8";
    if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
    if (name.ends_with(".svg")) return "image/svg+xml";
    return "application/octet-stream";
}

void send_asset(httplib::Response& out, const Asset& asset) {
    out.set_header(
        "Content-Security-Policy",
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'");
    out.set_header("X-Content-Type-Options", "nosniff");
    out.set_header("Referrer-Policy", "no-referrer");
    out.set_header("Cache-Control", "no-cache");
    out.set_content(std::string(asset.bytes), std::string(content_type(asset.name)));
}

}  // namespace

void Api::install(httplib::Server& server) {
    server.Post("/api/v1/wallet/withdraw", serve_user(&Api::withdraw));
    server.Get("/api/v1/wallet", serve_user(&Api::wallet));
    server.Get("/api/v1/wallet/fee", serve_user(&Api::fee));
    server.Get("/api/v1/wallet/withdrawals", serve_user(&Api::history));
    server.Get(R"(/api/v1/payment/withdraw/([^/]+))", serve_user(&Api::show));
    server.Post(R"(/api/v1/wallet/withdraw/([^/]+)/cancel)", serve_user(&Api::cancel));
    server.Post("/api/v1/wallet/deposit", door_.serve_service(bound(&Api::deposit)));
    server.Post("/api/v1/payment/wechat/notify/transfer", door_.serve(bound(&Api::notify)));
    server.Get("/healthz", door_.serve(bound(&Api::healthz)));
    server.Get("/readyz", door_.serve(bound(&Api::readyz)));
    install_pages(server);

    // What no handler answered: unknown paths, bodies that are too large, requests that are not HTTP.
    server.set_error_handler([this](const httplib::Request& request, httplib::Response& out) {
        if (!out.body.empty()) return;
        const int status = out.status;
        if (status == 404)
            return door_.answer(request, out, refuse_with(404, "not_found", "there is nothing here"));
        if (status == 413)
            return door_.answer(request, out, refuse_with(413, "too_large", "the body is too large"));
        door_.answer(request, out, refuse_with(status, "bad_request", "the request cannot be read"));
    });
    server.set_exception_handler([this](const httplib::Request& request, httplib::Response& out,
                                        const std::exception_ptr&) {
        door_.answer(request, out,
                     refuse_with(500, "internal", "something is broken here; ask again with the same key"));
    });
}

Door::Endpoint Api::bound(Handler handler) {
    return [this, handler](const httplib::Request& request) { return (this->*handler)(request); };
}

httplib::Server::Handler Api::serve_user(UserHandler handler) {
    return door_.serve_user([this, handler](const Principal& user, const httplib::Request& request) {
        return (this->*handler)(user, request);
    });
}

void Api::install_pages(httplib::Server& server) {
    for (const Asset& asset : assets()) {
        const std::string path =
            asset.name == "index.html" ? std::string("/") : "/assets/" + std::string(asset.name);
        server.Get(path,
                   [&asset](const httplib::Request&, httplib::Response& out) { send_asset(out, asset); });
    }
}

tl::expected<Withdrawal, Refusal> Api::own_withdrawal(const Principal& user, const std::string& text) {
    const auto id = WithdrawalId::parse(text);
    if (id) {
        auto found = ledger_.find(*id);
        if (!found) return refuse_with(found.error());
        if (*found && (*found)->order.user == user.user) return std::move(**found);
    }
    // Another user's is as unknown as none, so that nobody can find out which numbers exist.
    return refuse_with(404, "unknown_withdrawal", "no such withdrawal", "withdraw_id");
}

Response Api::withdraw(const Principal& user, const httplib::Request& request) {
    const auto key = IdempotencyKey::parse(request.get_header_value("Idempotency-Key"));
    if (!key)
        return refuse_with(400, "invalid_argument",
                           "the header Idempotency-Key is needed, 1 to 128 printable characters",
                           "Idempotency-Key");
    const auto body = read_object(request.body, {"amount", "channel", "remark", "real_name"});
    if (!body) return tl::unexpected(body.error());
    const auto amount = read_amount(*body);
    if (!amount) return tl::unexpected(amount.error());
    const auto channel_text = read_text(*body, "channel", "wechat");
    if (!channel_text) return tl::unexpected(channel_text.error());
    const auto channel = ChannelName::parse(*channel_text);
    if (!channel) return refuse_with(channel.error());
    const auto remark = read_text(*body, "remark", "");
    if (!remark) return tl::unexpected(remark.error());

    auto real_name = read_text(*body, "real_name", "");
    if (!real_name) return tl::unexpected(real_name.error());

    const auto receipt = service_.request({user.user, *key, *amount, *channel, user.openid, *remark},
                                          config_.terms, *real_name);
    if (!receipt) return refuse_with(receipt.error());
    wake_();
    return Reply{receipt->replayed ? 200 : 201,
                 withdrawal_json(receipt->withdrawal, receipt->replayed, config_.confirm_page)};
}

Response Api::wallet(const Principal& user, const httplib::Request&) {
    const auto balance = ledger_.balance(user.user);
    if (!balance) return refuse_with(balance.error());
    const auto allowance = service_.allowance(user.user, config_.merchant.channel, config_.terms);
    if (!allowance) return refuse_with(allowance.error());
    return Reply{200, wallet_json(*balance, config_.terms, *allowance, real_name_from(config_))};
}

Response Api::fee(const Principal& user, const httplib::Request& request) {
    const auto amount = Money::parse_yuan(request.get_param_value("amount"));
    if (!amount) return refuse_with(amount.error());
    if (const auto allowed = check_amount(config_.terms, *amount); !allowed)
        return refuse_with(allowed.error());
    const auto allowance = service_.allowance(user.user, config_.merchant.channel, config_.terms);
    if (!allowance) return refuse_with(allowance.error());
    const Money free = std::min(allowance->free_left, *amount);
    return Reply{200, fee_json(*amount, fee_on(config_.terms.fee, *amount, free))};
}

Response Api::history(const Principal& user, const httplib::Request& request) {
    const auto wanted = read_page(request);
    if (!wanted) return tl::unexpected(wanted.error());
    auto page = ledger_.history(user.user, wanted->limit + 1, wanted->after);
    if (!page) return refuse_with(page.error());
    const bool has_more = page->size() > wanted->limit;
    if (has_more) page->pop_back();
    return Reply{200, history_json(*page, has_more, config_.confirm_page)};
}

Response Api::show(const Principal& user, const httplib::Request& request) {
    const auto withdrawal = own_withdrawal(user, request.matches[1]);
    if (!withdrawal) return tl::unexpected(withdrawal.error());
    return Reply{200, withdrawal_json(*withdrawal, false, config_.confirm_page)};
}

Response Api::cancel(const Principal& user, const httplib::Request& request) {
    const auto own = own_withdrawal(user, request.matches[1]);
    if (!own) return tl::unexpected(own.error());
    const auto withdrawal = service_.cancel(user.user, own->id);
    if (!withdrawal) return refuse_with(withdrawal.error());
    wake_();
    return Reply{is_final(withdrawal->state) ? 200 : 202,
                 withdrawal_json(*withdrawal, false, config_.confirm_page)};
}

Response Api::deposit(const httplib::Request& request) {
    const auto body = read_object(request.body, {"user_id", "amount", "reference"});
    if (!body) return tl::unexpected(body.error());
    const auto user = UserId::parse(body->string("user_id").value_or(""));
    if (!user) return refuse_with(user.error());
    const auto reference = Reference::parse(body->string("reference").value_or(""));
    if (!reference) return refuse_with(reference.error());
    const auto amount = read_amount(*body);
    if (!amount) return tl::unexpected(amount.error());

    const auto replayed = service_.deposit(*user, *amount, *reference);
    if (!replayed) return refuse_with(replayed.error());
    return Reply{*replayed ? 200 : 201, replayed_json(*replayed)};
}

Response Api::notify(const httplib::Request& request) {
    const auto notification =
        wechat::read_notification(headers_of(request), request.body, keys_, config_.apiv3_key, clock_.now());
    const auto stored =
        notification.and_then([this](const wechat::Notification& n) { return store(n.event); });
    if (!stored) log_error(stored.error(), "notification");
    const auto reply = stored ? wechat::reply_stored() : wechat::reply_refused(stored.error());
    return Reply{reply.status, reply.body};
}

Result<void> Api::store(const wechat::NotifiedEvent& event) {
    const auto notify = [this](const Report& report) { return service_.notify(report); };
    if (const auto* bill = std::get_if<wechat::BillFinished>(&event)) return notify(bill->report);
    // Of a batch it only says that it is time to ask.
    if (const auto* batch = std::get_if<wechat::BatchFinished>(&event))
        return wechat::hint_of(batch->batch).and_then(notify);
    if (const auto* batch = std::get_if<wechat::BatchClosed>(&event))
        return wechat::hint_of(batch->batch).and_then(notify);
    // The others concern no withdrawal: there is nothing to store of them.
    return {};
}

Response Api::healthz(const httplib::Request&) { return Reply{200, R"({"status":"ok"})"}; }

Response Api::readyz(const httplib::Request&) {
    const auto rows = ledger_.due(clock_.now(), 1, {});
    if (!rows) return refuse_with(503, "not_ready", "the ledger cannot be read");
    if (!keys_.newest(clock_.now()))
        return refuse_with(503, "not_ready", "WeChat's certificates have not been downloaded yet");
    return Reply{200, R"({"status":"ready"})"};
}

}  // namespace tixian::server
