// SPDX-License-Identifier: MIT
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <span>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tixian/error.hpp"
#include "tixian/secret.hpp"

namespace tixian::wechat {

/// Longer key files are refused; a PEM key of 4096 bits has about 3 KiB.
inline constexpr std::size_t key_file_bytes_max = std::size_t{64} * 1024;

namespace detail {

class OpenFile {
 public:
    // Without O_NONBLOCK the opening of a FIFO would wait for a writer. Links are followed: mounted secrets
    // are links.
    explicit OpenFile(const std::filesystem::path& path)
        : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
    ~OpenFile() {
        if (is_open()) ::close(descriptor_);
    }
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;

    [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }
    [[nodiscard]] bool stat(struct stat& status) const { return ::fstat(descriptor_, &status) == 0; }

    /// Fills the buffer as far as the file goes; the number of bytes read, or -1.
    [[nodiscard]] ssize_t read(std::span<char> buffer) const {
        std::size_t size = 0;
        while (size < buffer.size()) {
            const ssize_t more = ::read(descriptor_, buffer.data() + size, buffer.size() - size);
            if (more < 0 && errno == EINTR) continue;
            if (more < 0) return -1;
            if (more == 0) break;
            size += static_cast<std::size_t>(more);
        }
        return static_cast<ssize_t>(size);
    }

 private:
    int descriptor_;
};

}  // namespace detail

/// Reads a private key or the APIv3 key. Refuses (`unsafe_key_file`) a file that group or others may read or
/// write, and (`invalid_key`) one that is missing, unreadable, empty, above 64 KiB or not a regular file.
/// Each message names the path and what to do. The permissions are those of the very file that is read, not
/// of one that was there before.
[[nodiscard]] inline Result<Secret> read_key_file(const std::filesystem::path& path) {
    const auto refusal = [&path](ErrorCode code, const std::string& reason) {
        return refuse(code, "key file " + path.string() + " " + reason, "key_file");
    };
    const auto system_refusal = [&refusal](int error) {
        return refusal(ErrorCode::invalid_key,
                       "cannot be read (" + std::generic_category().message(error) +
                           "): check that it is there and owned by the service's user");
    };

    const detail::OpenFile file(path);
    struct stat status{};
    if (!file.is_open() || !file.stat(status)) return system_refusal(errno);
    if (!S_ISREG(status.st_mode)) {
        return refusal(ErrorCode::invalid_key,
                       "is not a regular file: give the path of the file with the key");
    }
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        return refusal(ErrorCode::unsafe_key_file, "is open to other users: run `chmod 600 " + path.string() +
                                                       "`, and replace the key if somebody may have read it");
    }

    Secret buffer(key_file_bytes_max + 1);
    const ssize_t size = file.read(buffer.writable());
    if (size < 0) return system_refusal(errno);
    if (size == 0) return refusal(ErrorCode::invalid_key, "is empty: put the key into it");
    if (static_cast<std::size_t>(size) > key_file_bytes_max) {
        return refusal(ErrorCode::invalid_key,
                       "has more than 64 KiB: give the path of the file with the key");
    }
    return Secret(buffer.view().substr(0, static_cast<std::size_t>(size)));
}

}  // namespace tixian::wechat
