// SPDX-License-Identifier: MIT
#include "mock/proxy.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mock/tls_keys.hpp"

namespace tixian::mock {
namespace {

constexpr int look_every_ms = 50;
constexpr int head_timeout_ms = 5000;
constexpr std::size_t head_max = 8192;

// Nothing when the host is no IPv4 address.
std::optional<sockaddr_in> address_of(const std::string& host, int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    const char* numeric = host == "localhost" ? "127.0.0.1" : host.c_str();
    if (::inet_pton(AF_INET, numeric, &address.sin_addr) != 1) return std::nullopt;
    return address;
}

bool send_all(int socket, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

bool is_readable(int socket, int timeout_ms) {
    pollfd watched{socket, POLLIN, 0};
    return ::poll(&watched, 1, timeout_ms) > 0;
}

// Up to the empty line and not one byte more: what follows belongs to the tunnel.
std::string read_head(int socket) {
    std::string head;
    char c = 0;
    while (head.size() < head_max && !head.ends_with("\r\n\r\n")) {
        if (!is_readable(socket, head_timeout_ms) || ::recv(socket, &c, 1, 0) != 1) return {};
        head += c;
    }
    return head;
}

// "CONNECT api.mch.weixin.qq.com:443 HTTP/1.1" names a host of WeChat's.
std::string refusal_of(std::string_view head) {
    constexpr std::string_view method = "CONNECT ";
    if (!head.starts_with(method)) {
        return "HTTP/1.1 405 Method Not Allowed\r\nAllow: CONNECT\r\nContent-Length: 0\r\n\r\n";
    }
    head.remove_prefix(method.size());
    std::string host(head.substr(0, head.find_first_of(": \r")));
    for (char& c : host) c = 'A' <= c && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (std::find(wechat_hosts.begin(), wechat_hosts.end(), host) != wechat_hosts.end()) return {};
    return "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
}

int connect_to(const std::string& host, int port) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = address_of(host == "0.0.0.0" ? "127.0.0.1" : host, port).value();
    if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return socket;
    ::close(socket);
    return -1;
}

void set_nodelay(int socket) {
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

// One direction's share; false when it is over.
bool pass_on(int from, int to) {
    std::array<char, std::size_t{16} * 1024> bytes;
    const ssize_t count = ::recv(from, bytes.data(), bytes.size(), 0);
    return count > 0 && send_all(to, {bytes.data(), static_cast<std::size_t>(count)});
}

void relay(int client, int server, const std::atomic<bool>& is_closing) {
    while (!is_closing) {
        pollfd watched[] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
        if (::poll(watched, 2, look_every_ms) < 0 && errno != EINTR) return;
        if (watched[0].revents != 0 && !pass_on(client, server)) return;
        if (watched[1].revents != 0 && !pass_on(server, client)) return;
    }
}

}  // namespace

Result<int> Proxy::open(const std::string& host, int port) {
    auto address = address_of(host, port);
    if (!address) {
        return refuse(ErrorCode::invalid_argument, "the proxy listens on IPv4 only, not on " + host);
    }
    host_ = host;
    listening_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(listening_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    socklen_t size = sizeof *address;
    constexpr int backlog = 512;
    if (::bind(listening_, reinterpret_cast<const sockaddr*>(&*address), size) != 0 ||
        ::listen(listening_, backlog) != 0) {
        const std::string reason = std::strerror(errno);
        ::close(std::exchange(listening_, -1));
        return refuse(ErrorCode::invalid_argument,
                      "cannot listen on " + host + ":" + std::to_string(port) + ": " + reason);
    }
    ::getsockname(listening_, reinterpret_cast<sockaddr*>(&*address), &size);
    thread_ = std::thread([this] { accept_all(); });
    return ntohs(address->sin_port);
}

void Proxy::close() {
    if (!thread_.joinable()) return;
    is_closing_ = true;
    thread_.join();
    for (Client& client : clients_) {
        ::shutdown(client.socket, SHUT_RDWR);
        // The thread may wait in a send to a server that does not read.
        if (client.server >= 0) ::shutdown(client.server, SHUT_RDWR);
        end(client);
    }
    clients_.clear();
    ::close(std::exchange(listening_, -1));
}

void Proxy::accept_all() {
    while (!is_closing_) {
        remove_done();
        if (!is_readable(listening_, look_every_ms)) continue;
        const int socket = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket < 0) continue;
        set_nodelay(socket);
        Client& client = clients_.emplace_back();
        client.socket = socket;
        client.thread = std::thread([this, &client] { serve(client); });
    }
}

void Proxy::serve(Client& client) {
    const std::string head = read_head(client.socket);
    const std::string refusal = head.empty() ? "" : refusal_of(head);
    if (!refusal.empty()) send_all(client.socket, refusal);
    const int server = head.empty() || !refusal.empty() ? -1 : connect_to(host_, tls_port_);
    client.server = server;
    if (server >= 0) {
        set_nodelay(server);
        if (is_closing_) ::shutdown(server, SHUT_RDWR);
        if (send_all(client.socket, "HTTP/1.1 200 Connection established\r\n\r\n")) {
            relay(client.socket, server, is_closing_);
        }
        ::shutdown(server, SHUT_RDWR);
    }
    ::shutdown(client.socket, SHUT_RDWR);
    client.is_done = true;
}

void Proxy::end(Client& client) {
    client.thread.join();
    ::close(client.socket);
    if (client.server >= 0) ::close(client.server);
}

// Only the accepting thread, and close() after it, touch the list.
void Proxy::remove_done() {
    for (auto client = clients_.begin(); client != clients_.end();) {
        if (!client->is_done) {
            ++client;
            continue;
        }
        end(*client);
        client = clients_.erase(client);
    }
}

}  // namespace tixian::mock
