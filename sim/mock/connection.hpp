// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <functional>
#include <string>

#include <httplib.h>

#include "tixian/clock.hpp"

namespace tixian::mock {

/// One accepted connection under cpp-httplib. Unlike the library's own stream it lives as long as the
/// connection, so pipelined bytes are not lost; it sends an answer in one piece; and others can end its wait
/// for the next request.
class Connection final : public httplib::Stream {
 public:
    explicit Connection(socket_t socket) : socket_(socket) {}

    /// Waits for the first byte of the next request. False when the peer is gone, after `idle_max`, or as
    /// soon as `must_give_way()` says that others need this thread more than an idle connection does.
    [[nodiscard]] bool wait_for_request(Duration idle_max, const std::function<bool()>& must_give_way);
    /// Sends what was written.
    [[nodiscard]] bool flush();

    [[nodiscard]] bool is_readable() const override;
    [[nodiscard]] bool is_writable() const override { return true; }
    ssize_t read(char* target, size_t size) override;
    ssize_t write(const char* source, size_t size) override;
    void get_remote_ip_and_port(std::string& ip, int& port) const override;
    void get_local_ip_and_port(std::string& ip, int& port) const override;
    [[nodiscard]] socket_t socket() const override { return socket_; }

 private:
    socket_t socket_;
    std::array<char, std::size_t{16} * 1024> received_{};
    std::size_t begin_ = 0, end_ = 0;  // what of received_ is not read yet
    std::string unsent_;
};

/// Whether the peer still waits for an answer.
[[nodiscard]] bool is_peer_there(socket_t socket);

}  // namespace tixian::mock
