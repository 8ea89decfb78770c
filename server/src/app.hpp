// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>

#include <httplib.h>

#include "api.hpp"
#include "certificate_keeper.hpp"
#include "config.hpp"
#include "database.hpp"
#include "door.hpp"
#include "log.hpp"
#include "operator_api.hpp"
#include "tixian/httplib/certificate_refresh.hpp"
#include "tixian/httplib/transport.hpp"
#include "tixian/httplib/wechat_gateway.hpp"
#include "tixian/threads/group_commit.hpp"
#include "tixian/threads/system_clock.hpp"
#include "tixian/threads/workers.hpp"
#include "tixian/wechat/aes_name_vault.hpp"
#include "tixian/wechat/exchange.hpp"
#include "tixian/wechat/key_ring.hpp"
#include "tixian/wechat/nonce.hpp"
#include "tixian/wechat/transfers.hpp"

namespace tixian::server {

/// The reference server with its real parts, joined.
class App {
 public:
    /// Opens the ledger and binds the port. The app must stay where it is, so it lives on the heap.
    [[nodiscard]] static Result<std::unique_ptr<App>> make(Config config);

    /// The port that is listened on.
    [[nodiscard]] int port() const { return port_; }

    /// Serves until stop(); then finishes the requests and calls that are in flight.
    void run();

    /// Ends run(), now or as soon as it has begun. May be called once, from any thread.
    void stop();

 private:
    App(Config config, Database database);
    [[nodiscard]] Result<void> bind();
    void wake();
    void start_workers();

    Config config_;
    SystemClock clock_;
    wechat::SystemRandom random_;
    LogObserver observer_;
    Database database_;
    GroupCommit ledger_;
    wechat::KeyRing keys_;
    wechat::AesNameVault names_;
    std::unique_ptr<wechat::Transfers> transfers_;
    http::Transport transport_;
    wechat::Exchange exchange_;
    http::CertificateRefresh certificates_;
    http::WechatGateway gateway_;
    Service service_;
    std::unique_ptr<CertificateKeeper> certificate_keeper_;
    std::mutex workers_mutex_;  // requests come in while the workers are started
    std::unique_ptr<Workers> workers_;
    Door door_;
    Api api_;
    OperatorApi operator_api_;
    httplib::Server server_;
    int port_ = 0;
    std::atomic<bool> has_ended_ = false;
};

}  // namespace tixian::server
