// SPDX-License-Identifier: MIT
#include "mock/load.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>
#include <stdexcept>
#include <string_view>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "samples.hpp"

namespace tixian::bench {
namespace {

class Descriptor {
 public:
    explicit Descriptor(int number) : number_(number) {
        if (number < 0) throw std::runtime_error(std::string("a socket: ") + std::strerror(errno));
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() { ::close(number_); }
    [[nodiscard]] int get() const { return number_; }

 private:
    int number_;
};

/// One connection and what it has heard of the answer that it waits for.
class Connection {
 public:
    Connection(int port, const Script& script)
        : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), script_(script) {
        const int on = 1;
        ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(static_cast<std::uint16_t>(port));
        if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
            throw std::runtime_error(std::string("cannot connect: ") + std::strerror(errno));
    }

    [[nodiscard]] int socket() const { return socket_.get(); }
    [[nodiscard]] const std::string& heard() const { return heard_; }

    /// False when the script is over.
    [[nodiscard]] bool send_next() {
        if (next_ == script_.size()) return false;
        const std::string& request = script_[next_++];
        heard_.clear();
        if (::send(socket_.get(), request.data(), request.size(), MSG_NOSIGNAL) !=
            static_cast<ssize_t>(request.size()))
            throw std::runtime_error("a request did not go out whole");
        return true;
    }
    /// Whether the whole answer is there.
    [[nodiscard]] bool hear() {
        std::array<char, 4096> bytes{};
        const ssize_t count = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
        if (count <= 0) throw std::runtime_error("the connection ended");
        heard_.append(bytes.data(), static_cast<std::size_t>(count));
        const std::size_t head = heard_.find("\r\n\r\n");
        if (head == std::string::npos) return false;
        if (!heard_.starts_with("HTTP/1.1 200")) throw std::runtime_error("refused: " + heard_);
        constexpr std::string_view mark = "Content-Length: ";
        const std::size_t length = heard_.find(mark);
        if (length > head) throw std::runtime_error("an answer without Content-Length");
        return heard_.size() >= head + 4 + std::strtoul(heard_.c_str() + length + mark.size(), nullptr, 10);
    }

 private:
    Descriptor socket_;
    const Script& script_;
    std::size_t next_ = 0;
    std::string heard_;
};

}  // namespace

double answers_a_second(int port, const std::vector<Script>& scripts) {
    const Descriptor poll(::epoll_create1(EPOLL_CLOEXEC));
    std::vector<std::unique_ptr<Connection>> connections;
    for (const Script& script : scripts) {
        connections.push_back(std::make_unique<Connection>(port, script));
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.ptr = connections.back().get();
        ::epoll_ctl(poll.get(), EPOLL_CTL_ADD, connections.back()->socket(), &event);
    }
    std::size_t playing = 0, answered = 0;
    const Stopwatch watch;
    for (const auto& connection : connections) playing += connection->send_next() ? 1U : 0U;
    while (playing > 0) {
        std::array<epoll_event, 64> events{};
        const int count = ::epoll_wait(poll.get(), events.data(), static_cast<int>(events.size()), 10'000);
        if (count <= 0) throw std::runtime_error("no answer within ten seconds");
        for (const epoll_event& event : std::span(events).first(static_cast<std::size_t>(count))) {
            auto& connection = *static_cast<Connection*>(event.data.ptr);
            if (!connection.hear()) continue;
            ++answered;
            if (!connection.send_next()) --playing;
        }
    }
    return static_cast<double>(answered) / watch.seconds();
}

std::string answer_to(int port, const std::string& request) {
    const Script script{request};
    Connection connection(port, script);
    static_cast<void>(connection.send_next());
    while (!connection.hear()) {
    }
    return connection.heard();
}

}  // namespace tixian::bench
