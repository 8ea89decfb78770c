// SPDX-License-Identifier: MIT
#include <algorithm>

#include <openssl/evp.h>
#include <openssl/pem.h>

#include "sandbox.hpp"

// Merchants are not all alike: some have the older batches, some platform certificates, some a key that a
// passphrase protects.
namespace tixian::test {
namespace {

using Variables = std::map<std::string, std::string>;

class MerchantKinds : public Sandbox {
 protected:
    void start(const Variables& variables) {
        start_server(2, variables);
        bearer_ = user_token();
        deposit("u1", "100.00");
    }

    void change_merchant(const Json& change) const {
        const Json own = Json::parse(read_file(folder_ / "keys/merchant.json"));
        const HttpAnswer answer =
            mock("POST", "/_mock/merchants/" + own["mchid"].get<std::string>(), change.dump());
        ASSERT_EQ(answer.status, 200) << answer.text;
    }

    void pays(const std::string& key) {
        const std::string id = withdraw(bearer_, "12.34", key);
        EXPECT_TRUE(becomes(id, bearer_, "success")) << server_->output();
    }

    /// Waits until the server answers this.
    [[nodiscard]] bool is_ready(int status) const {
        return wait_until([&] { return send(server_address(), "GET", "/readyz").status == status; });
    }

    void write_private(const std::string& name, const std::string& text) const {
        using std::filesystem::perms;
        std::ofstream(folder_ / name) << text;
        std::filesystem::permissions(folder_ / name, perms::owner_read | perms::owner_write);
    }

    /// The merchant's key once more, encrypted.
    void encrypt_key(const std::string& name, std::string passphrase) const {
        const std::string plain = read_file(folder_ / "keys/merchant_key.pem");
        BIO* in = BIO_new_mem_buf(plain.data(), static_cast<int>(plain.size()));
        BIO* out = BIO_new(BIO_s_mem());
        EVP_PKEY* key = PEM_read_bio_PrivateKey(in, nullptr, nullptr, nullptr);
        ASSERT_EQ(PEM_write_bio_PKCS8PrivateKey(out, key, EVP_aes_256_cbc(), passphrase.data(),
                                                static_cast<int>(passphrase.size()), nullptr, nullptr),
                  1);
        char* text = nullptr;
        const long size = BIO_get_mem_data(out, &text);
        write_private(name, std::string(text, static_cast<std::size_t>(size)));
        EVP_PKEY_free(key);
        BIO_free(in);
        BIO_free(out);
    }

    [[nodiscard]] Process check(Variables variables) const {
        return Process({binary("tixian-server"), "--config", (folder_ / "server.toml").string(), "check"},
                       folder_ / "check.log", std::move(variables));
    }

    std::string bearer_;
};

TEST_F(MerchantKinds, WithOlderBatchesArePaidOneWithdrawalABatch) {
    start({{"TIXIAN_WECHAT_API", "transfer-batches"}, {"TIXIAN_WECHAT_BATCH_NAME", "旧衣回收款"}});

    const std::string id = withdraw(bearer_, "12.34", "k1");

    ASSERT_TRUE(becomes(id, bearer_, "success")) << server_->output();
    const Json batches = mock("GET", "/_mock/batches").json();
    ASSERT_EQ(batches.dump().find(id) != std::string::npos, true) << batches;
    EXPECT_EQ(mock("GET", "/_mock/bills").json().dump().find(id), std::string::npos);
    EXPECT_EQ(account("wechat:clearing"), "12.34");
    EXPECT_EQ(mock("GET", "/_mock/verdicts").text.find("\"sin\""), std::string::npos);
}

TEST_F(MerchantKinds, WithOlderBatchesAskAtOnceWhenWechatNotifies) {
    // Without the notification the first query would come after a minute.
    start({{"TIXIAN_WECHAT_API", "transfer-batches"},
           {"TIXIAN_TIMING_BACKOFF_FIRST", "60"},
           {"TIXIAN_TIMING_BACKOFF_MAX", "60"}});

    static_cast<void>(withdraw(bearer_, "12.34", "k1"));

    EXPECT_TRUE(wait_until([&] { return server_->output().find(R"("call":"query")") != std::string::npos; }))
        << server_->output();
}

TEST_F(MerchantKinds, WithPlatformCertificatesDownloadThemAndFollowARotation) {
    change_merchant({{"verification", "certificate"}});
    start({{"TIXIAN_WECHAT_PUBLIC_KEY", ""},
           {"TIXIAN_WECHAT_PUBLIC_KEY_ID", ""},
           {"TIXIAN_WECHAT_PLATFORM_CERTIFICATES", "true"}});

    ASSERT_TRUE(is_ready(200)) << server_->output();
    pays("k1");
    // The old certificate still signs what asks for it; the new one signs the notifications.
    ASSERT_EQ(mock("POST", "/_mock/certificates/rotate").status, 200);
    pays("k2");

    EXPECT_EQ(account("wechat:clearing"), "24.68");
}

TEST_F(MerchantKinds, WithoutAnyKeyOfWechatsAreNotReady) {
    start({{"TIXIAN_WECHAT_PUBLIC_KEY", ""},
           {"TIXIAN_WECHAT_PUBLIC_KEY_ID", ""},
           {"TIXIAN_WECHAT_PLATFORM_CERTIFICATES", "true"}});

    // This merchant has a public key and no certificates: the log says what to do.
    ASSERT_TRUE(wait_until([&] {
        return server_->output().find("use it with its PUB_KEY_ID_") != std::string::npos;
    })) << server_->output();
    EXPECT_TRUE(is_ready(503));
}

TEST_F(MerchantKinds, WithAnEncryptedKeyGiveItsPassphraseInAFile) {
    port_ = free_port();
    write_config();
    encrypt_key("encrypted.pem", "correct horse");
    write_private("passphrase", "correct horse\n");
    write_private("wrong", "battery staple\n");
    const std::string key = (folder_ / "encrypted.pem").string();
    const std::string passphrase = (folder_ / "passphrase").string(), wrong = (folder_ / "wrong").string();

    Process opened =
        check({{"TIXIAN_WECHAT_PRIVATE_KEY", key}, {"TIXIAN_WECHAT_PRIVATE_KEY_PASSPHRASE", passphrase}});
    EXPECT_EQ(opened.wait(), 0) << opened.output();
    Process closed = check({{"TIXIAN_WECHAT_PRIVATE_KEY", key}});
    EXPECT_EQ(closed.wait(), 2);
    EXPECT_NE(closed.output().find("give its passphrase"), std::string::npos) << closed.output();
    Process mistaken =
        check({{"TIXIAN_WECHAT_PRIVATE_KEY", key}, {"TIXIAN_WECHAT_PRIVATE_KEY_PASSPHRASE", wrong}});
    EXPECT_EQ(mistaken.wait(), 2);
    EXPECT_NE(mistaken.output().find("check its passphrase"), std::string::npos) << mistaken.output();
    EXPECT_EQ(mistaken.output().find("battery"), std::string::npos);
}

TEST_F(MerchantKinds, AreRefusedByNameWhereTheirSettingsMakeNoSense) {
    struct Row {
        Variables variables;
        const char* setting;
    };
    const Row rows[] = {
        {{{"TIXIAN_WECHAT_API", "transfer-batch"}}, "wechat.api"},
        {{{"TIXIAN_WECHAT_API", "transfer-batches"}, {"TIXIAN_WECHAT_BATCH_NAME", ""}}, "wechat.batch_name"},
        {{{"TIXIAN_WECHAT_API", "transfer-batches"}, {"TIXIAN_WECHAT_BATCH_SCENE_ID", std::string(37, '1')}},
         "wechat.batch_scene_id"},
        {{{"TIXIAN_WECHAT_PUBLIC_KEY_ID", ""}}, "wechat.public_key_id"},
        {{{"TIXIAN_WECHAT_PUBLIC_KEY", ""}}, "wechat.public_key"},
        {{{"TIXIAN_WECHAT_PUBLIC_KEY", ""}, {"TIXIAN_WECHAT_PUBLIC_KEY_ID", ""}}, "wechat.public_key"},
        {{{"TIXIAN_WECHAT_PLATFORM_CERTIFICATES", "maybe"},
          {"TIXIAN_WECHAT_PUBLIC_KEY", ""},
          {"TIXIAN_WECHAT_PUBLIC_KEY_ID", ""}},
         "wechat.platform_certificates"},
    };
    port_ = free_port();
    write_config();
    for (const Row& row : rows) {
        SCOPED_TRACE(row.setting);
        Process process = check(row.variables);

        EXPECT_EQ(process.wait(), 2);
        EXPECT_NE(process.output().find(std::string(row.setting) + " "), std::string::npos)
            << process.output();
    }
}

}  // namespace
}  // namespace tixian::test
