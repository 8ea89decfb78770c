// SPDX-License-Identifier: MIT
// The program's own fsync() and fdatasync() stand before those of the C library, also for its shared
// libraries, so that what SQLite really asks for is counted: with its checkpoints, which no count of commits
// shows.
#include "ledger/fsyncs.hpp"

#include <atomic>

#include <sys/syscall.h>
#include <unistd.h>

namespace {

std::atomic<std::int64_t> count = 0;

int counted(long call, int file) {
    ++count;
    return static_cast<int>(syscall(call, file));
}

}  // namespace

extern "C" int fsync(int file) { return counted(SYS_fsync, file); }
extern "C" int fdatasync(int file) { return counted(SYS_fdatasync, file); }

std::int64_t tixian::bench::fsyncs() { return count; }
