// SPDX-License-Identifier: MIT
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <list>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace tixian::testing {

enum class Towards { server, client };

/// A line to a server on loopback that is cut, once, after so many bytes in one direction: what came before
/// has arrived, nothing after it does, and both ends find their connection closed.
class CuttingProxy {
 public:
    explicit CuttingProxy(std::uint16_t server_port) : server_port_(server_port) {
        listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address = loopback(0);
        socklen_t size = sizeof address;
        if (bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
            listen(listener_, 64) != 0 ||
            getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
            throw std::runtime_error("no port for the proxy");
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { run(); });
    }
    CuttingProxy(const CuttingProxy&) = delete;
    CuttingProxy& operator=(const CuttingProxy&) = delete;
    ~CuttingProxy() {
        const std::uint64_t one = 1;
        static_cast<void>(write(stop_, &one, sizeof one));
        thread_.join();
        for (Line& line : lines_) line.close_both(false);
        close(listener_);
        close(stop_);
    }

    [[nodiscard]] std::uint16_t port() const { return port_; }

    /// The byte behind these is the one that does not arrive. Counting begins now; whoever sends that byte,
    /// on whatever connection, loses it. `abrupt` ends the line with a reset instead of a farewell.
    void cut_after(Towards towards, std::int64_t bytes, bool abrupt) {
        const std::lock_guard lock(mutex_);
        passed_ = {};
        towards_ = towards;
        left_ = bytes;
        abrupt_ = abrupt;
        has_cut_ = false;
    }
    /// Counts what passes, and cuts nothing.
    void only_count() { cut_after(Towards::server, std::numeric_limits<std::int64_t>::max(), false); }

    [[nodiscard]] std::int64_t passed(Towards towards) const {
        const std::lock_guard lock(mutex_);
        return passed_[index(towards)];
    }
    [[nodiscard]] bool has_cut() const {
        const std::lock_guard lock(mutex_);
        return has_cut_;
    }

 private:
    struct Line {
        int client, server;
        void close_both(bool abrupt) const {
            for (const int end : {client, server}) {
                const linger reset{1, 0};
                if (abrupt) setsockopt(end, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
                close(end);
            }
        }
    };

    static std::size_t index(Towards towards) { return towards == Towards::server ? 0 : 1; }
    static sockaddr_in loopback(std::uint16_t port) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(port);
        return address;
    }

    void run() {
        for (;;) {
            std::vector<pollfd> wanted{{stop_, POLLIN, 0}, {listener_, POLLIN, 0}};
            for (const Line& line : lines_) {
                wanted.push_back({line.client, POLLIN, 0});
                wanted.push_back({line.server, POLLIN, 0});
            }
            if (poll(wanted.data(), wanted.size(), -1) < 0) continue;
            if (wanted[0].revents != 0) return;
            std::size_t i = 2;
            for (auto line = lines_.begin(); line != lines_.end(); i += 2) {
                const bool goes_on =
                    (wanted[i].revents == 0 || pass(line->client, line->server, Towards::server)) &&
                    (wanted[i + 1].revents == 0 || pass(line->server, line->client, Towards::client));
                if (goes_on) {
                    ++line;
                } else {
                    line->close_both(abrupt());
                    line = lines_.erase(line);
                }
            }
            if (wanted[1].revents != 0) take();
        }
    }

    void take() {
        const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const sockaddr_in address = loopback(server_port_);
        const Line line{client, server};
        if (connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
            line.close_both(true);
            return;
        }
        const int on = 1;
        for (const int end : {client, server}) setsockopt(end, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        lines_.push_back(line);
    }

    /// Passes on what there is; false when the line ends here.
    bool pass(int from, int to, Towards towards) {
        std::array<char, 65536> buffer{};
        const auto got = recv(from, buffer.data(), buffer.size(), 0);
        if (got <= 0) return false;
        const std::int64_t may = admit(towards, got);
        for (std::int64_t sent = 0; sent < may;) {
            const auto some =
                send(to, buffer.data() + sent, static_cast<std::size_t>(may - sent), MSG_NOSIGNAL);
            if (some <= 0) return false;
            sent += some;
        }
        return may == got;
    }

    /// How many of so many bytes may pass.
    std::int64_t admit(Towards towards, std::int64_t bytes) {
        const std::lock_guard lock(mutex_);
        std::int64_t may = bytes;
        if (!has_cut_ && towards == towards_) {
            may = std::min(bytes, left_);
            left_ -= may;
            has_cut_ = may < bytes;
        }
        passed_[index(towards)] += may;
        return may;
    }
    bool abrupt() const {
        const std::lock_guard lock(mutex_);
        return abrupt_;
    }

    const std::uint16_t server_port_;
    std::uint16_t port_ = 0;
    int listener_ = -1;
    int stop_ = eventfd(0, EFD_CLOEXEC);
    std::list<Line> lines_;

    mutable std::mutex mutex_;
    Towards towards_ = Towards::server;
    std::int64_t left_ = std::numeric_limits<std::int64_t>::max();
    bool abrupt_ = false, has_cut_ = false;
    std::array<std::int64_t, 2> passed_{};

    std::thread thread_;
};

}  // namespace tixian::testing
