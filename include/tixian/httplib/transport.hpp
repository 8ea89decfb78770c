// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <httplib.h>

#include "tixian/call.hpp"
#include "tixian/clock.hpp"
#include "tixian/wechat/http.hpp"

namespace tixian::http {

struct TransportOptions {
    std::string base_url = "https://api.mch.weixin.qq.com";  ///< scheme, host and port; wechat_spec 6
    std::string ca_file = {};                                ///< PEM; empty: the system's
    Duration connect_timeout = std::chrono::seconds(5);
    Duration write_timeout = std::chrono::seconds(5);
    Duration read_timeout = std::chrono::seconds(10);
    std::size_t answer_bytes_max = std::size_t{1} << 20;
};

/// Sends requests through cpp-httplib, each at most once, over kept-alive connections. Thread-safe; blocks.
/// TLS certificates are checked.
class Transport {
 public:
    Transport(TransportOptions options, const Clock& clock) : options_(std::move(options)), clock_(clock) {}

    [[nodiscard]] wechat::HttpResult send(const wechat::HttpRequest& request) {
        const MonotonicTime begun = clock_.monotonic();
        wechat::HttpResult result;
        if (!may_still_be_sent(request.send_deadline, begun)) {
            result.outcome = wechat::TransportFailure::not_sent;
        } else {
            auto client = take();
            const Duration left = request.send_deadline - begun;
            client->set_connection_timeout(std::min(options_.connect_timeout, left));
            result.outcome = exchange(*client, request);
            // A connection that failed is closed by cpp-httplib; the client makes a new one next time.
            give_back(std::move(client));
        }
        result.elapsed = clock_.monotonic() - begun;
        result.received_at = clock_.now();
        return result;
    }

 private:
    using Outcome = decltype(wechat::HttpResult::outcome);

    [[nodiscard]] Outcome exchange(httplib::Client& client, const wechat::HttpRequest& request) {
        httplib::Request out;
        out.method = request.method;
        out.path = request.url;
        for (const auto& [name, value] : request.headers.fields()) out.headers.emplace(name, value);
        if (!request.body.empty()) {
            // Connecting takes time, so the deadline is asked again right before the content leaves. Without
            // its content the request is none, but its head has left, so this counts as lost, not as not
            // sent.
            out.content_length_ = request.body.size();
            out.content_provider_ = [&](std::size_t offset, std::size_t length, httplib::DataSink& sink) {
                if (offset == 0 && !may_still_be_sent(request.send_deadline, clock_.monotonic()))
                    return false;
                return sink.write(request.body.data() + offset, length);
            };
        } else if (request.method == "POST") {
            out.headers.emplace("Content-Length", "0");
        }
        std::string body;
        out.content_receiver = [&](const char* data, std::size_t length, std::uint64_t, std::uint64_t) {
            if (body.size() + length > options_.answer_bytes_max) return false;
            body.append(data, length);
            return true;
        };

        httplib::Response in;
        httplib::Error error = httplib::Error::Success;
        const bool is_done = client.send(out, in, error);
        if (!is_done)
            return is_before_first_byte(error) ? wechat::TransportFailure::not_sent
                                               : wechat::TransportFailure::lost;
        wechat::HttpResponse response;
        response.status = in.status;
        for (const auto& [name, value] : in.headers) response.headers.add(name, value);
        response.body = std::move(body);
        return response;
    }

    /// These come only from making a new connection.
    [[nodiscard]] static bool is_before_first_byte(httplib::Error error) {
        switch (error) {
            case httplib::Error::Connection:
            case httplib::Error::ConnectionTimeout:
            case httplib::Error::BindIPAddress:
            case httplib::Error::SSLConnection:
            case httplib::Error::SSLLoadingCerts:
            case httplib::Error::SSLServerVerification:
                return true;
            default:
                return false;
        }
    }

    [[nodiscard]] std::unique_ptr<httplib::Client> take() {
        {
            const std::lock_guard lock(mutex_);
            if (!idle_.empty()) {
                auto client = std::move(idle_.back());
                idle_.pop_back();
                return client;
            }
        }
        auto client = std::make_unique<httplib::Client>(options_.base_url);
        client->set_keep_alive(true);
        client->set_tcp_nodelay(true);
        client->set_url_encode(false);  // the target is signed as it stands
        client->set_write_timeout(options_.write_timeout);
        client->set_read_timeout(options_.read_timeout);
        client->enable_server_certificate_verification(true);
        if (!options_.ca_file.empty()) client->set_ca_cert_path(options_.ca_file.c_str());
        return client;
    }

    void give_back(std::unique_ptr<httplib::Client> client) {
        const std::lock_guard lock(mutex_);
        idle_.push_back(std::move(client));
    }

    TransportOptions options_;
    const Clock& clock_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<httplib::Client>> idle_;
};

}  // namespace tixian::http
