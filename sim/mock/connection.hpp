// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>

#include <httplib.h>

#include "mock/delivery.hpp"
#include "tixian/clock.hpp"

struct ssl_st;      // OpenSSL's SSL
struct ssl_ctx_st;  // OpenSSL's SSL_CTX

namespace tixian::mock {

/// One accepted connection under cpp-httplib. Unlike the library's own stream it lives as long as the
/// connection, so pipelined bytes are not lost; it sends an answer in one piece; and others can end its wait
/// for the next request.
class Connection final : public httplib::Stream {
 public:
    explicit Connection(socket_t socket);
    ~Connection() override;

    /// The server's side of a TLS handshake. False when the peer does not manage it in time.
    [[nodiscard]] bool begin_tls(ssl_ctx_st* context);
    /// Tells the peer that this is the end, and not a cut.
    void end_tls();

    /// Waits for the first byte of the next request. False when the peer is gone, after `idle_max`, or as
    /// soon as `must_give_way()` says that others need this thread more than an idle connection does.
    [[nodiscard]] bool wait_for_request(Duration idle_max, const std::function<bool()>& must_give_way);
    /// Sends what was written.
    [[nodiscard]] bool flush();
    /// The same, as the delivery says. False: the connection is to end, by a reset if `is_reset()`.
    [[nodiscard]] bool deliver(const Delivery& delivery);
    [[nodiscard]] bool is_reset() const { return is_reset_; }

    [[nodiscard]] bool is_readable() const override;
    [[nodiscard]] bool is_writable() const override { return true; }
    ssize_t read(char* target, size_t size) override;
    ssize_t write(const char* source, size_t size) override;
    void get_remote_ip_and_port(std::string& ip, int& port) const override;
    void get_local_ip_and_port(std::string& ip, int& port) const override;
    [[nodiscard]] socket_t socket() const override { return socket_; }

 private:
    struct Address {
        std::string ip;
        int port = 0;
    };
    using Ask = int (*)(int socket, struct sockaddr* address, socklen_t* size);
    [[nodiscard]] static Address ask(socket_t socket, Ask name);

    [[nodiscard]] ssize_t receive();
    /// Takes what is there already, without waiting. False when there is nothing, and with TLS.
    [[nodiscard]] bool take_what_is_there();
    /// Sends some of it; 0: try again when writable, -1: the connection is over.
    [[nodiscard]] ssize_t send_some(const char* data, std::size_t size);
    [[nodiscard]] bool has_pending() const;

    struct FreeTls {
        void operator()(ssl_st* tls) const;
    };
    socket_t socket_;
    const Address remote_, local_;          // neither changes, and the library asks at each request
    std::unique_ptr<ssl_st, FreeTls> tls_;  // none: plain
    std::array<char, std::size_t{16} * 1024> received_{};
    std::size_t begin_ = 0, end_ = 0;  // what of received_ is not read yet
    std::string unsent_;
    bool is_reset_ = false;
};

/// Whether the peer still waits for an answer.
[[nodiscard]] bool is_peer_there(socket_t socket);

}  // namespace tixian::mock
