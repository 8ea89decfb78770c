// SPDX-License-Identifier: MIT
#include "app.hpp"

#include <chrono>
#include <thread>
#include <utility>

#include <sys/socket.h>

namespace tixian::server {
namespace {

/// cpp-httplib would share the port with a second server that nobody notices.
void take_port_alone(int socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
}

constexpr std::size_t body_bytes_max = std::size_t{64} * 1024;
constexpr int idle_seconds = 2;  // an idle connection holds a thread

}  // namespace

App::App(Config config, Database database)
    : config_(std::move(config)),
      database_(std::move(database)),
      ledger_(*database_.ledger),
      names_(random_),
      transfers_(config_.merchant, config_.signer, keys_, random_,
                 config_.name_keys.empty() ? nullptr : &names_),
      transport_({.base_url = config_.base_url, .backup_url = config_.backup_url, .ca_file = config_.ca_file},
                 clock_),
      gateway_(transfers_, transport_),
      service_(ledger_, {&transfers_}, clock_, random_,
               {config_.policy, {}, &observer_, {}, config_.name_keys.empty() ? nullptr : &names_}),
      door_(config_.token_secret, clock_, random_),
      api_(door_, service_, ledger_, config_, keys_, clock_, [this] { wake(); }),
      operator_api_(door_, service_, ledger_, [this] { wake(); }) {
    keys_.add(config_.wechat_key_id, config_.wechat_key);
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
    server_.set_keep_alive_max_count(1'000'000);
    server_.set_keep_alive_timeout(idle_seconds);
    server_.set_payload_max_length(body_bytes_max);
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
    if (workers_) workers_->wake();
}

void App::run() {
    if (config_.workers > 0) {
        WorkersOptions options;
        options.threads = config_.workers;
        options.lanes = database_.lanes.get();
        workers_ = std::make_unique<Workers>(service_, gateway_, options,
                                             [](const Error& error) { log_error(error, "worker"); });
    }
    server_.listen_after_bind();
    has_ended_ = true;
    if (workers_) workers_->stop();
}

void App::stop() {
    // cpp-httplib forgets a stop() that comes before it listens.
    while (!server_.is_running() && !has_ended_) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    server_.stop();
}

}  // namespace tixian::server
