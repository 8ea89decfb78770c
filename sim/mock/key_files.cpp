// SPDX-License-Identifier: MIT
#include "mock/key_files.hpp"

#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace tixian::mock {

bool write_file(const std::filesystem::path& path, const std::string& content, Privacy privacy) {
    const mode_t mode = privacy == Privacy::secret ? 0600 : 0644;
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (file < 0) return false;
    const bool ok = ::write(file, content.data(), content.size()) == static_cast<ssize_t>(content.size()) &&
                    ::fsync(file) == 0;
    return ::close(file) == 0 && ok;
}

bool replace_file(const std::filesystem::path& path, const std::string& content, Privacy privacy) {
    const std::filesystem::path unfinished = path.string() + ".making-" + std::to_string(::getpid());
    std::error_code error;
    std::filesystem::remove(unfinished, error);
    if (!write_file(unfinished, content, privacy)) return false;
    std::filesystem::rename(unfinished, path, error);
    return !error;
}

}  // namespace tixian::mock
