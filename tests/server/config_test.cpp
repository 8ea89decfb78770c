// SPDX-License-Identifier: MIT
#include "../wechat/test_keys.hpp"
#include "sandbox.hpp"

namespace tixian::test {
namespace {

/// Mistakes in the configuration: each is refused at the start, by exit code 2 and an error that names the
/// setting.
class Configuration : public Sandbox {
 protected:
    void SetUp() override {
        Sandbox::SetUp();
        port_ = free_port();
        write_config();
    }

    /// What `check` says with these variables set.
    [[nodiscard]] std::string complaint(const std::map<std::string, std::string>& variables) const {
        Process process({binary("tixian-server"), "--config", (folder_ / "server.toml").string(), "check"},
                        folder_ / "check.log", variables);
        EXPECT_EQ(process.wait(), 2) << process.output();
        return process.output();
    }

    void append(const std::string& text) const {
        std::ofstream(folder_ / "server.toml", std::ios::app) << text;
    }

    [[nodiscard]] std::string file(const std::string& name, const std::string& text,
                                   bool is_private = true) const {
        const auto path = folder_ / name;
        std::ofstream(path) << text;
        using std::filesystem::perms;
        std::filesystem::permissions(path, is_private
                                               ? perms::owner_read | perms::owner_write
                                               : perms::owner_read | perms::owner_write | perms::others_read);
        return path.string();
    }

    static void expect_in(const std::string& text, const std::string& part) {
        EXPECT_NE(text.find(part), std::string::npos) << "no \"" << part << "\" in: " << text;
    }
};

TEST_F(Configuration, ThatIsGoodIsAccepted) {
    Process process({binary("tixian-server"), "--config", (folder_ / "server.toml").string(), "check"},
                    folder_ / "check.log");
    EXPECT_EQ(process.wait(), 0) << process.output();
}

TEST_F(Configuration, NamesTheSettingOfAMistake) {
    struct {
        const char* variable;
        const char* value;
        const char* setting;
    } constexpr rows[] = {
        {"TIXIAN_SERVER_PORT", "http", "server.port"},
        {"TIXIAN_SERVER_PORT", "65536", "server.port"},
        {"TIXIAN_SERVER_WORKERS", "-1", "server.workers"},
        {"TIXIAN_WALLET_MINIMUM", "1e2", "wallet.minimum"},
        {"TIXIAN_WALLET_MINIMUM", "0", "wallet.minimum"},
        {"TIXIAN_WALLET_SINGLE_MAX", "0.50", "wallet.single_max"},
        {"TIXIAN_WALLET_DAY_AMOUNT_MAX", "0", "wallet.day_amount_max"},
        {"TIXIAN_WALLET_DAY_AMOUNT_MAX", "9000000000000", "wallet.day_amount_max"},
        {"TIXIAN_WALLET_DAY_COUNT_MAX", "1.5", "wallet.day_count_max"},
        {"TIXIAN_WALLET_MONTH_AMOUNT_MAX", "-1", "wallet.month_amount_max"},
        {"TIXIAN_WALLET_MINIMUM_INTERVAL", "-1", "wallet.minimum_interval"},
        {"TIXIAN_WALLET_MERCHANT_DAY_MAX", "lots", "wallet.merchant_day_max"},
        {"TIXIAN_WALLET_REVIEW_FROM", "0.001", "wallet.review_from"},
        {"TIXIAN_FEE_FLAT", "-0.01", "fee.flat"},
        {"TIXIAN_FEE_PARTS_PER_MILLION", "1000001", "fee.parts_per_million"},
        {"TIXIAN_FEE_ROUNDING", "bankers", "fee.rounding"},
        {"TIXIAN_FEE_MINIMUM", "", "fee.minimum"},
        {"TIXIAN_FEE_MAXIMUM", "-0.01", "fee.maximum"},
        {"TIXIAN_FEE_FREE_PER_MONTH", "x", "fee.free_per_month"},
        {"TIXIAN_WECHAT_MCHID", "", "wechat.mchid"},
        {"TIXIAN_WECHAT_MCHID", "19-1", "wechat.mchid"},
        {"TIXIAN_WECHAT_BASE_URL", "api.mch.weixin.qq.com", "wechat.base_url"},
        {"TIXIAN_WECHAT_BASE_URL", "http://pay.example.com", "wechat.base_url"},
        {"TIXIAN_WECHAT_BASE_URL", "http://127.0.0.1.example.com", "wechat.base_url"},
        {"TIXIAN_WECHAT_NOTIFY_URL", "https://pay.example.com/notify?a=b", "wechat.notify_url"},
        {"TIXIAN_WECHAT_REPORT_INFOS", "nothing", "wechat.report_infos"},
        {"TIXIAN_WECHAT_REPORT_INFOS", "活动名称=秋季", "wechat.report_infos"},
        {"TIXIAN_WECHAT_PERCEPTION", "货款", "wechat.perception"},
        {"TIXIAN_WECHAT_REMARK", "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三",
         "wechat.remark"},
        {"TIXIAN_WECHAT_UNSIGNED_ERRORS", "maybe", "wechat.unsigned_errors"},
        {"TIXIAN_WECHAT_OPTIONAL_NAMES", "perhaps", "wechat.optional_names"},
        {"TIXIAN_WECHAT_NAME_KEYS", "/nowhere/name_keys", "wechat.name_keys"},
        {"TIXIAN_WECHAT_BACKUP_URL", "api2.mch.weixin.qq.com", "wechat.backup_url"},
        {"TIXIAN_WECHAT_BACKUP_URL", "https://", "wechat.backup_url"},
        {"TIXIAN_WECHAT_BACKUP_URL", "http://pay.example.com", "wechat.backup_url"},
        {"TIXIAN_WECHAT_BASE_URL", "https://pay.example.com:99999999999", "wechat.base_url"},
        {"TIXIAN_WECHAT_CA_FILE", "/nowhere/ca.pem", "wechat.ca_file"},
        {"TIXIAN_WECHAT_CERTIFICATE_SERIAL", "ABC", "wechat.certificate"},
        {"TIXIAN_WECHAT_PUBLIC_KEY_ID", "1900000001", "wechat.public_key_id"},
        {"TIXIAN_WECHAT_PLATFORM_CERTIFICATES", "yes", "wechat.platform_certificates"},
        {"TIXIAN_WECHAT_NAME_REFUSED_BELOW", "3000.00", "wechat.name_refused_below"},
        {"TIXIAN_WECHAT_NAME_REQUIRED_FROM", "0", "wechat.name_required_from"},
        {"TIXIAN_WECHAT_AMOUNT_MIN", "0", "wechat.amount_min"},
        {"TIXIAN_WECHAT_USER_RECV_STYLE", "RED", "wechat.user_recv_style"},
        {"TIXIAN_WECHAT_COLOUR", "green", "TIXIAN_WECHAT_COLOUR"},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(std::string(row.variable) + "=" + row.value);
        expect_in(complaint({{row.variable, row.value}}), row.setting);
    }
}

TEST_F(Configuration, TakesKeysForRealNamesAndNeverPrintsOne) {
    const std::string key(64, 'a');
    const auto with_keys = [&](const std::string& text) {
        return complaint({{"TIXIAN_WECHAT_NAME_KEYS", file("name_keys", text)}});
    };

    for (const std::string& bad :
         {"k1 " + key + "a", "k1" + key, "k1 " + std::string(64, 'x'), std::string("\n")})
        expect_in(with_keys(bad), "wechat.name_keys");
    EXPECT_EQ(with_keys("k1 " + key + "aa").find(key), std::string::npos);
    Process process({binary("tixian-server"), "--config", (folder_ / "server.toml").string(), "check"},
                    folder_ / "check.log",
                    {{"TIXIAN_WECHAT_NAME_KEYS", file("good_keys", "k1 " + key + "\nk2 " + key + "\n")}});
    EXPECT_EQ(process.wait(), 0) << process.output();
}

TEST_F(Configuration, NamesTheFeesMaximumThatIsUnderItsMinimum) {
    expect_in(complaint({{"TIXIAN_FEE_MINIMUM", "1.00"}, {"TIXIAN_FEE_MAXIMUM", "0.50"}}),
              "fee.maximum must be at least fee.minimum");
}

TEST_F(Configuration, NamesFileAndLineOfWhatItDoesNotKnow) {
    append("lunch = 12\n");
    expect_in(complaint({}), "there is no setting timing.lunch");
    expect_in(complaint({}), "server.toml:");
}

TEST_F(Configuration, RefusesATextThatIsNoToml) {
    append("[[[");
    expect_in(complaint({}), "server.toml:");
}

TEST_F(Configuration, RefusesShortSettlingTimesAgainstTheRealWechat) {
    expect_in(complaint({{"TIXIAN_WECHAT_BASE_URL", "https://api.mch.weixin.qq.com"}}),
              "timing.settling_refused");
    expect_in(complaint({{"TIXIAN_WECHAT_BACKUP_URL", "https://api2.mch.weixin.qq.com"}}), "backup_url");
}

TEST_F(Configuration, RefusesACallThatCouldOutliveItsLease) {
    expect_in(complaint({{"TIXIAN_WECHAT_BASE_URL", "https://api.mch.weixin.qq.com"},
                         {"TIXIAN_TIMING_SETTLING_REFUSED", "1200"},
                         {"TIXIAN_TIMING_SETTLING_IN_DOUBT", "86400"},
                         {"TIXIAN_TIMING_BACKOFF_FIRST", "2"},
                         {"TIXIAN_TIMING_LEASE", "90"},
                         {"TIXIAN_TIMING_SEND_WINDOW", "80"}}),
              "timing.send_window");
}

TEST_F(Configuration, RefusesACertificateOfAnotherKey) {
    expect_in(complaint({{"TIXIAN_WECHAT_CERTIFICATE", file("other.pem", certificate_pem(make_rsa(2048)))}}),
              "does not belong to the private key");
}

// "Certificate file missing, wrong configuration": the original feature's test list.
TEST_F(Configuration, RefusesAPrivateKeyThatCannotBeUsedAndSaysWhatToDo) {
    const auto with_key = [&](const std::string& path) {
        return complaint({{"TIXIAN_WECHAT_PRIVATE_KEY", path}});
    };
    const std::string pem = read_file(folder_ / "keys/merchant_key.pem");

    expect_in(with_key((folder_ / "none.pem").string()), "none.pem");
    expect_in(with_key(file("open.pem", pem, /*is_private=*/false)), "chmod 600");
    expect_in(with_key(file("noise.pem", "this is no key")), "wechat.private_key");
    expect_in(with_key(file("elliptic.pem", pkcs8_pem(make_elliptic()))), "RSA");
}

TEST_F(Configuration, NeverPrintsAKey) {
    const std::string pem = read_file(folder_ / "keys/merchant_key.pem");
    const std::string body = pem.substr(pem.find('\n') + 1, 40);
    const std::string damaged = pem.substr(0, pem.size() / 2);

    const std::string said = complaint({{"TIXIAN_WECHAT_PRIVATE_KEY", file("half.pem", damaged)}});

    EXPECT_EQ(said.find(body), std::string::npos);
}

TEST_F(Configuration, HelpNamesEverySettingWithItsVariable) {
    Process process({binary("tixian-server"), "--help"}, folder_ / "help.log");
    EXPECT_EQ(process.wait(), 0);
    expect_in(process.output(), "wechat.base_url (TIXIAN_WECHAT_BASE_URL)");
    expect_in(process.output(), "Examples:");
}

TEST_F(Configuration, AnUnknownOptionIsAUsageError) {
    Process process({binary("tixian-server"), "--frobnicate"}, folder_ / "usage.log");
    EXPECT_EQ(process.wait(), 2);
}

}  // namespace
}  // namespace tixian::test
