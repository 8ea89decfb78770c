// SPDX-License-Identifier: MIT
#include "certificate_keeper.hpp"

#include <chrono>
#include <utility>

#include "log.hpp"

namespace tixian::server {
namespace {

/// How often it is asked whether a download is due; the answer costs nothing.
constexpr std::chrono::milliseconds look_every{250};

}  // namespace

CertificateKeeper::~CertificateKeeper() {
    {
        const std::lock_guard lock(mutex_);
        is_stopped_ = true;
    }
    stopped_.notify_all();
    thread_.join();
}

void CertificateKeeper::run() {
    std::unique_lock lock(mutex_);
    while (!is_stopped_) {
        lock.unlock();
        const auto refreshed = certificates_.refresh();
        if (!refreshed) {
            log_error(refreshed.error(), "platform certificates");
        } else if (*refreshed) {
            log_info("WeChat's platform certificates were downloaded");
        }
        if (on_settled_ && certificates_.has_settled()) std::exchange(on_settled_, nullptr)();
        lock.lock();
        stopped_.wait_for(lock, look_every, [this] { return is_stopped_; });
    }
}

}  // namespace tixian::server
