// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>

#include <httplib.h>

#include "config.hpp"
#include "door.hpp"
#include "tixian/service.hpp"
#include "tixian/wechat/key_ring.hpp"

namespace tixian::server {

/// The HTTP endpoints of users, of the host's services and of WeChat. Thread-safe. Borrows everything.
class Api {
 public:
    /// `wake` is called when something became due at once.
    Api(const Door& door, Service& service, Ledger& ledger, const Config& config, const wechat::KeyRing& keys,
        const Clock& clock, std::function<void()> wake)
        : door_(door),
          service_(service),
          ledger_(ledger),
          config_(config),
          keys_(keys),
          clock_(clock),
          wake_(std::move(wake)) {}

    void install(httplib::Server& server);

 private:
    using Handler = Response (Api::*)(const httplib::Request&);
    using UserHandler = Response (Api::*)(const Principal&, const httplib::Request&);

    [[nodiscard]] Door::Endpoint bound(Handler handler);
    [[nodiscard]] httplib::Server::Handler serve_user(UserHandler handler);
    void install_pages(httplib::Server& server);

    [[nodiscard]] tl::expected<Withdrawal, Refusal> own_withdrawal(const Principal& user,
                                                                   const std::string& id);

    [[nodiscard]] Response withdraw(const Principal& user, const httplib::Request& request);
    [[nodiscard]] Response wallet(const Principal& user, const httplib::Request& request);
    [[nodiscard]] Response fee(const Principal& user, const httplib::Request& request);
    [[nodiscard]] Response history(const Principal& user, const httplib::Request& request);
    [[nodiscard]] Response show(const Principal& user, const httplib::Request& request);
    [[nodiscard]] Response cancel(const Principal& user, const httplib::Request& request);
    [[nodiscard]] Response deposit(const httplib::Request& request);
    [[nodiscard]] Response notify(const httplib::Request& request);
    [[nodiscard]] Result<void> store(const wechat::NotifiedEvent& event);
    [[nodiscard]] Response healthz(const httplib::Request& request);
    [[nodiscard]] Response readyz(const httplib::Request& request);

    const Door& door_;
    Service& service_;
    Ledger& ledger_;
    const Config& config_;
    const wechat::KeyRing& keys_;
    const Clock& clock_;
    std::function<void()> wake_;
};

}  // namespace tixian::server
