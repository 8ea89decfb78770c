// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <httplib.h>

#include "mock_client.hpp"

namespace tixian::mock {

/// A merchant's notification endpoint on a port of its own. Ends its handlers before whatever it is a last
/// member of.
class NotifyServer {
 public:
    explicit NotifyServer(httplib::Server::Handler handler) {
        server_.Post("/notify", std::move(handler));
        port_ = server_.bind_to_any_port("127.0.0.1");
        thread_ = std::thread([this] { server_.listen_after_bind(); });
        while (!server_.is_running()) std::this_thread::yield();
    }
    ~NotifyServer() {
        server_.stop();
        thread_.join();
    }
    NotifyServer(const NotifyServer&) = delete;
    NotifyServer& operator=(const NotifyServer&) = delete;
    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/notify"; }

 private:
    httplib::Server server_;
    int port_ = 0;
    std::thread thread_;
};

/// A merchant who writes down what he is told.
class Receiver {
 public:
    /// Answers with these in turn, then always with the last.
    explicit Receiver(std::vector<int> statuses)
        : statuses_(std::move(statuses)),
          server_([this](const httplib::Request& request, httplib::Response& response) {
              const std::lock_guard lock(mutex_);
              const std::size_t index = std::min(received_.size(), statuses_.size() - 1);
              received_.push_back({0, request.body, request.headers});
              response.status = statuses_[index];
              arrived_.notify_all();
          }) {}
    [[nodiscard]] std::string url() const { return server_.url(); }

    /// Whether so many came, within 5 s.
    [[nodiscard]] bool wait_for(std::size_t count) {
        std::unique_lock lock(mutex_);
        return arrived_.wait_for(lock, std::chrono::seconds(5), [&] { return received_.size() >= count; });
    }
    [[nodiscard]] std::vector<Reply> received() {
        const std::lock_guard lock(mutex_);
        return received_;
    }

 private:
    const std::vector<int> statuses_;
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::vector<Reply> received_;
    NotifyServer server_;
};

}  // namespace tixian::mock
