// SPDX-License-Identifier: MIT
#include "tixian/wechat/key_file.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tixian::wechat {
namespace {

static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);
static_assert(std::is_nothrow_move_constructible_v<Secret> && std::is_nothrow_move_assignable_v<Secret>);

class KeyFile : public ::testing::Test {
 protected:
    KeyFile() {
        std::string name = (std::filesystem::temp_directory_path() / "tixian-key-file-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) std::abort();
        directory_ = name;
    }
    ~KeyFile() override { std::filesystem::remove_all(directory_); }
    KeyFile(const KeyFile&) = delete;
    KeyFile& operator=(const KeyFile&) = delete;

    [[nodiscard]] std::filesystem::path path() const { return directory_ / "apiclient_key.pem"; }

    void write(std::string_view text, ::mode_t mode) const {
        std::ofstream(path(), std::ios::binary) << text;
        ASSERT_EQ(::chmod(path().c_str(), mode), 0);
    }

    void expect_refused(ErrorCode code, std::string_view what_to_do) const {
        const Result<Secret> secret = read_key_file(path());
        ASSERT_FALSE(secret);
        EXPECT_EQ(secret.error().code, code);
        EXPECT_NE(secret.error().message.find(path().string()), std::string::npos) << secret.error().message;
        EXPECT_NE(secret.error().message.find(what_to_do), std::string::npos) << secret.error().message;
        EXPECT_EQ(secret.error().message.find("PRIVATE"), std::string::npos) << secret.error().message;
    }

 private:
    std::filesystem::path directory_;
};

TEST_F(KeyFile, IsReadWholeWhenOnlyItsOwnerMayReadIt) {
    const std::string text = std::string("PRIVATE\0bytes\n", 14);
    for (::mode_t mode : {0600U, 0400U}) {
        write(text, mode);
        EXPECT_EQ(read_key_file(path()).value().view(), text);
        std::filesystem::remove(path());
    }
}

TEST_F(KeyFile, RefusesAFileThatOthersCanRead) {
    for (::mode_t mode : {0644U, 0640U, 0604U}) {
        SCOPED_TRACE(mode);
        write("PRIVATE", mode);
        expect_refused(ErrorCode::unsafe_key_file, "chmod 600 " + path().string());
    }
}

TEST_F(KeyFile, RefusesAFileThatOthersCanWrite) {
    for (::mode_t mode : {0620U, 0602U}) {
        SCOPED_TRACE(mode);
        write("PRIVATE", mode);
        expect_refused(ErrorCode::unsafe_key_file, "chmod 600 " + path().string());
    }
}

TEST_F(KeyFile, RefusesAMissingFile) { expect_refused(ErrorCode::invalid_key, "check that it is there"); }

/// Root may read every file, so a test that is run by root becomes somebody else for a while.
class AsNobody {
 public:
    AsNobody() : user_(::geteuid()), is_nobody_(user_ != 0 || ::seteuid(65534) == 0) {}
    ~AsNobody() {
        if (::seteuid(user_) != 0) std::abort();
    }
    AsNobody(const AsNobody&) = delete;
    AsNobody& operator=(const AsNobody&) = delete;
    [[nodiscard]] bool is_nobody() const { return is_nobody_; }

 private:
    ::uid_t user_;
    bool is_nobody_;
};

TEST_F(KeyFile, RefusesAFileThatTheServiceMayNotRead) {
    write("PRIVATE", 0000);
    const AsNobody nobody;
    ASSERT_TRUE(nobody.is_nobody());

    expect_refused(ErrorCode::invalid_key, "owned by the service's user");
}

TEST_F(KeyFile, RefusesADirectory) {
    std::filesystem::create_directory(path());
    expect_refused(ErrorCode::invalid_key, "is not a regular file");
}

TEST_F(KeyFile, RefusesAFifoInsteadOfWaitingForAWriter) {
    ASSERT_EQ(::mkfifo(path().c_str(), 0600), 0);
    expect_refused(ErrorCode::invalid_key, "is not a regular file");
}

TEST_F(KeyFile, RefusesAnEmptyFile) {
    write("", 0600);
    expect_refused(ErrorCode::invalid_key, "is empty");
}

TEST_F(KeyFile, TakesUpTo64KiBAndRefusesMore) {
    write(std::string(key_file_bytes_max, 'x'), 0600);
    EXPECT_EQ(read_key_file(path()).value().view().size(), key_file_bytes_max);

    write(std::string(key_file_bytes_max + 1, 'x'), 0600);
    expect_refused(ErrorCode::invalid_key, "more than 64 KiB");
}

TEST_F(KeyFile, JudgesTheFileBehindALinkNotTheLink) {
    const std::filesystem::path target = path().string() + ".target";
    std::ofstream(target) << "PRIVATE";
    std::filesystem::create_symlink(target, path());

    ASSERT_EQ(::chmod(target.c_str(), 0644), 0);
    expect_refused(ErrorCode::unsafe_key_file, "chmod 600");

    ASSERT_EQ(::chmod(target.c_str(), 0600), 0);
    EXPECT_EQ(read_key_file(path()).value().view(), "PRIVATE");
}

TEST_F(KeyFile, LeavesNoDescriptorOpen) {
    write("PRIVATE", 0644);
    const int before = ::dup(0);
    ::close(before);
    for (int i = 0; i < 10; ++i) EXPECT_FALSE(read_key_file(path()));
    const int after = ::dup(0);
    ::close(after);

    EXPECT_EQ(after, before);
}

constexpr std::size_t secret_bytes = 4096;

/// How many of the bytes at an address that may have been freed are still `wanted`. The kernel reads them, so
/// that neither the language nor a sanitizer is concerned; the first 64 are left to the allocator's own
/// notes.
std::ptrdiff_t count_in_memory(std::uintptr_t address, char wanted) {
    std::array<char, secret_bytes - 64> bytes{};
    const int memory = ::open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    const ssize_t size = ::pread(memory, bytes.data(), bytes.size(), static_cast<off_t>(address + 64));
    ::close(memory);
    return size <= 0 ? -1 : std::count(bytes.begin(), bytes.begin() + size, wanted);
}

TEST(Secret, IsWipedWhenItGoes) {
    std::uintptr_t address = 0;
    {
        const Secret secret(std::string(secret_bytes, '\xa5'));
        address = reinterpret_cast<std::uintptr_t>(secret.view().data());
        ASSERT_EQ(count_in_memory(address, '\xa5'), static_cast<std::ptrdiff_t>(secret_bytes - 64));
    }
    EXPECT_LT(count_in_memory(address, '\xa5'), 64);
}

TEST(Secret, IsWipedWhenAnotherIsMovedIntoIt) {
    Secret secret(std::string(secret_bytes, '\x5a'));
    const auto address = reinterpret_cast<std::uintptr_t>(secret.view().data());
    secret = Secret("short");

    EXPECT_EQ(secret.view(), "short");
    EXPECT_LT(count_in_memory(address, '\x5a'), 64);
}

TEST(Secret, HoldsNothingAfterItWasMovedFrom) {
    Secret first("short");
    const Secret second = std::move(first);

    EXPECT_EQ(second.view(), "short");
    // NOLINTNEXTLINE(bugprone-use-after-move,clang-analyzer-cplusplus.Move): what is promised
    EXPECT_TRUE(first.view().empty());
}

}  // namespace
}  // namespace tixian::wechat
