// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <string>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mock_client.hpp"

namespace tixian::mock {

/// What a socket that knows nothing of HTTP sees.
enum class SeenEnd { open, closed, reset };

/// A connection to the mock, byte by byte.
class RawSocket {
 public:
    explicit RawSocket(int port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(port));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        is_connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
    }
    ~RawSocket() { ::close(socket_); }
    RawSocket(const RawSocket&) = delete;
    RawSocket& operator=(const RawSocket&) = delete;

    [[nodiscard]] bool is_connected() const { return is_connected_; }
    void send(const std::string& bytes) const {
        // Whoever is refused sees it when he reads.
        static_cast<void>(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL));
    }
    /// Reads until the connection ends, until `enough` stands in the text, or for at most that time.
    void read(std::chrono::milliseconds time, const std::string& enough = "\n\n\n") {
        const auto end = std::chrono::steady_clock::now() + time;
        while (seen_end == SeenEnd::open && text.find(enough) == std::string::npos) {
            const auto rest =
                std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
            pollfd watched{socket_, POLLIN, 0};
            if (rest.count() <= 0 || ::poll(&watched, 1, static_cast<int>(rest.count())) <= 0) return;
            std::array<char, 4096> part{};
            const ssize_t count = ::recv(socket_, part.data(), part.size(), 0);
            if (count > 0) text.append(part.data(), static_cast<std::size_t>(count));
            if (count > 0) ++pieces;
            if (count == 0) seen_end = SeenEnd::closed;
            if (count < 0) seen_end = errno == ECONNRESET ? SeenEnd::reset : SeenEnd::closed;
        }
    }
    [[nodiscard]] std::string head() const { return text.substr(0, text.find("\r\n\r\n")); }
    [[nodiscard]] std::string body() const {
        const std::size_t mark = text.find("\r\n\r\n");
        return mark == std::string::npos ? std::string() : text.substr(mark + 4);
    }

    std::string text;
    int pieces = 0;
    SeenEnd seen_end = SeenEnd::open;

 private:
    int socket_;
    bool is_connected_ = false;
};

/// A signed request as bytes.
[[nodiscard]] inline std::string raw_request(const MockAndMerchant& mock, const std::string& method,
                                             const std::string& target, const std::string& body) {
    const Credentials c = mock.credentials();
    const std::string signature =
        sign_as_merchant(mock.keys().merchant_key_pem,
                         method + "\n" + target + "\n" + c.timestamp + "\n" + c.nonce + "\n" + body + "\n");
    return method + " " + target + " HTTP/1.1\r\nHost: mock\r\nAuthorization: " + c.scheme + " mchid=\"" +
           c.mchid + "\",nonce_str=\"" + c.nonce + "\",signature=\"" + signature + "\",timestamp=\"" +
           c.timestamp + "\",serial_no=\"" + c.serial +
           "\"\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
}

}  // namespace tixian::mock
