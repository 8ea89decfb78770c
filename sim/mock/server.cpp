// SPDX-License-Identifier: MIT
#include "mock/server.hpp"

#include <utility>

#include "mock/answers.hpp"
#include "mock/api.hpp"
#include "mock/business_clock.hpp"
#include "mock/call_facts.hpp"
#include "mock/control.hpp"
#include "mock/control_parameters.hpp"
#include "mock/control_request.hpp"
#include "mock/fault_control.hpp"
#include "mock/fault_front.hpp"
#include "mock/listener.hpp"
#include "mock/live_faults.hpp"
#include "mock/notifier.hpp"
#include "mock/proxy.hpp"
#include "mock/scenario_options.hpp"
#include "mock/text.hpp"
#include "mock/tls_keys.hpp"
#include "mock/wall_clock.hpp"

namespace tixian::mock {
namespace {

constexpr std::string_view control_prefix = "/_mock/";

bank::MerchantTerms begins_with(const Options& options, const Keys& keys) {
    for (const faults::Merchant& merchant : options.scenario.merchants) {
        if (merchant.mchid == keys.identity.mchid) return terms_of(merchant, options.terms.merchant);
    }
    return options.terms.merchant;
}

// Unlike a counter of its own, the time makes numbers that no earlier run of the mock has given out.
bank::Terms complete_terms(const Options& options, const Keys& keys, const Clock& clock) {
    bank::Terms terms = options.terms;
    terms.merchant = begins_with(options, keys);
    const auto millis = static_cast<std::uint64_t>(to_millis(clock.now()));
    terms.bills_made_before += millis * 1000;
    terms.seed ^= millis;
    terms.auto_confirm_after = options.settings.auto_confirm_after;
    terms.behaviour = options.switches;
    return terms;
}

// WeChat's zone is eight hours ahead.
Duration until_time_of_day(Timestamp now, Duration time_of_day) {
    using std::chrono::hours;
    const Duration today = (now.time_since_epoch() + hours(8)) % hours(24);
    return (time_of_day - today + hours(24)) % hours(24);
}

// The keys were checked when they were loaded.
Merchant merchant_of(const Options& options, const Keys& keys) {
    return {keys.identity,
            RsaKey::from_certificate(keys.merchant_cert_pem).value(),
            keys.apiv3_key,
            RsaKey::parse_private(keys.wechatpay_key_pem).value(),
            begins_with(options, keys),
            Verification::public_key,
            false,
            {},
            nullptr};
}

// cpp-httplib reads no more than 8 KB of a form, and a form is what curl calls everything.
Answer too_large_for_control() {
    return error_answer(413, "INVALID_REQUEST",
                        "larger than 2 MB, or than 8 KB of curl's default content type: "
                        "add -H 'Content-Type: text/plain'");
}

std::string authority(const std::string& host, int port) {
    const bool is_ipv6 = host.find(':') != std::string::npos;
    return (is_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

}  // namespace

struct Server::Parts {
    Parts(const Options& with, const Keys& keys)
        : options(with),
          business(clock),
          settings(options.settings),
          switches(options.switches),
          merchants(merchant_of(options, keys)),
          bank(complete_terms(options, keys, clock), business),
          faults(options.scenario, options.with_magic, business.now()),
          api({merchants, bank, switches, downloads, options.signatures}),
          front(faults, bank, journal, business, clock,
                {[this](const Request& request, const Passage& passage) {
                     return api.answer(request, passage).answer;
                 },
                 [this](Answer answer, const Request& request, Timestamp at) {
                     return sealed(std::move(answer), request.header("Wechatpay-Serial"),
                                   *signing_merchant(request), at);
                 },
                 [this](const std::string& mchid) { control.rotate_key(mchid); },
                 [this](const auto& is_connected) { return settings.wait_to_answer(is_connected); }}),
          control(merchants, bank, settings, switches, journal, clock,
                  [this](const std::string& mchid) { forget(mchid); }),
          notifier({bank, faults, journal, merchants, switches, business, clock,
                    [this](const std::string& mchid) { control.rotate_key(mchid); }}),
          fault_control({keys.identity.mchid, faults, bank, journal, notifier, business, clock}) {
        bank.set_sending(options.settings.notifications);
        begin_scenario();
        plan_top_ups(keys.identity.mchid);
    }

    void add_merchant(const Keys& keys) {
        bank.with([&](bank::Bank& all, Timestamp) {
            all.add_merchant(keys.identity.mchid, begins_with(options, keys));
        });
        merchants.put(merchant_of(options, keys));
        plan_top_ups(keys.identity.mchid);
    }

    void begin_scenario() {
        const auto& starts_at = options.scenario.starts_at;
        if (starts_at) business.advance(until_time_of_day(business.now(), *starts_at));
        faults.reset(business.now());
    }

    void plan_top_ups(const std::string& mchid) {
        for (const faults::Merchant& merchant : options.scenario.merchants) {
            if (merchant.mchid != mchid) continue;
            bank.with([&](bank::Bank& account, Timestamp now) {
                for (const faults::TopUp& top_up : merchant.top_ups)
                    account.execute_later(bank::Deposit{mchid, top_up.amount}, now + top_up.after, now);
            });
        }
    }

    // After the bank was reset, for one merchant or all.
    void forget(const std::string& mchid) {
        notifier.forget(mchid);
        downloads.forget(mchid);
        if (!mchid.empty()) {
            faults.forget(mchid);
            return plan_top_ups(mchid);
        }
        begin_scenario();
        for (const auto& merchant : merchants.all()) plan_top_ups(merchant->identity.mchid);
    }

    [[nodiscard]] std::unique_ptr<Listener> make_listener(std::shared_ptr<ssl_ctx_st> tls) {
        return std::make_unique<Listener>(
            [this](Request request, const auto& is_connected) {
                return respond(std::move(request), is_connected);
            },
            [this](int status, const std::string& target) {
                if (status == 413 && target.starts_with(control_prefix)) return too_large_for_control();
                return sealed(protocol_error(status), {}, *merchants.first(), clock.now());
            },
            options.threads, std::move(tls));
    }

    std::optional<Answer> respond(Request request, const std::function<bool()>& is_connected) {
        if (request.target.starts_with(control_prefix)) {
            const std::string path = request.path().substr(control_prefix.size());
            if (auto refusal = refuse_unknown_parameters(request, path)) return refusal;
            const auto query = parse_query(request.query());
            const auto whose = query.find("mchid");
            // The journal also has what strangers asked.
            const bool is_journal = path == "journal" || path == "requests";
            if (whose != query.end() && !is_journal && !merchants.find(whose->second))
                return no_such("merchant");
            if (auto answer = fault_control.answer(request)) return answer;
            return control.answer(request);
        }
        return front.respond(std::move(request), is_connected);
    }

    [[nodiscard]] Merchants::Known signing_merchant(const Request& request) const {
        const auto asking = merchants.find(mchid_of(request));
        return asking ? asking : merchants.first();
    }

    // With Request-ID, always first, and the signature.
    Answer sealed(Answer answer, const std::string& serial, const Merchant& merchant, Timestamp at) {
        constexpr std::size_t id_length = 34;
        answer.headers.insert(answer.headers.begin(),
                              {"Request-ID", random_text(id_length) + "-" + answer.reason});
        if (!options.signatures || answer.is_file || (!answer.is_ok() && switches.get().unsigned_errors))
            return answer;
        for (auto& header : merchant.signer_for(serial).headers(answer.body, at))
            answer.headers.push_back(std::move(header));
        return answer;
    }

    const Options options;
    WallClock clock;
    BusinessClock business;
    LiveSettings settings;
    LiveSwitches switches;
    Merchants merchants;
    LiveBank bank;
    Downloads downloads;
    Journal journal;
    LiveFaults faults;
    Api api;
    FaultFront front;
    Control control;
    Notifier notifier;
    FaultControl fault_control;
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
    for (const faults::Merchant& one : options_.scenario.merchants) {
        if (one.mchid == keys_.identity.mchid) continue;
        auto theirs = load_or_make_keys(options_.keys_directory / one.mchid, one.mchid, one.appid);
        if (!theirs) return tl::unexpected<Error>(theirs.error());
        parts->add_merchant(*theirs);
    }
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
    parts_->faults.stop();
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
