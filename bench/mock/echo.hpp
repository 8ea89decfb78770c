// SPDX-License-Identifier: MIT
#pragma once

#include <sstream>
#include <string>
#include <thread>

#include <httplib.h>
#include <sys/socket.h>

namespace tixian::bench {

/// cpp-httplib alone: answers each POST and each GET with an answer that was heard from somebody else.
class Echo {
 public:
    Echo(const std::string& to_post, const std::string& to_get) {
        server_.new_task_queue = [] { return new httplib::ThreadPool(64); };
        server_.set_tcp_nodelay(true);
        server_.set_keep_alive_max_count(1'000'000);
        server_.Post(".*", [to_post](const auto&, auto& response) { repeat(to_post, response); });
        server_.Get(".*", [to_get](const auto&, auto& response) { repeat(to_get, response); });
        port_ = server_.bind_to_any_port("127.0.0.1");
        thread_ = std::thread([this] { server_.listen_after_bind(); });
        while (!server_.is_running()) std::this_thread::yield();
        server_.widen_backlog();
    }
    Echo(const Echo&) = delete;
    Echo& operator=(const Echo&) = delete;
    ~Echo() {
        server_.stop();
        thread_.join();
    }
    [[nodiscard]] int port() const { return port_; }

 private:
    struct Server : httplib::Server {
        // The library's is 5, with which most of 64 that come at once would have to come again.
        void widen_backlog() { ::listen(svr_sock_, 512); }
    };
    // What the library writes itself it is left to write.
    static void repeat(const std::string& answer, httplib::Response& response) {
        const std::size_t head = answer.find("\r\n\r\n");
        std::istringstream lines(answer.substr(0, head));
        std::string line;
        std::getline(lines, line);
        while (std::getline(lines, line)) {
            const std::size_t colon = line.find(": ");
            const std::string name = line.substr(0, colon),
                              value = line.substr(colon + 2, line.size() - colon - 3);
            const bool is_own = name.starts_with("Wechatpay-") || name == "Request-ID";
            if (is_own) response.set_header(name, value);
        }
        response.set_content(answer.substr(head + 4), "application/json; charset=utf-8");
    }

    Server server_;
    int port_ = 0;
    std::thread thread_;
};

}  // namespace tixian::bench
