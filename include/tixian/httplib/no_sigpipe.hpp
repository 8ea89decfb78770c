// SPDX-License-Identifier: MIT
#pragma once

#include <ctime>

#include <pthread.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): sigtimedwait is POSIX

namespace tixian::http {

/// While it lives, a write to a closed socket on this thread fails instead of ending the process, whatever
/// the host does with SIGPIPE. OpenSSL writes without MSG_NOSIGNAL.
class NoSigpipe {
 public:
    NoSigpipe() {
        sigset_t pending;
        sigpending(&pending);
        was_pending_ = sigismember(&pending, SIGPIPE) == 1;
        sigemptyset(&pipe_);
        sigaddset(&pipe_, SIGPIPE);
        pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
    }
    ~NoSigpipe() {
        // One that was raised meanwhile is taken away; one that was there before is the host's.
        const timespec at_once{};
        if (!was_pending_) sigtimedwait(&pipe_, nullptr, &at_once);
        pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }
    NoSigpipe(const NoSigpipe&) = delete;
    NoSigpipe& operator=(const NoSigpipe&) = delete;

 private:
    sigset_t pipe_{}, before_{};
    bool was_pending_ = false;
};

}  // namespace tixian::http
