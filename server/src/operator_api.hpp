// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <utility>

#include <httplib.h>

#include "door.hpp"
#include "tixian/service.hpp"

namespace tixian::server {

/// The endpoints of those who decide about withdrawals: what waits for them, and what they do about it. For
/// services only; who decides and why comes in the body, as the operators' console knows it. Thread-safe.
/// Borrows everything.
class OperatorApi {
 public:
    /// `wake` is called when something became due at once.
    OperatorApi(const Door& door, Service& service, Ledger& ledger, std::function<void()> wake)
        : door_(door), service_(service), ledger_(ledger), wake_(std::move(wake)) {}

    void install(httplib::Server& server);

 private:
    using Decide = Result<Withdrawal> (Service::*)(const WithdrawalId&, std::int64_t, const Person&);

    [[nodiscard]] httplib::Server::Handler serve(Response (OperatorApi::*endpoint)(const httplib::Request&));

    [[nodiscard]] Response waiting(const httplib::Request& request);
    [[nodiscard]] Response show(const httplib::Request& request);
    [[nodiscard]] Response notes(const httplib::Request& request);
    [[nodiscard]] Response note_counts(const httplib::Request& request);
    [[nodiscard]] Response decide(const httplib::Request& request, Decide act);
    [[nodiscard]] Response cancel(const httplib::Request& request);
    [[nodiscard]] Response correct(const httplib::Request& request);
    [[nodiscard]] Response channel(const httplib::Request& request);
    [[nodiscard]] Response switch_channel(const httplib::Request& request);

    [[nodiscard]] tl::expected<Withdrawal, Refusal> find(const std::string& id);

    const Door& door_;
    Service& service_;
    Ledger& ledger_;
    std::function<void()> wake_;
};

}  // namespace tixian::server
