// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <list>
#include <string>
#include <thread>

#include "tixian/error.hpp"

namespace tixian::mock {

/// An HTTP CONNECT proxy for clients whose hosts are fixed: whoever asks for one of WeChat's hosts is
/// connected to the mock's own TLS port, whoever asks for another one is refused. A small TCP front with one
/// thread for each connection.
class Proxy {
 public:
    explicit Proxy(int tls_port) : tls_port_(tls_port) {}
    ~Proxy() { close(); }
    Proxy(const Proxy&) = delete;
    Proxy& operator=(const Proxy&) = delete;

    /// Listens on the IPv4 address on which TLS is served, too; answers the port.
    [[nodiscard]] Result<int> open(const std::string& host, int port);
    /// Ends all connections and joins all threads.
    void close();

 private:
    struct Client {
        int socket = -1;
        std::atomic<int> server{-1};  // open until the thread has ended, so that close() may shut it down
        std::thread thread;
        std::atomic<bool> is_done{false};
    };
    void accept_all();
    void serve(Client& client);
    static void end(Client& client);
    void remove_done();

    int tls_port_;
    std::string host_;
    int listening_ = -1;
    std::atomic<bool> is_closing_{false};
    std::list<Client> clients_;
    std::thread thread_;
};

}  // namespace tixian::mock
