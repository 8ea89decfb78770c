// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "faults/scenario.hpp"
#include "mock/keys.hpp"
#include "mock/settings.hpp"
#include "mock/switches.hpp"
#include "tixian/error.hpp"
#include "tixian/money.hpp"

#include "wechat_bank/terms.hpp"

namespace tixian::mock {

struct Options {
    std::string host = "127.0.0.1";
    int port = 0;                   ///< 0: a free one
    std::optional<int> tls_port;    ///< also TLS; 0: a free port
    std::optional<int> proxy_port;  ///< also a CONNECT proxy to the TLS port, which it then opens, too
    std::filesystem::path keys_directory = "./mock-keys";
    std::string mchid;  ///< empty: as stored with the keys, or 1900000001 for new ones
    std::string appid;  ///< empty: as stored with the keys, or wxmock0000000001 for new ones
    bank::Terms terms = default_terms();
    Settings settings;  ///< at the start and after a reset; auto_confirm_after is taken over into the terms
    Switches switches;  ///< at the start and after a reset; taken over into the terms
    std::size_t threads = 64;
    /// Off: requests need only name their merchant, and answers are not signed. For load tests; notifications
    /// are signed nevertheless.
    bool signatures = true;
    /// Merchants beyond the own one get keys in a folder of the keys' with their mchid as its name.
    faults::Scenario scenario;
    bool with_magic = true;  ///< amounts and openids that choose an outcome

    [[nodiscard]] static bank::Terms default_terms() {
        bank::Terms terms;
        terms.merchant.balance = 100000000_fen;
        return terms;
    }
};

/// A mock WeChat Pay on a port. All its state is in memory. start() and stop() are for one thread; stop() may
/// be called at any time after start(), also while answers are held back, and takes effect at once.
///
///     tixian::mock::Server wechat({.keys_directory = "mock-keys"});
///     if (const auto started = wechat.start(); !started) return complain(started.error().message);
///     client.base_url = wechat.url();
class Server {
 public:
    explicit Server(Options options);
    ~Server();  ///< stops
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Loads or makes the keys, then listens. Refuses what keys.hpp refuses, and an address it cannot listen
    /// on.
    [[nodiscard]] Result<void> start();
    void stop();

    /// The port that it listens on; 0 before start().
    [[nodiscard]] int port() const { return port_; }
    [[nodiscard]] int tls_port() const { return tls_port_; }      ///< 0: none
    [[nodiscard]] int proxy_port() const { return proxy_port_; }  ///< 0: none
    /// `http://127.0.0.1:<port>`
    [[nodiscard]] std::string url() const;
    /// `https://127.0.0.1:<port>`; empty without TLS. Clients have to trust `tls_ca.pem` of the keys.
    [[nodiscard]] std::string tls_url() const;
    /// The keys in use; empty before start().
    [[nodiscard]] const Keys& keys() const { return keys_; }

 private:
    struct Parts;
    [[nodiscard]] Result<void> open(Parts& parts);
    [[nodiscard]] Result<void> open_tls(Parts& parts);

    Options options_;
    Keys keys_;
    int port_ = 0, tls_port_ = 0, proxy_port_ = 0;
    std::unique_ptr<Parts> parts_;
};

}  // namespace tixian::mock
