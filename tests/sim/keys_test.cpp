// SPDX-License-Identifier: MIT
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mock/keys.hpp"
#include "mock_client.hpp"

namespace tixian::mock {
namespace {

namespace fs = std::filesystem;

unsigned mode_of(const fs::path& path) {
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0 ? static_cast<unsigned>(status.st_mode) & 0777U : 0U;
}

void write(const fs::path& path, const std::string& content) {
    std::ofstream(path, std::ios::trunc) << content;
}

class MockKeys : public ::testing::Test {
 protected:
    // A copy, modes included, of the keys that all tests share: making new ones takes half a second.
    void SetUp() override {
        ASSERT_TRUE(load_or_make_keys(TIXIAN_TEST_MOCK_KEYS, "", ""));
        fs::copy(TIXIAN_TEST_MOCK_KEYS, directory_);
    }

    [[nodiscard]] std::string complaint() const {
        const auto keys = load_or_make_keys(directory_, "", "");
        return keys ? std::string() : keys.error().message;
    }

    TemporaryDirectory temporary_;
    fs::path directory_ = temporary_.path() / "keys";
};

TEST_F(MockKeys, KeepPrivateFilesToTheOwner) {
    const fs::path made = temporary_.path() / "new";
    ASSERT_TRUE(load_or_make_keys(made, "", ""));

    EXPECT_EQ(mode_of(made), 0700U);
    for (const char* name : {"merchant_key.pem", "wechatpay_key.pem", "apiv3_key.txt"}) {
        SCOPED_TRACE(name);
        EXPECT_EQ(mode_of(made / name), 0600U);
    }
}

TEST_F(MockKeys, AreNamedAsWechatNamesThem) {
    const Keys keys = load_or_make_keys(directory_, "", "").value();

    EXPECT_EQ(keys.identity.mchid, "1900000001");
    EXPECT_EQ(keys.identity.merchant_serial.size(), 40U);
    EXPECT_EQ(keys.identity.merchant_serial.find_first_not_of("0123456789ABCDEF"), std::string::npos);
    EXPECT_EQ(keys.identity.wechatpay_public_key_id.size(), std::string("PUB_KEY_ID_").size() + 28);
    EXPECT_TRUE(keys.merchant_key_pem.starts_with("-----BEGIN PRIVATE KEY-----"));
    EXPECT_EQ(keys.apiv3_key.size(), 32U);
}

TEST_F(MockKeys, AreTheSameAtTheNextStart) {
    const Keys first = load_or_make_keys(directory_, "", "").value();
    const Keys second = load_or_make_keys(directory_, "", "").value();

    EXPECT_EQ(first.merchant_key_pem, second.merchant_key_pem);
    EXPECT_EQ(first.apiv3_key, second.apiv3_key);
}

TEST_F(MockKeys, ComplainOfAMissingFile) {
    for (const char* name : {"merchant_key.pem", "merchant_cert.pem", "wechatpay_key.pem",
                             "wechatpay_public_key.pem", "apiv3_key.txt", "merchant.json"}) {
        SCOPED_TRACE(name);
        fs::rename(directory_ / name, temporary_.path() / "away");
        EXPECT_NE(complaint().find(name), std::string::npos);
        fs::rename(temporary_.path() / "away", directory_ / name);
    }
    EXPECT_EQ(complaint(), "");
}

TEST_F(MockKeys, ComplainOfADamagedFile) {
    for (const char* name : {"merchant_key.pem", "merchant_cert.pem", "wechatpay_key.pem",
                             "wechatpay_public_key.pem", "apiv3_key.txt", "merchant.json"}) {
        SCOPED_TRACE(name);
        fs::copy_file(directory_ / name, temporary_.path() / "kept", fs::copy_options::overwrite_existing);
        write(directory_ / name, "damaged");
        EXPECT_NE(complaint().find(name), std::string::npos);
        fs::copy_file(temporary_.path() / "kept", directory_ / name, fs::copy_options::overwrite_existing);
    }
    EXPECT_EQ(complaint(), "");
}

TEST_F(MockKeys, ComplainOfFilesThatDoNotBelongTogether) {
    const fs::path other = temporary_.path() / "other";
    ASSERT_TRUE(load_or_make_keys(other, "", ""));
    for (const char* name : {"merchant_cert.pem", "wechatpay_public_key.pem"}) {
        SCOPED_TRACE(name);
        fs::copy_file(directory_ / name, temporary_.path() / "kept", fs::copy_options::overwrite_existing);
        fs::copy_file(other / name, directory_ / name, fs::copy_options::overwrite_existing);
        EXPECT_NE(complaint().find(name), std::string::npos);
        fs::copy_file(temporary_.path() / "kept", directory_ / name, fs::copy_options::overwrite_existing);
    }
}

TEST_F(MockKeys, ComplainOfPrivateFilesThatOthersMayRead) {
    for (const char* name : {"merchant_key.pem", "wechatpay_key.pem", "apiv3_key.txt"}) {
        SCOPED_TRACE(name);
        ASSERT_EQ(::chmod((directory_ / name).c_str(), 0640), 0);
        EXPECT_NE(complaint().find("can be read by others"), std::string::npos);
        ASSERT_EQ(::chmod((directory_ / name).c_str(), 0600), 0);
    }
}

TEST_F(MockKeys, ComplainOfAnotherMerchant) {
    EXPECT_FALSE(load_or_make_keys(directory_, "1900000002", ""));
    EXPECT_FALSE(load_or_make_keys(directory_, "", "wxother"));
    EXPECT_TRUE(load_or_make_keys(directory_, "1900000001", "wxmock0000000001"));
}

TEST_F(MockKeys, RemoveWhatAKilledMakerLeftBehind) {
    constexpr const char* no_process = "999999999";  // above the largest process number
    const fs::path leftover = temporary_.path() / (std::string("new.making-") + no_process + "-abcdef");
    const fs::path in_work = temporary_.path() / ("new.making-" + std::to_string(::getpid()) + "-abcdef");
    fs::create_directory(leftover);
    fs::create_directory(in_work);
    write(leftover / "merchant_key.pem", "half");

    ASSERT_TRUE(load_or_make_keys(temporary_.path() / "new", "", ""));

    EXPECT_FALSE(fs::exists(leftover));
    EXPECT_TRUE(fs::exists(in_work));
}

TEST_F(MockKeys, TakeAnEmptyDirectoryAndASlashAtTheEnd) {
    fs::create_directory(temporary_.path() / "empty");

    EXPECT_TRUE(load_or_make_keys(temporary_.path() / "empty" / "", "", ""));
    EXPECT_EQ(mode_of(temporary_.path() / "empty"), 0700U);
}

}  // namespace
}  // namespace tixian::mock
