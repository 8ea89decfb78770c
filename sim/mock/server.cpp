// SPDX-License-Identifier: MIT
#include "mock/server.hpp"

#include <utility>

#include "mock/answers.hpp"
#include "mock/api.hpp"
#include "mock/control.hpp"
#include "mock/listener.hpp"
#include "mock/notifier.hpp"
#include "mock/signer.hpp"
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
    return terms;
}

}  // namespace

struct Server::Parts {
    Parts(const Options& options, const Keys& keys)
        : settings(options.settings),
          bank(complete_terms(options, clock), clock),
          // The keys were checked when they were loaded.
          signer(RsaKey::parse_private(keys.wechatpay_key_pem).value(),
                 keys.identity.wechatpay_public_key_id),
          api({keys.identity, RsaKey::parse_private(keys.wechatpay_key_pem).value()},
              RsaKey::from_certificate(keys.merchant_cert_pem).value(), bank, settings, clock),
          control(keys.identity.mchid, bank, settings, journal),
          notifier(bank, signer, keys.apiv3_key, clock),
          listener([this](const Request& request,
                          const auto& is_connected) { return respond(request, is_connected); },
                   [this](int status) { return sealed(protocol_error(status)); }, options.threads) {
        bank.set_sending(options.settings.notifications);
    }

    std::optional<Answer> respond(const Request& request, const std::function<bool()>& is_connected) {
        if (request.target.starts_with(control_prefix)) return control.answer(request);
        const Timestamp arrived_at = clock.now();
        // Signed when made: a delay is the network's, and the caller sees how old the answer is.
        Answer answer = sealed(api.answer(request));
        journal.add({arrived_at, request.method, request.target, request.body, answer.status,
                     answer.headers.front().second});
        if (!settings.wait_to_answer(is_connected)) return std::nullopt;
        return answer;
    }

    // With Request-ID, always first, and the signature.
    Answer sealed(Answer answer) {
        constexpr std::size_t id_length = 34;
        answer.headers.insert(answer.headers.begin(),
                              {"Request-ID", random_text(id_length) + "-" + answer.reason});
        if (!answer.is_ok() && settings.get().unsigned_errors) return answer;
        for (auto& header : signer.headers(answer.body, clock.now()))
            answer.headers.push_back(std::move(header));
        return answer;
    }

    WallClock clock;
    LiveSettings settings;
    LiveBank bank;
    Journal journal;
    Signer signer;
    Api api;
    Control control;
    Notifier notifier;
    Listener listener;
};

Server::Server(Options options) : options_(std::move(options)) {}

Server::~Server() { stop(); }

Result<void> Server::start() {
    auto keys = load_or_make_keys(options_.keys_directory, options_.mchid, options_.appid);
    if (!keys) return tl::unexpected<Error>(keys.error());
    keys_ = std::move(*keys);
    auto parts = std::make_unique<Parts>(options_, keys_);
    const auto port = parts->listener.open(options_.host, options_.port);
    if (!port) return tl::unexpected<Error>(port.error());
    port_ = *port;
    parts_ = std::move(parts);
    parts_->bank.start();
    parts_->notifier.start();
    return {};
}

void Server::stop() {
    if (!parts_) return;
    parts_->settings.stop();
    parts_->bank.stop();
    parts_->notifier.stop();
    parts_->listener.close();
    parts_.reset();
}

int Server::port() const { return port_; }
std::string Server::url() const {
    const bool is_ipv6 = options_.host.find(':') != std::string::npos;
    return "http://" + (is_ipv6 ? "[" + options_.host + "]" : options_.host) + ":" + std::to_string(port_);
}
const Keys& Server::keys() const { return keys_; }

}  // namespace tixian::mock
