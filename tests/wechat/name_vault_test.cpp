// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "tixian/testing/seeded_random.hpp"
#include "tixian/wechat/aes_name_vault.hpp"

namespace tixian::wechat {
namespace {

class NameVaultTest : public ::testing::Test {
 protected:
    static constexpr const char* key = "0123456789abcdef0123456789abcdef";
    static constexpr const char* later_key = "fedcba9876543210fedcba9876543210";

    NameVaultTest() { EXPECT_TRUE(vault_.add_key("K1", key).has_value()); }

    testing::SeededRandom random_{1};
    AesNameVault vault_{random_};
    const UserId user_ = UserId::parse("u1").value();
    const UserId other_ = UserId::parse("u2").value();
};

TEST_F(NameVaultTest, OpensWhatItSealed) {
    const RealName name = vault_.seal(user_, "欧阳娜娜").value();

    EXPECT_EQ(vault_.open(user_, name).value().view(), "欧阳娜娜");
    EXPECT_TRUE(name.sealed.starts_with("K1:"));
    EXPECT_EQ(name.sealed.find("欧阳"), std::string::npos);
}

TEST_F(NameVaultTest, NeverSealsTwiceToTheSameText) {
    EXPECT_NE(vault_.seal(user_, "张三").value().sealed, vault_.seal(user_, "张三").value().sealed);
}

TEST_F(NameVaultTest, MakesTheSameFingerprintOfTheSameNameOfOneUserOnly) {
    const std::string print = vault_.seal(user_, "张三").value().fingerprint;

    EXPECT_EQ(vault_.seal(user_, "张三").value().fingerprint, print);
    EXPECT_NE(vault_.seal(user_, "张三三").value().fingerprint, print);
    EXPECT_NE(vault_.seal(other_, "张三").value().fingerprint, print);
    EXPECT_EQ(print.size(), 64U);
}

TEST_F(NameVaultTest, MakesOtherFingerprintsWithAnotherKey) {
    AesNameVault stranger(random_);
    ASSERT_TRUE(stranger.add_key("K1", later_key).has_value());

    EXPECT_NE(stranger.seal(user_, "张三").value().fingerprint,
              vault_.seal(user_, "张三").value().fingerprint);
}

TEST_F(NameVaultTest, SealsWithTheLastKeyOpensWithAllAndKeepsItsFingerprints) {
    const RealName before = vault_.seal(user_, "张三").value();
    ASSERT_TRUE(vault_.add_key("K2", later_key).has_value());
    const RealName after = vault_.seal(user_, "张三").value();

    EXPECT_TRUE(after.sealed.starts_with("K2:"));
    EXPECT_EQ(after.fingerprint, before.fingerprint);
    EXPECT_EQ(vault_.open(user_, before).value().view(), "张三");
    EXPECT_EQ(vault_.open(user_, after).value().view(), "张三");
}

TEST_F(NameVaultTest, RefusesWhatItHasNotSealed) {
    const RealName name = vault_.seal(user_, "张三").value();
    std::string changed = name.sealed;
    changed[10] = changed[10] == 'A' ? 'B' : 'A';

    EXPECT_EQ(vault_.open(other_, name).error().code, ErrorCode::bad_ciphertext);
    for (const std::string& sealed :
         {changed, std::string(), std::string("K1:"), std::string("K1:!"), std::string("K1:AAAA")}) {
        SCOPED_TRACE(sealed);
        EXPECT_EQ(vault_.open(user_, {sealed, name.fingerprint}).error().code, ErrorCode::bad_ciphertext);
    }
}

TEST_F(NameVaultTest, NamesTheKeyThatIsMissing) {
    AesNameVault later(random_);
    ASSERT_TRUE(later.add_key("K2", later_key).has_value());

    const auto refused = later.open(user_, vault_.seal(user_, "张三").value());

    EXPECT_EQ(refused.error().code, ErrorCode::invalid_key);
    EXPECT_NE(refused.error().message.find("K1"), std::string::npos);
}

TEST_F(NameVaultTest, RefusesKeysThatItCannotUse) {
    EXPECT_EQ(vault_.add_key("K1", later_key).error().field, "name_key_id");
    EXPECT_EQ(vault_.add_key("K:2", later_key).error().field, "name_key_id");
    EXPECT_EQ(vault_.add_key("", later_key).error().field, "name_key_id");
    EXPECT_EQ(vault_.add_key("K2", "too short").error().field, "name_key");
    EXPECT_EQ(vault_.add_key("K2", "too short").error().message.find("too short"), std::string::npos);
    AesNameVault empty(random_);
    EXPECT_EQ(empty.seal(user_, "张三").error().code, ErrorCode::invalid_key);
}

}  // namespace
}  // namespace tixian::wechat
