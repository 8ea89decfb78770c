// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <httplib.h>

#include "tixian/call.hpp"
#include "tixian/clock.hpp"
#include "tixian/error.hpp"
#include "tixian/httplib/no_sigpipe.hpp"
#include "tixian/wechat/http.hpp"
#include "tixian/wechat/web_address.hpp"

namespace tixian::http {

struct TransportOptions {
    std::string base_url = "https://api.mch.weixin.qq.com";  ///< scheme, host and port; wechat_spec 6
    /// The same service under another name, such as wechat_backup_url; empty: none.
    std::string backup_url = {};
    Duration backup_for =
        std::chrono::minutes(1);  ///< how long it is kept to before the first is tried again
    std::string ca_file = {};     ///< PEM; empty: the system's
    Duration connect_timeout = std::chrono::seconds(5);
    Duration write_timeout = std::chrono::seconds(5);
    Duration read_timeout = std::chrono::seconds(10);  ///< for each piece of an answer
    Duration body_timeout =
        std::chrono::seconds(20);  ///< from the call's begin to the end of the answer's body
    /// An idle connection is used again for so long. The server may have closed it meanwhile, which looks
    /// like a request that was lost, so this stays far below what servers keep theirs.
    Duration idle_max = std::chrono::seconds(4);
    std::size_t answer_bytes_max = std::size_t{1} << 20;
};

/// WeChat's backup domain: wechat_spec 6.
inline constexpr const char* wechat_backup_url = "https://api2.mch.weixin.qq.com";

/// Refuses (`invalid_argument`) addresses that are no http or https URL of scheme, host and port only, naming
/// the option. Call it at the start.
[[nodiscard]] inline Result<void> check(const TransportOptions& options) {
    const auto is_address = [](const std::string& url) {
        const auto address = wechat::parse_web_address(url);
        return address && address->rest.empty();
    };
    constexpr auto rule = "must be scheme, host and port only, like https://api.mch.weixin.qq.com";
    if (!is_address(options.base_url)) return refuse(ErrorCode::invalid_argument, rule, "base_url");
    if (!options.backup_url.empty() && !is_address(options.backup_url))
        return refuse(ErrorCode::invalid_argument, rule, "backup_url");
    return {};
}

/// Sends requests through cpp-httplib, each at most once, over kept-alive connections. A failure makes the
/// requests after it go to the backup, never the one that failed (R2). Thread-safe; blocks, for at most the
/// connect and write time-outs and `body_timeout` together, unless the peer dribbles its header: that is
/// bounded for each piece only. TLS certificates are checked. SIGPIPE does not reach the host.
class Transport {
 public:
    Transport(TransportOptions options, const Clock& clock)
        : options_(std::move(options)),
          clock_(clock),
          main_{options_.base_url, {}},
          backup_{options_.backup_url, {}} {}

    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;
    ~Transport() {
        const NoSigpipe quiet;
        main_.idle.clear();
        backup_.idle.clear();
    }

    [[nodiscard]] wechat::HttpResult send(const wechat::HttpRequest& request) {
        const NoSigpipe quiet;
        const MonotonicTime begun = clock_.monotonic();
        wechat::HttpResult result;
        if (!may_still_be_sent(request.send_deadline, begun)) {
            result.outcome = wechat::TransportFailure::not_sent;
        } else {
            Host& host = choose(begun);
            auto client = take(host, begun);
            const Duration left = request.send_deadline - begun;
            client->set_connection_timeout(std::min(options_.connect_timeout, left));
            result.outcome = exchange(*client, request, begun);
            if (std::holds_alternative<wechat::TransportFailure>(result.outcome))
                avoid(host);
            else
                give_back(host, std::move(client));
        }
        result.elapsed = clock_.monotonic() - begun;
        result.received_at = clock_.now();
        return result;
    }

 private:
    using Outcome = decltype(wechat::HttpResult::outcome);

    struct Idle {
        std::unique_ptr<httplib::Client> client;
        MonotonicTime since;
    };
    struct Host {
        std::string url;
        std::vector<Idle> idle;  // the one that rested least comes last
    };

    [[nodiscard]] Host& choose(MonotonicTime now) {
        const std::lock_guard lock(mutex_);
        return now < backup_until_ ? backup_ : main_;
    }

    /// The next requests go to the other one; its connections may have gone with the one that failed.
    void avoid(Host& host) {
        const std::lock_guard lock(mutex_);
        host.idle.clear();
        if (!backup_.url.empty())
            backup_until_ = &host == &main_ ? clock_.monotonic() + options_.backup_for : MonotonicTime::min();
    }

    [[nodiscard]] Outcome exchange(httplib::Client& client, const wechat::HttpRequest& request,
                                   MonotonicTime begun) {
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
            if (clock_.monotonic() - begun > options_.body_timeout) return false;
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

    [[nodiscard]] std::unique_ptr<httplib::Client> take(Host& host, MonotonicTime now) {
        {
            const std::lock_guard lock(mutex_);
            if (!host.idle.empty() && now - host.idle.back().since <= options_.idle_max) {
                auto client = std::move(host.idle.back().client);
                host.idle.pop_back();
                return client;
            }
            host.idle.clear();  // the others have rested longer still
        }
        auto client = std::make_unique<httplib::Client>(host.url);
        client->set_keep_alive(true);
        client->set_tcp_nodelay(true);
        client->set_url_encode(false);  // the target is signed as it stands
        client->set_write_timeout(options_.write_timeout);
        client->set_read_timeout(options_.read_timeout);
        client->enable_server_certificate_verification(true);
        if (!options_.ca_file.empty()) client->set_ca_cert_path(options_.ca_file.c_str());
        return client;
    }

    void give_back(Host& host, std::unique_ptr<httplib::Client> client) {
        const std::lock_guard lock(mutex_);
        host.idle.push_back({std::move(client), clock_.monotonic()});
    }

    TransportOptions options_;
    const Clock& clock_;
    std::mutex mutex_;
    Host main_;
    Host backup_;
    MonotonicTime backup_until_ = MonotonicTime::min();
};

}  // namespace tixian::http
