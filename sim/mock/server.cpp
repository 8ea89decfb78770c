// SPDX-License-Identifier: MIT
#include "mock/server.hpp"

#include <utility>

#include "mock/answers.hpp"
#include "mock/api.hpp"
#include "mock/control.hpp"
#include "mock/listener.hpp"
#include "mock/notifier.hpp"
#include "mock/proxy.hpp"
#include "mock/tls_keys.hpp"
#include "mock/wall_clock.hpp"

namespace tixian::mock {
namespace {

constexpr std::string_view control_prefix = "/_mock/";

// Unlike a counter of its own, the time makes numbers that no earlier run of the mock has given out.
bank::Terms complete_terms(const Options& options, const Clock& clock) {
    bank::Terms terms = options.terms;
    const auto millis = static_cast<std::uint64_t>(to_millis(clock.now()));
    terms.bills_made_before += millis * 1000;
    terms.seed ^= millis;
    terms.auto_confirm_after = options.settings.auto_confirm_after;
    terms.behaviour = options.switches;
    return terms;
}

// The keys were checked when they were loaded.
Merchant first_merchant(const Options& options, const Keys& keys) {
    return {keys.identity,
            RsaKey::from_certificate(keys.merchant_cert_pem).value(),
            keys.apiv3_key,
            RsaKey::parse_private(keys.wechatpay_key_pem).value(),
            options.terms.merchant,
            Verification::public_key,
            false,
            {}};
}

std::string authority(const std::string& host, int port) {
    const bool is_ipv6 = host.find(':') != std::string::npos;
    return (is_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

}  // namespace

struct Server::Parts {
    Parts(const Options& with, const Keys& keys)
        : options(with),
          settings(options.settings),
          switches(options.switches),
          merchants(first_merchant(options, keys)),
          bank(complete_terms(options, clock), clock),
          api({merchants, bank, settings, switches, downloads, clock, options.signatures}),
          control(merchants, bank, settings, switches, journal),
          notifier(bank, merchants, switches, clock) {
        bank.set_sending(options.settings.notifications);
    }

    [[nodiscard]] std::unique_ptr<Listener> make_listener(std::shared_ptr<ssl_ctx_st> tls) {
        return std::make_unique<Listener>(
            [this](const Request& request, const auto& is_connected) {
                return respond(request, is_connected);
            },
            [this](int status) { return sealed(protocol_error(status), {}, *merchants.first()); },
            options.threads, std::move(tls));
    }

    std::optional<Answer> respond(const Request& request, const std::function<bool()>& is_connected) {
        if (request.target.starts_with(control_prefix)) return control.answer(request);
        const Timestamp arrived_at = clock.now();
        ApiAnswer reply = api.answer(request);
        const std::string mchid = reply.merchant ? reply.merchant->identity.mchid : "";
        const auto signing = reply.merchant ? reply.merchant : merchants.first();
        // Signed when made: a delay is the network's, and the caller sees how old the answer is.
        Answer answer = sealed(std::move(reply.answer), request.header("Wechatpay-Serial"), *signing);
        journal.add({arrived_at, request.method, request.target, request.body, answer.status,
                     answer.headers.front().second, mchid});
        if (!settings.wait_to_answer(is_connected)) return std::nullopt;
        return answer;
    }

    // With Request-ID, always first, and the signature.
    Answer sealed(Answer answer, const std::string& serial, const Merchant& merchant) {
        constexpr std::size_t id_length = 34;
        answer.headers.insert(answer.headers.begin(),
                              {"Request-ID", random_text(id_length) + "-" + answer.reason});
        if (!options.signatures || answer.is_file || (!answer.is_ok() && settings.get().unsigned_errors))
            return answer;
        for (auto& header : merchant.signer_for(serial).headers(answer.body, clock.now()))
            answer.headers.push_back(std::move(header));
        return answer;
    }

    const Options options;
    WallClock clock;
    LiveSettings settings;
    LiveSwitches switches;
    Merchants merchants;
    LiveBank bank;
    Downloads downloads;
    Journal journal;
    Api api;
    Control control;
    Notifier notifier;
    std::unique_ptr<Listener> listener;
    std::unique_ptr<Listener> tls_listener;
    std::unique_ptr<Proxy> proxy;
};

Server::Server(Options options) : options_(std::move(options)) {}

Server::~Server() { stop(); }

Result<void> Server::start() {
    auto keys = load_or_make_keys(options_.keys_directory, options_.mchid, options_.appid);
    if (!keys) return tl::unexpected<Error>(keys.error());
    keys_ = std::move(*keys);
    auto parts = std::make_unique<Parts>(options_, keys_);
    if (auto opened = open(*parts); !opened) return opened;
    if (options_.tls_port || options_.proxy_port) {
        if (auto opened = open_tls(*parts); !opened) return opened;
    }
    parts_ = std::move(parts);
    parts_->bank.start();
    parts_->notifier.start();
    return {};
}

Result<void> Server::open(Parts& parts) {
    parts.listener = parts.make_listener(nullptr);
    const auto port = parts.listener->open(options_.host, options_.port);
    if (!port) return tl::unexpected<Error>(port.error());
    port_ = *port;
    return {};
}

Result<void> Server::open_tls(Parts& parts) {
    const auto files = load_or_make_tls(options_.keys_directory);
    if (!files) return tl::unexpected<Error>(files.error());
    auto context = make_tls_context(files->certificate_pem.string(), files->key_pem.string());
    if (!context) return tl::unexpected<Error>(context.error());
    parts.tls_listener = parts.make_listener(std::move(*context));
    const auto port = parts.tls_listener->open(options_.host, options_.tls_port.value_or(0));
    if (!port) return tl::unexpected<Error>(port.error());
    tls_port_ = *port;
    if (!options_.proxy_port) return {};
    parts.proxy = std::make_unique<Proxy>(tls_port_);
    const auto proxy_port = parts.proxy->open(options_.host, *options_.proxy_port);
    if (!proxy_port) return tl::unexpected<Error>(proxy_port.error());
    proxy_port_ = *proxy_port;
    return {};
}

void Server::stop() {
    if (!parts_) return;
    parts_->settings.stop();
    parts_->bank.stop();
    parts_->notifier.stop();
    if (parts_->proxy) parts_->proxy->close();
    if (parts_->tls_listener) parts_->tls_listener->close();
    parts_->listener->close();
    parts_.reset();
}

std::string Server::url() const { return "http://" + authority(options_.host, port_); }
std::string Server::tls_url() const {
    return tls_port_ == 0 ? "" : "https://" + authority(options_.host, tls_port_);
}

}  // namespace tixian::mock
