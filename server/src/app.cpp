// SPDX-License-Identifier: MIT
#include "app.hpp"

#include <chrono>
#include <thread>
#include <utility>

#include <sys/socket.h>

#include "tixian/wechat/transfer_batches.hpp"
#include "tixian/wechat/transfer_bills.hpp"

namespace tixian::server {
namespace {

/// cpp-httplib would share the port with a second server that nobody notices.
void take_port_alone(int socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
}

constexpr std::size_t body_bytes_max = std::size_t{64} * 1024;
constexpr std::size_t requests_per_connection = 1;

/// cpp-httplib bounds a body by its Content-Length alone, so one that is packed, or comes without a length,
/// is refused before it is read. What is left of it is never taken for a request: each connection has one.
std::optional<Refusal> refuse_body(const httplib::Request& request) {
    if (request.has_header("Content-Encoding"))
        return Refusal{415, "bad_request", "the body must not be compressed", "Content-Encoding"};
    const bool has_body = request.method != "GET" && request.method != "HEAD";
    if (request.has_header("Transfer-Encoding") || (has_body && !request.has_header("Content-Length")))
        return Refusal{411, "bad_request", "the body needs a Content-Length", "Content-Length"};
    return std::nullopt;
}

std::unique_ptr<wechat::Transfers> make_transfers(const Config& config, const wechat::KeyRing& keys,
                                                  Random& random, const NameVault* names) {
    if (config.batches)
        return std::make_unique<wechat::TransferBatches>(config.merchant, *config.batches, config.signer,
                                                         keys, random, names);
    return std::make_unique<wechat::TransferBills>(config.merchant, config.signer, keys, random, names);
}

}  // namespace

App::App(Config config, Database database)
    : config_(std::move(config)),
      database_(std::move(database)),
      ledger_(*database_.ledger),
      names_(random_),
      transfers_(make_transfers(config_, keys_, random_, config_.name_keys.empty() ? nullptr : &names_)),
      transport_(config_.transport, clock_),
      exchange_(config_.merchant.mchid, config_.signer, keys_, random_),
      certificates_(exchange_, keys_, config_.apiv3_key, transport_, clock_),
      gateway_(*transfers_, transport_),
      service_(ledger_, {transfers_.get()}, clock_, random_,
               {config_.policy, {}, &observer_, {}, config_.name_keys.empty() ? nullptr : &names_}),
      door_(config_.token_secret, clock_, random_),
      api_(door_, service_, ledger_, config_, keys_, clock_, [this] { wake(); }),
      operator_api_(door_, service_, ledger_, [this] { wake(); }) {
    if (config_.wechat_key) keys_.add(config_.wechat_key->id, config_.wechat_key->key);
}

Result<std::unique_ptr<App>> App::make(Config config) {
    auto database = open_database(config.database);
    if (!database) return tl::unexpected(database.error());
    std::unique_ptr<App> app(new App(std::move(config), std::move(*database)));
    for (const NameKey& key : app->config_.name_keys) {
        if (auto added = app->names_.add_key(key.id, key.key.view()); !added)
            return tl::unexpected(added.error());
    }
    if (auto bound = app->bind(); !bound) return tl::unexpected(bound.error());
    return app;
}

Result<void> App::bind() {
    const std::size_t threads = config_.threads;
    server_.new_task_queue = [threads] { return new httplib::ThreadPool(threads); };
    server_.set_tcp_nodelay(true);
    server_.set_socket_options(take_port_alone);
    server_.set_keep_alive_max_count(requests_per_connection);
    server_.set_payload_max_length(body_bytes_max);
    server_.set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& out) {
        const auto refusal = refuse_body(request);
        if (!refusal) return httplib::Server::HandlerResponse::Unhandled;
        door_.answer(request, out, tl::unexpected(*refusal));
        return httplib::Server::HandlerResponse::Handled;
    });
    api_.install(server_);
    operator_api_.install(server_);
    if (config_.port == 0)
        port_ = server_.bind_to_any_port(config_.host);
    else if (server_.bind_to_port(config_.host, config_.port))
        port_ = config_.port;
    if (port_ <= 0)
        return refuse(ErrorCode::invalid_argument,
                      "cannot listen on " + config_.host + ":" + std::to_string(config_.port) +
                          "; is another program there?",
                      "server.port");
    return {};
}

void App::wake() {
    const std::lock_guard lock(workers_mutex_);
    if (workers_) workers_->wake();
}

void App::start_workers() {
    if (config_.workers == 0) return;
    WorkersOptions options;
    options.threads = config_.workers;
    options.lanes = database_.lanes.get();
    const std::lock_guard lock(workers_mutex_);
    workers_ = std::make_unique<Workers>(service_, gateway_, options,
                                         [](const Error& error) { log_error(error, "worker"); });
}

void App::run() {
    if (const std::string said = wechat::warning(config_.merchant); !said.empty()) log_warning(said);
    // Before WeChat has said which certificates there are, a key that is missing may only not be here yet.
    if (config_.platform_certificates)
        certificate_keeper_ = std::make_unique<CertificateKeeper>(certificates_, [this] { start_workers(); });
    else
        start_workers();
    server_.listen_after_bind();
    has_ended_ = true;
    certificate_keeper_.reset();
    if (workers_) workers_->stop();
}

void App::stop() {
    // cpp-httplib forgets a stop() that comes before it listens.
    while (!server_.is_running() && !has_ended_) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    server_.stop();
}

}  // namespace tixian::server
