// SPDX-License-Identifier: MIT
#pragma once

#include <functional>

#include <httplib.h>

#include "http_errors.hpp"
#include "tixian/clock.hpp"
#include "tixian/random.hpp"
#include "tixian/secret.hpp"
#include "token.hpp"

namespace tixian::server {

/// What all endpoints share: who may come in, and how a reply or a refusal goes out, as JSON and with a
/// request id. Thread-safe. Borrows everything.
class Door {
 public:
    using Endpoint = std::function<Response(const httplib::Request&)>;
    using UserEndpoint = std::function<Response(const Principal&, const httplib::Request&)>;

    Door(const Secret& token_secret, const Clock& clock, Random& random)
        : token_secret_(token_secret), clock_(clock), random_(random) {}

    /// For anybody.
    [[nodiscard]] httplib::Server::Handler serve(Endpoint endpoint) const;
    /// For a caller whose token names a user.
    [[nodiscard]] httplib::Server::Handler serve_user(UserEndpoint endpoint) const;
    /// For a caller whose token is a service's.
    [[nodiscard]] httplib::Server::Handler serve_service(Endpoint endpoint) const;

    void answer(const httplib::Request& request, httplib::Response& out, const Response& response) const;

 private:
    [[nodiscard]] tl::expected<Principal, Refusal> authenticate(const httplib::Request& request) const;

    const Secret& token_secret_;
    const Clock& clock_;
    Random& random_;
};

}  // namespace tixian::server
