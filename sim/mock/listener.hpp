// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <httplib.h>

#include "mock/http.hpp"
#include "tixian/clock.hpp"
#include "tixian/error.hpp"

struct ssl_ctx_st;  // OpenSSL's SSL_CTX

namespace tixian::mock {

/// cpp-httplib's server, made fit for a test peer: it stops at once whatever its connections do, knows
/// whether a caller is still there, and idle connections give way when others wait for a thread.
class Listener final : private httplib::Server {
 public:
    /// `is_connected` tells whether the caller still waits. No answer: the connection ends without one.
    using Respond = std::function<std::optional<Answer>(Request, const std::function<bool()>& is_connected)>;
    /// For what is no request that can be answered otherwise.
    using Protest = std::function<Answer(int status, const std::string& target)>;

    /// With `tls`, every connection begins with its handshake.
    Listener(Respond respond, Protest protest, std::size_t threads,
             std::shared_ptr<ssl_ctx_st> tls = nullptr);
    ~Listener() override;

    /// Binds and serves from a thread of its own; answers the port.
    [[nodiscard]] Result<int> open(const std::string& host, int port);
    /// Ends all connections, answered or not, and joins all threads.
    void close();

 private:
    using Endpoint = std::pair<std::string, int>;
    struct Open {
        socket_t socket = -1;
        Delivery delivery;  // of the answer that is being made
    };

    bool process_and_close_socket(socket_t socket) override;
    void serve(const httplib::Request& request, httplib::Response& response);
    [[nodiscard]] bool is_connected(const Endpoint& endpoint);
    void cut(const Endpoint& endpoint);
    void set_delivery(const Endpoint& endpoint, const Delivery& delivery);
    [[nodiscard]] Delivery take_delivery(const Endpoint& endpoint);
    void accept_connections();
    void refuse_for_a_while();

    Respond respond_;
    Protest protest_;
    const std::size_t threads_;
    std::shared_ptr<ssl_ctx_st> tls_;
    std::mutex mutex_;
    std::map<Endpoint, Open> open_;
    std::atomic<int> special_count_{0};  // answers that are to go out otherwise than plainly
    std::atomic<bool> is_closing_{false};
    std::atomic<int> waiting_count_{0};  // accepted connections that no thread has taken up yet
    std::atomic<std::size_t> served_count_{0};
    std::string host_;
    int port_ = 0;
    std::mutex refusing_mutex_;
    std::condition_variable refusing_ended_;
    MonotonicTime refuse_until_{};
    std::thread thread_;
};

/// What TLS serves with; refuses files that do not belong together.
[[nodiscard]] Result<std::shared_ptr<ssl_ctx_st>> make_tls_context(const std::string& certificate_file,
                                                                   const std::string& key_file);

}  // namespace tixian::mock
