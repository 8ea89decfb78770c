// SPDX-License-Identifier: MIT
#include "mock/listener.hpp"

#include <cerrno>
#include <chrono>
#include <cstring>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mock/connection.hpp"
#include "mock/text.hpp"

namespace tixian::mock {
namespace {

constexpr std::size_t payload_max =
    std::size_t{2} * 1024 * 1024;  // a batch of 1,000 encrypted names has 600 KB
constexpr int json_depth_max = 64;
constexpr std::size_t requests_per_connection_max = 1'000'000;
constexpr Duration idle_max = std::chrono::seconds(30);
constexpr int backlog = 512;  // cpp-httplib's own is 5

// The library's thread pool, which also tells how many connections wait for a thread, and how many have one.
class CountingPool final : public httplib::TaskQueue {
 public:
    CountingPool(std::size_t threads, std::atomic<int>& waiting, std::atomic<std::size_t>& served)
        : pool_(threads), waiting_(waiting), served_(served) {}
    void enqueue(std::function<void()> task) override {
        ++waiting_;
        pool_.enqueue([this, task = std::move(task)] {
            --waiting_;
            ++served_;
            task();
            --served_;
        });
    }
    void shutdown() override { pool_.shutdown(); }

 private:
    httplib::ThreadPool pool_;
    std::atomic<int>& waiting_;
    std::atomic<std::size_t>& served_;
};

void write_answer(Answer answer, httplib::Response& response) {
    response.status = answer.status;
    response.body = std::move(answer.body);
    response.set_header("Content-Type", answer.content_type);
    for (const auto& [name, value] : answer.headers) response.set_header(name, value);
}

}  // namespace

Listener::Listener(Respond respond, Protest protest, std::size_t threads, std::shared_ptr<ssl_ctx_st> tls)
    : respond_(std::move(respond)), protest_(std::move(protest)), threads_(threads), tls_(std::move(tls)) {
    new_task_queue = [this] { return new CountingPool(threads_, waiting_count_, served_count_); };
    set_tcp_nodelay(true);
    set_payload_max_length(payload_max);
    set_keep_alive_max_count(requests_per_connection_max);
    set_keep_alive_timeout(idle_max.count() / 1000);
    // The library's default is SO_REUSEPORT, with which a second server on the same port goes unnoticed.
    set_socket_options([](socket_t socket) {
        const int on = 1;
        ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    });
    const auto handler = [this](const httplib::Request& request, httplib::Response& response) {
        serve(request, response);
    };
    Get(R"([\s\S]*)", handler);
    Post(R"([\s\S]*)", handler);
    Delete(R"([\s\S]*)", handler);
    set_error_handler([this](const httplib::Request& request, httplib::Response& response) {
        if (response.body.empty()) write_answer(protest_(response.status, request.target), response);
    });
    set_exception_handler(
        [this](const httplib::Request& request, httplib::Response& response, const std::exception_ptr&) {
            write_answer(protest_(500, request.target), response);
        });
}

Listener::~Listener() { close(); }

Result<int> Listener::open(const std::string& host, int port) {
    const int bound = port == 0 ? bind_to_any_port(host) : (bind_to_port(host, port) ? port : -1);
    if (bound <= 0) {
        return refuse(ErrorCode::invalid_argument,
                      "cannot listen on " + host + ":" + std::to_string(port) + ": " + std::strerror(errno));
    }
    host_ = host;
    port_ = bound;
    ::listen(svr_sock_, backlog);
    thread_ = std::thread([this] { accept_connections(); });
    return bound;
}

// The library's own loop can neither stop listening for a while nor be told to end before it runs.
void Listener::accept_connections() {
    constexpr int look_every_ms = 20;
    const std::unique_ptr<httplib::TaskQueue> tasks(new_task_queue());
    while (!is_closing_) {
        refuse_for_a_while();
        pollfd watched{svr_sock_, POLLIN, 0};
        if (::poll(&watched, 1, look_every_ms) <= 0) continue;
        const socket_t socket = ::accept(svr_sock_, nullptr, nullptr);
        if (socket < 0) continue;
        const int on = 1;
        ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        tasks->enqueue([this, socket] { process_and_close_socket(socket); });
    }
    ::close(svr_sock_.exchange(INVALID_SOCKET));
    tasks->shutdown();
}

// Whoever connects meanwhile is refused, because nobody listens.
void Listener::refuse_for_a_while() {
    std::unique_lock lock(refusing_mutex_);
    const auto now = [] { return std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now()); };
    if (refuse_until_ <= now()) return;
    ::close(svr_sock_.exchange(INVALID_SOCKET));
    refusing_ended_.wait_until(lock, refuse_until_, [this] { return is_closing_.load(); });
    while (!is_closing_ && !bind_to_port(host_, port_)) {
        refusing_ended_.wait_for(lock, std::chrono::milliseconds(20));  // somebody else has it for now
    }
    if (!is_closing_) ::listen(svr_sock_, backlog);
}

void Listener::close() {
    if (!thread_.joinable()) return;
    is_closing_ = true;
    {
        const std::lock_guard lock(refusing_mutex_);
        refusing_ended_.notify_all();
    }
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [endpoint, open] : open_) ::shutdown(open.socket, SHUT_RDWR);
    }
    thread_.join();
}

bool Listener::process_and_close_socket(socket_t socket) {
    Connection connection(socket);
    Endpoint endpoint;
    connection.get_remote_ip_and_port(endpoint.first, endpoint.second);
    {
        const std::lock_guard lock(mutex_);
        open_[endpoint] = {socket, {}};
        if (is_closing_) ::shutdown(socket, SHUT_RDWR);
    }
    // One that waits while threads are free is only about to be taken up.
    const auto must_give_way = [this] {
        return is_closing_ || (waiting_count_ > 0 && served_count_ >= threads_);
    };
    bool has_unread_body = false;
    const auto prepare = [&has_unread_body](httplib::Request& request) {
        // The library leaves the body of a GET in the stream, where it would be taken for the next request.
        has_unread_body = request.method != "POST" && request.has_header("Content-Length") &&
                          request.get_header_value("Content-Length") != "0";
        // Without either, the library reads until the connection ends; a POST may have no body at all.
        if (!request.has_header("Content-Length") && !request.has_header("Transfer-Encoding")) {
            request.set_header("Content-Length", "0");
        }
        request.headers.erase("Accept-Encoding");  // answers are small: compressing them would only cost
    };
    bool ok = !tls_ || connection.begin_tls(tls_.get());
    for (std::size_t i = 0; ok && i < requests_per_connection_max && !is_closing_; ++i) {
        ok = connection.wait_for_request(idle_max, must_give_way);
        bool is_last = false;
        ok = ok && process_request(connection, false, is_last, prepare) &&
             connection.deliver(take_delivery(endpoint)) && !is_last && !has_unread_body;
    }
    {
        const std::lock_guard lock(mutex_);
        if (!open_[endpoint].delivery.is_plain()) --special_count_;
        open_.erase(endpoint);
    }
    if (!connection.is_reset()) {
        connection.end_tls();
        // Of a reset it would say farewell first, and then there is nothing left to reset.
        ::shutdown(socket, SHUT_RDWR);
    }
    ::close(socket);
    return ok;
}

Result<std::shared_ptr<ssl_ctx_st>> make_tls_context(const std::string& certificate_file,
                                                     const std::string& key_file) {
    std::shared_ptr<ssl_ctx_st> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    const bool ok = context &&
                    SSL_CTX_use_certificate_chain_file(context.get(), certificate_file.c_str()) == 1 &&
                    SSL_CTX_use_PrivateKey_file(context.get(), key_file.c_str(), SSL_FILETYPE_PEM) == 1 &&
                    SSL_CTX_check_private_key(context.get()) == 1;
    if (!ok) {
        return refuse(
            ErrorCode::invalid_key,
            certificate_file + " or its key is damaged; remove the tls_* files to have new ones made");
    }
    SSL_CTX_set_mode(context.get(), SSL_MODE_AUTO_RETRY);
    return context;
}

bool Listener::is_connected(const Endpoint& endpoint) {
    const std::lock_guard lock(mutex_);
    const auto found = open_.find(endpoint);
    return found != open_.end() && !is_closing_ && is_peer_there(found->second.socket);
}

// The library always answers; after this it answers into the void.
void Listener::cut(const Endpoint& endpoint) {
    const std::lock_guard lock(mutex_);
    const auto found = open_.find(endpoint);
    if (found != open_.end()) ::shutdown(found->second.socket, SHUT_RDWR);
}

void Listener::set_delivery(const Endpoint& endpoint, const Delivery& delivery) {
    if (delivery.refuse.count() > 0) {
        const std::lock_guard lock(refusing_mutex_);
        refuse_until_ =
            std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now()) + delivery.refuse;
    }
    const std::lock_guard lock(mutex_);
    open_[endpoint].delivery = delivery;
    ++special_count_;
}

Delivery Listener::take_delivery(const Endpoint& endpoint) {
    if (special_count_ == 0) return {};
    const std::lock_guard lock(mutex_);
    const Delivery delivery = std::exchange(open_[endpoint].delivery, {});
    if (!delivery.is_plain()) --special_count_;
    return delivery;
}

void Listener::serve(const httplib::Request& request, httplib::Response& response) {
    if (nests_deeper(request.body, json_depth_max))
        return write_answer(protest_(400, request.target), response);
    Request plain;
    plain.method = request.method;
    plain.target = request.target;
    plain.body = request.body;
    plain.scheme = tls_ ? "https" : "http";
    for (const auto& [name, value] : request.headers) plain.headers.emplace_back(name, value);
    const Endpoint endpoint(request.remote_addr, request.remote_port);
    auto answer = respond_(std::move(plain), [this, &endpoint] { return is_connected(endpoint); });
    if (!answer) return cut(endpoint);
    if (!answer->delivery.is_plain()) set_delivery(endpoint, answer->delivery);
    write_answer(std::move(*answer), response);
}

}  // namespace tixian::mock
