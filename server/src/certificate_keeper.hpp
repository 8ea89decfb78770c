// SPDX-License-Identifier: MIT
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

#include "tixian/httplib/certificate_refresh.hpp"

namespace tixian::server {

/// Keeps WeChat's platform certificates up to date on a thread of its own, from now until it goes: at the
/// start, before they end, and when a signature named one that is not there. Failures are logged.
/// `on_settled` is called once, there, when WeChat has said for the first time which ones there are.
class CertificateKeeper {
 public:
    CertificateKeeper(http::CertificateRefresh& certificates, std::function<void()> on_settled)
        : certificates_(certificates), on_settled_(std::move(on_settled)), thread_([this] { run(); }) {}
    ~CertificateKeeper();
    CertificateKeeper(const CertificateKeeper&) = delete;
    CertificateKeeper& operator=(const CertificateKeeper&) = delete;

 private:
    void run();

    http::CertificateRefresh& certificates_;
    std::function<void()> on_settled_;
    std::mutex mutex_;
    std::condition_variable stopped_;
    bool is_stopped_ = false;
    std::thread thread_;
};

}  // namespace tixian::server
