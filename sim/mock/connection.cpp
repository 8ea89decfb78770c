// SPDX-License-Identifier: MIT
#include "mock/connection.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include <arpa/inet.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

namespace tixian::mock {
namespace {

constexpr int io_timeout_ms = 5000;

int wait_for(socket_t socket, short events, int timeout_ms) {
    pollfd watched{socket, events, 0};
    int ready = 0;
    do {
        ready = ::poll(&watched, 1, timeout_ms);
    } while (ready < 0 && errno == EINTR);
    return ready;
}

// Whether the peer was there all that time; what he sends is left unread.
bool is_quiet_for(socket_t socket, Duration time) {
    pollfd watched{socket, POLLRDHUP, 0};
    return ::poll(&watched, 1, static_cast<int>(time.count())) == 0;
}

}  // namespace

Connection::Connection(socket_t socket)
    : socket_(socket), remote_(ask(socket, ::getpeername)), local_(ask(socket, ::getsockname)) {}
Connection::~Connection() = default;

void Connection::FreeTls::operator()(ssl_st* tls) const { SSL_free(tls); }

bool Connection::begin_tls(ssl_ctx_st* context) {
    // A record that comes in pieces must not hold the thread for ever.
    const timeval limit{io_timeout_ms / 1000, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    tls_.reset(SSL_new(context));
    return tls_ && SSL_set_fd(tls_.get(), socket_) == 1 && SSL_accept(tls_.get()) == 1;
}

void Connection::end_tls() {
    if (tls_) SSL_shutdown(tls_.get());
}

bool Connection::has_pending() const { return begin_ < end_ || (tls_ && SSL_pending(tls_.get()) > 0); }

ssize_t Connection::receive() {
    if (!tls_) return ::recv(socket_, received_.data(), received_.size(), 0);
    ERR_clear_error();
    return SSL_read(tls_.get(), received_.data(), static_cast<int>(received_.size()));
}

bool Connection::take_what_is_there() {
    if (tls_) return false;
    const ssize_t count = ::recv(socket_, received_.data(), received_.size(), MSG_DONTWAIT);
    if (count <= 0) return false;
    begin_ = 0;
    end_ = static_cast<std::size_t>(count);
    return true;
}

ssize_t Connection::send_some(const char* data, std::size_t size) {
    if (tls_) {
        ERR_clear_error();
        const int count = SSL_write(tls_.get(), data, static_cast<int>(size));
        return count > 0 ? count : -1;
    }
    const ssize_t count = ::send(socket_, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count > 0) return count;
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return 0;
    return -1;
}

bool Connection::wait_for_request(Duration idle_max, const std::function<bool()>& must_give_way) {
    constexpr int look_every_ms = 50;
    if (has_pending()) return true;
    const auto deadline = std::chrono::steady_clock::now() + idle_max;
    for (;;) {
        const int ready = wait_for(socket_, POLLIN, look_every_ms);
        if (ready != 0) return ready > 0;  // the end of the stream is found when it is read
        if (must_give_way() || std::chrono::steady_clock::now() >= deadline) return false;
    }
}

bool Connection::flush() {
    std::size_t sent = 0;
    while (sent < unsent_.size()) {
        const ssize_t count = send_some(unsent_.data() + sent, unsent_.size() - sent);
        if (count < 0) return false;
        sent += static_cast<std::size_t>(count);
        if (count == 0 && wait_for(socket_, POLLOUT, io_timeout_ms) <= 0) return false;
    }
    unsent_.clear();
    return true;
}

bool Connection::deliver(const Delivery& delivery) {
    if (delivery.is_plain()) return flush();
    Shipment shipment = pack(std::exchange(unsent_, {}), delivery);
    for (Piece& piece : shipment.pieces) {
        // Shorter when the peer goes, or when the listener ends all connections.
        if (piece.pause_before.count() > 0 && !is_quiet_for(socket_, piece.pause_before)) return false;
        unsent_ = std::move(piece.bytes);
        if (!flush()) return false;
    }
    if (shipment.half_open.count() > 0) {
        static_cast<void>(is_quiet_for(socket_, shipment.half_open));
        return false;
    }
    is_reset_ = shipment.ending == Ending::resets;
    if (is_reset_) {
        const linger none{1, 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
    }
    return shipment.ending == Ending::keeps_open;
}

bool Connection::is_readable() const { return has_pending() || wait_for(socket_, POLLIN, io_timeout_ms) > 0; }

ssize_t Connection::read(char* target, size_t size) {
    if (begin_ == end_) {
        // An interim answer (100 Continue) has to go out before the peer sends on.
        if (!flush()) return -1;
        if (!take_what_is_there()) {
            if (!is_readable()) return -1;
            const ssize_t count = receive();
            if (count <= 0) return count;
            begin_ = 0;
            end_ = static_cast<std::size_t>(count);
        }
    }
    if (size == 1) {  // the library reads heads byte by byte
        *target = received_[begin_++];
        return 1;
    }
    const std::size_t count = std::min(size, end_ - begin_);
    std::memcpy(target, received_.data() + begin_, count);
    begin_ += count;
    return static_cast<ssize_t>(count);
}

ssize_t Connection::write(const char* source, size_t size) {
    unsent_.append(source, size);
    return static_cast<ssize_t>(size);
}

void Connection::get_remote_ip_and_port(std::string& ip, int& port) const {
    ip = remote_.ip;
    port = remote_.port;
}

void Connection::get_local_ip_and_port(std::string& ip, int& port) const {
    ip = local_.ip;
    port = local_.port;
}

Connection::Address Connection::ask(socket_t socket, Ask name) {
    sockaddr_storage address{};
    socklen_t size = sizeof(address);
    std::array<char, NI_MAXHOST> host{};
    std::array<char, NI_MAXSERV> service{};
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    const bool is_known = name(socket, generic, &size) == 0 &&
                          ::getnameinfo(generic, size, host.data(), host.size(), service.data(),
                                        service.size(), NI_NUMERICHOST | NI_NUMERICSERV) == 0;
    if (!is_known) return {};
    return {host.data(), static_cast<int>(std::strtol(service.data(), nullptr, 10))};
}

bool is_peer_there(socket_t socket) {
    pollfd watched{socket, POLLRDHUP, 0};
    return ::poll(&watched, 1, 0) <= 0;
}

}  // namespace tixian::mock
