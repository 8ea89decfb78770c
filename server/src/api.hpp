// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>

#include <httplib.h>

#include "config.hpp"
#include "http_errors.hpp"
#include "tixian/service.hpp"
#include "tixian/wechat/key_ring.hpp"
#include "token.hpp"

namespace tixian::server {

/// The HTTP endpoints over the service. Thread-safe. Borrows everything.
class Api {
 public:
    /// `wake` is called when something became due at once.
    Api(Service& service, Ledger& ledger, const Config& config, const wechat::KeyRing& keys,
        const Clock& clock, Random& random, std::function<void()> wake)
        : service_(service),
          ledger_(ledger),
          config_(config),
          keys_(keys),
          clock_(clock),
          random_(random),
          wake_(std::move(wake)) {}

    void install(httplib::Server& server);

 private:
    using Handler = Response (Api::*)(const httplib::Request&);
    using UserHandler = Response (Api::*)(const Principal&, const httplib::Request&);

    /// Serves JSON: the handler's reply or refusal, with a request id.
    [[nodiscard]] httplib::Server::Handler serve(Handler handler);
    /// The same for a caller whose token names a user.
    [[nodiscard]] httplib::Server::Handler serve_user(UserHandler handler);
    void answer(const httplib::Request& request, httplib::Response& out, const Response& response);
    void install_pages(httplib::Server& server);

    [[nodiscard]] tl::expected<Principal, Refusal> authenticate(const httplib::Request& request) const;
    [[nodiscard]] tl::expected<Withdrawal, Refusal> own_withdrawal(const Principal& user,
                                                                   const std::string& id);

    [[nodiscard]] Response withdraw(const Principal& user, const httplib::Request& request);
    [[nodiscard]] Response wallet(const Principal& user, const httplib::Request& request);
    [[nodiscard]] Response history(const Principal& user, const httplib::Request& request);
    [[nodiscard]] Response show(const Principal& user, const httplib::Request& request);
    [[nodiscard]] Response cancel(const Principal& user, const httplib::Request& request);
    [[nodiscard]] Response deposit(const httplib::Request& request);
    [[nodiscard]] Response notify(const httplib::Request& request);
    [[nodiscard]] Response healthz(const httplib::Request& request);
    [[nodiscard]] Response readyz(const httplib::Request& request);

    Service& service_;
    Ledger& ledger_;
    const Config& config_;
    const wechat::KeyRing& keys_;
    const Clock& clock_;
    Random& random_;
    std::function<void()> wake_;
};

}  // namespace tixian::server
